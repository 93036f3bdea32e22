"""An assistant's end of the Model Context Protocol: it starts `sayline mcp`, and calls the tool."""

import asyncio
import base64
import os
import sys
from pathlib import Path

import anyio
from harness import asked, given, tell
from mcp import Client, StdioServerParameters

SERVER = StdioServerParameters(
    command=sys.executable,
    args=["-m", *given["line"].split(), "--no-play"],
    env={"PYTHONPATH": os.environ["PYTHONPATH"]},
)


async def note_progress(progress, total, message):
    tell("progress", progress=progress, total=total, message=message)


async def call(client, **arguments):
    result = await client.call_tool("speak", arguments, progress_callback=note_progress)
    said = [part.text for part in result.content if part.type == "text"]
    audio = [(part.mime_type, part.data) for part in result.content if part.type == "audio"]
    for mime_type, data in audio:
        Path(given["file"]).write_bytes(base64.b64decode(data))  # noqa: ASYNC240 - nothing else runs
        tell("audio", mime_type=mime_type)
    tell("result", said=said, is_error=result.is_error)


async def main():
    async with Client(SERVER) as client:
        tools = (await client.list_tools()).tools
        tell("tools", names=[tool.name for tool in tools], parameters=sorted(tools[0].input_schema["properties"]))
        await call(client, text=given["text"])
        await call(client, text="Hello.", voice="nobody")
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: call(client, text=given["long_text"]))
            await asked("interrupt")
            tell("interrupted")
            group.cancel_scope.cancel()
        await asked("go on")
        await call(client, text="Once more.")


asyncio.run(main())
