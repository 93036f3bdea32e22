"""Repetition-aware sampling: the reference table, and what must hold whatever the logits."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import reference
from cosyvoice3_speech import GeneratorDraw, history, ras_table
from hypothesis import given
from hypothesis import strategies as st

from sayline.synthesis.cosyvoice3.lm.sampling import (
    NO_TOKEN,
    TOP_K,
    WINDOW,
    Rows,
    UniformDraw,
    next_ids,
    nucleus,
    rule_out,
    sample,
    uniforms,
)
from sayline.synthesis.cosyvoice3.release.model_facts import END_OF_SPEECH, SPEECH_ROWS, STOP_IDS

ROWS = 64


@pytest.fixture(scope="module")
def table():
    return ras_table()[0]


def draws(shares):
    return UniformDraw(torch.from_numpy(np.atleast_2d(shares)))


def rows_one_by_one(logits, draw):
    sampled = []
    for row in range(ROWS):
        sampled.append(int(sample(logits[row : row + 1], history(sampled), draw(row))))
    return sampled


def test_given_uniform_numbers_choose_the_reference_ids(table):
    arrays = reference("ras_table")
    sampled = rows_one_by_one(table, lambda row: draws(arrays["uniforms"][row]))
    assert sampled == arrays["ids_uniform"].tolist()


def test_torch_s_generator_chooses_the_reference_ids(table):
    generator = torch.Generator().manual_seed(777)
    sampled = rows_one_by_one(table, lambda _: GeneratorDraw(generator))
    assert sampled == reference("ras_table")["ids_torch"].tolist()


def test_a_batch_gives_what_its_rows_give_alone(table):
    arrays = reference("ras_table")
    sampled = arrays["ids_uniform"].tolist()
    histories = torch.cat([history(sampled[:row]) for row in range(ROWS)])
    assert sample(table, histories, draws(arrays["uniforms"])).tolist() == sampled


def test_the_nucleus_has_the_reference_s_size(table):
    kept, _ = nucleus(table.softmax(1))
    assert (kept > 0).sum(1).tolist() == reference("ras_table")["nucleus_size"].tolist()


def test_the_nucleus_is_what_a_stable_sort_would_keep():
    """Many equal values, as bf16 logits have them."""
    logits = torch.randn(16, SPEECH_ROWS, generator=torch.Generator().manual_seed(1)).mul(4).round().div(2)
    probabilities = logits.softmax(1)
    ordered, ids = probabilities.sort(dim=1, descending=True, stable=True)
    kept, kept_ids = nucleus(probabilities)

    assert torch.equal(kept_ids, ids[:, :TOP_K])
    for row in range(16):
        size, mass = 0, 0.0
        while size < TOP_K and mass < 0.8:
            mass += float(ordered[row, size])
            size += 1
        assert torch.equal(kept[row, :size], ordered[row, :size])
        assert not kept[row, size:].any()


def test_one_id_is_kept_even_if_it_holds_nearly_everything():
    logits = torch.zeros(1, SPEECH_ROWS)
    logits[0, 4321] = 100.0
    kept, ids = nucleus(logits.softmax(1))
    assert int((kept > 0).sum()) == 1
    assert int(ids[0, 0]) == 4321


@pytest.mark.parametrize("back", [1, WINDOW])
def test_a_repeated_id_is_drawn_again_from_all_others(back):
    logits = torch.zeros(1, SPEECH_ROWS)
    logits[0, 17] = 60.0  # all the probability; what else there is only counts once it is gone
    past = [17] + [100] * (back - 1)

    assert int(sample(logits, history(past), draws([0.5, 0.0]))) == 0
    assert int(sample(logits, history(past), draws([0.5, 0.9999999]))) == SPEECH_ROWS - 1
    assert int(sample(logits, history([*past, *[100] * (WINDOW + 1 - back)]), draws([0.5, 0.0]))) == 17


def test_the_second_draw_survives_probabilities_that_underflow():
    logits = torch.full((1, SPEECH_ROWS), -torch.inf)
    logits[0, 17], logits[0, 300] = 0.0, -500.0
    assert int(sample(logits, history([17]), draws([0.5, 0.5]))) == 300


def test_a_share_that_rounds_up_to_all_still_names_an_id():
    logits = torch.zeros(2, SPEECH_ROWS)
    shares = np.full((2, 2), np.nextafter(1, 0))
    assert sample(logits, torch.full((2, WINDOW), NO_TOKEN), draws(shares)).max() < SPEECH_ROWS


def test_nothing_that_ends_the_speech_is_sampled_while_it_is_ruled_out():
    logits = torch.zeros(3, SPEECH_ROWS)
    logits[:, STOP_IDS] = 50.0
    rule_out(logits, torch.tensor([True, False, True]))
    sampled = sample(logits, torch.full((3, WINDOW), NO_TOKEN), draws(np.full((3, 2), 0.3)))

    assert [id_ in STOP_IDS for id_ in sampled.tolist()] == [False, True, False]
    assert not (logits[[0, 2]].softmax(1)[:, STOP_IDS] > 0).any()


def rows(*requests):
    seeds, steps, min_tokens, is_greedy = zip(*requests, strict=True)
    return Rows(np.array(seeds, np.uint64), np.array(steps), np.array(min_tokens), np.array(is_greedy))


EMPTY = [[NO_TOKEN] * WINDOW]


def test_every_id_that_ends_the_speech_becomes_one():
    logits = torch.zeros(len(STOP_IDS), SPEECH_ROWS)
    logits[torch.arange(len(STOP_IDS)), torch.tensor(STOP_IDS)] = 50.0
    ids = next_ids(logits, torch.tensor(EMPTY * len(STOP_IDS)), rows(*[(1, 0, 0, False)] * len(STOP_IDS)))
    assert ids.tolist() == [END_OF_SPEECH] * len(STOP_IDS)


@pytest.mark.parametrize("is_greedy", [False, True])
def test_the_speech_cannot_end_before_its_minimum_length(is_greedy):
    logits = torch.zeros(3, SPEECH_ROWS)
    logits[:, STOP_IDS] = 50.0
    ids = next_ids(logits, torch.tensor(EMPTY * 3), rows(*[(5, step, 10, is_greedy) for step in (0, 9, 10)]))
    assert [id_ == END_OF_SPEECH for id_ in ids.tolist()] == [False, False, True]


def test_a_request_gets_the_same_id_in_any_company(table):
    requests = [(seed, 40, 50, seed % 5 == 0) for seed in range(ROWS)]
    together = next_ids(table.clone(), torch.tensor(EMPTY * ROWS), rows(*requests)).tolist()
    alone = [
        int(next_ids(table[i : i + 1].clone(), torch.tensor(EMPTY), rows(request)))
        for i, request in enumerate(requests)
    ]
    assert alone == together
    assert together[::5] == table[::5].argmax(1).tolist()


def test_seeds_and_steps_change_the_sampled_id():
    logits = torch.zeros(1, SPEECH_ROWS)
    logits[0, :20] = 10.0
    sampled = [int(next_ids(logits.clone(), torch.tensor(EMPTY), rows((7, step, 0, False)))) for step in range(200)]
    assert set(sampled) >= set(range(15))
    again = [int(next_ids(logits.clone(), torch.tensor(EMPTY), rows((8, step, 0, False)))) for step in range(200)]
    assert sampled != again


@given(st.integers(0, 2**64 - 1), st.integers(0, 10_000), st.integers(0, 2**64 - 1))
def test_uniform_numbers_depend_on_seed_and_step_alone(seed, step, other_seed):
    alone = uniforms(np.array([seed], np.uint64), np.array([step]))
    together = uniforms(np.array([other_seed, seed], np.uint64), np.array([3, step]))
    assert np.array_equal(alone[0], together[1])
    assert alone.min() >= 0
    assert alone.max() < 1


def test_uniform_numbers_are_spread_evenly_over_seeds_and_over_steps():
    """Chi-square over 64 bins, 63 degrees of freedom: beyond 120 it would be wrong once in 60,000 seeds."""
    many = np.arange(20_000)
    for seeds, steps in ((many.astype(np.uint64), 0 * many), (np.zeros(20_000, np.uint64), many)):
        numbers = uniforms(seeds, steps)
        for column in numbers.T:
            counts = np.histogram(column, 64, (0, 1))[0]
            assert ((counts - len(many) / 64) ** 2 / (len(many) / 64)).sum() < 120
        assert abs(np.corrcoef(numbers.T)[0, 1]) < 0.03
