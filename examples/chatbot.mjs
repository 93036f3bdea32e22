// The chatbot of chatbot.py, in Node.js: it speaks while its model writes; the next line, or an empty one, interrupts it.
// OPENAI_BASE_URL and OPENAI_API_KEY name the chat endpoint, CHAT_MODEL its model, PLAYER what plays raw samples.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { GatewayClient } from "sayline";

const { env } = process;
const [player, ...options] = (env.PLAYER ?? "aplay -q -t raw -f S16_LE -r 24000").split(" ");
const url = env.SAYLINE_URL ?? "ws://127.0.0.1:8080";
const wishes = { format: "pcm_s16le", sample_rate: 24000, max_lead_ms: 500 };
const gateway = new GatewayClient({ url, key: env.SAYLINE_KEY, ...wishes });
const messages = [];

async function* deltas(signal) {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${env.OPENAI_API_KEY}` };
  const body = JSON.stringify({ model: env.CHAT_MODEL, messages, stream: true });
  const answer = await fetch(`${env.OPENAI_BASE_URL}/chat/completions`, { method: "POST", headers, body, signal });
  if (!answer.ok) throw new Error(`the chat endpoint: ${answer.status} ${answer.statusText}`);
  for await (const line of createInterface({ input: Readable.fromWeb(answer.body) })) {
    const delta = line.startsWith("data: {") ? JSON.parse(line.slice(6)).choices[0]?.delta.content : null;
    process.stdout.write(delta ?? "");
    yield delta;
  }
}

function answer() {
  const asking = new AbortController();
  const loudspeaker = spawn(player, options, { stdio: ["pipe", "inherit", "inherit"] });
  loudspeaker.stdin.on("error", () => {}); // it was killed while it was written to
  const speech = gateway.speak();
  speech.addEventListener("audio", ({ detail: frame }) => loudspeaker.stdin.write(frame.payload));
  speech.writeAll(deltas(asking.signal)).catch((error) => asking.signal.aborted || console.error(error.message));
  const over = speech.done.then(({ text_spoken }) => {
    loudspeaker.stdin.end();
    messages.push({ role: "assistant", content: text_spoken }); // what was heard
  });
  return { over, interrupt: () => (asking.abort(), speech.cancel(), loudspeaker.kill(), over) };
}

let answering;
for await (const line of createInterface({ input: process.stdin })) {
  await answering?.interrupt();
  if (line.trim()) messages.push({ role: "user", content: line.trim() }), (answering = answer());
}
await answering?.over;
gateway.close();
