import assert from "node:assert/strict";
import { test } from "node:test";

import { Playhead } from "../../../web_demo/client/playhead.js";

/**
 * @param {number} contextTime
 * @param {number} playedMs
 * @param {import("../../../web_demo/client/gateway_client.js").PlaybackReport["state"]} [state]
 * @param {number} [bufferedMs]
 */
const report = (contextTime, playedMs, state = "playing", bufferedMs = 1000) => ({
  contextTime, state, playedSamples: playedMs * 48, bufferedSamples: bufferedMs * 48, targetMs: 80, underruns: 0,
});

/** @param {import("../../../web_demo/client/gateway_client.js").TimedReport[]} reports */
function head(...reports) {
  const playhead = new Playhead();
  for (const each of reports) playhead.note(each);
  return playhead;
}

/** @param {number | null} actual @param {number} expected */
const about = (actual, expected) =>
  assert.ok(actual !== null && Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);

test("nothing is heard before anything is reported", () => {
  assert.equal(head().heardMs(5), 0);
  assert.equal(head().startedAt, null);
});

test("between reports it moves with the audio clock", () => {
  const playhead = head(report(10, 0, "filling"), report(10.02, 10), report(10.04, 30));
  about(playhead.heardMs(10.01), 0);
  about(playhead.heardMs(10.015), 5);
  about(playhead.heardMs(10.03), 20);
});

test("the ear is behind the reports by the output's latency, and before the first sound at zero", () => {
  const playhead = head(report(10.003, 3), report(10.02, 20), report(10.04, 40));
  about(playhead.heardMs(10.001), 1);
  about(playhead.heardMs(9.9), 0);
});

test("beyond the newest report it plays on, as far as there is sound", () => {
  about(head(report(10, 100)).heardMs(10.05), 150);
  about(head(report(10, 100, "playing", 20)).heardMs(10.05), 120);
});

test("it stands still where nothing is played", () => {
  const playhead = head(report(10, 100), report(10.02, 110, "filling", 0), report(10.5, 110, "filling", 0));
  about(playhead.heardMs(10.3), 110);
  about(playhead.heardMs(11), 110);
});

test("the start is told to the sample, once, and stays", () => {
  const playhead = head(report(10, 0, "filling"), report(10.004, 128 / 48));
  about(playhead.startedAt, 10.004 - 128 / 48_000);
  for (let i = 1; i < 1000; i++) playhead.note(report(10 + i / 50, i * 20));
  about(playhead.startedAt, 10.004 - 128 / 48_000);
});
