"""The engine's process alone: it is gone when its gateway is, however that ended."""

import asyncio
import signal
import socket
import sys

import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import tiny_model_dir

from sayline.synthesis.cosyvoice3 import engine_link
from sayline.synthesis.cosyvoice3.engine_settings import EngineSettings

PATIENCE_S = 60  # it starts in some 4 s here; a machine that is busy with other work must not fail a test


async def started(model_dir):
    """An engine process, and the gateway's end of its link."""
    settings = EngineSettings(model_dir, 2, False, None, 0.4, 10)
    ours, theirs = socket.socketpair()
    with theirs:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "sayline.synthesis.cosyvoice3.engine_process",
            str(theirs.fileno()),
            settings.to_json(),
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    reader, writer = await asyncio.open_connection(sock=ours)
    return process, reader, writer


async def test_an_engine_whose_gateway_is_gone_ends_in_good_order_in_the_middle_of_a_word():
    process, reader, writer = await started(tiny_model_dir())
    async with asyncio.timeout(PATIENCE_S):
        capacity = (await engine_link.read(reader)).fields
        assert capacity["type"] == "capacity"
        assert capacity["requests"] > 0
        ready = (await engine_link.read(reader)).fields
        assert ready["type"] == "ready"
        assert [voice["name"] for voice in ready["voices"]] == ["demo"]
        request = {"text": "This goes on for a while.", "voice": "demo", "language": None, "instructions": None}
        engine_link.write(writer, {"type": "speak", "key": 1, "allow_markup": False, "seed": 1} | request)
        assert (await engine_link.read(reader)).fields["type"] == "sound"
        writer.close()
        assert await process.wait() == 0


async def test_an_engine_whose_gateway_is_gone_while_it_loads_does_not_load_on():
    process, _, writer = await started(tiny_model_dir())
    writer.close()
    async with asyncio.timeout(PATIENCE_S):
        assert await process.wait() == -signal.SIGKILL


async def test_an_engine_that_cannot_start_says_why_and_exits_so(tmp_path):
    process, reader, writer = await started(tmp_path)
    async with asyncio.timeout(PATIENCE_S):
        fields = (await engine_link.read(reader)).fields
        assert fields["type"] == "unavailable"
        assert "cosyvoice3.yaml" in fields["message"]
        with pytest.raises(engine_link.LinkClosed):
            await engine_link.read(reader)
        assert await process.wait() == 1
    writer.close()
