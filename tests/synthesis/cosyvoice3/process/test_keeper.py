"""One engine for several gateways: a real engine process with a tiny model, kept by one and asked by two.

One keeper and two gateways serve the tests in the order of this file; each leaves them ready for the next.
"""

import asyncio
import stat
from contextlib import aclosing

import numpy as np
import pytest
import pytest_asyncio

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from child_processes import ENGINE, children_called
from cosyvoice3_checkpoint import private_model_dir

from sayline.synthesis.cosyvoice3.process import keeper as engine_keeper
from sayline.synthesis.cosyvoice3.process.keeper import EngineKeeper
from sayline.synthesis.cosyvoice3.process.link import BEAT_S, SILENT_BEATS
from sayline.synthesis.cosyvoice3.process.settings import EngineSettings
from sayline.synthesis.cosyvoice3.synthesizer import CosyVoice3Synthesizer
from sayline.synthesis.interface import EngineUnavailable, Segment, Style, SynthesisFailed

pytestmark = pytest.mark.asyncio(loop_scope="module")  # the engine belongs to one loop

PATIENCE_S = 60  # an engine starts in some 4 s here; a machine that is busy with other work must not fail a test
TOLERANCE = 5e-3  # of the sound's energy, as in test_synthesizer.py
LONG = "This sentence goes on for a while, and nobody will hear the end of it."
# Without the guard: a busy machine would have it take fewer solver steps, and the sound be another.
SETTINGS = {"max_streams": 8, "load_vllm": False, "precision": None, "gpu_memory_utilization": 0.4, "token_hop_len": 10}


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    model_dir = private_model_dir(tmp_path_factory.mktemp("keeper"))
    return EngineSettings(model_dir=model_dir, rtf_guard=False, **SETTINGS)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def keeper(settings):
    keeper = EngineKeeper(settings)
    await keeper.start()
    yield keeper
    await keeper.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateways(keeper, settings):
    gateways = [CosyVoice3Synthesizer(settings, keeper.address) for _ in range(2)]
    for gateway in gateways:
        await gateway.start()
    yield gateways
    for gateway in gateways:
        await gateway.close()


def speaking(gateway, text, *, seed=1):
    return gateway.speak(Segment(0, text, text, 0, len(text), is_last=True), Style("demo", seed=seed))


async def sound_of(gateway, text, *, seed=1):
    """All of a segment's sound: (n,) int16."""
    async with asyncio.timeout(PATIENCE_S), aclosing(speaking(gateway, text, seed=seed)) as chunks:
        return np.concatenate([chunk.samples async for chunk in chunks])


def assert_same_sound(ours, theirs):
    assert ours.shape == theirs.shape
    assert len(theirs)
    assert np.linalg.norm(ours.astype(float) - theirs) <= TOLERANCE * np.linalg.norm(theirs.astype(float))


async def until(holds):
    """Look until something holds: what is looked at from outside tells nobody when it changes."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.05)


async def test_only_its_owner_may_come_to_an_engine(keeper):
    assert stat.S_IMODE(keeper.address.parent.stat().st_mode) == 0o700


async def test_two_gateways_streams_in_one_engine_never_mix(gateways):
    """Both give their streams the same keys; each hears what it hears alone."""
    texts = ["Yes.", "Hello there."]
    alone = [await sound_of(gateway, text) for gateway, text in zip(gateways, texts, strict=True)]
    together = await asyncio.gather(
        *(sound_of(gateway, text) for _ in range(3) for gateway, text in zip(gateways, texts, strict=True))
    )

    assert len(children_called(ENGINE)) == 1
    for heard, expected in zip(together, alone * 3, strict=True):
        assert_same_sound(heard, expected)


async def test_a_gateway_that_is_gone_takes_its_own_streams_along_and_no_other(gateways, keeper, settings):
    """Seen by the processor time that the engine takes: sampling for nobody would take all there is."""
    gone = CosyVoice3Synthesizer(settings, keeper.address)
    await gone.start()
    unheard = [speaking(gone, LONG, seed=seed) for seed in range(3)]
    for chunks in unheard:
        await anext(chunks)
    async with aclosing(speaking(gateways[0], "Hello there.")) as staying:
        await anext(staying)
        await gone.close()
        for chunks in unheard:
            with pytest.raises(SynthesisFailed):
                async for _ in chunks:
                    pass
        async for _ in staying:
            pass

    (process,) = children_called(ENGINE)
    before = sum(process.cpu_times()[:2])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await asyncio.Event().wait()
    assert sum(process.cpu_times()[:2]) - before < 0.1


async def test_when_the_engine_is_killed_every_gateway_says_so_and_speaks_with_the_next(gateways):
    expected = await sound_of(gateways[0], "Yes.")
    running = [speaking(gateway, LONG) for gateway in gateways]
    for chunks in running:
        await anext(chunks)
    (process,) = children_called(ENGINE)
    process.kill()

    for chunks in running:
        with pytest.raises(SynthesisFailed, match="the engine died"):
            async for _ in chunks:
                pass
    assert all(gateway.status().state != "ready" for gateway in gateways)
    await until(lambda: all(gateway.status().state == "loading" for gateway in gateways))
    assert all("signal 9" in gateway.status().detail for gateway in gateways)
    await until(lambda: all(gateway.status().state == "ready" for gateway in gateways))
    for gateway in gateways:
        assert_same_sound(await sound_of(gateway, "Yes."), expected)
    assert len(children_called(ENGINE)) == 1


async def test_an_engine_that_is_stopped_is_replaced_and_what_it_spoke_ends(gateways):
    """It is alive, and silent: within fifteen seconds it is found out."""
    running = [speaking(gateway, LONG) for gateway in gateways]
    for chunks in running:
        await anext(chunks)
    (process,) = children_called(ENGINE)
    process.suspend()

    async with asyncio.timeout(SILENT_BEATS * BEAT_S + PATIENCE_S):
        for chunks in running:
            with pytest.raises(SynthesisFailed, match="the engine died"):
                async for _ in chunks:
                    pass
    await until(lambda: all(gateway.status().state == "loading" for gateway in gateways))
    assert all("has said nothing for 15 s" in gateway.status().detail for gateway in gateways)
    await until(lambda: all(gateway.status().state == "ready" for gateway in gateways))
    assert not process.is_running()
    assert len(await sound_of(gateways[0], "Yes."))


async def test_with_its_keeper_the_engine_is_gone_and_gateways_know(gateways, keeper):
    (process,) = children_called(ENGINE)
    await keeper.close()
    assert not process.is_running()
    assert not keeper._folder
    await until(lambda: all(gateway.status().state == "failed" for gateway in gateways))
    with pytest.raises(SynthesisFailed, match="the engine is failed"):
        await sound_of(gateways[0], "Yes.")
    await keeper.close()


async def test_a_gateway_says_so_if_no_keeper_keeps_an_engine(settings, tmp_path):
    gateway = CosyVoice3Synthesizer(settings, tmp_path / "engine")
    with pytest.raises(EngineUnavailable, match="there is no engine to speak with"):
        await gateway.start()
    await gateway.close()


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_what_an_engine_prints_is_logged_line_by_line_however_it_comes(caplog, size):
    """So that a reader of the log who stalls does not stall an engine whose pipe is full."""
    printed = b"INFO warm\nWARNING slow\n" + b"bytes that are \xff no text\nlast words"
    output = asyncio.StreamReader()
    with caplog.at_level("INFO", logger="sayline"):
        relaying = asyncio.create_task(engine_keeper._relay(output))
        for at in range(0, len(printed), size):
            output.feed_data(printed[at : at + size])
            await asyncio.sleep(0)
        output.feed_eof()
        await relaying

    assert [record.getMessage() for record in caplog.records] == [
        "engine: INFO warm",
        "engine: WARNING slow",
        "engine: bytes that are \N{REPLACEMENT CHARACTER} no text",
        "engine: last words",
    ]


async def test_a_line_that_never_ends_is_logged_in_pieces(caplog):
    output = asyncio.StreamReader()
    with caplog.at_level("INFO", logger="sayline"):
        relaying = asyncio.create_task(engine_keeper._relay(output))
        for _ in range(10):
            output.feed_data(b"." * 50_000)
            await asyncio.sleep(0)
        output.feed_eof()
        await relaying

    assert sum(len(record.getMessage().removeprefix("engine: ")) for record in caplog.records) == 500_000
    assert len(caplog.records) > 3
