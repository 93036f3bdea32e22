"""The plain-torch runner: the reference's tokens, streamed, many at a time."""

import asyncio

import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import reference, tiny_model_dir
from cosyvoice3_speech import collect, request

from sayline.synthesis.cosyvoice3.lm.speech_tokens import MAX_POSITIONS
from sayline.synthesis.cosyvoice3.lm.torch_runner import TorchRunner
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.release.model_facts import SPEECH_CODES
from sayline.synthesis.interface import EngineUnavailable, SynthesisFailed, UnsupportedRequest


@pytest.fixture
async def runner():
    runner = TorchRunner(tiny_model_dir(), ModelDimensions.read(tiny_model_dir()).lm)
    await runner.start()
    yield runner
    await runner.close()


async def test_greedy_ids_are_the_reference_s(runner):
    expected = reference("tiny0_lm")["greedy"].tolist()
    assert await collect(runner, request(is_greedy=True, min_tokens=72)) == expected


async def test_the_same_seed_says_the_same_in_any_company(runner):
    alone = await collect(runner, request(seed=5))
    together = await asyncio.gather(*(collect(runner, request(seed=seed)) for seed in range(4, 8)))
    assert together[1] == alone
    assert len({tuple(tokens) for tokens in together}) == 4


async def test_without_a_seed_it_never_says_the_same_again(runner):
    assert await collect(runner, request(seed=None)) != await collect(runner, request(seed=None))


async def test_tokens_come_one_by_one_and_are_sound(runner):
    lists = [tokens async for tokens in runner.generate(request(min_tokens=20, max_tokens=20))]
    assert [len(tokens) for tokens in lists] == [1] * 20
    assert all(token < SPEECH_CODES for (token,) in lists)


async def test_speech_ends_by_itself_but_not_before_its_minimum(runner):
    """With this seed the tiny model ends after 29 tokens if it may."""
    free = await collect(runner, request(seed=1, min_tokens=0, max_tokens=200))
    held = await collect(runner, request(seed=1, min_tokens=60, max_tokens=200))
    assert len(free) < 60 <= len(held)
    assert held[: len(free)] == free


@pytest.mark.parametrize("begun", [1, 7, 12, 71])
async def test_a_speech_that_another_engine_has_begun_goes_on_as_if_it_had_begun_here(runner, begun):
    """Without its past ids it would repeat, draw other numbers, and end before its minimum."""
    wishes = {"seed": 3, "min_tokens": 72, "max_tokens": 72}
    whole = await collect(runner, request(**wishes))
    rest = await collect(runner, request(**wishes, begun=tuple(whole[:begun])))
    assert [*whole[:begun], *rest] == whole


async def test_what_another_engine_has_begun_counts_where_the_positions_end(runner):
    prompt = (0,) * (MAX_POSITIONS - 5)
    assert len(await collect(runner, request(prompt_ids=prompt, min_tokens=5, max_tokens=100, begun=(1, 2, 3)))) == 2


async def test_a_prompt_that_does_not_fit_is_refused(runner):
    with pytest.raises(UnsupportedRequest, match="4096 positions"):
        await collect(runner, request(prompt_ids=(0,) * MAX_POSITIONS))


async def test_speech_that_would_not_fit_is_cut_where_the_positions_end(runner):
    prompt = (0,) * (MAX_POSITIONS - 5)
    assert len(await collect(runner, request(prompt_ids=prompt, min_tokens=5, max_tokens=100))) == 5


async def test_closing_the_generator_leaves_the_others_alone(runner):
    expected = await collect(runner, request(seed=5))
    other = runner.generate(request(seed=6))
    await anext(other)
    running = asyncio.gather(collect(runner, request(seed=5)))
    await anext(other)
    await other.aclose()
    assert (await running)[0] == expected


async def test_a_closed_runner_fails_what_is_running_and_can_be_started_again(runner):
    tokens = runner.generate(request(seed=5))
    first = await anext(tokens)
    death = asyncio.gather(runner.wait_until_dead())
    await runner.close()
    with pytest.raises(SynthesisFailed):
        await anext(tokens)
    assert await death
    with pytest.raises(EngineUnavailable):
        await collect(runner, request())

    await runner.start()
    assert (await collect(runner, request(seed=5)))[:1] == first
