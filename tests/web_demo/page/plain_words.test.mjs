import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { TRANSITIONS } from "../../../web_demo/client/client_state.js";
import { errorInWords, lossInWords, stateInWords } from "../../../web_demo/page/plain_words.js";

const WELL = {
  status: "ok", engine: "espeak", detail: "", model_loaded: true,
  connections: 1, max_connections: 10, current_requests: 0, max_concurrent_requests: 4,
  gpu_memory_bytes: null,
};
const REFUSED = { code: 1006, reason: "" };
const LOST = { code: 1006, reason: "", wasReady: true };

test("every error code of the protocol has words of its own", () => {
  const protocol = readFileSync(new URL("../../../docs/PROTOCOL.md", import.meta.url), "utf8");
  const table = protocol.split("| code | when |")[1].split("\n\n")[0];
  const codes = [...new Set([...table.matchAll(/^\| `(\w+)`/gm)].map((match) => match[1]))];
  assert.ok(codes.length >= 6);
  const words = codes.map((code) => errorInWords({ code, message: "raw" }));
  assert.equal(new Set(words).size, codes.length);
  assert.ok(words.every((each) => !each.includes("raw")));
});

test("an error that is not known is quoted", () => {
  assert.match(errorInWords({ code: "new_code", message: "the moon is full" }), /the moon is full/);
});

test("every state has words", () => {
  for (const state of Object.keys(TRANSITIONS)) assert.ok(stateInWords(/** @type {keyof typeof TRANSITIONS} */ (state)));
});

test("why a connection failed is told from what the health page says", () => {
  assert.match(lossInWords(REFUSED, null, false), /does not answer/);
  assert.match(lossInWords(REFUSED, { ...WELL, status: "draining" }, false), /restarted/);
  assert.match(lossInWords(REFUSED, { ...WELL, status: "failed", detail: "no memory" }, false), /no memory/);
  assert.match(lossInWords(REFUSED, { ...WELL, model_loaded: false }, false), /loading/);
  assert.match(lossInWords(REFUSED, { ...WELL, connections: 10 }, false), /full/);
  assert.match(lossInWords(REFUSED, { ...WELL, current_requests: 4 }, false), /full/);
  assert.match(lossInWords(REFUSED, WELL, false), /wants a key/);
  assert.match(lossInWords(REFUSED, WELL, true), /does not take this key/);
  assert.match(lossInWords(REFUSED, WELL, false, "set public_url"), /does not let this page in: set public_url/);
  assert.match(lossInWords(LOST, WELL, true), /lost/);
});

test("close codes that say why are believed", () => {
  assert.match(lossInWords({ ...LOST, code: 1001 }, WELL, false), /restarted/);
  assert.match(lossInWords({ ...LOST, code: 4408, reason: "idle" }, WELL, false), /idle/);
  assert.match(lossInWords({ ...LOST, code: 4401 }, WELL, true), /no longer takes this key/);
  assert.match(lossInWords({ ...LOST, code: 4400 }, WELL, true), /not the gateway/);
  assert.match(lossInWords({ code: 1009, reason: "too big" }, WELL, false), /refused what this page sent \(too big\)/);
});
