/** npm's `@cartesia/cartesia-js`: contexts over its WebSocket, then sound over HTTP. */

import { RATE_HZ, takeTurns } from "./agent_turns.mjs";
import { finish, given, load, tell } from "./harness.mjs";

const { default: Cartesia } = await load("@cartesia/cartesia-js");
// The lines of docs/INTEGRATIONS.md; the first imports the package, which lies elsewhere here.
const lines = given.lines.split("\n").slice(1).join("\n");
const client = new Function("Cartesia", `${lines}; return client;`)(Cartesia);

const output = { container: "raw", encoding: "pcm_s16le", sample_rate: RATE_HZ };
const voice = { mode: "id", id: "6ccbfb76-1fc6-48f7-b71d-91ac6298247b" };
const connection = await client.tts.websocket();
let context;

async function speak(pieces, onSound) {
  context = connection.context({ model_id: "sonic-3", voice, output_format: output, language: "en" });
  const own = context;
  const writing = (async () => {
    for (const transcript of pieces) await own.push({ transcript });
    await own.no_more_inputs();
  })();
  for await (const event of own.receive()) if (event.type === "chunk") onSound(Buffer.from(event.audio));
  await writing;
}

await takeTurns(speak, () => context.cancel());
connection.close();

const response = await client.tts.generate({
  model_id: "sonic-3",
  transcript: given.next_text,
  voice,
  language: "en",
  output_format: { ...output, container: "wav" },
});
tell("wav", { sound: Buffer.from(await response.arrayBuffer()).toString("base64") });
finish();
