import assert from "node:assert/strict";
import { test } from "node:test";

import { Recording, wavFile } from "../../../web_demo/page/recording.js";

/** A speech that came so. @param {string} format @param {{pts: number, duration: number, payload: Uint8Array}[]} frames */
function recordingOf(format, frames, preskip = 0) {
  const speech = new EventTarget();
  const recording = new Recording(/** @type {import("../../../web_demo/client/gateway_client.js").Speech} */ (speech));
  speech.dispatchEvent(new CustomEvent("context.started", { detail: { format, preskip, sample_rate: 48000 } }));
  for (const detail of frames) speech.dispatchEvent(new CustomEvent("audio", { detail }));
  return recording;
}

test("of nothing heard there is no file", () => {
  assert.equal(recordingOf("opus", []).file(0), null);
});

test("samples become a WAV file that ends where hearing ended", () => {
  const frames = [0, 480].map((pts) => ({ pts, duration: 480, payload: new Uint8Array(960).fill(pts / 480 + 1) }));
  const file = recordingOf("pcm_s16le", frames).file(15);
  assert.equal(file?.suffix, "wav");
  const sound = file?.bytes.subarray(44) ?? new Uint8Array();
  assert.equal(sound.length, 15 * 48 * 2);
  assert.deepEqual([sound[959], sound[960]], [1, 2]);
});

test("a WAV file says what it holds", () => {
  const view = new DataView(wavFile(new Uint8Array(6), 24000).buffer);
  assert.equal(view.getUint32(4, true), 42);
  assert.deepEqual([view.getUint16(22, true), view.getUint32(24, true), view.getUint32(28, true)], [1, 24000, 48000]);
  assert.equal(view.getUint32(40, true), 6);
});

test("pages of an Ogg stream are the file, up to what was heard", () => {
  const frames = [0, 960, 1920].map((pts) => ({ pts, duration: 960, payload: Uint8Array.of(pts / 960) }));
  assert.deepEqual([...(recordingOf("ogg_opus", frames, 312).file(20)?.bytes ?? [])], [0, 1]);
});
