"""Which requests of the language model run: slots, pages and turns."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from sayline.synthesis.cosyvoice3.lm.graphs.batch import MOST_BEGUN_AT_ONCE, Batch, Request
from sayline.synthesis.cosyvoice3.release.model_facts import END_OF_SPEECH


def request(key, prompt=10, most=20):
    return Request(key, np.zeros(prompt, np.int32), 0, most, seed=0, is_greedy=False, awaited=0)


def new_batch(slots=4, pages=12, page=16):
    return Batch(slots=slots, pages=pages, page=page, positions=128, at_once=3)


def test_requests_begin_in_the_order_in_which_they_came_and_no_page_or_slot_is_shared():
    batch = new_batch()
    for key in range(5):
        batch.add(request(key))
    begun = batch.begin(1000)
    assert [each.key for each in begun] == [0, 1, 2]
    assert len({each.slot for each in begun} | {0}) == 4
    pages = [page for each in begun for page in each.pages]
    assert len(set(pages)) == len(pages) == 9
    assert 0 not in pages
    assert not batch.begin(1000)


def test_a_request_waits_for_pages_for_all_that_it_may_become():
    batch = new_batch(pages=5)
    batch.add(request(0))  # 33 positions: 3 pages
    batch.add(request(1))
    assert [each.key for each in batch.begin(1000)] == [0]
    batch.cancel(0)
    assert [each.key for each in batch.begin(1000)] == [1]


def test_prompts_that_do_not_fit_together_are_read_one_after_the_other_and_a_long_one_by_itself():
    batch = new_batch()
    batch.add(request(0, prompt=90))
    batch.add(request(1))
    assert [each.key for each in batch.begin(64)] == [0]
    assert [each.key for each in batch.begin(64)] == [1]


def test_no_more_begin_at_once_than_one_pass_takes():
    batch = new_batch(slots=20, pages=100)
    for key in range(12):
        batch.add(request(key))
    assert len(batch.begin(1000)) == MOST_BEGUN_AT_ONCE


def test_what_was_sampled_beyond_the_end_is_dropped_and_its_place_is_free_again():
    batch = new_batch(slots=2)
    batch.add(request(0))
    (begun,) = batch.begin(1000)
    assert batch.take(begun, [1, 2, 3]) == (0, False, [1, 2, 3])
    assert batch.take(begun, [4, END_OF_SPEECH, 5]) == (0, True, [4])
    assert batch.is_idle
    batch.add(request(1, most=4))
    (begun,) = batch.begin(1000)
    assert batch.take(begun, [1, 2, 3]) == (1, False, [1, 2, 3])
    assert batch.take(begun, [4, 5, 6]) == (1, True, [4])


def test_one_that_waits_can_be_cancelled():
    batch = new_batch()
    batch.add(request(0))
    batch.cancel(0)
    batch.cancel(7)
    assert batch.is_idle


def test_how_far_requests_have_come_is_told_and_on_demand_of_those_that_wait_too():
    batch = new_batch(slots=2)
    batch.add(request(0))
    batch.add(request(1))
    (begun,) = batch.begin(1000)
    batch.take(begun, [1, 2, 3])
    assert [(each.request_id, each.sampled) for each in batch.progress()] == [("0", 3)]
    assert [(each.request_id, each.sampled) for each in batch.progress(with_waiting=True)] == [("0", 3), ("1", 0)]
