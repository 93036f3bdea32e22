import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as client from "../../web_demo/gateway_client.js";

test("what a person types becomes the endpoint", () => {
  const endpoint = "/v1/tts/stream";
  assert.equal(client.endpointUrl("http://host:8080"), `ws://host:8080${endpoint}`);
  assert.equal(client.endpointUrl("https://host/"), `wss://host${endpoint}`);
  assert.equal(client.endpointUrl("host:8080"), `ws://host:8080${endpoint}`);
  assert.equal(client.endpointUrl(`wss://host/voice${endpoint}/`), `wss://host/voice${endpoint}`);
  assert.equal(client.endpointUrl("https://host/voice/#top"), `wss://host/voice${endpoint}`);
});

test("a key travels as base64url without padding, whatever is in it", () => {
  assert.deepEqual(client.subprotocols(""), ["tts.v1"]);
  for (const key of ["secret", "a", "ü?>~ÿ", "key with spaces"]) {
    const [first, second] = client.subprotocols(key);
    assert.equal(first, "tts.v1");
    assert.match(second, /^tts\.auth\.[A-Za-z0-9_-]+$/); // what a subprotocol's name may hold
    assert.equal(Buffer.from(second.slice("tts.auth.".length), "base64url").toString(), key);
  }
});

test("the types name what the module has, and nothing else", () => {
  const types = readFileSync(new URL("../../web_demo/gateway_client.d.ts", import.meta.url), "utf8");
  const declared = [...types.matchAll(/^export (?:class|function|const) (\w+)/gm)].map((match) => match[1]);
  assert.deepEqual(declared.sort(), Object.keys(client).sort());

  for (const name of ["GatewayClient", "Speech", "Player", "Track"]) {
    const body = types.match(new RegExp(`export class ${name} .*?\\n}`, "s"))[0];
    const methods = [...body.matchAll(/^ {2}(?:static )?(\w+)[(<]/gm)].map((match) => match[1]);
    const known = new Set(["constructor", "addEventListener"]);
    for (const method of methods.filter((each) => !known.has(each))) {
      assert.ok(method in client[name].prototype || method in client[name], `${name}.${method}`);
    }
  }
});
