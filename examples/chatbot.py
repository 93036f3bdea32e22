"""A chatbot in the terminal that speaks while its model writes; the next line, or an empty one, interrupts it.

OPENAI_BASE_URL and OPENAI_API_KEY name the chat endpoint, CHAT_MODEL its model, PLAYER what plays raw samples.
"""

import asyncio
import os
import sys

import openai

import sayline

MODEL, PLAYER = os.environ["CHAT_MODEL"], os.environ.get("PLAYER", "aplay -q -t raw -f S16_LE -r 24000").split()
WISHES = {"format": "pcm_s16le", "sample_rate": 24_000, "max_lead_ms": 500, "reconnect": True}
AT = {"url": os.environ.get("SAYLINE_URL", "ws://127.0.0.1:8080"), "key": os.environ.get("SAYLINE_KEY")}


async def deltas(messages):
    async for chunk in await openai.AsyncOpenAI().chat.completions.create(model=MODEL, messages=messages, stream=True):
        print(delta := "".join(choice.delta.content or "" for choice in chunk.choices), end="", flush=True)
        yield delta


async def answer(speech, messages):
    player = await asyncio.create_subprocess_exec(*PLAYER, stdin=asyncio.subprocess.PIPE)
    try:
        async with speech:  # leaving this block early is barge-in
            async for frame in speech.audio():
                player.stdin.write(frame.payload)
        await player.communicate(b"")
    except asyncio.CancelledError:
        player.kill()
    messages.append({"role": "assistant", "content": speech.done.text_spoken if speech.done else ""})  # what was heard


async def main():
    lines, messages, answering = asyncio.Queue(), [], None
    asyncio.get_running_loop().add_reader(sys.stdin, lambda: lines.put_nowait(sys.stdin.readline()))
    async with sayline.connect(**AT, **WISHES) as gateway, asyncio.TaskGroup() as tasks:
        while line := await lines.get():  # empty at the end of input
            if answering and answering.cancel():
                await asyncio.wait([answering])
            if line.strip():
                messages.append({"role": "user", "content": line.strip()})
                answering = tasks.create_task(answer(gateway.speak(deltas(messages)), messages))
        asyncio.get_running_loop().remove_reader(sys.stdin)


asyncio.run(main())
