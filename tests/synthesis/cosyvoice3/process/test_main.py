"""The engine's process alone: it serves who comes, and is gone when its keeper is, however that ended."""

import asyncio
import os
import signal
import socket
import sys

import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import private_model_dir, tiny_model_dir
from link_peer import LinkPeer

from sayline.synthesis.cosyvoice3.process.link import (
    VOCABULARY,
    Capacity,
    LimitReached,
    Loading,
    Ready,
    Sound,
    Speak,
    Unavailable,
)
from sayline.synthesis.cosyvoice3.process.settings import EngineSettings
from sayline.synthesis.processes.child import Child

PATIENCE_S = 60  # it starts in some 4 s here; a machine that is busy with other work must not fail a test


async def started(model_dir, folder, predecessor=""):
    """An engine process, the keeper's end of its link, and where gateways come to it."""
    settings = EngineSettings(model_dir=model_dir, max_streams=2)
    home = folder / "home"
    home.mkdir()
    address = str(home / "engine")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        child = Child(
            [
                sys.executable,
                "-m",
                "sayline.synthesis.cosyvoice3.process.main",
                str(listener.fileno()),
                settings.to_json(),
                predecessor,
            ],
            inherited=[listener],
        )
    return child, LinkPeer(child.socket, VOCABULARY), address


async def told(peer, kind):
    """The next message of a kind; the machine's pace, and so what can be kept, may change at any time."""
    while not isinstance(message := await peer.take(), kind):
        assert isinstance(message, Capacity | Loading)
    return message


SPEAK = Speak(
    key=1,
    text="This goes on for a while.",
    voice="demo",
    language=None,
    instructions=None,
    allow_markup=False,
    seed=1,
    speed=1.0,
    utterance=None,
    dry_in_s=None,
    notes=[],
)


async def test_an_engine_serves_every_gateway_and_ends_in_good_order_with_its_keeper_in_mid_word(tmp_path):
    process, keeper, address = await started(tiny_model_dir(), tmp_path)
    early = await LinkPeer.join(address, VOCABULARY)
    async with asyncio.timeout(PATIENCE_S):
        assert (await told(keeper, Capacity)).requests > 0
        await told(keeper, Ready)
        late = await LinkPeer.join(address, VOCABULARY)
        for gateway in (early, late):
            assert (await told(gateway, Capacity)).requests > 0
            assert [voice[0] for voice in (await told(gateway, Ready)).voices] == ["demo"]
            gateway.send(SPEAK)
        for gateway in (early, late):
            assert (await told(gateway, Sound)).key == 1
        keeper.close()
        assert (await process.end(PATIENCE_S)).status == 0
    assert not (tmp_path / "home").exists()  # its keeper may have been killed, and left it behind
    for gateway in (early, late):
        gateway.close()


async def test_a_gateway_that_comes_while_an_engine_loads_learns_why_the_last_one_ended(tmp_path):
    process, keeper, address = await started(tiny_model_dir(), tmp_path, "its process was ended by signal 9")
    gateway = await LinkPeer.join(address, VOCABULARY)
    async with asyncio.timeout(PATIENCE_S):
        assert (await told(gateway, Loading)).predecessor == "its process was ended by signal 9"
        keeper.close()
        await process.end(PATIENCE_S)
    gateway.close()


async def test_an_engine_that_loads_says_again_and_again_that_it_lives(tmp_path):
    """Its weights come from a pipe that nobody fills, so it loads for as long as the test looks."""
    model_dir = private_model_dir(tmp_path)
    (model_dir / "llm.pt").unlink()
    os.mkfifo(model_dir / "llm.pt")
    process, keeper, _ = await started(model_dir, tmp_path)
    async with asyncio.timeout(PATIENCE_S):
        await told(keeper, Loading)
        for _ in range(5):  # its hello and this were two of them at most
            await keeper.heard.acquire()
        keeper.close()
        assert (await process.end(PATIENCE_S)).status == -signal.SIGKILL


async def test_an_engine_whose_keeper_is_gone_while_it_loads_does_not_load_on(tmp_path):
    process, keeper, _ = await started(tiny_model_dir(), tmp_path)
    keeper.close()
    assert (await process.end(PATIENCE_S)).status == -signal.SIGKILL


async def test_an_engine_that_cannot_start_says_why_and_exits_so(tmp_path):
    process, keeper, _ = await started(tmp_path, tmp_path)
    async with asyncio.timeout(PATIENCE_S):
        assert "cosyvoice3.yaml" in (await told(keeper, Unavailable)).message
        assert await keeper.take() is None
        assert (await process.end(PATIENCE_S)).status == 1


async def test_a_speech_that_is_cut_at_its_length_limit_is_told_and_logged(tmp_path, capfd):
    process, keeper, address = await started(tiny_model_dir(), tmp_path)
    async with asyncio.timeout(PATIENCE_S):
        await told(keeper, Ready)
        gateway = await LinkPeer.join(address, VOCABULARY)
        await told(gateway, Ready)
        for seed in (1, 2):  # the random model rarely ends by itself
            gateway.send(SPEAK._replace(key=seed, text="No.", seed=seed))
        while not isinstance(message := await gateway.take(), LimitReached):
            assert isinstance(message, Capacity | Sound)
        keeper.close()
        assert (await process.end(PATIENCE_S)).status == 0

    assert "the speech reached its length limit; what the model said last is cut off" in capfd.readouterr().err
