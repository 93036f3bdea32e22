import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { samplesIn } from "../../../web_demo/page/samples.js";
import { languageOf, wordsIn } from "../../../web_demo/page/words.js";

const HTML = readFileSync(new URL("../../../web_demo/page/index.html", import.meta.url), "utf8");

test("the address goes before the browser, and the first language that there is before the others", () => {
  assert.equal(languageOf(null, ["zh-CN", "en"]), "zh");
  assert.equal(languageOf(null, ["fr-FR", "ZH", "en"]), "zh");
  assert.equal(languageOf(null, ["de", "fr"]), "en");
  assert.equal(languageOf("en", ["zh-CN"]), "en");
  assert.equal(languageOf("tlh", ["zh-CN"]), "zh");
  assert.equal(languageOf("toString", []), "en");
});

test("what the page says in English it says in Chinese, and nothing more", () => {
  const names = [...HTML.matchAll(/data-words(?:-\w+)?="(\w+)"/g)].map((match) => match[1]);
  const { title, ...translated } = wordsIn("zh").page ?? {};
  assert.ok(title);
  assert.deepEqual(Object.keys(translated).sort(), [...new Set(names)].sort());
});

/** Every text of a table; those with numbers in them as they read with some. @param {unknown} table @returns {string[]} */
function textsOf(table) {
  if (typeof table === "string") return [table];
  if (typeof table === "function") return [String(Reflect.apply(table, undefined, [1, 2]))];
  return Object.values(table ?? {}).flatMap(textsOf);
}

test("every Chinese text is Chinese", () => {
  const { tag, ...texts } = wordsIn("zh");
  const foreign = textsOf(texts).filter((text) => text !== "" && !/\p{Script=Han}/u.test(text));
  assert.equal(tag, "zh");
  assert.deepEqual(foreign.filter((text) => !/^\d+ \/ \d+$/.test(text)), []);
});

test("both languages have samples, those in their own first, and one is written from the right", () => {
  for (const tag of ["en", "zh"]) {
    const languages = samplesIn(tag).map((sample) => sample.language);
    assert.equal(languages[0], tag);
    assert.ok(languages.includes("ar"));
    assert.ok(languages.includes(tag === "en" ? "zh" : "en"));
  }
});
