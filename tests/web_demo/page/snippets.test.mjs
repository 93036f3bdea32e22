import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

import { SNIPPETS } from "../../../web_demo/page/snippets.js";

const REQUEST = { url: "http://host:8080/voice", text: "It's \"fine\".\n$HOME `ls` 你好", voice: "heart", language: undefined, speed: 1.2, hasKey: false };

test("what is the default is not in the code", () => {
  for (const snippet of Object.values(SNIPPETS)) {
    assert.match(snippet(REQUEST), /heart/);
    assert.doesNotMatch(snippet({ ...REQUEST, speed: 1 }), /speed\b|language|KEY/);
  }
});

test("a key is named and never written out", () => {
  assert.match(SNIPPETS.curl({ ...REQUEST, hasKey: true }), /Bearer \$SAYLINE_KEY/);
  assert.match(SNIPPETS.javascript({ ...REQUEST, hasKey: true }), /key: "YOUR_KEY"/);
  assert.match(SNIPPETS.python({ ...REQUEST, hasKey: true }), /key="YOUR_KEY"/);
});

test("no text ends the shell's quotes", () => {
  const echoed = SNIPPETS.curl(REQUEST).replace(/^curl/, "printf '%s\\n'");
  const words = execFileSync("/bin/sh", ["-c", echoed], { encoding: "utf8" });
  assert.ok(words.includes(JSON.stringify({ input: REQUEST.text, voice: "heart", speed: 1.2 })));
});
