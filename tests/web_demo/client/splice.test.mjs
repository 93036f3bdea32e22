import assert from "node:assert/strict";
import { test } from "node:test";

import { Splice } from "../../../web_demo/client/splice.js";
import { SpokenText } from "../../../web_demo/client/spoken_text.js";

/** @param {number} duration @returns {import("../../../web_demo/client/gateway_client.js").AudioFrame} */
const frame = (duration) => ({ codec: 1, channel: 0, sequence: 0, pts: 0, duration, flags: 1, payload: new Uint8Array() });

test("offsets go on in code points, whatever the text has in front", () => {
  const spoken = new SpokenText();
  spoken.append("\u{1F600} Hi there.", 0);
  const splice = new Splice(spoken);
  splice.begin(0);
  const segment = { segment_id: 0, text: "", char_start: 0, char_end: 11, start_ms: 0 };
  spoken.addSegment(splice.segment(segment));
  spoken.addWords(splice.words({ segment_id: 0, approximate: false, words: [{ text: "Hi", start_ms: 0, end_ms: 20 }] }));
  splice.frame(frame(960));
  assert.deepEqual(splice.cut(), [{ segment_id: 0, end_ms: 20 }]);
  assert.equal(spoken.text.slice(splice.textStart), " there.");
  assert.equal(splice.segment(segment).char_start, 4); // the face is one code point, and two units of JavaScript
});

test("a context that nothing came of leaves every count as it is", () => {
  const splice = new Splice(new SpokenText());
  splice.begin(312);
  assert.deepEqual(splice.cut(), []);
  assert.deepEqual([splice.receivedMs, splice.textStart, splice.frame(frame(960)).flags], [0, 0, 1]);
});
