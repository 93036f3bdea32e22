"""The flow as a stream: whatever the order, the company and the batch, each chunk's mel is that of the whole."""

from functools import cache

import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import reference, relative_error
from cosyvoice3_flow import EXACT, MEL_BOUNDS, Speech, flow, reference_speech
from hypothesis import given, settings
from hypothesis import strategies as st

from sayline.synthesis.cosyvoice3.flow.chunk_solver import (
    CONTEXT_TOKENS,
    FIRST_PAGE,
    LARGEST_STEP,
    ChunkSolver,
    ChunkStep,
    EagerNetwork,
    Pages,
    chunk_tokens,
    chunks_in,
    in_eight_bits,
    page_rows,
    plan_row,
)
from sayline.synthesis.cosyvoice3.flow.flow import solve
from sayline.synthesis.cosyvoice3.release.model_facts import CHUNK_FRAMES, SOLVER_STEPS

# Of a whole mel with compact pages; seen here: 6.3e-4 in float32, 2.7e-3 in bfloat16, which is its own rounding.
COMPACT_BOUNDS = {torch.float32: 1.5e-3, torch.bfloat16: MEL_BOUNDS[torch.bfloat16]}
PROMPT_CHUNKS = 3  # of the reference's 87 prompt tokens, those whose every token and look-ahead lie in the prompt


@pytest.fixture(autouse=True)
def _one_thread_without_gradients():
    torch.set_num_threads(1)
    with torch.inference_mode():
        yield


def new_solver(slots=20, pages=20, dtype=torch.float32, *, is_compact=False):
    dit = flow(dtype).dit
    return ChunkSolver(flow(dtype), EagerNetwork(dit, Pages(dit, pages, is_compact=is_compact)), slots)


def speech_with(seed, count):
    """The reference's prompt with other words after it."""
    prompt, mel, speaker = reference_speech()
    words = torch.randint(0, 6561, (count,), generator=torch.Generator().manual_seed(seed))
    return Speech(torch.cat((prompt[:87], words)), mel, speaker)


@cache
def whole(seed, count):
    with torch.inference_mode():
        return solve(flow(), *speech_with(seed, count), is_chunked=True)


class Walk:
    """A speech on its way through a solver: which chunks have done how many steps, in slots and pages of its own.

    Args:
        solver: which begins all its chunks now.
        speech: what is said.
        first: its first slot and page; chunk c has slot and page ``first + c``.
        prompt_pages: of chunks that another stream has solved.
    """

    def __init__(self, solver, speech, first, prompt_pages=()):
        self.solver, self.speech = solver, speech
        self.count = chunks_in([2 * len(speech.tokens)])
        self.slots = [first + chunk for chunk in range(self.count)]
        self.pages = [*prompt_pages, *self.slots[len(prompt_pages) :]]
        self.done = [SOLVER_STEPS] * len(prompt_pages) + [0] * (self.count - len(prompt_pages))
        solver.begin(speech.starts(self.slots)[len(prompt_pages) :])

    def steppable(self):
        """Chunks whose next step may be done: the chunk before has done it already."""
        return [
            chunk
            for chunk, done in enumerate(self.done)
            if done < SOLVER_STEPS and (chunk == 0 or self.done[chunk - 1] > done)
        ]

    def next_step(self, chunk):
        """Note a chunk's next step as done, and tell how to do it."""
        step = ChunkStep(self.slots[chunk], self.done[chunk], chunk, self.speech.frames_in(chunk), self.pages)
        self.done[chunk] += 1
        return step

    def finish(self):
        """Solve what is left, one chunk after another, each alone in its batch."""
        for chunk in range(self.count):
            while self.done[chunk] < SOLVER_STEPS:
                self.solver.step([self.next_step(chunk)])

    def mel(self):
        """(2 N, M): what is heard."""
        frames = torch.cat([self.solver.frames[slot] for slot in self.slots])
        return frames[len(self.speech.mel) : 2 * len(self.speech.tokens)]


def test_chunk_after_chunk_gives_the_reference_s_mel():
    walk = Walk(new_solver(), reference_speech(), 1)
    walk.finish()
    assert relative_error(walk.mel().T, reference("tiny0_flow")["mel_chunked"]) < EXACT


def test_chunks_that_follow_each_other_by_a_step_give_the_same():
    """A wavefront: a stream alone fills its batches with its own chunks."""
    walk = Walk(new_solver(), reference_speech(), 1)
    batches = 0
    while chunks := walk.steppable():
        walk.solver.step([walk.next_step(chunk) for chunk in chunks])
        batches += 1
    assert batches == SOLVER_STEPS + walk.count - 1
    assert relative_error(walk.mel().T, reference("tiny0_flow")["mel_chunked"]) < EXACT


@pytest.mark.parametrize("dtype", MEL_BOUNDS, ids=str)
def test_in_reduced_precision_a_streamed_mel_stays_within_its_bound(dtype):
    walk = Walk(new_solver(dtype=dtype), reference_speech(), 1)
    while chunks := walk.steppable():
        walk.solver.step([walk.next_step(chunk) for chunk in chunks])
    assert relative_error(walk.mel().T, reference("tiny0_flow")["mel_chunked"]) < MEL_BOUNDS[dtype]


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_streams_at_any_steps_in_any_company_give_what_each_gives_alone(data):
    """Batches draw from whatever may go on: other streams, other steps, other depths, in any row order."""
    counts = data.draw(st.lists(st.sampled_from([13, 30, 40]), min_size=1, max_size=3))
    solver = new_solver(slots=30, pages=30)
    walks, starts_after = {}, {index: data.draw(st.integers(0, 12)) for index in range(len(counts))}
    for batch in range(200):
        for index, count in enumerate(counts):
            if index not in walks and (starts_after[index] <= batch):
                walks[index] = Walk(solver, speech_with(index, count), 1 + 8 * index)
        candidates = [(index, chunk) for index, walk in walks.items() for chunk in walk.steppable()]
        if not candidates and len(walks) == len(counts):
            break
        if candidates:
            chosen = data.draw(st.lists(st.sampled_from(candidates), min_size=1, unique=True))
            solver.step([walks[index].next_step(chunk) for index, chunk in chosen])
    for index, walk in walks.items():
        walk.finish()
        assert relative_error(walk.mel(), whole(index, counts[index])) < EXACT


def test_streams_that_share_a_prompt_s_pages_say_each_their_own():
    solver = new_solver(slots=30, pages=30)
    prompt = Walk(solver, speech_with(0, 0), 1)
    for chunk in range(PROMPT_CHUNKS):
        for _ in range(SOLVER_STEPS):
            solver.step([prompt.next_step(chunk)])
    shared = prompt.pages[:PROMPT_CHUNKS]
    walks = [Walk(solver, speech_with(seed, 40), 5 + 8 * seed, shared) for seed in (1, 2)]
    while any(walk.steppable() for walk in walks):
        solver.step([walk.next_step(chunk) for walk in walks for chunk in walk.steppable()])
    for seed, walk in zip((1, 2), walks, strict=True):
        assert relative_error(walk.mel(), whole(seed, 40)) < EXACT


@pytest.mark.parametrize("count", [14, 1, 38, 13])  # the last chunk has 2, 26, 50 and 50 frames
def test_a_last_chunk_of_any_length_matches(count):
    walk = Walk(new_solver(), speech_with(count, count), 1)
    walk.finish()
    assert relative_error(walk.mel(), whole(count, count)) < EXACT


def test_frames_that_do_not_exist_are_seen_by_none():
    solver, mels = new_solver(), []
    for nonsense in (0.0, 1e3):
        walk = Walk(solver, speech_with(14, 14), 1)
        solver.frames[walk.slots[-1], walk.speech.frames_in(walk.count - 1) :] = nonsense
        walk.finish()
        mels.append(walk.mel())
    assert torch.equal(*mels)


def test_rows_that_only_fill_a_batch_change_no_stream():
    """A captured batch is filled with rows in slot 0 and page 0, at whatever step and chunk those are."""
    walk = Walk(new_solver(), speech_with(3, 30), 1)
    filler = ChunkStep(0, 0, 0, CHUNK_FRAMES, (0,))
    while chunks := walk.steppable():
        walk.solver.step([filler, *(walk.next_step(chunk) for chunk in chunks), filler, filler])
    assert relative_error(walk.mel(), whole(3, 30)) < EXACT
    assert torch.isfinite(walk.solver.frames[0]).all()


def test_slots_and_pages_of_a_stream_that_has_ended_serve_the_next_unwiped():
    solver = new_solver(slots=9, pages=9)
    for seed, count in ((1, 40), (2, 30), (3, 13)):
        walk = Walk(solver, speech_with(seed, count), 1)
        walk.finish()
        assert relative_error(walk.mel(), whole(seed, count)) < EXACT


def test_a_chunk_that_is_begun_again_is_the_same_bit_for_bit():
    """What lets a stream lose its pages when they run out, and have them computed again."""
    solver, speech = new_solver(), speech_with(5, 20)
    mels = []
    for first in (1, 9):
        walk = Walk(solver, speech, first)
        walk.finish()
        mels.append(walk.mel())
    assert torch.equal(*mels)


def test_a_chunk_s_conditioning_sees_two_tokens_before_it_and_three_behind():
    speech = list(range(100, 160))
    assert chunk_tokens(speech, 1) == list(range(123, 153))
    assert len(chunk_tokens(speech, 1)) == CONTEXT_TOKENS


def test_there_are_no_tokens_before_the_first_nor_behind_the_last():
    speech = list(range(100, 130))
    assert chunk_tokens(speech, 0) == [-1, -1, *range(100, 128)]
    assert chunk_tokens(speech, 1) == [*range(123, 130), *[-1] * 23]
    assert chunk_tokens(speech[:1], 0) == [-1, -1, 100, *[-1] * 27]


def test_a_plan_s_row_holds_a_step_s_numbers_and_is_as_wide_as_the_plan():
    step = ChunkStep(slot=4, step=7, chunk=1, frames=31, pages=(9, 3), first_phase=10)
    assert plan_row(step, FIRST_PAGE + 4) == [4, 7, 1, 31, 17, 9, 3, 0, 0]


def test_every_page_step_and_branch_has_a_row_of_its_own():
    steps = [ChunkStep(1, step, 0, CHUNK_FRAMES, (page,)) for page in range(3) for step in range(SOLVER_STEPS)]
    plan = torch.tensor([plan_row(step, FIRST_PAGE + 1) for step in steps])
    rows = page_rows(plan, plan[:, FIRST_PAGE])
    assert sorted(rows.tolist()) == list(range(3 * SOLVER_STEPS * 2))


@pytest.mark.parametrize("is_compact", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_a_page_s_size_is_what_pages_take(dtype, is_compact):
    dit = flow(dtype).dit
    pages = Pages(dit, 3, is_compact=is_compact)
    taken = sum(tensor.nbytes for tensor in (*pages.kv, *pages.scales, pages.tails))
    assert taken == 3 * Pages.bytes_each(dit, is_compact=is_compact)


@pytest.mark.parametrize("dtype", COMPACT_BOUNDS, ids=str)
def test_with_compact_pages_the_mel_stays_within_its_bound_and_is_rounded_indeed(dtype):
    walk = Walk(new_solver(dtype=dtype, is_compact=True), reference_speech(), 1)
    walk.finish()
    error = relative_error(walk.mel().T.float(), reference("tiny0_flow")["mel_chunked"])
    assert 10 * EXACT < error < COMPACT_BOUNDS[dtype]


def test_with_compact_pages_too_a_mel_is_the_same_in_any_order_and_company():
    alone = Walk(new_solver(is_compact=True), reference_speech(), 1)
    alone.finish()
    solver = new_solver(is_compact=True)
    walk, company = Walk(solver, reference_speech(), 1), Walk(solver, speech_with(1, 50), 10)
    while chunks := walk.steppable():
        others = company.steppable()[:1]
        solver.step([*(company.next_step(chunk) for chunk in others), *(walk.next_step(chunk) for chunk in chunks)])
    # A value on the edge between two steps may fall to either, as its batch is rounded.
    assert relative_error(walk.mel(), alone.mel()) < COMPACT_BOUNDS[torch.float32]


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=64))
def test_in_eight_bits_no_value_is_off_by_more_than_half_a_step(values):
    row = torch.tensor([values])
    steps, scales = in_eight_bits(row)
    assert (row - steps * scales[..., None]).abs().max() <= 0.501 * row.abs().max() / LARGEST_STEP + 1e-37


def test_in_eight_bits_silence_stays_silence():
    steps, scales = in_eight_bits(torch.zeros(2, 8, dtype=torch.bfloat16))
    assert not (steps.float() * scales.float()[..., None]).any()
