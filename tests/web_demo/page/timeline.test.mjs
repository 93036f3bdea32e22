import assert from "node:assert/strict";
import { test } from "node:test";

import { Timeline, WINDOW_MS } from "../../../web_demo/page/timeline.js";

const report = (underruns = 0) => ({ targetMs: 80, underruns });

test("an underrun stands where it was reported, once, and each utterance counts its own", () => {
  const timeline = new Timeline();
  timeline.noteLead(10, 100, report(0));
  timeline.noteLead(30, 0, report(1));
  timeline.noteLead(50, 0, report(1));
  timeline.begin();
  timeline.noteLead(70, 100, report(0));
  timeline.noteLead(90, 0, report(1));
  assert.deepEqual(timeline.underruns, [30, 90]);
});

test("arrivals are added up in spans of the window", () => {
  const timeline = new Timeline();
  const now = 2 * WINDOW_MS;
  for (const at of [now - 1, now - 2, now - WINDOW_MS + 1, now - WINDOW_MS - 1]) timeline.noteArrival(at, 20);
  const spans = timeline.arrivalsIn(now, 10);
  assert.deepEqual([spans[0], spans[9]], [20, 40]);
  assert.equal(spans.reduce((sum, ms) => sum + ms), 60);
});

test("what is older than the window is forgotten", () => {
  const timeline = new Timeline();
  for (let at = 0; at < 10 * WINDOW_MS; at += 20) {
    timeline.noteLead(at, 100, report());
    timeline.noteArrival(at, 20);
  }
  assert.ok(timeline.leads.length <= WINDOW_MS / 20 + 300);
  assert.ok(timeline.arrivals.length <= WINDOW_MS / 20 + 300);
});

test("it moves as long as something is within the window", () => {
  const timeline = new Timeline();
  assert.ok(!timeline.isMoving(0));
  timeline.noteLead(100, 1, report());
  assert.ok(timeline.isMoving(100 + WINDOW_MS - 1));
  assert.ok(!timeline.isMoving(100 + WINDOW_MS));
});
