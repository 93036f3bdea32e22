"""The package ``openai``: a text in every format, as events, an error, an interruption, and the next turn."""

import asyncio
import base64
import json
from pathlib import Path

import openai
from harness import asked, given, heard, tell, wait_until_asked

program = {}
exec(given["lines"], program)  # noqa: S102 - the lines of docs/INTEGRATIONS.md, to be run as they stand
client = program["client"]
folder = Path(given["files"])
SPEECH = {"model": "gpt-4o-mini-tts", "voice": "alloy", "input": given["text"]}

tell("models", names=[model.id for model in client.models.list()])

for form in given["formats"]:
    path = folder / form
    with client.audio.speech.with_streaming_response.create(**SPEECH, response_format=form) as response:
        response.stream_to_file(path)
        tell("file", form=form, path=str(path), type=response.headers["content-type"])

with client.audio.speech.with_streaming_response.create(
    **SPEECH, response_format="pcm", stream_format="sse"
) as response:
    events = [json.loads(line.removeprefix("data: ")) for line in response.iter_lines() if line]
for event in events[:-1]:
    heard(base64.b64decode(event["audio"]), 24_000)
tell("events", kinds=sorted({event["type"] for event in events[:-1]}), last=events[-1])

try:
    client.audio.speech.create(**SPEECH, response_format="midi")
except openai.BadRequestError as refused:
    tell("refused", param=refused.param, code=refused.code, message=refused.message)

wait_until_asked("begin")
with client.audio.speech.with_streaming_response.create(
    **SPEECH | {"input": given["long_text"]}, response_format="pcm"
) as response:
    pieces = response.iter_bytes(1024)  # kept: the package closes the answer when its iterator is gone
    next(pieces)
    tell("begun")
    wait_until_asked("interrupt")
tell("interrupted")
wait_until_asked("go on")

path = folder / "after.wav"
client.audio.speech.create(**SPEECH, response_format="wav").write_to_file(path)
tell("file", form="wav", path=str(path), type="")


async def speak_in_a_loop():
    """The same by the package's asynchronous client, whose task is cancelled."""
    listening = openai.AsyncOpenAI(base_url=str(client.base_url), api_key="any")

    async def listen():
        create = listening.audio.speech.with_streaming_response.create
        async with create(**SPEECH | {"input": given["long_text"]}, response_format="pcm") as response:
            async for _ in response.iter_bytes(1024):
                tell("begun")
                await asyncio.sleep(3600)

    await asked("begin")
    task = asyncio.create_task(listen())
    await asked("interrupt")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    tell("interrupted")
    await asked("go on")
    answer = await listening.audio.speech.create(**SPEECH, response_format="flac")
    path = folder / "after.flac"
    path.write_bytes(answer.content)
    tell("file", form="flac", path=str(path), type="")
    await listening.close()


asyncio.run(speak_in_a_loop())
