"""The acoustic engine: whatever comes in whatever order, each stream's sound is that of the whole, computed alone."""

import math
from functools import cache

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import reference, tiny_model_dir
from hypothesis import given, settings
from hypothesis import strategies as st

from sayline.synthesis.cosyvoice3.acoustic.engine import AHEAD_S, AcousticEngine, AcousticVoice
from sayline.synthesis.cosyvoice3.acoustic.page_pool import PagePool
from sayline.synthesis.cosyvoice3.acoustic.rtf_guard import Pressure, RtfGuard
from sayline.synthesis.cosyvoice3.acoustic.scheduler import WANTED_SLACK_S
from sayline.synthesis.cosyvoice3.flow.chunk_solver import ChunkSolver, EagerNetwork, Pages
from sayline.synthesis.cosyvoice3.flow.flow import load_flow, project_speaker, solve
from sayline.synthesis.cosyvoice3.flow.solver_grids import ONLY_FULL, SolverGrids
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.vocoder.batches import VocoderBatches
from sayline.synthesis.cosyvoice3.vocoder.vocoder import Vocoder, VocoderRow, VocoderSlots
from sayline.synthesis.interface import SynthesisFailed

STEP_S = 0.002
# Of the sound's energy. Pitch integrates, so the mel's rounding (1e-6) grows in the waveform; a wrong frame gives 1.
TOLERANCE = 5e-3


@pytest.fixture(autouse=True)
def _one_thread_without_gradients():
    torch.set_num_threads(1)
    with torch.inference_mode():
        yield


@cache
def flow(dtype=torch.float32):
    return load_flow(tiny_model_dir(), ModelDimensions.read(tiny_model_dir()).flow, torch.device("cpu"), dtype)


@cache
def vocoder():
    dimensions = ModelDimensions.read(tiny_model_dir()).vocoder
    return Vocoder.load(tiny_model_dir(), dimensions, torch.device("cpu"), torch.float32, noise_frames=500)


def demo_voice(tokens=87):
    arrays = reference("tiny0_flow")
    return AcousticVoice(
        f"demo-{tokens}",
        tuple(arrays["prompt_token"].tolist()[-tokens:]),
        arrays["prompt_mel"][-2 * tokens :],
        arrays["embedding"],
    )


def new_guard():
    return RtfGuard({1: STEP_S})


def new_engine(pages=40, slots=40, streams=6, token_hop_len=10, grids=ONLY_FULL, dtype=torch.float32):
    weights = flow(dtype)
    solver = ChunkSolver(weights, EagerNetwork(weights.dit, Pages(weights.dit, pages), grids), slots, grids)
    batches = VocoderBatches(vocoder(), streams, solver.frames, uses_graphs=False)
    return AcousticEngine(weights, solver, PagePool(pages), batches, token_hop_len, new_guard(), grids)


def speech(seed, count):
    return np.random.default_rng(seed).integers(0, 6561, count).tolist()


@cache
def alone(seed, count, prompt=87, steps=10):
    """The whole utterance at once under the chunk mask, then the whole mel at once."""
    with torch.inference_mode():
        voice = demo_voice(prompt)
        tokens = torch.tensor([*voice.tokens, *speech(seed, count)])
        speaker = project_speaker(flow(), torch.from_numpy(voice.embedding))
        mel = solve(flow(), tokens, torch.from_numpy(voice.mel), speaker, is_chunked=True, steps=steps)
        slots = VocoderSlots(1, torch.device("cpu"))
        (sound,) = vocoder().vocode(slots, [VocoderRow(slots.allocate(), mel.T, is_last=True)])
        return (sound * 32767).round().to(torch.int16).numpy()


class Listeners:
    """Everybody who listens, and what each heard."""

    def __init__(self, engine):
        self.engine = engine
        self.now = 0.0
        self.heard = {}
        self.ended = set()
        self.parts = {}

    def work(self, *, takes=True):
        """Let the engine work until it has nothing to do; listeners take all sound at once if they take any."""
        while (sounds := self.engine.advance(self.now)) is not None:
            self.now += STEP_S
            for sound in sounds:
                samples = sound.launch.result()
                for part in sound.parts:
                    own = samples[part.row, : part.samples]
                    self.heard.setdefault(part.key, []).append(own)
                    if takes:
                        self.engine.pull(part.key, part.samples, self.now + 0.5)
                    if part.is_last:
                        self.ended.add(part.key)
                        self.engine.close(part.key)

    def sound(self, key):
        return np.concatenate(self.heard[key])


def assert_same_sound(ours, theirs):
    assert ours.shape == theirs.shape
    assert np.linalg.norm(ours.astype(float) - theirs) <= TOLERANCE * np.linalg.norm(theirs.astype(float))


def test_a_stream_sounds_like_the_whole_utterance_solved_at_once():
    engine = new_engine()
    listeners = Listeners(engine)
    engine.open(1, demo_voice(), 0.0)
    for start in range(0, 110, 7):
        engine.push(1, speech(1, 110)[start : start + 7], listeners.now, is_complete=False)
        listeners.work()
    engine.push(1, [], listeners.now, is_complete=True)
    listeners.work()
    assert 1 in listeners.ended
    assert_same_sound(listeners.sound(1), alone(1, 110))


def test_the_first_hop_is_ten_tokens_where_the_prompt_ends_fifteen_past_a_boundary():
    engine = new_engine()
    listeners = Listeners(engine)
    engine.open(1, demo_voice(65), 0.0)
    engine.push(1, speech(2, 12), listeners.now, is_complete=False)
    listeners.work()
    assert 1 not in listeners.heard
    engine.push(1, speech(2, 13)[12:], listeners.now, is_complete=False)
    listeners.work()
    assert len(listeners.sound(1)) == 240 * 24  # ms: 20 mel frames without the vocoder's look-ahead of 8
    engine.push(1, speech(2, 60)[13:], listeners.now, is_complete=True)
    listeners.work()
    assert_same_sound(listeners.sound(1), alone(2, 60, 65))


@settings(max_examples=6, deadline=None)
@given(st.data())
def test_streams_in_company_sound_as_they_do_alone_however_their_tokens_arrive(data):
    engine = new_engine()
    listeners = Listeners(engine)
    counts = {key: data.draw(st.sampled_from([3, 13, 31, 60])) for key in range(3)}
    left = {key: speech(key, count) for key, count in counts.items()}
    opened = set()
    while left:
        key = data.draw(st.sampled_from(sorted(left)))
        if key not in opened:
            opened.add(key)
            engine.open(key, demo_voice(data.draw(st.just(87))), listeners.now)
        size = data.draw(st.integers(1, 40))
        engine.push(key, left[key][:size], listeners.now, is_complete=len(left[key]) <= size)
        left[key] = left[key][size:]
        if not left[key]:
            del left[key]
        if data.draw(st.booleans()):
            listeners.work()
    listeners.work()
    for key, count in counts.items():
        assert_same_sound(listeners.sound(key), alone(key, count))
    assert engine.stream_count == 0


@pytest.mark.parametrize(
    "dtype",
    [
        pytest.param(torch.float32, id="float32"),
        pytest.param(torch.bfloat16, id="bfloat16", marks=pytest.mark.thorough),
    ],
)
def test_a_stream_among_sixty_four_sounds_as_it_does_alone(dtype):
    """Whatever the flow computes in: seen in either, one step of 16 bits and 1.3e-5 of the sound's energy."""

    def heard_by(keys):
        engine = new_engine(pages=8 + 5 * len(keys), slots=8 + 2 * len(keys), streams=len(keys), dtype=dtype)
        listeners = Listeners(engine)
        for key in keys:
            engine.open(key, demo_voice(65), 0.0)
            engine.push(key, speech(key, 20 + key % 40), 0.0, is_complete=True)
        listeners.work()
        return listeners

    company = heard_by(range(64))
    for key in (0, 39, 63):
        assert_same_sound(company.sound(key), heard_by([key]).sound(key))


def test_under_pressure_new_streams_take_fewer_steps_and_running_streams_keep_theirs():
    """Each sounds like the whole utterance solved in as many steps as it has; the voice is there for both."""
    engine = new_engine(grids=SolverGrids(6))
    listeners = Listeners(engine)
    engine.open(1, demo_voice(), 0.0)
    engine.push(1, speech(1, 60)[:20], listeners.now, is_complete=False)
    listeners.work()
    engine.guard.pressure = Pressure.FEWER_STEPS
    engine.open(2, demo_voice(), listeners.now)
    for key, tokens in ((1, speech(1, 60)[20:]), (2, speech(2, 60))):
        engine.push(key, tokens, listeners.now, is_complete=True)
    listeners.work()
    assert_same_sound(listeners.sound(1), alone(1, 60))
    assert_same_sound(listeners.sound(2), alone(2, 60, steps=6))


def test_who_hears_faster_counts_for_more_than_one_listener():
    engine = new_engine()
    forecast = engine.guard.sustainable
    assert engine.sustainable == forecast
    for key, speed in ((1, 2.0), (2, 1.5), (3, 0.5)):
        engine.open(key, demo_voice(), 0.0, None, speed)
    assert engine.sustainable == forecast - 2  # half a listener is one
    engine.close(1)
    assert engine.sustainable == forecast - 1


def first_sound_s(engine, key=1, now=0.0):
    """Seconds in the first hop of a speech that goes on."""
    engine.open(key, demo_voice(), now)
    engine.push(key, speech(key, 100), now, is_complete=False)
    while True:
        for sound in engine.advance(now) or ():
            for part in sound.parts:
                if part.key == key:
                    return part.samples / 24_000


def first_sound_at(engine, token_s, count=200, step_s=0.001):
    """When, and how long, the first sound is of a speech whose tokens come six at a time, each after so long."""
    engine.guard.step_s = step_s
    engine.open(1, demo_voice(65), 0.0)
    told, now = 0, 0.0
    while True:
        due = min(count, 1 + 6 * int(now / (6 * token_s)))
        if due > told:
            engine.push(1, speech(1, count)[told:due], now, is_complete=due == count)
            told = due
        for sound in engine.advance(now) or ():
            return now, sound.parts[0].samples / 24_000
        now += 0.001


def test_a_first_sound_leaves_at_once_where_what_follows_will_be_there_in_time():
    at, length_s = first_sound_at(new_engine(), token_s=0.002)
    assert at < 13 * 0.002 + 0.015  # ten steps of the simulated millisecond
    assert length_s == pytest.approx(0.24)


def test_a_first_sound_waits_where_its_listener_would_have_a_hole_behind_it():
    """25 tokens of 8 ms take 200 ms: it leaves when what is left of them fits into 60 % of its 240 ms."""
    at, length_s = first_sound_at(new_engine(), token_s=0.008)
    assert 13 * 0.008 + 0.040 < at < 38 * 0.008
    assert length_s == pytest.approx(0.24)


def test_a_first_sound_waits_longer_where_many_may_take_part_in_the_steps_behind_it():
    crowded = new_engine(slots=80, streams=20)
    for key in range(2, 18):
        crowded.open(key, demo_voice(65), 0.0)
    alone_at, _ = first_sound_at(new_engine(), token_s=0.004)
    at, _ = first_sound_at(crowded, token_s=0.004)
    assert alone_at + 0.03 < at


def test_a_first_sound_that_is_kept_for_slow_steps_takes_in_what_follows_meanwhile():
    _, length_s = first_sound_at(new_engine(), token_s=0.001, step_s=0.02)
    assert length_s == pytest.approx(1.24)


def test_a_first_sound_takes_in_no_more_than_the_vocoder_has_a_shape_for():
    _, length_s = first_sound_at(new_engine(), token_s=0.001, step_s=10.0)
    assert length_s == pytest.approx(3.24)


def test_a_first_sound_that_is_all_there_is_does_not_wait():
    at, _ = first_sound_at(new_engine(), token_s=0.02, count=13, step_s=0.02)
    assert at < 13 * 0.02 + 0.015


def test_while_a_first_sound_waits_the_engine_knows_when_to_look_again():
    engine = new_engine()
    engine.guard.step_s = 0.001
    engine.open(1, demo_voice(65), 0.0)
    engine.push(1, speech(1, 1), 0.0, is_complete=False)
    engine.push(1, speech(1, 13)[1:], 0.1, is_complete=False)
    while engine.advance(0.1) is not None:
        pass
    assert 0.1 < engine.idle_until < 0.4
    (sound,) = engine.advance(engine.idle_until + 0.001)
    assert sound.parts[0].samples == 240 * 24


@pytest.mark.parametrize(("pressure", "longer_s"), [(Pressure.LONG_HOPS, 0.0), (Pressure.FEWER_STEPS, 1.0)])
def test_a_first_hop_is_a_chunk_longer_once_solver_steps_are_given_up_too(pressure, longer_s):
    pressed = new_engine()
    pressed.guard.pressure = pressure
    assert first_sound_s(pressed) == pytest.approx(first_sound_s(new_engine()) + longer_s)


def test_if_a_listener_runs_dry_behind_a_first_hop_the_next_first_hops_are_longer():
    """The first hop is 13 tokens, and the next 25 do not come in time."""
    engine = new_engine()
    engine.open(1, demo_voice(), 0.0)
    engine.push(1, speech(1, 20), 0.0, is_complete=False)
    parts = []
    while not parts:
        parts = [part for sound in engine.advance(0.0) or () for part in sound.parts]
    engine.pull(1, parts[0].samples, 0.2)
    engine.advance(0.1)
    assert engine.guard.pressure is Pressure.NONE
    engine.advance(0.19)
    assert engine.guard.pressure is Pressure.NONE
    engine.advance(0.21)
    assert engine.guard.pressure is Pressure.LONG_HOPS
    engine.close(1)
    usual_s = first_sound_s(new_engine())
    assert first_sound_s(engine, key=2, now=4.0) == pytest.approx(usual_s + 1.0)
    assert first_sound_s(engine, key=3, now=4.3) == pytest.approx(usual_s)


def test_a_listener_that_takes_nothing_costs_only_the_sound_that_lies_ready():
    engine = new_engine()
    listeners = Listeners(engine)
    engine.open(1, demo_voice(), 0.0)
    engine.push(1, speech(1, 200), listeners.now, is_complete=True)
    listeners.work(takes=False)
    ready = len(listeners.sound(1))
    assert AHEAD_S <= ready / 24_000 < AHEAD_S + 1.1  # the hop that went over the line was one chunk
    engine.pull(1, ready, listeners.now + 1)
    listeners.work()
    assert_same_sound(listeners.sound(1), alone(1, 200))


def first_hop_heard(engine, dry_at):
    """A stream of 200 tokens whose first hop is on its way to the listener, who then runs dry at `dry_at`."""
    engine.open(1, demo_voice(), 0.0)
    engine.push(1, speech(1, 200), 0.0, is_complete=True)
    parts = []
    while not parts:
        parts = [part for sound in engine.advance(0.0) for part in sound.parts]
    engine.pull(1, parts[0].samples, dry_at)


def test_with_sound_in_hand_a_stream_alone_makes_no_more_until_that_is_taken():
    engine = new_engine()
    first_hop_heard(engine, dry_at=1.0)
    Listeners(engine).work(takes=False)  # what follows it lies ready
    ready = engine._streams[1].untaken
    assert 0 < ready <= 2 * 24_000
    assert engine.idle_until == math.inf
    engine.pull(1, ready, 1.0 + ready / 24_000)
    assert engine.advance(1.0) is not None


def test_a_stream_goes_on_when_all_its_sound_was_taken_whatever_the_lengths_of_its_hops():
    """In seconds 1.24 + 1.0 - 1.24 - 1.0 leaves 2.2e-16: something that is never taken, and no reason to look again."""
    engine = new_engine(token_hop_len=35)
    listeners = Listeners(engine)
    engine.open(1, demo_voice(65), 0.0)
    engine.push(1, speech(1, 500)[:63], 0.0, is_complete=False)
    listeners.work(takes=False)
    lengths = [len(part) for part in listeners.heard[1]]
    assert [length / 24_000 for length in lengths] == [1.24, 1.0]
    dry_at = 0.0
    for length in lengths:
        dry_at += length / 24_000
        engine.pull(1, length, dry_at + 10)
    engine.push(1, speech(1, 500)[63:], listeners.now, is_complete=True)
    while 1 not in listeners.ended:
        listeners.work()
        assert engine.idle_until < math.inf or 1 in listeners.ended, "it stands still in mid-sentence"
        listeners.now = engine.idle_until
    assert len(listeners.sound(1)) == 500 * 960


def test_a_stream_alone_whose_listener_has_much_to_hear_waits_until_it_has_less():
    engine = new_engine()
    first_hop_heard(engine, dry_at=5.0)
    assert engine.advance(0.0) is None
    assert engine.idle_until == 5.0 - WANTED_SLACK_S
    assert engine.advance(engine.idle_until - 0.01) is None
    assert engine.advance(engine.idle_until) is not None


def test_a_closed_stream_gives_back_every_page_and_slot():
    engine = new_engine()
    listeners = Listeners(engine)
    for key in range(3):
        engine.open(key, demo_voice(), 0.0)
        engine.push(key, speech(key, 60), listeners.now, is_complete=False)
    engine.advance(0.0)  # the prompt is under way
    for _ in range(15):
        engine.advance(0.0)  # and then the streams
    for key in range(3):
        engine.close(key)
    listeners.work()
    assert engine.pages_taken == 3  # the voice's own: 87 tokens are three whole chunks
    assert len(engine._free_slots) == 39
    assert engine._vocoder._slots.free_count == 6


def test_tokens_and_pulls_of_a_closed_stream_are_ignored():
    engine = new_engine()
    engine.open(1, demo_voice(), 0.0)
    engine.close(1)
    engine.push(1, [5], 0.0, is_complete=True)
    engine.pull(1, 2400, 1.0)
    engine.close(1)
    assert engine.stream_count == 0


def test_if_pages_run_out_streams_are_computed_again_and_sound_the_same():
    # Three pages for the voice; two streams of 110 tokens take five each at their end, and only six are left.
    engine = new_engine(pages=10)
    listeners = Listeners(engine)
    for key in (1, 2):
        engine.open(key, demo_voice(), 0.0)
    for start in range(0, 110, 20):
        for key in (1, 2):
            engine.push(key, speech(key, 110)[start : start + 20], listeners.now, is_complete=start + 20 >= 110)
            listeners.work()
    assert listeners.ended == {1, 2}
    for key in (1, 2):
        assert_same_sound(listeners.sound(key), alone(key, 110))


def test_a_voice_that_no_stream_speaks_with_makes_room_for_another():
    engine = new_engine(pages=7)
    listeners = Listeners(engine)
    for key, prompt in ((1, 87), (2, 65), (3, 80)):
        engine.open(key, demo_voice(prompt), 0.0)
        engine.push(key, speech(key, 30), listeners.now, is_complete=True)
        listeners.work()
        assert_same_sound(listeners.sound(key), alone(key, 30, prompt))


def test_a_voice_that_can_never_fit_is_refused():
    with pytest.raises(SynthesisFailed, match="takes 3 pages of 3"):
        new_engine(pages=4).open(1, demo_voice(), 0.0)


def test_more_streams_than_the_vocoder_has_places_for_are_refused_and_leave_no_trace():
    engine = new_engine(streams=1)
    engine.open(1, demo_voice(), 0.0)
    with pytest.raises(SynthesisFailed, match="slots are taken"):
        engine.open(2, demo_voice(), 0.0)
    engine.close(1)
    engine.open(2, demo_voice(), 0.0)
    assert engine.stream_count == 1


def test_speech_without_a_single_token_ends_without_sound():
    engine = new_engine()
    listeners = Listeners(engine)
    engine.open(1, demo_voice(), 0.0)
    engine.push(1, [], listeners.now, is_complete=True)
    listeners.work()
    assert 1 in listeners.ended
    assert len(listeners.sound(1)) == 0


class PagesOnly:
    """Stands in for a solver: computes nothing, but knows what lies in each page, and that every step finds its past.

    Streams' tokens are their keys and a prompt's are zeros, so whose a chunk is can be told from its tokens.
    """

    largest_batch = 32

    def __init__(self, slots):
        self.frames = torch.zeros(slots, 50, 80)
        self.begun = {}  # slot: whose chunk, and which
        self.left = {}  # page and solver step: the same of the chunk that left its keys there

    def begin(self, starts):
        slots = [start.slot for start in starts]
        assert len(set(slots)) == len(slots)
        for start in starts:
            self.begun[start.slot] = max(start.tokens), start.chunk

    def step(self, steps):
        for step in steps:
            own, chunk = self.begun[step.slot]
            assert chunk == step.chunk
            for before in range(chunk):
                assert self.left[step.pages[before], step.step] in {(0, before), (own, before)}
        for step in steps:
            self.left[step.pages[step.chunk], step.step] = self.begun[step.slot]


def silent_voice(name="zeros", tokens=87):
    """A voice whose prompt takes three pages, or four if it has 104 tokens."""
    return AcousticVoice(name, (0,) * tokens, np.zeros((2 * tokens, 80), np.float32), np.ones(192, np.float32))


SILENT_VOICE = silent_voice()


class CountedSound:
    """Stands in for the vocoder: counts samples, 480 to a mel frame, and forgets the frames."""

    def allocate(self):
        return [0]

    def free(self, counter):
        pass

    def launch(self, jobs):
        return [(None, [(index, 480 * len(rows))]) for index, (_, rows, _) in enumerate(jobs)]


def test_a_stream_whose_listener_waits_in_silence_goes_before_a_next_segment_of_a_listener_that_has_sound():
    solver = PagesOnly(40)
    solver.largest_batch = 1
    engine = AcousticEngine(flow(), solver, PagePool(40), CountedSound(), 10, new_guard())
    for key, dry_at in ((1, 1.0), (2, None)):
        engine.open(key, SILENT_VOICE, 0.0, dry_at)
        engine.push(key, [key] * 13, 0.0, is_complete=True)
    order = []
    while len(order) < 2:
        order += [part.key for sound in engine.advance(0.0) for part in sound.parts]
    assert order == [2, 1]


def test_where_pages_are_scarce_nothing_begins_before_its_time_and_what_has_begun_is_finished():
    engine = AcousticEngine(flow(), PagesOnly(40), PagePool(11), CountedSound(), 10, new_guard())
    engine.open(1, SILENT_VOICE, 0.0, 3.0)
    engine.push(1, [1] * 80, 0.0, is_complete=True)
    while engine.pages_taken < 6:  # three of ten are the voice's
        engine.advance(1.6)
    engine.open(2, SILENT_VOICE, 0.0, 4.0)
    engine.push(2, [2] * 80, 0.0, is_complete=True)
    ended = []
    while not ended:
        assert not engine._streams[2].has_begun
        ended = [part.key for sound in engine.advance(1.6) for part in sound.parts if part.is_last]
    assert ended == [1]
    assert engine.advance(4.0 - WANTED_SLACK_S + 0.01) is not None
    assert engine._streams[2].has_begun


def out_of_pages():
    """An engine whose seven pages beside the voice's a stream that is at work has taken, and one who waits for one."""
    engine = AcousticEngine(flow(), PagesOnly(40), PagePool(11), CountedSound(), 10, new_guard())
    engine.open(1, SILENT_VOICE, 0.0, 3.0)
    engine.push(1, [1] * 150, 0.0, is_complete=True)
    while engine.pages_taken < 10:
        engine.advance(1.6)
    engine.open(2, SILENT_VOICE, 1.6)
    engine.push(2, [2] * 10, 1.6, is_complete=True)
    return engine


def test_a_stream_at_work_keeps_its_pages_however_urgent_another_stream_is():
    engine = out_of_pages()
    ended = []
    while not ended:
        assert len(engine._streams[1].track.pages) == 10
        ended = [part.key for sound in engine.advance(1.6) for part in sound.parts if part.is_last]
    assert ended == [1]
    assert [part.key for _ in range(11) for sound in engine.advance(1.6) or () for part in sound.parts] == [2]


def test_of_two_at_work_neither_loses_pages_while_anything_moves():
    engine = AcousticEngine(flow(), PagesOnly(40), PagePool(11), CountedSound(), 10, new_guard())
    # Both begin, for nobody knows yet that they will be longer than there are pages for; one in longer hops.
    for key, dry_at in ((1, 3.0), (2, 7.0)):
        engine.open(key, SILENT_VOICE, 1.6, dry_at)
        engine.push(key, [key] * 40, 1.6, is_complete=False)
    while not all(stream.has_begun for stream in engine._streams.values()):
        engine.advance(1.6)
    for key in (1, 2):
        engine.push(key, [key] * 90, 1.6, is_complete=True)
    held, losses, ended = {1: 0, 2: 0}, [], []
    while len(ended) < 2:
        is_anything_moving = engine._is_anything_under_way()
        sounds = engine.advance(1.6) or ()
        ended += [part.key for sound in sounds for part in sound.parts if part.is_last]
        for key in held.keys() - ended:
            now_held = len(engine._streams[key].track.pages)
            losses += [is_anything_moving] if now_held < held[key] else []
            held[key] = now_held
    assert losses
    assert not any(losses)


@pytest.mark.parametrize("dry_at", [3.0, -100.0], ids=["hears", "paused long ago"])
def test_a_resting_stream_whose_listener_has_much_to_hear_gives_its_pages_to_a_waiting_stream(dry_at):
    engine = out_of_pages()
    resting = engine._streams[1]
    resting.untaken, resting.dry_at, resting.sounded = AHEAD_S * 24_000, dry_at, resting.track.goal
    engine.advance(1.6)
    assert not resting.has_begun
    assert engine._streams[2].has_begun


def test_a_resting_stream_whose_listener_has_little_to_hear_keeps_its_pages():
    engine = out_of_pages()
    resting = engine._streams[1]
    resting.untaken, resting.dry_at, resting.sounded = 12_000, 2.5, resting.track.goal
    resting.track.tokens.clear()  # its next ones are still to come
    resting.is_complete = False
    engine.advance(1.6)
    assert resting.has_begun
    assert not engine._streams[2].has_begun


def test_no_more_resting_streams_give_up_their_pages_than_needed():
    """Three who rest hold one or two pages each, and are to take two more: three are short, and one gives up four."""
    engine = AcousticEngine(flow(), PagesOnly(40), PagePool(14), CountedSound(), 10, new_guard())
    for key in (1, 2, 3):
        engine.open(key, SILENT_VOICE, 1.6, 3.0)
        engine.push(key, [key] * 45, 1.6, is_complete=False)
        while not engine._streams[key].is_hop_done:
            engine.advance(1.6)
    for stream in engine._streams.values():
        stream.sounded, stream.untaken = stream.track.goal, AHEAD_S * 24_000
        stream.track.tokens.extend([stream.key] * 40)
    held = {key: stream.own_pages for key, stream in engine._streams.items()}
    engine.open(4, SILENT_VOICE, 1.6)
    engine.push(4, [4] * 10, 1.6, is_complete=True)
    engine.advance(1.6)
    lost = [key for key, pages in held.items() if engine._streams[key].own_pages < pages]
    assert engine._streams[4].has_begun
    assert len(lost) == 1


def test_a_waiting_stream_begins_at_once_if_the_last_begun_stream_gave_way_even_if_the_room_is_too_small():
    """Of ten pages two voices hold six, and the first two; the second takes seven, the other voice's among them."""
    engine = AcousticEngine(flow(), PagesOnly(40), PagePool(11), CountedSound(), 10, new_guard())
    engine.open(1, SILENT_VOICE, 1.6, 3.0)
    engine.push(1, [1] * 45, 1.6, is_complete=False)
    while not engine._streams[1].is_hop_done:
        engine.advance(1.6)
    engine.open(3, silent_voice("another"), 1.6)
    while engine.advance(1.6) is not None:
        pass
    resting = engine._streams[1]
    resting.sounded, resting.untaken = resting.track.goal, AHEAD_S * 24_000
    assert engine.pages_taken == 8
    engine.open(2, SILENT_VOICE, 1.6)
    engine.push(2, [2] * 150, 1.6, is_complete=True)
    assert engine.advance(1.6) is not None
    assert engine._streams[2].has_begun


@pytest.mark.parametrize("slots", [4, 9, 13, 18])
def test_first_sounds_that_are_kept_for_slow_steps_do_not_wait_for_each_other_s_slots(slots):
    """All are made longer while they wait, and each holds what another needs; seen with eight on a busy machine."""
    engine = AcousticEngine(flow(), PagesOnly(slots), PagePool(300), CountedSound(), 10, new_guard())
    for key in range(1, 9):
        engine.open(key, SILENT_VOICE, 0.0)
        engine.push(key, [key] * 200, 0.0, is_complete=True)
    now, ended = 0.0, set()
    while len(ended) < 8:
        engine.guard.step_s = 0.06
        sounds = engine.advance(now)
        assert sounds is not None or engine.idle_until < math.inf, "they stand still"
        now = now + 0.06 if sounds is not None else engine.idle_until
        for part in [part for sound in sounds or () for part in sound.parts]:
            engine.pull(part.key, part.samples, now)
            if part.is_last:
                ended.add(part.key)
                engine.close(part.key)


@pytest.mark.parametrize("apart", [0, 2], ids=["at once", "two steps apart"])
def test_more_voices_than_there_are_pages_for_are_heard_one_after_another(apart):
    """Of ten pages six voices take eighteen."""
    engine = new_engine(pages=11)
    listeners = Listeners(engine)
    for key in range(1, 7):
        engine.open(key, demo_voice(80 + key), 0.0)
        engine.push(key, speech(key, 60), 0.0, is_complete=True)
        for _ in range(apart):
            engine.advance(0.0)
    listeners.work()
    for key in range(1, 7):
        assert_same_sound(listeners.sound(key), alone(key, 60, 80 + key))


def test_a_stream_whose_sound_only_waits_to_be_taken_has_its_voice_not_computed_again():
    """Of seven pages each of three voices takes three: the engine computed two of them in turn, forever."""
    engine = new_engine(pages=8)
    listeners = Listeners(engine)

    def work():
        while (sounds := engine.advance(listeners.now)) is not None and listeners.now < 3:
            listeners.now += STEP_S
            for part in (part for sound in sounds for part in sound.parts):
                listeners.parts.setdefault(part.key, []).append(part)

    engine.open(1, demo_voice(87), 0.0)
    engine.push(1, speech(1, 30), 0.0, is_complete=True)
    work()
    engine.open(3, demo_voice(88), 0.2)  # no token of it has come
    work()
    engine.open(2, demo_voice(86), 0.1)
    engine.push(2, speech(2, 30), listeners.now, is_complete=True)
    work()

    assert listeners.parts[1][-1].is_last  # made, and not taken
    assert listeners.parts[2][-1].is_last
    assert listeners.now < 3  # the engine came to rest


def until_rest(engine, now):
    """The sound that the engine makes before it has nothing to do; it must come to that."""
    parts = []
    for _ in range(300):
        sounds = engine.advance(now)
        if sounds is None:
            return parts
        parts += [part for sound in sounds for part in sound.parts]
    raise AssertionError("it computes without end")


def test_a_stream_whose_first_hop_lacks_tokens_has_no_voice_computed_in_turn_with_another_stream():
    """Of five pages each of two voices takes three, and each stream two."""
    engine = AcousticEngine(flow(), PagesOnly(40), PagePool(6), CountedSound(), 35, new_guard())
    engine.open(1, silent_voice("early"), 0.0)
    engine.push(1, [1] * 20, 0.0, is_complete=False)  # one chunk is solvable, the first hop takes two
    until_rest(engine, 0.0)
    engine.open(2, silent_voice("late"), 0.1)
    engine.push(2, [2] * 30, 0.1, is_complete=True)

    assert [(part.key, part.is_last) for part in until_rest(engine, 0.1)] == [(2, True)]
    engine.close(2)
    engine.push(1, [1] * 10, 0.2, is_complete=True)
    assert [(part.key, part.is_last) for part in until_rest(engine, 0.2)] == [(1, True)]


def test_a_stream_whose_listener_pauses_has_no_voice_computed_in_turn_with_another_stream():
    """Of seven pages each of two voices takes four, and each stream two or three."""
    engine = AcousticEngine(flow(), PagesOnly(40), PagePool(8), CountedSound(), 35, new_guard())
    engine.open(1, silent_voice("paused", 104), 0.0, -5.0)
    engine.push(1, [1] * 49, 0.0, is_complete=False)
    (unheard,) = until_rest(engine, 0.0)
    engine.open(2, silent_voice("late", 104), 0.1)
    engine.push(2, [2] * 30, 0.1, is_complete=True)
    engine.advance(0.1)
    assert not engine._streams[1].has_begun  # its pages went to the other's voice
    engine.push(1, [1] * 15, 0.1, is_complete=True)

    assert [(part.key, part.is_last) for part in until_rest(engine, 0.1)] == [(2, True)]
    engine.close(2)
    engine.pull(1, unheard.samples, 2.0)
    assert [(part.key, part.is_last) for part in until_rest(engine, 2.0)] == [(1, True)]


def test_a_voice_is_free_for_others_once_the_sound_of_its_last_stream_is_made():
    """Of seven pages each of two voices takes three, and no listener has taken the sound yet."""
    engine = AcousticEngine(flow(), PagesOnly(40), PagePool(8), CountedSound(), 10, new_guard())
    for key in (1, 2):
        engine.open(key, silent_voice(f"voice {key}"), 0.0)
        engine.push(key, [key] * 10, 0.0, is_complete=True)
        until_rest(engine, 0.0)
    assert engine.pages_taken == 6
    for key in (3, 4):  # one page each
        engine.open(key, silent_voice("voice 2"), 0.0)
        engine.push(key, [key] * 10, 0.0, is_complete=True)

    engine.advance(0.0)

    assert engine._streams[3].has_begun
    assert engine._streams[4].has_begun


def test_a_long_stream_and_a_waiting_stream_of_another_voice_do_not_wait_for_each_other():
    """Of thirteen pages the long one takes all, its voice's included, and the other's voice has taken three."""
    engine = new_engine(pages=14)
    listeners = Listeners(engine)
    for key, tokens in ((1, 230), (2, 50)):
        engine.open(key, demo_voice(80 + key), 0.0)
        engine.push(key, speech(key, tokens), 0.0, is_complete=True)
    listeners.work()
    for key, tokens in ((1, 230), (2, 50)):
        assert_same_sound(listeners.sound(key), alone(key, tokens, 80 + key))


def test_a_first_sound_that_is_kept_for_the_next_hop_is_not_computed_again():
    """Of six pages beside the voice's one takes all but one, and both need more."""
    engine = AcousticEngine(flow(), PagesOnly(40), PagePool(10), CountedSound(), 10, new_guard())
    engine.open(1, SILENT_VOICE, 9.0, 1.0)
    engine.push(1, [1] * 65, 9.0, is_complete=False)
    sounds = [sound for _ in range(40) for sound in engine.advance(10.0) or ()]
    engine.pull(1, sum(part.samples for sound in sounds for part in sound.parts), 1.0)
    engine.open(2, SILENT_VOICE, 9.5)
    engine.push(2, [2] * 16, 10.0, is_complete=False)
    while not engine._streams[2].is_hop_done:
        engine.advance(10.0)
    engine.push(1, [1] * 75, 10.0, is_complete=True)
    for _ in range(80):
        engine.advance(10.0)
        assert engine._streams[2].is_hop_done
    assert engine.pages_taken == 9


def test_a_stream_whose_tokens_come_late_finds_a_page_though_other_voices_have_taken_all():
    engine = new_engine(pages=7)
    listeners = Listeners(engine)
    for key in (1, 2):
        engine.open(key, demo_voice(80 + key), 0.0)
    listeners.work()
    assert engine.pages_taken == 6  # both voices'
    for key in (1, 2):
        engine.push(key, speech(key, 10), listeners.now, is_complete=True)
    listeners.work()
    for key in (1, 2):
        assert_same_sound(listeners.sound(key), alone(key, 10, 80 + key))


def test_a_stream_whose_voice_gives_way_at_the_very_moment_it_would_begin_waits_for_it():
    engine = new_engine(pages=8)
    listeners = Listeners(engine)
    for key in (1, 2):
        engine.open(key, demo_voice(80 + key), 0.0)
    listeners.work()
    assert engine.pages_taken == 6  # both voices', of seven: a third, more pressing, takes the last and another's
    engine.open(3, demo_voice(83), listeners.now, -1.0)
    for key in (1, 2, 3):
        engine.push(key, speech(key, 10), listeners.now, is_complete=True)
    listeners.work()
    for key in (1, 2, 3):
        assert_same_sound(listeners.sound(key), alone(key, 10, 80 + key))


def test_a_voice_is_computed_beside_another_if_there_is_just_room_for_both_and_their_streams():
    engine = AcousticEngine(flow(), PagesOnly(40), PagePool(9), CountedSound(), 10, new_guard())
    for key in (1, 2):  # three pages each, and one for the speech
        engine.open(key, silent_voice(f"voice {key}"), 0.0)
        engine.push(key, [key] * 10, 0.0, is_complete=True)
    engine.advance(0.0)
    assert engine.pages_taken == 6


def test_a_prompt_that_no_stream_waits_for_any_longer_gives_back_pages_and_slots():
    engine = AcousticEngine(flow(), PagesOnly(40), PagePool(14), CountedSound(), 10, new_guard())
    engine.open(1, SILENT_VOICE, 0.0)
    engine.advance(0.0)
    assert engine.pages_taken > 0
    engine.close(1)
    assert engine.pages_taken == 0
    assert len(engine._free_slots) == 39


def test_no_stream_begins_on_pages_that_begun_streams_will_need():
    """Of ten pages beside the voice's the first takes seven in the end, and the second needs five."""
    engine = AcousticEngine(flow(), PagesOnly(40), PagePool(14), CountedSound(), 10, new_guard())
    for key, tokens in ((1, 150), (2, 100)):
        engine.open(key, SILENT_VOICE, 1.6, 3.0)
        engine.push(key, [key] * tokens, 1.6, is_complete=True)
    ended = []
    while len(ended) < 2:
        ended += [part.key for sound in engine.advance(1.6) or () for part in sound.parts if part.is_last]
        assert ended or not engine._streams[2].has_begun
    assert ended == [1, 2]


@pytest.mark.parametrize(("pages", "pressure"), [(30, Pressure.FEWER_STEPS), (300, Pressure.NONE)])
def test_while_pages_are_missing_speeches_that_begin_are_to_be_solved_in_fewer_steps(pages, pressure):
    """Six listeners have two seconds in hand each, so none runs dry yet; when one does, it is too late."""
    engine = AcousticEngine(flow(), PagesOnly(40), PagePool(pages), CountedSound(), 10, new_guard(), SolverGrids(8))
    for key in range(6):
        engine.open(key, SILENT_VOICE, 0.0, 2.0)
        engine.push(key, [1] * 500, 0.0, is_complete=True)
    for step in range(60):
        engine.advance(0.03 * step)
    assert engine.guard.pressure is pressure


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    streams=st.sampled_from([2, 4, 8]),
    slots=st.sampled_from([8, 16, 40]),
    pages=st.sampled_from([8, 12, 34, 60, 200]),
    voices=st.sampled_from([1, 3, 12]),
)
def test_however_few_slots_and_pages_there_are_all_streams_are_heard_to_their_end(seed, streams, slots, pages, voices):
    """On listeners who are far ahead by different amounts, and take what lies ready now or later, so that each is more
    pressing than the others in turn."""
    draw = np.random.default_rng(seed)
    engine = AcousticEngine(flow(), PagesOnly(slots), PagePool(pages), CountedSound(), 10, new_guard())
    longest = min(600, (pages - 1) * 25 - 87)  # tokens that there are pages for, beside the voice's
    unsaid = {key: int(draw.integers(30, longest)) for key in range(1, 3 * streams + 1)}
    unheard = {key: tokens * 960 for key, tokens in unsaid.items()}
    waiting, dry_at, untaken, now = list(unsaid), {}, {}, 0.0
    while unheard:
        now += STEP_S
        if waiting and engine.stream_count < streams:
            engine.open(waiting.pop(0), silent_voice(f"voice {draw.integers(voices)}"), now)
        for key in [key for key in unsaid if key not in waiting and draw.random() < 0.3]:
            count = min(unsaid[key], int(draw.integers(1, 100)))
            unsaid[key] -= count
            engine.push(key, [key] * count, now, is_complete=not unsaid[key])
            if not unsaid[key]:
                del unsaid[key]
        for key in [key for key in untaken if draw.random() < 0.2]:
            taken = untaken.pop(key)
            dry_at[key] = max(now, dry_at.get(key, now)) + taken / 24_000 * draw.choice([1, 0.5])
            engine.pull(key, taken, dry_at[key])
        sounds = engine.advance(now)
        assert now < 60, "streams wait for each other"  # s; seen: 12
        for sound in sounds or ():
            for part in sound.parts:
                unheard[part.key] -= part.samples
                untaken[part.key] = untaken.get(part.key, 0) + part.samples
                if part.is_last:
                    assert unheard.pop(part.key) == 0
                    engine.close(part.key)
    assert engine.pages_taken == 3 * len(engine._prompts)
    assert len(engine._free_slots) == slots - 1
