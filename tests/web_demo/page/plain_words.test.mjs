import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { TRANSITIONS } from "../../../web_demo/client/client_state.js";
import { errorInWords, lossInWords } from "../../../web_demo/page/plain_words.js";
import { wordsIn } from "../../../web_demo/page/words.js";

const EN = wordsIn("en");
const ZH = wordsIn("zh");

const WELL = {
  status: "ok", engine: "espeak", detail: "", model_loaded: true,
  connections: 1, max_connections: 10, current_requests: 0, max_concurrent_requests: 4,
  gpu_memory_bytes: null,
};
const REFUSED = { code: 1006, reason: "" };
const LOST = { code: 1006, reason: "", wasReady: true };

for (const words of [EN, ZH]) test(`every error code of the protocol has words of its own, ${words.tag}`, () => {
  const protocol = readFileSync(new URL("../../../docs/PROTOCOL.md", import.meta.url), "utf8");
  const table = protocol.split("| code | when |")[1].split("\n\n")[0];
  const codes = [...new Set([...table.matchAll(/^\| `(\w+)`/gm)].map((match) => match[1]))];
  assert.ok(codes.length >= 6);
  const said = codes.map((code) => errorInWords({ code, message: "raw" }, words));
  assert.equal(new Set(said).size, codes.length);
  assert.ok(said.every((each) => !each.includes("raw")));
});

test("an error that is not known is quoted", () => {
  assert.match(errorInWords({ code: "new_code", message: "the moon is full" }, EN), /the moon is full/);
});

test("every state has words", () => {
  for (const state of Object.keys(TRANSITIONS)) assert.ok(EN.state[/** @type {keyof typeof TRANSITIONS} */ (state)]);
});

test("why a connection failed is told from what the health page says", () => {
  assert.match(lossInWords(REFUSED, null, false, null, EN), /does not answer/);
  assert.match(lossInWords(REFUSED, { ...WELL, status: "draining" }, false, null, EN), /restarted/);
  assert.match(lossInWords(REFUSED, { ...WELL, status: "failed", detail: "no memory" }, false, null, EN), /no memory/);
  assert.match(lossInWords(REFUSED, { ...WELL, model_loaded: false }, false, null, EN), /loading/);
  assert.match(lossInWords(REFUSED, { ...WELL, connections: 10 }, false, null, EN), /full/);
  assert.match(lossInWords(REFUSED, { ...WELL, current_requests: 4 }, false, null, EN), /full/);
  assert.match(lossInWords(REFUSED, WELL, false, null, EN), /wants a key/);
  assert.match(lossInWords(REFUSED, WELL, true, null, EN), /does not take this key/);
  assert.match(lossInWords(REFUSED, WELL, false, "set public_url", EN), /does not let this page in: set public_url/);
  assert.match(lossInWords(LOST, WELL, true, null, EN), /lost/);
});

test("close codes that say why are believed", () => {
  assert.match(lossInWords({ ...LOST, code: 1001 }, WELL, false, null, EN), /restarted/);
  assert.match(lossInWords({ ...LOST, code: 4408, reason: "idle" }, WELL, false, null, EN), /idle/);
  assert.match(lossInWords({ ...LOST, code: 4401 }, WELL, true, null, EN), /no longer takes this key/);
  assert.match(lossInWords({ ...LOST, code: 4400 }, WELL, true, null, EN), /not the gateway/);
  assert.match(lossInWords({ code: 1009, reason: "too big" }, WELL, false, null, EN), /refused what this page sent \(too big\)/);
});
