"""The GPU's sampler beside the plain one, in Triton's interpreter if there is no GPU."""

import numpy as np
import pytest
from cosyvoice3_checkpoint import reference

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
pytest.importorskip("triton", reason="comes with torch for GPUs")

from cosyvoice3_speech import ras_table

from sayline.synthesis.cosyvoice3.lm.sampling import INCREMENT, MIX_1, MIX_2, NO_TOKEN, WINDOW, Rows, next_ids
from sayline.synthesis.cosyvoice3.release.model_facts import (
    END_OF_SPEECH,
    SPEECH_CODES,
    SPEECH_ROWS,
    STOP_IDS,
)

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
PROMPT = 30  # tokens
POSITIONS = 512


@pytest.fixture(scope="module")
def kernels():
    with pytest.MonkeyPatch.context() as environment:
        if DEVICE.type == "cpu":
            environment.setenv("TRITON_INTERPRET", "1")  # asked when the kernels' module is imported
        from sayline.synthesis.cosyvoice3.lm import sampling_kernels
    return sampling_kernels


def on_device(array, dtype):
    return torch.from_numpy(np.asarray(array)).to(DEVICE, dtype)


def sampled(kernels, logits, pasts, rows):
    """What the kernel samples for requests in slots that lie the other way round; ``pasts`` is each one's own ids."""
    count = len(logits)
    slots = np.arange(count)[::-1].copy()
    prompts = np.full(count, PROMPT) + np.arange(count) % 3
    lengths = prompts + rows.steps
    token_ids = np.full((count, POSITIONS), NO_TOKEN)
    token_ids[:, :PROMPT] = 17  # which is no past
    wishes = np.zeros((count, 3), np.int64)
    for row, slot in enumerate(slots):
        token_ids[slot, lengths[row] - len(pasts[row]) : lengths[row]] = pasts[row]
        wishes[slot] = rows.seeds[row : row + 1].view(np.int64)[0], rows.min_tokens[row], rows.is_greedy[row]
    prompt_lens = on_device(prompts[slots], torch.int32)
    padded = torch.full((count, SPEECH_ROWS + 23), 99.0, device=DEVICE)  # as vLLM's head leaves them
    padded[:, :SPEECH_ROWS] = logits
    ids = torch.full((count, 1), -7, dtype=torch.int64, device=DEVICE)
    counts = torch.full((count,), -7, dtype=torch.int32, device=DEVICE)
    kernels.sample_step(
        padded[:, :SPEECH_ROWS],
        on_device(slots, torch.int32),
        on_device(lengths, torch.int32),
        prompt_lens,
        prompt_lens,
        on_device(token_ids, torch.int32),
        on_device(wishes, torch.int64),
        ids,
        counts,
    )
    assert counts.tolist() == [1] * count
    return ids[:, 0].tolist()


def expected(logits, pasts, rows):
    histories = [[NO_TOKEN] * (WINDOW - len(past[-WINDOW:])) + list(past[-WINDOW:]) for past in pasts]
    return next_ids(logits.clone().to(DEVICE), on_device(histories, torch.int64), rows).tolist()


def make_rows(seeds, steps, min_tokens=0, is_greedy=False):
    count = len(seeds)
    return Rows(
        np.array(seeds, np.uint64),
        np.array(steps, np.int64),
        np.broadcast_to(np.int64(min_tokens), (count,)).copy(),
        np.broadcast_to(np.bool_(is_greedy), (count,)).copy(),
    )


def random_logits(count, spread, seed):
    return torch.randn(count, SPEECH_ROWS, generator=torch.Generator().manual_seed(seed)) * spread


@pytest.mark.parametrize("spread", [0.5, 3.0, 8.0])
def test_ids_are_the_plain_ones(kernels, spread):
    """From flat rows, whose nucleus is full, to steep ones, whose nucleus is one id; some of them repeated."""
    count = 48
    logits = random_logits(count, spread, seed=int(10 * spread))
    likely = logits.topk(4).indices.tolist()
    seeds = np.random.Generator(np.random.PCG64(3)).integers(0, 2**64, count, np.uint64)
    steps = np.arange(count) * 7
    pasts = [(likely[row] * 3)[: min(steps[row], row % 12)] for row in range(count)]
    rows = make_rows(seeds, steps, min_tokens=100, is_greedy=np.arange(count) % 5 == 0)
    assert sampled(kernels, logits, pasts, rows) == expected(logits, pasts, rows)


def test_many_equal_probabilities_are_kept_in_the_plain_order(kernels):
    """As bf16 logits have them: which of them are kept, and in which order, decides the id."""
    logits = random_logits(48, 4.0, seed=5).round() / 2
    rows = make_rows(range(48), [3] * 48)
    assert sampled(kernels, logits, [()] * 48, rows) == expected(logits, [()] * 48, rows)


def seed_of(share, step):
    """The seed that makes ``share`` the first uniform number of a step: the hash run backwards."""

    def unmixed(x):
        for shift, factor in ((31, MIX_2), (27, MIX_1), (30, 1)):
            x ^= (x >> shift) ^ (x >> 2 * shift)
            x = x * pow(int(factor), -1, 2**64) % 2**64
        return x

    bits = unmixed(int(share * 2**52) << 12)
    return unmixed((bits - (2 * step + 1) * int(INCREMENT)) % 2**64)


def test_given_uniform_numbers_choose_the_reference_ids(kernels):
    """But where it drew anew: a seed settles both of a step's numbers, and the first is made the reference's here."""
    logits, shares = ras_table()
    ids = reference("ras_table")["ids_uniform"].tolist()
    steps = range(len(ids))
    rows = make_rows([seed_of(float(shares[step, 0]), step) for step in steps], steps)
    pasts = [ids[max(0, step - WINDOW) : step] for step in steps]
    first = sampled(kernels, logits, [()] * len(ids), rows)
    is_repeated = np.array([id_ in past for id_, past in zip(first, pasts, strict=True)])
    ours = np.array(sampled(kernels, logits, pasts, rows))
    assert ours.tolist() == expected(logits, pasts, rows)
    assert 0 < is_repeated.sum() < len(ids) / 4
    assert np.array_equal(ours[~is_repeated], np.minimum(ids, END_OF_SPEECH)[~is_repeated])


@pytest.mark.parametrize("back", [1, WINDOW, WINDOW + 1])
def test_an_id_is_drawn_again_if_it_is_among_the_last_ten(kernels, back):
    logits = torch.zeros(8, SPEECH_ROWS)
    logits[:, 17] = 60.0  # all the probability; what else there is only counts once it is gone
    pasts = [[17] + [100] * (back - 1)] * 8
    rows = make_rows(range(8), [back] * 8)
    ids = sampled(kernels, logits, pasts, rows)
    assert ids == expected(logits, pasts, rows)
    assert [id_ == 17 for id_ in ids] == [back > WINDOW] * 8


def test_what_the_prompt_holds_is_no_repetition(kernels):
    logits = torch.zeros(1, SPEECH_ROWS)
    logits[0, 17] = 60.0
    assert sampled(kernels, logits, [[]], make_rows([1], [0])) == [17]


def test_the_second_draw_survives_probabilities_that_underflow(kernels):
    logits = torch.full((1, SPEECH_ROWS), -torch.inf)
    logits[0, 17], logits[0, 300] = 0.0, -500.0
    assert sampled(kernels, logits, [[17]], make_rows([1], [1])) == [300]


@pytest.mark.parametrize("is_greedy", [False, True])
def test_the_speech_ends_with_one_id_and_not_before_its_minimum_length(kernels, is_greedy):
    logits = torch.zeros(4, SPEECH_ROWS)
    logits[:, STOP_IDS[-1]] = 50.0
    rows = make_rows([5] * 4, [0, 9, 10, 300], min_tokens=10, is_greedy=is_greedy)
    ids = sampled(kernels, logits, [()] * 4, rows)
    assert [id_ == END_OF_SPEECH for id_ in ids] == [False, False, True, True]
    assert max(ids[:2]) < SPEECH_CODES


def test_the_likeliest_of_equals_is_the_first(kernels):
    logits = torch.zeros(1, SPEECH_ROWS)
    logits[0, [900, 40, 6000]] = 2.0
    assert sampled(kernels, logits, [()], make_rows([5], [0], is_greedy=True)) == [40]


def test_a_request_gets_the_same_id_in_any_company(kernels):
    logits = random_logits(6, 3.0, seed=8)
    rows = make_rows(range(6), range(6))
    together = sampled(kernels, logits, [()] * 6, rows)
    alone = [sampled(kernels, logits[i : i + 1], [()], make_rows([i], [i]))[0] for i in range(6)]
    assert alone == together


def test_uniform_numbers_are_the_plain_ones_whatever_the_seed(kernels):
    """Rows that are flat up to float32's rounding spread the number over all ids, whose order is then told apart."""
    seeds = [0, 1, 2**31, 2**32, 2**63 - 1, 2**63, 2**64 - 1]
    logits = torch.zeros(len(seeds), SPEECH_ROWS)
    logits[:, 17] = 60.0
    pasts = [[17]] * len(seeds)
    for step in (1, 255, 400):
        rows = make_rows(seeds, [step] * len(seeds))
        assert sampled(kernels, logits, pasts, rows) == expected(logits, pasts, rows)
