import assert from "node:assert/strict";
import { test } from "node:test";

import { levelOf } from "../../../web_demo/page/level.js";

/** A tone of some decibels below full scale. @param {number} decibels */
function tone(decibels) {
  const amplitude = Math.SQRT2 * 10 ** (decibels / 20);
  return Float32Array.from({ length: 480 }, (_, i) => amplitude * Math.sin((2 * Math.PI * i) / 48));
}

test("silence is nothing, and what is as loud as speech gets is all", () => {
  assert.equal(levelOf(new Float32Array(100)), 0);
  assert.equal(levelOf(tone(-70)), 0);
  assert.equal(levelOf(tone(-3.1)), 1);
});

test("speech is seen: twenty decibels below full scale are three quarters, and steps are equal in decibels", () => {
  assert.ok(Math.abs(levelOf(tone(-20)) - 0.75) < 0.01);
  assert.ok(Math.abs(levelOf(tone(-30)) - 0.5) < 0.01);
  assert.ok(Math.abs(levelOf(tone(-40)) - 0.25) < 0.01);
});
