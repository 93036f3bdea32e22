import assert from "node:assert/strict";
import { test } from "node:test";

import { BadFrame, Codec, Flags, HEADER_BYTES, SoundTrimmer, unpackFrame } from "../../../web_demo/client/audio_frames.js";

/** A frame as docs/PROTOCOL.md lays it out, byte by byte. */
const FRAME = Uint8Array.of(1, 1, 2, 0, 3, 0, 0, 0, 4, 0, 0, 0x80, 0xc0, 3, 6, 0, 9, 8, 7);

test("a frame is read as the protocol lays it out", () => {
  const frame = unpackFrame(FRAME.buffer);
  assert.deepEqual({ ...frame, payload: [...frame.payload] }, {
    codec: Codec.OPUS, channel: 2, sequence: 3, pts: 0x8000_0004, duration: 960,
    flags: Flags.LAST_OF_SEGMENT | Flags.LAST_OF_CONTEXT, payload: [9, 8, 7],
  });
});

test("what is short, of another version or of an unknown codec is no frame", () => {
  assert.throws(() => unpackFrame(new ArrayBuffer(HEADER_BYTES - 1)), BadFrame);
  assert.throws(() => unpackFrame(Uint8Array.of(2, ...FRAME.subarray(1)).buffer), /version 2/);
  assert.throws(() => unpackFrame(Uint8Array.of(1, 200, ...FRAME.subarray(2)).buffer), /codec 200/);
});

/** @param {number} length */
const ramp = (length) => Float32Array.from({ length }, (_, i) => i);

test("the pre-skip is cut off, be it shorter or longer than a packet", () => {
  const trimmer = new SoundTrimmer(312);
  assert.deepEqual(trimmer.cut(ramp(960), { left: 960 }), ramp(960).subarray(312));
  assert.deepEqual(trimmer.cut(ramp(960), { left: 960 }), ramp(960));

  const long = new SoundTrimmer(1500);
  assert.equal(long.cut(ramp(960), { left: 960 }).length, 0);
  assert.deepEqual(long.cut(ramp(960), { left: 960 }), ramp(960).subarray(540));
});

test("the padding of the last packet is cut off, and what is left is the sum of the durations less the pre-skip", () => {
  const trimmer = new SoundTrimmer(312);
  const durations = [960, 960, 780];
  const kept = durations.map((left) => trimmer.cut(ramp(960), { left }).length);
  assert.equal(kept.reduce((sum, n) => sum + n), 960 + 960 + 780 - 312);
});

test("packets of one page share its duration", () => {
  const page = { left: 1000 };
  const trimmer = new SoundTrimmer(0);
  assert.deepEqual([trimmer.cut(ramp(960), page).length, trimmer.cut(ramp(960), page).length], [960, 40]);
});
