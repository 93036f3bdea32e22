"""The model as the gateway knows it: a real engine process with a tiny model, asked as listeners ask.

One synthesizer serves the tests in the order of this file; each leaves it ready for the next.
"""

import asyncio
import signal
from contextlib import aclosing
from dataclasses import replace

import numpy as np
import pytest
import pytest_asyncio

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from child_processes import ENGINE, children_called
from cosyvoice3_checkpoint import private_model_dir
from cosyvoice3_speech import collect
from link_peer import answering

from sayline.synthesis.cosyvoice3.acoustic.engine import AHEAD_S
from sayline.synthesis.cosyvoice3.flow.flow import load_flow, project_speaker, solve
from sayline.synthesis.cosyvoice3.lm.silent_filter import SilentFilter
from sayline.synthesis.cosyvoice3.lm.speech_tokens import TokenRequest
from sayline.synthesis.cosyvoice3.lm.torch_runner import TorchRunner
from sayline.synthesis.cosyvoice3.process.link import VOCABULARY, AskVoices, Ready
from sayline.synthesis.cosyvoice3.process.settings import EngineSettings
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.synthesizer import CosyVoice3Synthesizer, _seed
from sayline.synthesis.cosyvoice3.text.reader import TextReader
from sayline.synthesis.cosyvoice3.vocoder.vocoder import Vocoder, VocoderRow, VocoderSlots
from sayline.synthesis.cosyvoice3.voices.prompts import build_prompt, choose_mode
from sayline.synthesis.cosyvoice3.voices.store import VoiceStore
from sayline.synthesis.interface import (
    EngineUnavailable,
    NoSuchVoice,
    Segment,
    Style,
    SynthesisFailed,
    UnsupportedRequest,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")  # the engine belongs to one loop

RATE_HZ = 24_000
PATIENCE_S = 60  # an engine starts in some 4 s here; a machine that is busy with other work must not fail a test
# Of the sound's energy: pitch integrates the mel's rounding (test_acoustic_engine.py); a wrong frame gives 1.
TOLERANCE = 5e-3
LONG = "This sentence goes on for a while, and nobody will hear the end of it."  # half a minute with these weights
NOISE_FRAMES = 1500  # half a minute: a speech that is longer hears its noise again, and the engine's does not


def settings(model_dir, **changes):
    given = {
        "max_streams": 8,
        "load_vllm": False,
        "precision": None,
        "gpu_memory_utilization": 0.4,
        "token_hop_len": 10,
    }
    # Without the guard: a busy machine would have it take fewer solver steps, and the sound be another.
    return EngineSettings(model_dir=model_dir, rtf_guard=False, **{**given, **changes})


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory):
    return private_model_dir(tmp_path_factory.mktemp("synthesizer"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(model_dir):
    engine = CosyVoice3Synthesizer(settings(model_dir))
    await engine.start()
    yield engine
    await engine.close()


def speaking(engine, text, *, voice="demo", **style):
    return engine.speak(Segment(0, text, text, 0, len(text), is_last=True), Style(voice, **{"seed": 1, **style}))


@pytest.mark.asyncio(loop_scope="function")
async def test_a_segment_without_a_seed_gets_the_same_from_every_engine_and_no_other_segment_has_it():
    segment, style = Segment(1, "a b", "a b", 0, 3), Style("demo", utterance="u")
    seed = _seed(segment, style)
    assert seed == _seed(segment, style)
    others = [
        (replace(segment, index=2), style),
        (Segment(1, "a c", "a c", 0, 3), style),
        (segment, replace(style, utterance="v")),
    ]
    assert len({seed, *(_seed(*other) for other in others)}) == 4
    assert _seed(segment, replace(style, seed=7)) == 7
    assert _seed(segment, replace(style, utterance=None)) is None  # it stands alone
    assert isinstance(_seed(Segment(0, "\ud800", "\ud800", 0, 1), style), int)


async def sound_of(engine, text, **style):
    """All of a segment's sound: (n,) int16."""
    async with aclosing(speaking(engine, text, **style)) as chunks:
        pieces = [chunk.samples async for chunk in chunks]
    return np.concatenate([np.zeros(0, np.int16), *pieces])


class ByHand:
    """The same without the engine: tokens from plain torch, then the whole mel at once, then the whole sound."""

    def __init__(self, model_dir):
        torch.set_num_threads(1)
        dimensions, cpu = ModelDimensions.read(model_dir), torch.device("cpu")
        self.reader = TextReader(model_dir)
        self.voice = VoiceStore(model_dir).get("demo")
        self.runner = TorchRunner(model_dir, dimensions.lm)
        self.flow = load_flow(model_dir, dimensions.flow, cpu, torch.float32)
        self.vocoder = Vocoder.load(model_dir, dimensions.vocoder, cpu, torch.float32, noise_frames=NOISE_FRAMES)

    async def sound_of(self, text, seed):
        """All of a segment's sound: (n,) int16."""
        text, ids = self.reader.read_now(text, None)
        prompt = build_prompt(self.reader.tokenizer, self.voice, ids, choose_mode(self.voice, text, None, None), None)
        request = TokenRequest("by hand", prompt.ids, prompt.min_tokens, prompt.max_tokens, seed)
        heard = SilentFilter().pass_on(await collect(self.runner, request))
        with torch.inference_mode():
            speaker = project_speaker(self.flow, torch.from_numpy(self.voice.embedding))
            tokens = torch.tensor([*self.voice.flow_speech_tokens, *heard])
            mel = solve(self.flow, tokens, torch.from_numpy(self.voice.flow_mel), speaker, is_chunked=True)
            slots = VocoderSlots(1, torch.device("cpu"))
            (sound,) = self.vocoder.vocode(slots, [VocoderRow(slots.allocate(), mel.T, is_last=True)])
            return (sound * 32767).round().to(torch.int16).numpy()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def by_hand(model_dir):
    by_hand = ByHand(model_dir)
    await by_hand.runner.start()
    yield by_hand
    await by_hand.runner.close()


def assert_same_sound(ours, theirs):
    assert ours.shape == theirs.shape
    assert len(theirs)
    assert np.linalg.norm(ours.astype(float) - theirs) <= TOLERANCE * np.linalg.norm(theirs.astype(float))


def engine_processes():
    return children_called(ENGINE)


async def until(holds):
    """Look until something holds: what is looked at from outside tells nobody when it changes."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.05)


# -- sound -------------------------------------------------------------------------------------------------------------


async def test_the_engine_says_what_it_runs_once_it_is_ready(engine):
    assert engine.status().state == "ready"
    assert engine.sample_rate_hz == RATE_HZ
    assert [voice.name for voice in engine.voices()] == ["demo"]


async def test_a_segment_sounds_as_its_tokens_solved_and_vocoded_whole(engine, by_hand):
    text = "Hello there, it is 5 p.m."
    sound = await sound_of(engine, text, seed=4)
    assert len(sound) > RATE_HZ  # several hops
    assert_same_sound(sound, await by_hand.sound_of(text, 4))


async def test_eight_at_once_sound_as_each_does_alone(engine, by_hand):
    texts = ["Yes.", "No."] * 4
    together = await asyncio.gather(*(sound_of(engine, text, seed=seed) for seed, text in enumerate(texts)))
    for seed, (text, sound) in enumerate(zip(texts, together, strict=True)):
        assert_same_sound(sound, await by_hand.sound_of(text, seed))


async def test_the_first_sound_tells_when_its_stages_were_reached(engine):
    async with aclosing(speaking(engine, "Hello there.")) as chunks:
        stages = (await anext(chunks)).stages_ms
    assert 0 < stages["first_token"] <= stages["hop_tokens"] < stages["mel"] <= stages["pcm"]


@pytest.mark.parametrize("text", ["", "  ", "...", "?! …", "\n—\n"])
async def test_a_segment_with_nothing_to_say_makes_no_sound(engine, text):
    assert len(await sound_of(engine, text)) == 0


async def test_an_unknown_voice_is_refused_as_the_clients_fault(engine):
    text = "Hello."
    segment = Segment(0, text, text, 0, len(text), is_last=True)
    with pytest.raises(NoSuchVoice, match="there is no voice 'nobody'"):
        await anext(engine.speak(segment, Style("nobody")))


async def test_one_failure_harms_no_other_segment(engine):
    failing = [sound_of(engine, "Hello.", voice="nobody") for _ in range(4)]
    *failures, sound = await asyncio.gather(*failing, sound_of(engine, "Hello."), return_exceptions=True)
    assert all(isinstance(failure, UnsupportedRequest) for failure in failures)
    assert_same_sound(sound, await sound_of(engine, "Hello."))


# -- listeners who stop ------------------------------------------------------------------------------------------------


async def test_for_a_listener_that_takes_nothing_more_only_a_bounded_stretch_is_made(engine):
    async with aclosing(speaking(engine, LONG)) as chunks:
        first = await anext(chunks)
        (waiting,) = engine._utterances.values()
        for seed in range(4):  # plenty of time: each of these is heard to its end meanwhile
            await sound_of(engine, "Hello there.", seed=seed)
        ready_s = (len(first.samples) + sum(len(message.tail) for message in waiting._queue) / 2) / RATE_HZ
        assert AHEAD_S <= ready_s < AHEAD_S + 1.1  # the hop that went over the line was one chunk
        heard_s = len(first.samples) / RATE_HZ
        while heard_s < AHEAD_S + 1.1:  # there was more to be made
            heard_s += len((await anext(chunks)).samples) / RATE_HZ


async def test_a_closed_or_cancelled_segment_leaves_the_engine_idle(engine):
    """Seen by the processor time that its process takes: sampling would take all there is."""
    (process,) = engine_processes()
    unheard = [asyncio.create_task(sound_of(engine, LONG, seed=seed)) for seed in range(3)]
    begun = speaking(engine, LONG)
    await anext(begun)
    for task in unheard:
        task.cancel()
    await begun.aclose()
    await asyncio.wait(unheard)

    assert not engine._utterances
    await sound_of(engine, "Yes.")  # answered after the cancels were read
    before = sum(process.cpu_times()[:2])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await asyncio.Event().wait()
    assert sum(process.cpu_times()[:2]) - before < 0.1


async def test_a_segment_whose_sound_is_never_asked_for_never_reaches_the_engine(engine):
    await speaking(engine, LONG).aclose()
    assert not engine._utterances


# -- voices ------------------------------------------------------------------------------------------------------------


async def test_a_voice_is_spoken_with_soon_after_its_file_is_there_and_no_longer_once_it_is_gone(engine, model_dir):
    store = VoiceStore(model_dir)
    anna = store.get("demo")
    assert [voice.name for voice in engine.voices()] == ["demo"]

    store.add(type(anna)(**{**{name: getattr(anna, name) for name in anna.__slots__}, "name": "anna"}))
    await until(lambda: [voice.name for voice in engine.voices()] == ["demo", "anna"])
    assert_same_sound(await sound_of(engine, "Hello.", voice="anna"), await sound_of(engine, "Hello."))
    await until(lambda: engine.voices()[1].description == anna.description)

    store.remove("anna")
    await until(lambda: [voice.name for voice in engine.voices()] == ["demo"])
    with pytest.raises(UnsupportedRequest, match="there is no voice 'anna'"):
        await sound_of(engine, "Hello.", voice="anna")


async def test_a_damaged_voice_is_refused_and_no_longer_listed_once_it_was_read(engine, model_dir):
    path = model_dir / "voices" / "torn.safetensors"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"no voice")
    with pytest.raises(UnsupportedRequest, match=r"torn\.safetensors is truncated"):
        await sound_of(engine, "Hello.", voice="torn")
    await until(lambda: [voice.name for voice in engine.voices()] == ["demo"])
    path.unlink()


async def test_an_engine_that_does_not_answer_is_asked_for_its_voices_once_however_often_they_are_looked_at(tmp_path):
    """A stand-in for one that hangs: it says that it is ready, and then nothing."""
    asked = []

    async def hang(peer):
        peer.send(Ready([], None))
        while (message := await peer.take()) is not None:
            asked.append(message)

    (tmp_path / "voices").mkdir()
    async with answering(tmp_path / "engine", VOCABULARY, hang):
        engine = CosyVoice3Synthesizer(settings(tmp_path), tmp_path / "engine")
        await engine.start()
        for count in range(1, 5):
            (tmp_path / "voices" / f"v{count}.safetensors").touch()
            await until(lambda count=count: len(engine.voices()) == count)
        await engine.close()
    await until(lambda: asked)
    assert asked == [AskVoices()]


async def test_an_engine_that_hangs_up_at_once_is_not_asked_again_without_a_pause(tmp_path):
    loop, came_at = asyncio.get_running_loop(), []

    async def hang_up(peer):
        came_at.append(loop.time())
        if len(came_at) == 3:
            peer.send(Ready([], None))
            await peer.take()
        peer.close()

    (tmp_path / "voices").mkdir()
    async with asyncio.timeout(PATIENCE_S), answering(tmp_path / "engine", VOCABULARY, hang_up):
        engine = CosyVoice3Synthesizer(settings(tmp_path), tmp_path / "engine")
        await engine.start()
        await engine.close()
    assert came_at[2] - came_at[0] > 1.5  # two pauses of a second, less the time until the first link was noticed


# -- the process -------------------------------------------------------------------------------------------------------


async def test_signals_for_the_whole_group_are_the_gateway_s_to_obey(engine):
    """A service manager signals every process; the gateway lets what runs finish, which needs the engine."""
    (process,) = engine_processes()
    async with aclosing(speaking(engine, "Hello there, this goes on.")) as chunks:
        await anext(chunks)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        async for _ in chunks:
            pass
    assert len(await sound_of(engine, "Hello.")) > 0
    assert engine.status().state == "ready"


async def test_when_the_engine_is_killed_what_runs_fails_and_another_engine_goes_on(engine, caplog):
    expected = await sound_of(engine, "Hello there.")
    (process,) = engine_processes()
    running = [speaking(engine, LONG, seed=seed) for seed in range(3)]
    for chunks in running:
        await anext(chunks)
    process.kill()

    for chunks in running:
        with pytest.raises(SynthesisFailed, match="the engine died"):
            async for _ in chunks:
                pass
    assert engine.status().state != "ready"
    with pytest.raises(SynthesisFailed, match="the engine is"):
        await sound_of(engine, "Hello.")
    await until(lambda: engine.status().state == "loading")
    assert "signal 9" in engine.status().detail
    assert "was ended by signal 9" in caplog.text

    await until(lambda: engine.status().state == "ready")
    assert_same_sound(await sound_of(engine, "Hello there."), expected)
    (successor,) = engine_processes()
    assert successor.pid != process.pid


async def test_an_engine_that_is_closed_leaves_no_process_and_may_be_closed_again(engine):
    (process,) = engine_processes()
    chunks = speaking(engine, LONG)
    await anext(chunks)
    await engine.close()
    assert not process.is_running()
    with pytest.raises(SynthesisFailed):
        async for _ in chunks:
            pass
    with pytest.raises(SynthesisFailed):
        await sound_of(engine, "Hello.")
    await engine.close()


# -- engines that do not start -----------------------------------------------------------------------------------------


async def test_a_truncated_model_is_refused_before_the_engine_says_it_is_ready(tmp_path):
    model_dir = private_model_dir(tmp_path)
    half = (model_dir / "flow.pt").read_bytes()[: (model_dir / "flow.pt").stat().st_size // 2]
    (model_dir / "flow.pt").unlink()  # a link to everybody's
    (model_dir / "flow.pt").write_bytes(half)
    engine = CosyVoice3Synthesizer(settings(model_dir))
    with pytest.raises(EngineUnavailable, match=r"flow\.pt is truncated"):
        await engine.start()
    assert engine.status().state == "failed"
    await engine.close()
    assert not engine_processes()


async def test_an_engine_that_is_closed_while_it_loads_is_gone_at_once(model_dir):
    engine = CosyVoice3Synthesizer(settings(model_dir))
    starting = asyncio.create_task(engine.start())
    await until(engine_processes)
    (process,) = engine_processes()
    await engine.close()
    assert not process.is_running()
    with pytest.raises(asyncio.CancelledError):
        await starting
