import assert from "node:assert/strict";
import { test } from "node:test";

import { countWords } from "../../../web_demo/page/counting.js";

test("words are counted as their language separates them", () => {
  assert.equal(countWords("Hello there, listener. It's 3 o'clock!"), 6);
  assert.equal(countWords("阳光看上去是白色的，其实混合了各种颜色。"), 10);
  assert.equal(countWords("عندها تظهر ألوان كانت مختبئة."), 5);
});

test("what has no word counts as none", () => {
  assert.equal(countWords(""), 0);
  assert.equal(countWords(" … 🍵 "), 0);
});
