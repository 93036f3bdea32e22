"""Pages: no stream gets page 0 or another's page, and a page that is given back can be taken again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sayline.synthesis.cosyvoice3.acoustic.page_pool import PagePool


def test_all_pages_but_the_fillers_own_can_be_taken():
    pool = PagePool(4)
    assert pool.free_count == 3
    assert sorted(pool.take() for _ in range(3)) == [1, 2, 3]
    assert pool.free_count == 0


def test_a_pool_that_is_empty_says_so():
    pool = PagePool(2)
    pool.take()
    assert pool.take() is None


def test_a_page_given_back_is_taken_again():
    pool = PagePool(2)
    page = pool.take()
    pool.give_back([page])
    assert pool.take() == page


@pytest.mark.parametrize("page", [0, 2, 99])
def test_a_page_that_is_not_taken_cannot_be_given_back(page):
    pool = PagePool(3)
    pool.give_back([pool.take()])
    with pytest.raises(KeyError):
        pool.give_back([page])
    assert pool.free_count == 2


@settings(deadline=None)
@given(st.integers(1, 9), st.lists(st.integers(0, 9)))
def test_no_page_is_ever_in_two_hands(count, moves):
    pool, held = PagePool(count), []
    for move in moves:
        if move < 6:
            page = pool.take()
            assert (page is None) == (len(held) == count - 1)
            held += [page] if page is not None else []
        elif held:
            pool.give_back([held.pop(move % len(held))])
        assert len(set(held)) == len(held)
        assert 0 not in held
        assert pool.free_count + len(held) == count - 1
