"""A chatbot on a web page: the page hears the gateway itself, and a question asked meanwhile interrupts the answer.

OPENAI_BASE_URL and OPENAI_API_KEY name the chat endpoint, CHAT_MODEL its model. The gateway must let the page in:
`sayline serve --allow-origins http://127.0.0.1:8000`; then `uvicorn web_chatbot:app`.
"""

import os

import openai
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, StreamingResponse

PAGE = """<!doctype html><meta charset="utf-8"><title>Chatbot</title>
<form><input id="question" autofocus aria-label="Question"><button>Ask</button></form><p id="answer"></p>
<script type="module">
import { GatewayClient, Player } from "GATEWAY/gateway_client.js";
const [player, messages] = [new Player(), []];
const gateway = new GatewayClient({ url: "GATEWAY", ...(await Player.bestSession()) });
const [form, question, answer] = ["form", "#question", "#answer"].map((name) => document.querySelector(name));
let track;
async function* deltas(turn) {
  const told = await fetch("/chat", { method: "POST", body: JSON.stringify(messages) });
  const reader = told.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part; !(part = await reader.read()).done && turn === messages.length; yield part.value)
    answer.textContent += part.value; // but nothing behind the next question
}
form.onsubmit = async (event) => {
  event.preventDefault();
  player.prepare(); // in the press itself, or the browser keeps the page silent
  track?.interrupt();
  if (track) messages.push({ role: "assistant", content: (await track.speech.done).text_spoken }); // what was heard
  messages.push({ role: "user", content: question.value });
  question.value = answer.textContent = "";
  track = player.play(gateway.speak());
  await track.speech.writeAll(deltas(messages.length));
};
</script>""".replace("GATEWAY", os.environ.get("SAYLINE_URL", "http://127.0.0.1:8080"))
app = FastAPI()


@app.get("/")
async def page():
    return HTMLResponse(PAGE)


@app.post("/chat")
async def chat(request: Request):
    wishes = {"model": os.environ["CHAT_MODEL"], "messages": await request.json(), "stream": True}
    chunks = await openai.AsyncOpenAI().chat.completions.create(**wishes)
    return StreamingResponse(chunk.choices[0].delta.content or "" async for chunk in chunks if chunk.choices)
