import assert from "node:assert/strict";
import { test } from "node:test";

import { SpokenText } from "../../../web_demo/client/spoken_text.js";

/** @param {string[]} deltas */
function spoken(...deltas) {
  const text = new SpokenText();
  deltas.forEach((delta, index) => text.append(delta, index));
  return text;
}

/** @param {number} id @param {number} start @param {number} end @param {number} startMs */
const segment = (id, start, end, startMs) => ({ segment_id: id, char_start: start, char_end: end, start_ms: startMs });
/** @param {string} text @param {number} start_ms @param {number} end_ms */
const word = (text, start_ms, end_ms) => ({ text, start_ms, end_ms });

/** @param {SpokenText} text @param {number} ms */
function hearing(text, ms) {
  const at = text.at(ms);
  /** @param {{start: number, end: number} | null} range */
  const cut = (range) => range && text.text.slice(range.start, range.end);
  return [cut(at.segment), cut(at.word), text.text.slice(0, at.heard)];
}

test("segment and word follow the sound", () => {
  const text = spoken("Hello there. ", "Bye.");
  text.addSegment(segment(0, 0, 13, 0));
  text.addWords({ segment_id: 0, words: [word("Hello", 0, 300), word("there", 300, 700)] });
  text.addSegment(segment(1, 13, 17, 700));
  text.addWords({ segment_id: 1, words: [word("Bye", 700, 900)] });
  text.endSegment({ segment_id: 0, end_ms: 700 });
  text.endSegment({ segment_id: 1, end_ms: 900 });

  assert.deepEqual(hearing(text, 0), ["Hello there. ", "Hello", ""]);
  assert.deepEqual(hearing(text, 350), ["Hello there. ", "there", "Hello "]);
  assert.deepEqual(hearing(text, 750), ["Bye.", "Bye", "Hello there. "]);
  assert.deepEqual(hearing(text, 900), [null, null, "Hello there. Bye."]);
});

test("nothing is heard before the first segment", () => {
  assert.deepEqual(hearing(spoken("Hello"), 0), [null, null, ""]);
});

test("offsets of the wire count code points, ours UTF-16 units", () => {
  const text = spoken("😀 Hi 🎉🎉 you.", " More");
  text.addSegment(segment(0, 0, 5, 0));
  text.addSegment(segment(1, 5, 12, 500));
  text.addWords({ segment_id: 1, words: [word("you", 500, 800)] });
  text.endSegment({ segment_id: 0, end_ms: 500 });
  assert.deepEqual(hearing(text, 600), ["🎉🎉 you.", "you", "😀 Hi 🎉🎉 "]);
});

test("a word is found behind the one before it, markup between them", () => {
  const text = spoken("a **bold** bold move");
  text.addSegment(segment(0, 0, 20, 0));
  text.addWords({ segment_id: 0, words: [word("a", 0, 100), word("bold", 100, 200), word("bold", 200, 300)] });
  assert.deepEqual(hearing(text, 250), ["a **bold** bold move", "bold", "a **bold** "]);
});

test("a word that is spoken otherwise than written is passed over, and those after it are found", () => {
  const text = spoken("10 km far");
  text.addSegment(segment(0, 0, 9, 0));
  text.addWords({ segment_id: 0, words: [word("ten", 0, 200), word("km", 200, 400), word("elsewhere", 400, 500), word("far", 500, 600)] });
  assert.equal(hearing(text, 300)[1], "km");
  assert.equal(hearing(text, 550)[1], "far");
});

test("a word is not looked for in the next segment", () => {
  const text = spoken("One. Two.");
  text.addSegment(segment(0, 0, 5, 0));
  text.addWords({ segment_id: 0, words: [word("Two", 0, 100)] });
  assert.equal(hearing(text, 50)[1], null);
});

test("between two words nothing is highlighted, and the first counts as heard", () => {
  const text = spoken("One, two.");
  text.addSegment(segment(0, 0, 9, 0));
  text.addWords({ segment_id: 0, words: [word("One", 0, 100), word("two", 300, 400)] });
  assert.deepEqual(hearing(text, 200), ["One, two.", null, "One"]);
});

test("without word times a segment is heard in proportion, once its length is known", () => {
  const text = spoken("0123456789");
  text.addSegment(segment(0, 0, 10, 1000));
  assert.equal(hearing(text, 1500)[2], "");
  text.endSegment({ segment_id: 0, end_ms: 2000 });
  assert.equal(hearing(text, 1500)[2], "01234");
});

test("a segment without sound is never the one being heard", () => {
  const text = spoken("Hi. --- ");
  text.addSegment(segment(0, 0, 4, 0));
  text.addSegment(segment(1, 4, 8, 200));
  text.endSegment({ segment_id: 1, end_ms: 200 });
  assert.equal(hearing(text, 250)[0], "Hi. ");
});

test("a segment knows when its last character was written", () => {
  const text = spoken("He", "llo", " there");
  text.addSegment(segment(0, 0, 5, 0));
  assert.equal(text.segments[0].writtenAt, 1);
});
