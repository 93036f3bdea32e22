import assert from "node:assert/strict";
import { test } from "node:test";

import { LONGEST_SHARED, linkTo, sharedIn } from "../../../web_demo/page/sharing.js";

test("a link says again what it was made of", () => {
  const shared = { say: "R&D? 100 % “gut” 你好 😀\n", voice: "heart", language: "zh", speed: 1.5 };
  const link = linkTo("https://host/voice/?lang=zh#x", shared);
  assert.ok(link.startsWith("https://host/voice/?say="));
  assert.deepEqual(sharedIn(new URL(link).search), shared);
});

test("what is the default is left out, and what cannot be is not taken", () => {
  assert.equal(linkTo("https://host/", { say: "a", speed: 1 }), "https://host/?say=a");
  const nothing = { say: undefined, voice: undefined, language: undefined, speed: undefined };
  for (const search of ["", "?say=&voice=&speed=9", "?speed=quick"]) assert.deepEqual(sharedIn(search), nothing);
});

test("a text is as long as an address may be", () => {
  const link = linkTo("https://host/", { say: "a".repeat(5000), speed: 1 });
  assert.equal(sharedIn(new URL(link).search).say?.length, LONGEST_SHARED);
});
