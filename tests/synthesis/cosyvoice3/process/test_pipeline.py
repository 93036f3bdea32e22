"""The pipeline in this very process, where one can count what its stages do."""

import asyncio
import time
from contextlib import asynccontextmanager

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import add_distilled_flow, private_model_dir, tiny_model_dir
from cosyvoice3_speech import collect

from sayline.synthesis.cosyvoice3.lm.speech_tokens import TokenRequest
from sayline.synthesis.cosyvoice3.lm.torch_runner import TorchRunner
from sayline.synthesis.cosyvoice3.process import assembly as engine_assembly
from sayline.synthesis.cosyvoice3.process.handover import Begun, Notes
from sayline.synthesis.cosyvoice3.process.pipeline import FIRST_HOPS_AT_ONCE, Pipeline, SpeakRequest
from sayline.synthesis.cosyvoice3.process.settings import EngineSettings
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.release.model_facts import SOS, TASK, TEXT_ID_OFFSET
from sayline.synthesis.cosyvoice3.text.reader import TextReader
from sayline.synthesis.cosyvoice3.voices.store import VoiceStore
from sayline.synthesis.interface import NoSuchVoice, SynthesisFailed, UnsupportedRequest

PATIENCE_S = 60
TOLERANCE = 5e-3  # of the sound's energy, as in test_synthesizer.py: batches of other sizes round otherwise
LONG = "This sentence goes on for a while, and nobody will hear the end of it."


class CountingRunner:
    """The pipeline's own runner, with every request kept, and every token counted by request."""

    def __init__(self, runner):
        self._runner = runner
        self.asked = {}
        self.sampled = {}

    def __getattr__(self, name):
        return getattr(self._runner, name)

    async def generate(self, request):
        self.asked[request.request_id] = request
        async for tokens in self._runner.generate(request):
            self.sampled[request.request_id] = self.sampled.get(request.request_id, 0) + len(tokens)
            yield tokens


class Listeners:
    """What came of each request; they take all sound at once."""

    def __init__(self):
        self.pipeline = None
        self.heard = {}
        self.notes = {}
        self.failures = {}
        self.cut_off = []
        self.ended = set()
        self.takes = True
        self._changed = asyncio.Event()

    def sounded(self, key, samples, is_last, _stages, note):
        self.heard.setdefault(key, []).append(samples)
        self.notes.setdefault(key, []).append(note)
        if is_last:
            self.ended.add(key)
        if self.takes:
            self.pipeline.pull(key, len(samples), time.monotonic())
        self._changed.set()

    def capacity_changed(self, count, pressure):
        pass

    def failed(self, key, error):
        self.failures[key] = error
        self._changed.set()

    async def until(self, holds):
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def pipeline(model_dir=None, **changes):
    """A started pipeline, who listens to it, and the group its requests run in."""
    given = {
        "max_streams": 4,
        "load_vllm": False,
        "precision": None,
        "gpu_memory_utilization": 0.4,
        "token_hop_len": 10,
        "rtf_guard": False,  # a busy machine would have it take fewer solver steps, and the sound be another
    }
    listeners = Listeners()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    made = Pipeline(
        EngineSettings(model_dir=model_dir or tiny_model_dir(), **{**given, **changes}),
        listeners.sounded,
        listeners.failed,
        listeners.cut_off.append,
        listeners.capacity_changed,
    )
    listeners.pipeline = made
    made._runner = CountingRunner(made._runner)
    try:
        await made.start()
        async with asyncio.TaskGroup() as tasks:
            yield made, listeners, tasks
            for key in list(made._utterances):
                made.cancel(key)
    finally:
        await made.close()
        torch.set_num_threads(threads)


def is_the_same_sound(one, other):
    """Tell whether two sounds are of the same tokens; how a sound was rounded hangs on how long its hops were."""
    one, other = one.astype(float), other.astype(float)
    return len(one) == len(other) and np.sum((one - other) ** 2) < TOLERANCE * np.sum(other**2)


def request(key, text=LONG, voice="demo", **changes):
    given = {"language": None, "instructions": None, "allow_markup": False, "seed": key}
    return SpeakRequest(key, text, voice, **{**given, **changes})


async def acoustic_engine_of(made):
    """The engine behind the thread, once it has done what it was asked so far."""
    found = asyncio.get_running_loop().create_future()
    loop = asyncio.get_running_loop()
    made._acoustic._calls.put(lambda engine, _now: loop.call_soon_threadsafe(found.set_result, engine))
    return await found


async def test_a_tenth_of_a_second_after_its_cancel_no_token_is_sampled_for_a_request():
    async with pipeline() as (made, listeners, tasks):
        for key in (1, 2):
            made.speak(request(key), tasks)
        await listeners.until(lambda: listeners.heard.keys() >= {1, 2})
        made.cancel(1)
        heard = len(listeners.heard[1])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.1)
        sampled, others = made._runner.sampled["1"], made._runner.sampled["2"]
        await listeners.until(lambda: made._runner.sampled["2"] > others + 20 or 2 in listeners.ended)

        assert made._runner.sampled["1"] == sampled
        assert len(listeners.heard[1]) == heard
        assert set((await acoustic_engine_of(made))._streams) == {2}


async def test_a_segment_that_another_engine_has_begun_is_heard_as_that_one_would_have_spoken_it():
    """The second has not spoken what stands before. If it has all tokens, no seed of its own changes anything."""
    exact = {"fixed_tokens_per_character": 1.0, "carry_prosody": True}
    text = "This one goes on for a while."
    async with pipeline(**exact) as (made, listeners, tasks):
        made.speak(request(1, "Before it.", utterance="a"), tasks)
        made.speak(request(2, text, utterance="a"), tasks)
        await listeners.until(lambda: 2 in listeners.ended)
    told = Begun.read([note for note in listeners.notes[2] if note])
    assert told.is_complete

    known_and_seed = {13: 2, 20: 2, len(text): 9}
    async with pipeline(**exact) as (made, again, tasks):
        for known, seed in known_and_seed.items():
            notes = Notes(told.most_leading, told.said)
            notes.tokens += told.tokens[:known]
            made.speak(request(known, text, utterance=f"u{known}", seed=seed, notes=[notes.next()]), tasks)
            await again.until(lambda key=known: key in again.ended)
            assert made._runner.sampled.get(str(known), 0) == len(text) - known

    whole = np.concatenate(listeners.heard[2])
    for known in known_and_seed:
        redone = np.concatenate(again.heard[known])
        assert is_the_same_sound(redone, whole)


async def test_notes_that_nobody_of_ours_wrote_end_their_own_segment_alone():
    async with pipeline(fixed_tokens_per_character=1.0) as (made, listeners, tasks):
        made.speak(request(1, notes=["?"]), tasks)
        made.speak(request(2, "Another."), tasks)
        await listeners.until(lambda: 1 in listeners.failures and 2 in listeners.ended)
        assert isinstance(listeners.failures[1], SynthesisFailed)


async def test_what_was_cancelled_gives_back_all_it_held_at_whatever_moment():
    """Before its task began, while the prompt is read, between tokens, and in the middle of a hop."""
    async with pipeline() as (made, listeners, tasks):
        for key in range(12):
            made.speak(request(key), tasks)
            for _ in range(key % 4):
                await asyncio.sleep(0)
            if key >= 8:
                await listeners.until(lambda key=key: key in listeners.heard)
            made.cancel(key)
        made.speak(request(99, "Yes."), tasks)
        await listeners.until(lambda: 99 in listeners.ended)
        engine = await acoustic_engine_of(made)

        assert not made._utterances
        assert engine.stream_count == 0
        assert not listeners.failures
        assert engine._vocoder._slots.free_count == 4 + 8  # its streams, and places to spare


async def test_more_streams_than_there_are_places_for_fail_and_stop_sampling():
    async with pipeline(max_streams=1) as (made, listeners, tasks):
        for key in range(10):
            made.speak(request(key), tasks)
        await listeners.until(lambda: listeners.failures)
        (key,) = listeners.failures
        assert isinstance(listeners.failures[key], SynthesisFailed)
        sampled = made._runner.sampled[str(key)]
        others = sum(made._runner.sampled.values())
        await listeners.until(lambda: len(listeners.heard) == 9)
        assert sum(made._runner.sampled.values()) > others
        assert made._runner.sampled[str(key)] <= sampled + 1  # the step under way


async def test_requests_that_cannot_be_spoken_are_told_apart_and_harm_no_other():
    async with pipeline() as (made, listeners, tasks):
        made.speak(request(1, voice="nobody"), tasks)
        made.speak(request(2, "word " * 3000), tasks)
        made.speak(request(3, "..."), tasks)
        made.speak(request(4, "Yes."), tasks)
        await listeners.until(lambda: listeners.failures.keys() >= {1, 2} and listeners.ended >= {3, 4})
        assert isinstance(listeners.failures[1], NoSuchVoice)
        assert type(listeners.failures[2]) is UnsupportedRequest
        assert len(np.concatenate(listeners.heard[3])) == 0
        assert "3" not in made._runner.sampled


async def test_a_dead_acoustic_engine_is_told_with_its_reason(caplog):
    async with pipeline() as (made, listeners, tasks):
        made.speak(request(1), tasks)
        await listeners.until(lambda: 1 in listeners.heard)
        made._acoustic.push(1, [10**9], is_complete=True)  # no code the flow has a row for
        async with asyncio.timeout(PATIENCE_S):
            reason = await made.wait_until_dead()
        assert reason.startswith("acoustic engine: ")
        assert "the acoustic engine died" in caplog.text


async def test_only_so_many_first_sounds_are_begun_at_once_and_a_listener_with_sound_need_not_wait():
    async with pipeline(max_streams=FIRST_HOPS_AT_ONCE + 4) as (made, listeners, tasks):
        keys = range(FIRST_HOPS_AT_ONCE + 3)
        for key in keys:
            made.speak(request(key), tasks)
        made.speak(request(99, dry_at=time.monotonic() + 60), tasks)
        await listeners.until(lambda: listeners.heard)
        begun = {key for key in keys if str(key) in made._runner.sampled}
        assert len(begun) <= FIRST_HOPS_AT_ONCE + len(listeners.heard)
        assert "99" in made._runner.sampled
        for key in list(begun):
            made.cancel(key)  # what they held goes to those who wait
        await listeners.until(lambda: set(keys) - begun <= listeners.heard.keys())


async def test_a_listener_that_takes_nothing_of_its_first_sound_keeps_no_other_waiting(monkeypatch):
    """Of speeches too long to be made whole ahead of their listeners, and with as many pages as a GPU has: where those
    are scarce, what was begun is finished whoever takes it."""
    monkeypatch.setattr(engine_assembly, "_CPU_PAGES", 512)
    async with pipeline(max_streams=FIRST_HOPS_AT_ONCE + 1, fixed_tokens_per_character=8.0) as (made, listeners, tasks):
        listeners.takes = False
        keys = set(range(FIRST_HOPS_AT_ONCE + 1))
        for key in keys:
            made.speak(request(key), tasks)
        await listeners.until(lambda: listeners.heard.keys() == keys)


async def test_a_request_that_fails_or_has_nothing_to_say_passes_its_turn_on():
    async with pipeline() as (made, listeners, tasks):
        for key in range(2 * FIRST_HOPS_AT_ONCE):
            made.speak(request(key, "..." if key % 2 else LONG, voice="demo" if key % 3 else "nobody"), tasks)
        made.speak(request(99), tasks)
        await listeners.until(lambda: 99 in listeners.heard)


# -- the length limit --------------------------------------------------------------------------------------------------


async def test_a_speech_that_reaches_its_length_limit_is_told():
    async with pipeline() as (made, listeners, tasks):
        for key, text in enumerate(("No.", "No.", "It does, and well."), 1):
            made.speak(request(key, text), tasks)
        await listeners.until(lambda: listeners.ended >= {1, 2, 3})

        limits = {int(key): asked.max_tokens for key, asked in made._runner.asked.items()}
        sampled = {int(key): count for key, count in made._runner.sampled.items()}
        assert sorted(listeners.cut_off) == [key for key in (1, 2, 3) if sampled[key] >= limits[key]]
        assert listeners.cut_off  # the random model rarely ends by itself


async def test_lengths_that_a_benchmark_fixes_are_no_limit_that_was_reached():
    async with pipeline(fixed_tokens_per_character=2.0) as (made, listeners, tasks):
        made.speak(request(1, "It does."), tasks)
        await listeners.until(lambda: 1 in listeners.ended)

        assert listeners.cut_off == []


# -- prosody across segments -------------------------------------------------------------------------------------------


async def said_by_hand(texts, seeds):
    """The reference: each text behind the one before it and that one's speech, as one zero-shot prompt."""
    model_dir = tiny_model_dir()
    voice, reader = VoiceStore(model_dir).get("demo"), TextReader(model_dir)
    runner = TorchRunner(model_dir, ModelDimensions.read(model_dir).lm)
    await runner.start()
    requests, before_text, before_speech = [], [], []
    for text, seed in zip(texts, seeds, strict=True):
        ids = reader.read_now(text, None).ids
        read = [TEXT_ID_OFFSET + number for number in (*voice.prompt_text_ids, *before_text, *ids)]
        prompt = (SOS, *read, TASK, *voice.lm_speech_tokens, *before_speech)
        requests.append(TokenRequest(str(seed), prompt, 2 * len(ids), 20 * len(ids), seed))
        before_text, before_speech = ids, await collect(runner, requests[-1])
    await runner.close()
    return requests, before_speech


async def spoken(made, listeners, tasks, texts, **changes):
    """Texts spoken as segments of one utterance, all asked for at once; what the language model was asked for each."""
    keys = range(1, 1 + len(texts))
    for key, text in zip(keys, texts, strict=True):
        made.speak(request(key, text, utterance="u", **changes), tasks)
    await listeners.until(lambda: listeners.ended >= set(keys))
    return [made._runner.asked[str(key)] for key in keys]


TEXTS = ["Yes.", "It does.", "No."]


async def test_a_segment_goes_on_from_the_text_and_the_speech_of_the_one_before():
    expected, last_speech = await said_by_hand(TEXTS, (1, 2, 3))
    async with pipeline(carry_prosody=True) as (made, listeners, tasks):
        asked = await spoken(made, listeners, tasks, TEXTS)

        assert [each.prompt_ids for each in asked] == [each.prompt_ids for each in expected]
        assert [(each.min_tokens, each.max_tokens) for each in asked] == [
            (each.min_tokens, each.max_tokens) for each in expected
        ]
        assert made._runner.sampled["3"] == len(last_speech)


async def test_by_default_each_segment_stands_alone():
    alone = [(await said_by_hand([text], [seed]))[0][0] for seed, text in enumerate(TEXTS, 1)]
    async with pipeline() as (made, listeners, tasks):
        asked = await spoken(made, listeners, tasks, TEXTS)

    assert [each.prompt_ids for each in asked] == [each.prompt_ids for each in alone]


async def test_a_segment_that_failed_or_was_cancelled_or_is_in_another_language_is_no_context():
    alone = (await said_by_hand(["No."], [9]))[0][0]
    async with pipeline(carry_prosody=True) as (made, listeners, tasks):
        made.speak(request(1, voice="nobody", utterance="failed"), tasks)
        made.speak(request(2, utterance="cancelled"), tasks)
        made.speak(request(3, "Да.", utterance="foreign", instructions="softly"), tasks)
        made.speak(request(4, "...", utterance="silent"), tasks)
        await asyncio.sleep(0)
        made.cancel(2)
        for key, utterance in enumerate(("failed", "cancelled", "foreign", "silent"), 10):
            made.speak(request(key, "No.", utterance=utterance, seed=9), tasks)
        await listeners.until(lambda: listeners.ended >= {10, 11, 12, 13})

        assert {made._runner.asked[str(key)].prompt_ids for key in (10, 11, 12, 13)} == {alone.prompt_ids}


# -- variants ----------------------------------------------------------------------------------------------------------


async def sound_of(model_dir, text="It does.", **changes):
    async with pipeline(model_dir, **changes) as (made, listeners, tasks):
        made.speak(request(1, text), tasks)
        await listeners.until(lambda: 1 in listeners.ended)
        return np.concatenate(listeners.heard[1])


async def test_a_variant_s_language_model_speaks_in_place_of_the_release_s(tmp_path):
    """The variant's is the release's own with other rows for its speech."""
    model_dir = private_model_dir(tmp_path)
    state = torch.load(model_dir / "llm.pt", weights_only=True)
    state["llm_decoder.weight"] = state["llm_decoder.weight"].roll(100, 0)
    torch.save(state, model_dir / "llm.rl.pt")

    plain, other = [await sound_of(model_dir, model_variant=variant) for variant in (None, "rl")]
    assert not is_the_same_sound(plain, other)
    (model_dir / "llm.pt").unlink()
    (model_dir / "llm.rl.pt").rename(model_dir / "llm.pt")
    assert is_the_same_sound(await sound_of(model_dir), other)


@pytest.mark.parametrize("second_time", ["mixed", "added"])
async def test_a_distilled_flow_speaks(tmp_path, second_time):
    model_dir = private_model_dir(tmp_path)
    add_distilled_flow(model_dir, second_time)
    plain, distilled = [await sound_of(model_dir, model_variant=variant) for variant in (None, "distilled")]

    assert len(plain) == len(distilled) > 0  # the same tokens
    assert np.abs(distilled).max() > 100
    assert not is_the_same_sound(plain, distilled)
