"""The vocoder for many streams: each hears its own sound, whatever streams share its batch."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import reference, tiny_model_dir
from hypothesis import given, settings
from hypothesis import strategies as st

from sayline.synthesis.cosyvoice3.acoustic.token_chunker import first_hop_end
from sayline.synthesis.cosyvoice3.process.settings import MAX_TOKEN_HOP_LEN
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.vocoder.batches import ROWS, SHAPES, VocoderBatches, cheapest_programs
from sayline.synthesis.cosyvoice3.vocoder.vocoder import NoFreeSlot, Vocoder, VocoderRow, VocoderSlots

CPU = torch.device("cpu")
FRAMES = 200  # in the solver's slots; streams here are as long
# Of 16-bit sound: sums over windows of different length are rounded differently, by 1e-5 of the loudest (0.3 steps).
NEIGHBOUR = 2


@pytest.fixture(autouse=True)
def _one_thread_without_gradients():
    torch.set_num_threads(1)
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module")
def vocoder():
    return Vocoder.load(tiny_model_dir(), ModelDimensions.read(tiny_model_dir()).vocoder, CPU, torch.float32, 400)


@pytest.fixture(scope="module")
def slots():
    """The solver's: (4, 50, 80), a mel that goes on over them."""
    return torch.from_numpy(reference("tiny0_hift")["mel"]).T.repeat(FRAMES, 1)[:FRAMES].reshape(4, 50, 80).contiguous()


def whole(vocoder, mel):
    places = VocoderSlots(1, CPU)
    (sound,) = vocoder.vocode(places, [VocoderRow(places.allocate(), mel.T, is_last=True)])
    return (sound * 32_767).round().to(torch.int16).numpy()


def sounds_of(batches, jobs):
    """What each job's stream gets of one launch."""
    own = {}
    for launch, members in batches.launch(jobs):
        samples = launch.result()
        assert samples.dtype == np.int16
        for row, (job, count) in enumerate(members):
            own[job] = samples[row, :count]
    return [own[job] for job in range(len(jobs))]


def assert_same(ours, theirs):
    assert ours.shape == theirs.shape
    assert np.abs(ours.astype(int) - theirs).max() <= NEIGHBOUR


@settings(max_examples=5, deadline=None)
@given(st.lists(st.lists(st.sampled_from([1, 4, 20, 26, 50, 100]), min_size=1, max_size=4), min_size=1, max_size=4))
def test_streams_in_one_batch_sound_as_each_does_alone(vocoder, slots, hops_of):
    """Hops of any length lie side by side; a stream ends when its hops do, and its place is another's."""
    batches = VocoderBatches(vocoder, len(hops_of), slots, uses_graphs=False)
    streams = [batches.allocate() for _ in hops_of]
    heard, known = [[] for _ in hops_of], [0 for _ in hops_of]
    for hop in range(max(map(len, hops_of))):
        going_on = [index for index, hops in enumerate(hops_of) if hop < len(hops)]
        jobs = []
        for index in going_on:
            end = min(FRAMES, known[index] + hops_of[index][hop])
            jobs.append((streams[index], range(known[index], end), hop == len(hops_of[index]) - 1))
            known[index] = end
        for index, sound in zip(going_on, sounds_of(batches, jobs), strict=True):
            heard[index].append(sound)
    for index, sound in enumerate(heard):
        assert_same(np.concatenate(sound), whole(vocoder, slots.flatten(0, 1)[: known[index]]))


def test_a_hop_s_frames_may_lie_in_any_slots_in_any_order(vocoder, slots):
    batches = VocoderBatches(vocoder, 1, slots, uses_graphs=False)
    rows = [*range(150, 190), *range(20, 50)]
    (sound,) = sounds_of(batches, [(batches.allocate(), rows, True)])
    assert_same(sound, whole(vocoder, slots.flatten(0, 1)[rows]))


def test_more_streams_than_a_program_has_rows_are_spread_over_several(vocoder, slots):
    count = ROWS[-1] + 1
    batches = VocoderBatches(vocoder, count, slots, uses_graphs=False)
    jobs = [(batches.allocate(), range(10), True) for _ in range(count)]
    launches = batches.launch(jobs)
    assert [len(members) for _, members in launches] == [ROWS[-1], 1]
    for launch, members in launches:
        assert len(launch.result()) == len(members)


def spread(took_ms, hops):
    """The programs that so many hops go through, by their rows, and how long these take together."""
    programs, used = cheapest_programs(took_ms, hops), []
    while hops > 0:
        used.append(programs[hops])
        hops -= programs[hops]
    return used, sum(took_ms[rows] for rows in used)


def test_a_program_that_takes_longer_than_several_smaller_ones_is_not_used():
    """Measured on an H100 for hops of 100 frames: cuDNN chose a slow kernel for 16 rows, and for no others."""
    took_ms = {1: 1.55, 2: 2.01, 4: 2.75, 8: 4.50, 16: 139.99}
    assert spread(took_ms, 16) == ([8, 8], 9.0)
    assert spread(took_ms, 7) == ([8], 4.5)


def test_rows_are_left_empty_if_that_is_quicker():
    """The same for hops of 200 frames, of which it was eight rows."""
    took_ms = {1: 1.82, 2: 2.60, 4: 3.99, 8: 121.44, 16: 12.59}
    assert spread(took_ms, 8) == ([4, 4], 7.98)
    assert spread(took_ms, 15) == ([16], 12.59)


@given(st.dictionaries(st.sampled_from(ROWS), st.integers(1, 200), min_size=1), st.integers(1, 60))
def test_no_other_spread_takes_less_time(took_ms, hops):
    least = [0] + [math.inf] * hops
    for done in range(hops):
        for rows, took in took_ms.items():
            least[min(hops, done + rows)] = min(least[min(hops, done + rows)], least[done] + took)
    assert spread(took_ms, hops)[1] == least[hops]


def test_a_place_given_back_serves_the_next_stream(vocoder, slots):
    batches = VocoderBatches(vocoder, 1, slots, uses_graphs=False)
    for first in (0, 60):
        stream = batches.allocate()
        with pytest.raises(NoFreeSlot):
            batches.allocate()
        (sound,) = sounds_of(batches, [(stream, range(first, first + 30), True)])
        assert_same(sound, whole(vocoder, slots.flatten(0, 1)[first : first + 30]))
        batches.free(stream)


def test_there_is_a_shape_for_the_longest_first_hop_whatever_the_prompt_s_length():
    for prompt in range(100):
        new_frames = 2 * (25 * first_hop_end(prompt, MAX_TOKEN_HOP_LEN) - prompt)
        assert new_frames <= SHAPES[-1].new_frames, prompt
