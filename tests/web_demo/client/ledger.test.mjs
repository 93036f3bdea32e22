import assert from "node:assert/strict";
import { test } from "node:test";

import { Ledger } from "../../../web_demo/client/ledger.js";

test("what the gateway has not taken is sent again, in its order, as often as it must be", () => {
  const ledger = new Ledger();
  for (const text of "abcd") ledger.send(text);
  assert.deepEqual(ledger.resumed(3), ["d"]);
  ledger.send("e");
  assert.deepEqual(ledger.resumed(3), ["d", "e"]);
});

test("the answer to a ping lets what went before be forgotten", () => {
  const ledger = new Ledger();
  ledger.send("a");
  ledger.send("ping 1");
  ledger.pinged(1);
  ledger.send("b");
  ledger.ponged(1);
  assert.deepEqual(ledger.resumed(2), ["b"]);
  assert.deepEqual(ledger.resumed(3), []);
});
