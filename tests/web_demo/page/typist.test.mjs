import assert from "node:assert/strict";
import { test } from "node:test";

import { tokensDue, tokensOf, typed } from "../../../web_demo/page/typist.js";

const TEXT = "Sunlight looks white,\n\nbut it's a mixture… 😀 日本語のテキスト  end ";

test("tokens are the text, in pieces as long as a language model's", () => {
  const tokens = tokensOf(TEXT);
  assert.equal(tokens.join(""), TEXT);
  assert.ok(tokens.every((token) => [...token.trim()].length <= 5));
  assert.deepEqual(tokensOf(""), []);
});

test("each language is written at a model's pace: a token is more letters of Latin script than of Chinese", () => {
  /** @param {string} text */
  const lettersToAToken = (text) => text.length / tokensOf(text).length;
  const english = "Sunlight looks white, but it is a mixture of all colours, and they scatter short waves far more.";
  const chinese = "阳光看上去是白色的，其实混合了各种颜色。它穿过大气时会碰到空气分子。";
  const arabic = "تكون أوراق الشجر خضراء في الصيف بسبب مادة الكلوروفيل.";
  assert.ok(lettersToAToken(english) > 4 && lettersToAToken(english) < 5);
  assert.ok(lettersToAToken(chinese) > 1.4 && lettersToAToken(chinese) < 1.9);
  assert.ok(lettersToAToken(arabic) > 2 && lettersToAToken(arabic) < 3.5);
  assert.equal(tokensOf(chinese + arabic).join(""), chinese + arabic);
});

test("no token is cut inside a character", () => {
  for (const token of tokensOf("aaaa😀😀😀")) assert.doesNotThrow(() => encodeURIComponent(token));
});

test("what is due is counted from the start, so late timers lose nothing", () => {
  assert.equal(tokensDue(0, 10), 1);
  assert.equal(tokensDue(99, 10), 1);
  assert.equal(tokensDue(5000, 10), 51);
  assert.equal(tokensDue(0, Infinity), Infinity);
});

/** @param {AsyncIterable<string>} source */
async function all(source) {
  const deltas = [];
  for await (const delta of source) deltas.push(delta);
  return deltas;
}

test("a text is written whole, or at once", async () => {
  const never = new AbortController().signal;
  assert.equal((await all(typed(TEXT, () => 2000, never))).join(""), TEXT);
  assert.deepEqual(await all(typed(TEXT, () => Infinity, never)), [TEXT]);
});

test("the speed may change while it is being written", async () => {
  let speed = 1000;
  const deltas = [];
  for await (const delta of typed(TEXT, () => speed, new AbortController().signal)) {
    deltas.push(delta);
    speed = Infinity;
  }
  assert.equal(deltas.join(""), TEXT);
  assert.equal(deltas.length, 2);
});

test("a writer that is interrupted writes no more", async () => {
  const abort = new AbortController();
  const deltas = [];
  for await (const delta of typed(TEXT, () => 1, abort.signal)) {
    deltas.push(delta);
    abort.abort();
  }
  assert.equal(deltas.length, 1);
});
