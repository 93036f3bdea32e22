import assert from "node:assert/strict";
import { test } from "node:test";

import { introductionOf } from "../../../web_demo/page/introductions.js";

test("a voice is heard in the language that was chosen, else in the page's, else in its own", () => {
  assert.equal(introductionOf(["en", "de", "zh"], "de", "zh").language, "de");
  assert.equal(introductionOf(["en", "de", "zh"], "", "zh").language, "zh");
  assert.equal(introductionOf(["ja"], "", "en").language, "ja");
  assert.match(introductionOf(["cmn"], "", "en").sentence, /你好/);
});

test("a voice without a sentence of its own is heard in English", () => {
  const { language, sentence } = introductionOf(["tlh"], "", "zh");
  assert.equal(language, null);
  assert.match(sentence, /^Hello/);
});
