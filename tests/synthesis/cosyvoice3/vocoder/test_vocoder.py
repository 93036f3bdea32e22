"""The vocoder as streams: the reference's sound, whatever the cutting and the company."""

import numpy as np
import pytest
from cosyvoice3_checkpoint import checkpoint_maker, private_model_dir, reference, tiny_model_dir
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from sayline.synthesis.cosyvoice3.release.checkpoint import BadCheckpoint
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.vocoder.vocoder import (
    LOOKAHEAD_FRAMES,
    MEL_TAIL,
    NoFreeSlot,
    RowPlan,
    Vocoder,
    VocoderRow,
    VocoderSlots,
    VocoderState,
    plan_tensor,
)

CPU = torch.device("cpu")
HIFT = reference("tiny0_hift")
NOISE_FRAMES = 240  # longer than any stream here
# Sums over windows of different length are rounded differently; nothing else may differ (audio peaks at 0.99).
SAME = 1e-5


def load(dtype=torch.float32):
    return Vocoder.load(tiny_model_dir(), ModelDimensions.read(tiny_model_dir()).vocoder, CPU, dtype, NOISE_FRAMES)


@pytest.fixture(scope="module")
def vocoder():
    return load()


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """The networks are small, and other tests run beside these."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def speech(frames, seed=0):
    """A mel (80, frames): the reference's, as often as needed, each time a little different."""
    mel = torch.from_numpy(HIFT["mel"])
    times = -(-frames // mel.shape[1])
    mel = mel.repeat(1, times)[:, :frames]
    return mel + 0.1 * torch.randn(mel.shape, generator=torch.Generator().manual_seed(seed))


def chunks_of(vocoder, mel, ends, slots=None):
    """What each call yields; ``ends`` are the frames known at each, the last of them all."""
    slots = slots or VocoderSlots(1, CPU)
    state = slots.allocate()
    bounds = list(zip([0, *ends], ends, strict=False))
    chunks = [
        vocoder.vocode(slots, [VocoderRow(state, mel[:, start:end], index == len(ends) - 1)])[0]
        for index, (start, end) in enumerate(bounds)
    ]
    slots.free(state)
    return chunks


def whole(vocoder, mel):
    return chunks_of(vocoder, mel, [mel.shape[1]])[0]


def error(ours, theirs):
    """Relative to the sound's own size."""
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    return np.linalg.norm(ours - theirs) / np.linalg.norm(theirs)


def assert_same(ours, theirs):
    torch.testing.assert_close(ours, theirs, rtol=0, atol=SAME)


def test_the_sound_is_the_reference_s(vocoder):
    audio = whole(vocoder, torch.from_numpy(HIFT["mel"]))
    assert audio.shape == HIFT["audio"].shape
    assert error(audio, HIFT["audio"]) < 1e-5
    np.testing.assert_allclose(audio, HIFT["audio"], rtol=0, atol=1e-5)


def test_a_stream_yields_what_the_reference_s_does_when_it_does(vocoder):
    chunks = chunks_of(vocoder, torch.from_numpy(HIFT["mel"]), HIFT["cuts"].tolist())
    assert [len(chunk) for chunk in chunks] == HIFT["stream_lens"].tolist()
    np.testing.assert_allclose(torch.cat(chunks), HIFT["audio_stream"], rtol=0, atol=1e-5)


@pytest.mark.parametrize(("dtype", "limit"), [(torch.float16, 8e-3), (torch.bfloat16, 6e-2)])
def test_half_precision_stays_near_the_reference(dtype, limit):
    """Its own rounding, three times over: 2.6e-3 and 2.0e-2 were measured."""
    assert 1e-4 < error(whole(load(dtype), torch.from_numpy(HIFT["mel"])), HIFT["audio"]) < limit


def test_the_sound_of_the_flow_s_mel_is_the_reference_s(vocoder):
    """From the reference's mel, past the window's length; stored as float16."""
    audio = whole(vocoder, torch.from_numpy(reference("tiny0_flow")["mel_offline"]))
    np.testing.assert_allclose(audio, reference("tiny0_token2wav")["audio_offline"], rtol=0, atol=5e-4)


def test_a_stream_of_the_flow_s_hops_is_the_reference_s(vocoder):
    """Frames come as the flow gives them; the reference has them sound at the same calls."""
    token2wav = reference("tiny0_token2wav")
    ends = [2 * int(end) for _, end, _ in token2wav["calls"]]
    chunks = chunks_of(vocoder, torch.from_numpy(reference("tiny0_flow")["mel_stream_consistent"]), ends)
    assert [len(chunk) for chunk in chunks] == token2wav["stream_lens"].tolist()
    np.testing.assert_allclose(torch.cat(chunks), token2wav["audio_stream_consistent"], rtol=0, atol=5e-4)


def test_a_frame_at_a_time_sounds_as_the_whole(vocoder):
    mel = speech(70)
    assert_same(torch.cat(chunks_of(vocoder, mel, range(1, 71))), whole(vocoder, mel))


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_any_cutting_sounds_as_the_whole(vocoder, data):
    frames = data.draw(st.integers(1, 130), label="frames")
    cuts = data.draw(st.sets(st.integers(0, frames), max_size=6), label="cuts")
    mel = speech(frames, seed=1)
    # A last call may bring nothing new.
    assert_same(torch.cat(chunks_of(vocoder, mel, [*sorted(cuts), frames])), whole(vocoder, mel))


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_a_stream_sounds_the_same_in_any_company(vocoder, data):
    """Streams start, go on and end side by side in one batch; each is what it is alone."""
    lengths = data.draw(st.lists(st.integers(1, 90), min_size=2, max_size=4), label="lengths")
    mels = [speech(length, seed) for seed, length in enumerate(lengths)]
    slots = VocoderSlots(len(mels), CPU)
    states = [slots.allocate() for _ in mels]
    sounds = [[] for _ in mels]
    while not all(state.is_finished for state in states):
        running = [index for index, state in enumerate(states) if not state.is_finished]
        called = data.draw(st.lists(st.sampled_from(running), min_size=1, unique=True), label="called")
        rows = []
        for index in called:
            known = states[index].known_frames
            end = min(lengths[index], known + data.draw(st.integers(1, 60), label="new"))
            rows.append(VocoderRow(states[index], mels[index][:, known:end], end == lengths[index]))
        for index, chunk in zip(called, vocoder.vocode(slots, rows), strict=True):
            sounds[index].append(chunk)
    for mel, sound in zip(mels, sounds, strict=True):
        assert_same(torch.cat(sound), whole(vocoder, mel))


def test_a_shape_larger_than_needed_changes_nothing(vocoder):
    """As a CUDA graph's is: more room in every direction, rows that only fill up, garbage where nothing was written."""
    mel = speech(60)
    slots = VocoderSlots(1, CPU)
    state = slots.allocate()
    sound = []
    for start, end in ((0, 20), (20, 41), (41, 60)):
        room = torch.full((3, 33, 80), float("nan"))
        room[0, : end - start] = mel[:, start:end].T
        plan = state.advance(end - start, is_last=end == 60)
        filling = RowPlan(slots.spare, 0, 0, is_last=False)
        out = vocoder.step(slots, plan_tensor([plan, filling, filling]), room, 33 + MEL_TAIL)
        assert out.shape == (3, (33 + LOOKAHEAD_FRAMES) * 480)
        sound.append(out[0, : plan.samples])
    assert_same(torch.cat(sound), whole(vocoder, mel))


def test_new_frames_never_change_what_has_sounded(vocoder):
    mel = speech(60)
    other = torch.cat([mel[:, :40], speech(20, seed=9)], dim=1)
    ours, theirs = (torch.cat(chunks_of(vocoder, frames, [40, 60])) for frames in (mel, other))
    sounded = (40 - LOOKAHEAD_FRAMES) * 480
    torch.testing.assert_close(ours[:sounded], theirs[:sounded], rtol=0, atol=0)
    assert (ours[sounded:] - theirs[sounded:]).abs().max() > 0.01


def test_a_slot_used_again_leaks_nothing_of_the_stream_before(vocoder):
    slots = VocoderSlots(1, CPU)
    mel = speech(50)
    alone = chunks_of(vocoder, mel, [5, 20, 50])
    chunks_of(vocoder, speech(90, seed=3), [30, 90], slots)
    after = chunks_of(vocoder, mel, [5, 20, 50], slots)
    torch.testing.assert_close(torch.cat(after), torch.cat(alone), rtol=0, atol=0)


def test_a_slot_that_held_garbage_leaks_none_of_it(vocoder):
    """Not even where a number would spread: nothing of the slot is read before the stream has written it."""
    slots = VocoderSlots(1, CPU)
    for tensor in (slots.mel, slots.excitation, slots.turns):
        tensor.fill_(float("nan"))
    mel = speech(50)
    spoilt = chunks_of(vocoder, mel, [2, 20, 50], slots)
    torch.testing.assert_close(torch.cat(spoilt), torch.cat(chunks_of(vocoder, mel, [2, 20, 50])), rtol=0, atol=0)


def test_slots_are_counted():
    slots = VocoderSlots(2, CPU)
    first, second = slots.allocate(), slots.allocate()
    assert {first.slot, second.slot, slots.spare} == {0, 1, 2}
    with pytest.raises(NoFreeSlot, match="all 2 vocoder slots are taken"):
        slots.allocate()
    slots.free(first)
    assert slots.free_count == 1
    with pytest.raises(ValueError, match="free already"):
        slots.free(first)


def test_a_stream_has_one_last_call():
    state = VocoderState(0)
    state.advance(3, is_last=True)
    with pytest.raises(ValueError, match="has had its last call"):
        state.advance(1, is_last=False)


@pytest.mark.parametrize(
    ("plan", "sounding", "decoded"),
    [
        (RowPlan(0, 0, 8, is_last=False), 0, 1),  # all of it look-ahead
        (RowPlan(0, 0, 20, is_last=False), 12, 13),  # a first hop of 10 tokens: 240 ms, little to decode
        (RowPlan(0, 20, 50, is_last=False), 50, 63),  # from the stream's start: 20 + 50 - 8 + 1
        (RowPlan(0, 200, 50, is_last=False), 50, 81),  # 30 frames of context, 50, and one for the overlap
        (RowPlan(0, 200, 50, is_last=True), 58, 88),  # what was held back sounds too
        (RowPlan(0, 200, 0, is_last=True), 8, 38),
    ],
)
def test_a_call_decodes_only_the_frames_that_it_needs(plan, sounding, decoded):
    assert (plan.sounding_frames, plan.decoded_frames) == (sounding, decoded)


def test_a_file_of_another_size_is_refused(tmp_path):
    directory = private_model_dir(tmp_path)
    dimensions = ModelDimensions.read(directory).vocoder
    (directory / "hift.pt").unlink()
    torch.save({"conv_pre.bias": torch.zeros(3)}, directory / "hift.pt")
    with pytest.raises(BadCheckpoint, match=r"hift\.pt lacks"):
        Vocoder.load(directory, dimensions, CPU, torch.float32, NOISE_FRAMES)


def test_keys_of_a_training_wrapper_are_read_as_the_release_s(tmp_path, vocoder):
    directory = private_model_dir(tmp_path)
    state = torch.load(directory / "hift.pt", weights_only=True)
    (directory / "hift.pt").unlink()
    torch.save({f"generator.{key}": tensor for key, tensor in state.items()}, directory / "hift.pt")
    wrapped = Vocoder.load(directory, ModelDimensions.read(directory).vocoder, CPU, torch.float32, NOISE_FRAMES)
    mel = speech(12)
    torch.testing.assert_close(whole(wrapped, mel), whole(vocoder, mel), rtol=0, atol=0)


def test_the_released_size_streams_as_the_whole():
    full = Vocoder.from_state(checkpoint_maker().state_dict("hift", "full", 0), CPU, torch.float32, NOISE_FRAMES)
    mel = speech(60)
    sound = whole(full, mel)
    assert_same(torch.cat(chunks_of(full, mel, [20, 52, 60])), sound)  # the last window begins behind the start
    assert 0.01 < sound.std() < 0.3
