import assert from "node:assert/strict";
import { test } from "node:test";

import { PARTS, afterWritingMs, partsOf } from "../../../web_demo/page/first_sound.js";

const MARKS = { asked: 100, sent: 102, written: 500, released: 520, packet: 525, sound: 590 };

test("the parts are what lies between the instants, and add up to the whole", () => {
  const parts = partsOf(MARKS);
  assert.deepEqual(parts.map((part) => part.mark), PARTS.filter((mark) => mark !== "online"));
  assert.deepEqual(parts.map((part) => part.ms), [2, 398, 20, 5, 65]);
});

test("what has not been reached is left out", () => {
  assert.deepEqual(partsOf({ asked: 100, sent: 102 }), [{ mark: "sent", ms: 2 }]);
  assert.deepEqual(partsOf({ asked: 100 }), []);
});

test("no part is negative: a sentence that was pasted was written before it was sent", () => {
  const parts = partsOf({ ...MARKS, written: 101 });
  assert.deepEqual(parts.map((part) => part.ms), [2, 0, 418, 5, 65]);
});

test("the gateway's share begins when its first sentence was written", () => {
  assert.equal(afterWritingMs(MARKS), 90);
  assert.equal(afterWritingMs({ ...MARKS, written: 101 }), 488);
  assert.equal(afterWritingMs({ asked: 100, sent: 102, written: 500 }), null);
});

test("after an outage the gateway's share begins when the connection was back, and the outage is a part of its own", () => {
  const marks = { ...MARKS, online: 2500, released: 2520, packet: 2525, sound: 2590 };
  assert.equal(afterWritingMs(marks), 90);
  assert.deepEqual(partsOf(marks).map((part) => part.ms), [2, 398, 2000, 20, 5, 65]);
  assert.equal(afterWritingMs({ ...MARKS, online: 50 }), 90); // it was back before the sentence was written
});
