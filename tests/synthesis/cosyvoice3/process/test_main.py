"""The engine's process alone: it serves who comes, and is gone when its keeper is, however that ended."""

import asyncio
import signal
import socket
import sys

import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import tiny_model_dir

from sayline.synthesis.cosyvoice3.process import link as engine_link
from sayline.synthesis.cosyvoice3.process.settings import EngineSettings

PATIENCE_S = 60  # it starts in some 4 s here; a machine that is busy with other work must not fail a test


async def started(model_dir, folder, predecessor=""):
    """An engine process, the keeper's end of its link, and where gateways come to it."""
    settings = EngineSettings(model_dir, 2, False, None, 0.4, 10)
    home = folder / "home"
    home.mkdir()
    address = str(home / "engine")
    ours, theirs = socket.socketpair()
    with theirs, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "sayline.synthesis.cosyvoice3.process.main",
            str(theirs.fileno()),
            str(listener.fileno()),
            settings.to_json(),
            predecessor,
            pass_fds=[theirs.fileno(), listener.fileno()],
            start_new_session=True,
        )
    reader, writer = await asyncio.open_connection(sock=ours)
    return process, reader, writer, address


async def told(reader, kind):
    """The next message of a kind; the machine's pace, and so what can be kept, may change at any time."""
    while True:
        fields = (await engine_link.read(reader)).fields
        if fields["type"] == kind:
            return fields
        assert fields["type"] in ("capacity", "loading")


def speak(writer, key, **request):
    given = {"text": "This goes on for a while.", "voice": "demo", "language": None, "instructions": None}
    engine_link.write(
        writer, {"type": "speak", "key": key, "allow_markup": False, "seed": 1, "dry_at": None} | given | request
    )


async def test_an_engine_serves_who_comes_and_ends_in_good_order_with_its_keeper_in_the_middle_of_a_word(tmp_path):
    process, keeper, leash, address = await started(tiny_model_dir(), tmp_path)
    early = await asyncio.open_unix_connection(address)
    async with asyncio.timeout(PATIENCE_S):
        assert (await told(keeper, "capacity"))["requests"] > 0
        await told(keeper, "ready")
        late = await asyncio.open_unix_connection(address)
        for reader, writer in (early, late):
            assert (await told(reader, "capacity"))["requests"] > 0
            assert [voice["name"] for voice in (await told(reader, "ready"))["voices"]] == ["demo"]
            speak(writer, 1)
        for reader, _ in (early, late):
            assert (await told(reader, "sound"))["key"] == 1
        leash.close()
        assert await process.wait() == 0
    assert not (tmp_path / "home").exists()  # its keeper may have been killed, and left it behind
    for _, writer in (early, late):
        writer.close()


async def test_who_comes_while_an_engine_loads_learns_why_the_one_before_it_ended(tmp_path):
    process, _, leash, address = await started(tiny_model_dir(), tmp_path, "its process was ended by signal 9")
    reader, writer = await asyncio.open_unix_connection(address)
    async with asyncio.timeout(PATIENCE_S):
        assert (await told(reader, "loading"))["predecessor"] == "its process was ended by signal 9"
        leash.close()
        await process.wait()
    writer.close()


async def test_an_engine_whose_keeper_is_gone_while_it_loads_does_not_load_on(tmp_path):
    process, _, leash, _ = await started(tiny_model_dir(), tmp_path)
    leash.close()
    async with asyncio.timeout(PATIENCE_S):
        assert await process.wait() == -signal.SIGKILL


async def test_an_engine_that_cannot_start_says_why_and_exits_so(tmp_path):
    process, keeper, leash, _ = await started(tmp_path, tmp_path)
    async with asyncio.timeout(PATIENCE_S):
        assert "cosyvoice3.yaml" in (await told(keeper, "unavailable"))["message"]
        with pytest.raises(engine_link.LinkClosed):
            await engine_link.read(keeper)
        assert await process.wait() == 1
    leash.close()
