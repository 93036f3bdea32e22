import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as client from "../../../web_demo/client/gateway_client.js";

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

/** A socket that opens, greets and keeps what is sent: the network, as far as it matters here. */
class Network {
  /** @type {any[]} messages, as JSON gives them */
  static sent = [];

  /** @param {string} url @param {string[]} protocols */
  constructor(url, protocols) {
    assert.deepEqual([url, protocols], ["ws://host/v1/tts/stream", ["tts.v1"]]);
    this.onopen = () => {};
    this.onclose = () => {};
    this.onmessage = (/** @type {{data: string}} */ _event) => {};
    queueMicrotask(() => {
      this.onopen();
      const limits = { max_contexts: 4, max_text_bytes: 16384, max_lead_ms: 2000, idle_s: 180 };
      const ready = JSON.stringify({ type: "session.ready", session_id: "s", protocol: 1, voices: ["v"], limits });
      for (let replies = 0; replies < 2; replies++) this.onmessage({ data: ready });
    });
  }

  /** @param {string} text */
  send(text) {
    Network.sent.push(JSON.parse(text));
  }

  close() {}
}

/** @param {unknown} constructor of what stands for sockets while `run` does */
function useSockets(constructor) {
  globalThis.WebSocket = /** @type {any} */ (constructor);
}

/**
 * Run with a network; gives what was sent for the speech, in order.
 *
 * @param {(gateway: client.GatewayClient) => Promise<void>} run
 */
async function spoken(run) {
  const before = globalThis.WebSocket;
  useSockets(Network);
  Network.sent = [];
  const gateway = new client.GatewayClient({ url: "host" });
  try {
    await run(gateway);
  } finally {
    gateway.close();
    useSockets(before);
  }
  return Network.sent.filter((message) => message.context_id !== undefined);
}

/** @param {client.GatewayClient} gateway @returns {Promise<void>} */
function ready(gateway) {
  return new Promise((greeted) =>
    gateway.addEventListener("state", ({ detail }) => {
      if (detail.state === "ready") greeted();
    }),
  );
}

test("a source that fails ends the speech after what it gave, and the failure is told", async () => {
  function* source() {
    yield "Hello there. ";
    throw new Error("the model is out of memory");
  }
  const sent = await spoken(async (gateway) => {
    await ready(gateway);
    await assert.rejects(gateway.speak().writeAll(source()), /out of memory/);
  });
  assert.deepEqual(
    sent.map(({ type, text }) => [type, text]),
    [["context.start", undefined], ["text", "Hello there. "], ["context.end", undefined]],
  );
});

test("deltas that say nothing are passed over, and no detail is in the way of a cancel", async () => {
  const sent = await spoken(async (gateway) => {
    await ready(gateway);
    await gateway.speak().writeAll(["Hel", null, "", undefined, "lo."]);
    const unchecked = /** @type {any} */ ("x");
    for (const playedMs of [-1, NaN, Infinity, unchecked, undefined, 12.5]) gateway.speak().cancel(playedMs);
    const speech = gateway.speak();
    speech.write("x");
    speech.cancel(-1);
  });
  assert.deepEqual(sent.filter(({ type }) => type === "text").map(({ text }) => text), ["Hel", "lo.", "x"]);
  const cancels = sent.filter(({ type }) => type === "context.cancel").map((message) => message.played_ms);
  assert.deepEqual(cancels, [0, undefined, 1e10, undefined, undefined, 12.5, 0]);
});

test("a delta that is no text is refused where it is given, and not spoken", async () => {
  const chunk = /** @type {any} */ ({ choices: [{ delta: { content: "Hello." } }] });
  const sent = await spoken(async (gateway) => {
    await ready(gateway);
    await assert.rejects(gateway.speak().writeAll(["Hello. ", chunk]), /a delta is a string, not object/);
  });
  assert.deepEqual(sent.map(({ type }) => type), ["context.start", "text", "context.end"]);
});

test("a position that is unknown is not reported", async () => {
  const sent = await spoken(async (gateway) => {
    await ready(gateway);
    const speech = gateway.speak();
    speech.report(NaN, 0);
    speech.report(120, NaN);
  });
  assert.deepEqual(
    sent.filter(({ type }) => type === "playback").map((message) => [message.played_ms, message.buffered_ms]),
    [[120, 0]],
  );
});

test("a speech of a client that was closed ends, and tells whoever listens", async () => {
  /** @type {string[]} */
  const told = [];
  await spoken(async (gateway) => {
    await ready(gateway);
    gateway.close();
    const speech = gateway.speak();
    speech.addEventListener("done", ({ detail }) => told.push(detail.reason));
    assert.equal((await speech.done).reason, "lost");
  });
  assert.deepEqual(told, ["lost"]);
});

test("without a WebSocket or an address, the constructor says what it needs", () => {
  const before = globalThis.WebSocket;
  try {
    useSockets(undefined);
    assert.throws(() => new client.GatewayClient({ url: "host" }), /Node\.js 22/);
    useSockets(Network);
    assert.throws(() => new client.GatewayClient(), /new GatewayClient\(\{ url \}\)/);
  } finally {
    useSockets(before);
  }
});

test("the types name what the module has, and nothing else", () => {
  const types = readFileSync(new URL("../../../web_demo/client/gateway_client.d.ts", import.meta.url), "utf8");
  const declared = [...types.matchAll(/^export (?:class|function|const) (\w+)/gm)].map((match) => match[1]);
  assert.deepEqual(declared.sort(), Object.keys(client).sort());

  for (const name of /** @type {const} */ (["GatewayClient", "Speech", "Player", "Track"])) {
    const body = types.match(new RegExp(`export class ${name} .*?\\n}`, "s"))?.[0];
    assert.ok(body);
    const methods = [...body.matchAll(/^ {2}(?:static )?(\w+)[(<]/gm)].map((match) => match[1]);
    const known = new Set(["constructor", "addEventListener"]);
    for (const method of methods.filter((each) => !known.has(each))) {
      assert.ok(method in client[name].prototype || method in client[name], `${name}.${method}`);
    }
  }
});
