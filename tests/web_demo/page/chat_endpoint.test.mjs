import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { ChatFailed, EventReader, asked, completionsUrl } from "../../../web_demo/page/chat_endpoint.js";

test("events are read however the network cuts them, and whatever ends their lines", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    const stream = [": a comment", "data: one", "", "event: x", "data:two", "", "data: [DONE]", "", ""].join(end);
    for (let size = 1; size <= stream.length; size++) {
      const reader = new EventReader();
      const events = [];
      for (let at = 0; at < stream.length; at += size) events.push(...reader.push(stream.slice(at, at + size)));
      events.push(...reader.push("\n")); // a carriage return at the very end waits for what follows
      assert.deepEqual(events, ["one", "two", "[DONE]"], `${JSON.stringify(end)} in pieces of ${size}`);
    }
  }
});

test("an address may be the base or the whole", () => {
  const whole = "http://localhost:11434/v1/chat/completions";
  assert.equal(completionsUrl("http://localhost:11434/v1"), whole);
  assert.equal(completionsUrl("http://localhost:11434/v1/"), whole);
  assert.equal(completionsUrl(whole), whole);
  assert.equal(completionsUrl("https://host/v1?api-version=1"), "https://host/v1/chat/completions?api-version=1");
  assert.throws(() => completionsUrl("localhost"), ChatFailed);
});

test("an endpoint that answers with nothing is said to have failed", async (context) => {
  const server = createServer((_request, response) => response.writeHead(204).end());
  await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(null)));
  context.after(() => server.close());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const endpoint = { url: `http://127.0.0.1:${port}/v1`, model: "m", key: "" };
  const answer = asked(endpoint, [{ role: "user", content: "Hello?" }], new AbortController().signal);
  await assert.rejects(answer.next(), ChatFailed);
});
