/** npm's `openai`: a text in some formats, an error, an interruption, and the next turn. */

import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { asked, finish, given, heard, load, tell } from "./harness.mjs";

const { default: OpenAI } = await load("openai");
// The lines of docs/INTEGRATIONS.md; the first imports the package, which lies elsewhere here.
const lines = given.lines.split("\n").slice(1).join("\n");
const client = new Function("OpenAI", `${lines}; return client;`)(OpenAI);
const speech = { model: "gpt-4o-mini-tts", voice: "alloy", input: given.text };

const models = await client.models.list();
tell("models", { names: models.data.map((model) => model.id) });

for (const form of given.formats) {
  const response = await client.audio.speech.create({ ...speech, response_format: form });
  const path = `${given.files}/${form}`;
  await pipeline(Readable.fromWeb(response.body), createWriteStream(path));
  tell("file", { form, path, type: response.headers.get("content-type") });
}

const pcm = await client.audio.speech.create({ ...speech, response_format: "pcm" });
heard(Buffer.from(await pcm.arrayBuffer()), 24000);

try {
  await client.audio.speech.create({ ...speech, response_format: "midi" });
} catch (refused) {
  tell("refused", { status: refused.status, param: refused.param, code: refused.code });
}

await asked("begin");
const stopping = new AbortController();
const long = await client.audio.speech.create(
  { ...speech, input: given.long_text, response_format: "pcm" },
  { signal: stopping.signal },
);
await long.body.getReader().read();
tell("begun");
await asked("interrupt");
stopping.abort();
tell("interrupted");
await asked("go on");

const after = await client.audio.speech.create({ ...speech, response_format: "wav" });
await writeFile(`${given.files}/after.wav`, Buffer.from(await after.arrayBuffer()));
tell("file", { form: "wav", path: `${given.files}/after.wav`, type: "" });
finish();
