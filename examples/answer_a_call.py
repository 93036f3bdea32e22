"""Answers phone calls: Twilio asks what to do with a call, and the caller hears a text while it is being written.

Point the voice webhook of a Twilio number at this program (POST https://your.host/answer), and let Twilio reach the
gateway at PUBLIC_URL, which a proxy leads to the gateway (docs/PROXIES.md).
"""

import asyncio
import os
from xml.sax.saxutils import quoteattr

from aiohttp import web

import sayline

GATEWAY = os.environ.get("SAYLINE_URL", "ws://127.0.0.1:8080")
PUBLIC_URL = os.environ.get("PUBLIC_URL", "wss://voice.example")
KEY = os.environ.get("SAYLINE_KEY")  # if the gateway asks for one


async def words():
    """Your language model in place of this."""
    for word in "Hello, and thank you for calling. This line is spoken while it is being written. Goodbye.".split():
        yield word + " "
        await asyncio.sleep(0.05)


async def talk(call) -> None:
    async with sayline.connect(f"{GATEWAY}?call={call}", key=KEY) as line, line.speak(words()) as speech:
        async for _ in speech:  # leaving this loop early is barge-in
            pass
    print(f"{call} heard: {speech.done.text_spoken}", flush=True)


async def answer(request):
    call = (await request.post())["CallSid"]
    talking = asyncio.create_task(talk(call))
    request.app["talks"].add(talking)
    talking.add_done_callback(request.app["talks"].discard)
    token = sayline.call_token(KEY, call) if KEY else ""
    stream = f"<Stream url={quoteattr(PUBLIC_URL + '/v1/twilio')}><Parameter name='token' value='{token}'/></Stream>"
    twiml = f"<Response><Connect>{stream}</Connect></Response>"
    return web.Response(text=twiml, content_type="text/xml")


app = web.Application()
app["talks"] = set()
app.router.add_post("/answer", answer)
if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
