/** npm's `@deepgram/sdk`: a text in pieces over the WebSocket of `/v1/speak`, then sound over HTTP. */

import { RATE_HZ, takeTurns } from "./agent_turns.mjs";
import { finish, given, load, tell } from "./harness.mjs";

const { DeepgramClient } = await load("@deepgram/sdk");
// The lines of docs/INTEGRATIONS.md; the first imports the package, which lies elsewhere here.
const lines = given.lines.split("\n").slice(1).join("\n");
const client = new Function("DeepgramClient", `${lines}; return client;`)(DeepgramClient);

const form = { model: "aura-2-thalia-en", encoding: "linear16", sample_rate: RATE_HZ };
const socket = await client.speak.v1.createConnection(form);
let onMessage = () => {};
let reading = Promise.resolve();
socket.on("message", (message) => {
  reading = reading.then(() => onMessage(message));
});
socket.connect();
await socket.waitForOpen();

/** Write the pieces; it ends at Flushed, or at Cleared if it is interrupted. */
function speak(pieces, onSound) {
  return new Promise((ended, failed) => {
    onMessage = async (message) => {
      if (message instanceof Blob) onSound(Buffer.from(await message.arrayBuffer()));
      else if (message.type === "Flushed" || message.type === "Cleared") ended();
      else if (message.type === "Warning") failed(new Error(JSON.stringify(message)));
    };
    for (const text of pieces) socket.sendText({ type: "Speak", text });
    socket.sendFlush({ type: "Flush" });
  });
}

await takeTurns(speak, () => socket.sendClear({ type: "Clear" }));
socket.sendClose({ type: "Close" });
socket.close();

const response = await client.speak.v1.audio.generate({ ...form, text: given.next_text, container: "wav" });
tell("wav", { sound: Buffer.from(await response.arrayBuffer()).toString("base64") });
finish();
