"""The language model's own process: it says what the plain model says, ends alone, and is missed when it dies."""

import asyncio
import os
import signal

import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
pytest.importorskip("triton", reason="comes with torch for GPUs")

from cosyvoice3_checkpoint import tiny_model_dir
from cosyvoice3_speech import collect, request

from sayline.synthesis.cosyvoice3.lm.graphs.link import read_sampled, write_sampled
from sayline.synthesis.cosyvoice3.lm.graphs.runner import GraphRunner
from sayline.synthesis.cosyvoice3.lm.torch_runner import TorchRunner
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.release.model_facts import TEXT_ID_OFFSET
from sayline.synthesis.interface import EngineUnavailable, SynthesisFailed

DIMS = ModelDimensions.read(tiny_model_dir()).lm
SHORT = {"prompt_ids": (17, TEXT_ID_OFFSET + 3, 5), "min_tokens": 5, "max_tokens": 5}  # an interpreter is slow


@pytest.fixture
async def runner():
    runner = GraphRunner(tiny_model_dir(), DIMS, precision="float32", max_streams=2)
    await runner.start()
    yield runner
    await runner.close()


async def test_it_says_what_the_plain_model_says_and_a_request_that_is_cancelled_leaves_the_others_alone(runner):
    plain = TorchRunner(tiny_model_dir(), DIMS)
    await plain.start()
    cancelled = runner.generate(request(**SHORT | {"max_tokens": 60}))
    await anext(cancelled)
    said = asyncio.gather(*(collect(runner, request(**SHORT, seed=seed)) for seed in (1, 2)))
    await cancelled.aclose()
    assert await said == [await collect(plain, request(**SHORT, seed=seed)) for seed in (1, 2)]
    await plain.close()


async def test_a_speech_that_another_engine_has_begun_goes_on_as_if_it_had_begun_here(runner):
    plain = TorchRunner(tiny_model_dir(), DIMS)
    await plain.start()
    whole = await collect(plain, request(**SHORT, seed=1))
    await plain.close()
    assert await collect(runner, request(**SHORT, seed=1, begun=tuple(whole[:3]))) == whole[3:]


async def test_its_death_ends_what_runs_and_is_told(runner):
    tokens = runner.generate(request(**SHORT | {"max_tokens": 60}))
    await anext(tokens)
    await runner.answer()
    os.kill(runner.process_id, signal.SIGKILL)
    assert "died" in await runner.wait_until_dead()
    with pytest.raises(SynthesisFailed):
        await collect_rest(tokens)
    await runner.answer()  # which is for ``wait_until_dead`` to tell
    with pytest.raises(SynthesisFailed):
        await collect(runner, request(**SHORT))


async def collect_rest(tokens):
    return [ids async for ids in tokens]


async def test_a_model_directory_without_the_file_is_told_at_the_start(tmp_path):
    for name in ("cosyvoice3.yaml", "CosyVoice-BlankEN"):
        (tmp_path / name).symlink_to(tiny_model_dir() / name)
    runner = GraphRunner(tmp_path, DIMS, precision="float32")
    with pytest.raises(EngineUnavailable, match=r"llm\.pt"):
        await runner.start()
    with pytest.raises(EngineUnavailable, match="not started"):
        await collect(runner, request(**SHORT))


def test_sampled_ids_are_read_as_they_were_written():
    told = [(3, False, [1, 2, 6561]), (1 << 40, True, [])]
    assert list(read_sampled(write_sampled(told).tail)) == told
