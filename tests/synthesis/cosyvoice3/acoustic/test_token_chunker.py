"""Hops: they end on chunk boundaries, the first one early, and grow with what the listener has ahead."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sayline.synthesis.cosyvoice3.acoustic.token_chunker import (
    first_hop_end,
    first_hop_tokens,
    next_hop_end,
    solvable_chunks,
    whole_prompt_chunks,
)
from sayline.synthesis.cosyvoice3.release.model_facts import CHUNK_TOKENS, LOOKAHEAD_TOKENS


@pytest.mark.parametrize(
    ("prompt", "token_hop_len", "end"),
    [
        (65, 10, 3),  # ten tokens, exactly
        (66, 10, 4),  # nine would be too few: 34
        (87, 10, 4),  # thirteen
        (87, 14, 5),  # thirteen are too few
        (75, 10, 4),  # a prompt that ends on a boundary leaves a whole chunk
        (74, 0, 3),  # never less than a token
        (75, 0, 4),
        (0, 10, 1),
        (65, 76, 6),  # the longest that may be asked for
    ],
)
def test_the_first_hop_ends_on_the_first_boundary_that_is_not_too_early(prompt, token_hop_len, end):
    assert first_hop_end(prompt, token_hop_len) == end


@given(st.integers(0, 500), st.integers(0, 100))
def test_the_first_hop_can_be_solved_as_soon_as_all_its_tokens_are_there(prompt, token_hop_len):
    enough = prompt + first_hop_tokens(prompt, token_hop_len)
    end = first_hop_end(prompt, token_hop_len)
    assert solvable_chunks(enough, is_complete=False) == end
    assert solvable_chunks(enough - 1, is_complete=False) < end


@pytest.mark.parametrize(
    ("tokens", "complete", "more_to_come"),
    [(0, 0, 0), (2, 1, 0), (25, 1, 0), (27, 2, 0), (28, 2, 1), (52, 3, 1), (53, 3, 2), (75, 3, 2), (76, 4, 2)],
)
def test_a_chunk_is_solvable_with_its_look_ahead_or_when_nothing_follows(tokens, complete, more_to_come):
    assert solvable_chunks(tokens, is_complete=True) == complete
    assert solvable_chunks(tokens, is_complete=False) == more_to_come


@pytest.mark.parametrize(("prompt", "chunks"), [(0, 0), (27, 0), (28, 1), (65, 2), (87, 3), (77, 2), (78, 3)])
def test_a_prompt_s_own_chunks_do_not_look_at_what_is_said_after_it(prompt, chunks):
    assert whole_prompt_chunks(prompt) == chunks


def test_nothing_sounds_before_the_first_hop_is_whole():
    assert next_hop_end(2, 2, 4, 0.0, is_complete=False) is None
    assert next_hop_end(2, 3, 4, 0.0, is_complete=False) is None
    assert next_hop_end(2, 4, 4, 0.0, is_complete=False) == 4


def test_speech_that_ends_before_its_first_hop_sounds_at_once():
    assert next_hop_end(2, 3, 4, 0.0, is_complete=True) == 3


def test_the_first_hop_is_no_longer_than_it_must_be_however_many_tokens_are_there():
    assert next_hop_end(2, 9, 3, 0.0, is_complete=True) == 3


@pytest.mark.parametrize(
    ("lead_s", "chunks"), [(-1.0, 1), (0.0, 1), (1.49, 1), (1.5, 2), (3.9, 2), (4.0, 4), (60.0, 4)]
)
def test_a_listener_with_more_ahead_gets_longer_hops(lead_s, chunks):
    assert next_hop_end(3, 20, 3, lead_s, is_complete=False) == 3 + chunks


def test_a_hop_takes_what_is_solvable_and_does_not_wait_for_more():
    assert next_hop_end(3, 4, 3, 60.0, is_complete=False) == 4


def test_when_all_that_is_solvable_has_sounded_there_is_no_hop():
    assert next_hop_end(5, 5, 3, 0.0, is_complete=False) is None
    assert next_hop_end(5, 5, 3, 0.0, is_complete=True) is None


@settings(deadline=None)
@given(
    prompt=st.integers(0, 200),
    token_hop_len=st.integers(0, 76),
    arrivals=st.lists(st.tuples(st.integers(0, 40), st.floats(-1, 9)), min_size=1),
)
def test_hops_make_up_the_whole_speech_each_on_a_boundary_and_never_ahead_of_its_tokens(
    prompt, token_hop_len, arrivals
):
    first_end, sounded, tokens = first_hop_end(prompt, token_hop_len), whole_prompt_chunks(prompt), prompt
    ends = []
    for index, (count, lead_s) in enumerate(arrivals):
        tokens += count
        is_complete = index == len(arrivals) - 1
        solvable = solvable_chunks(tokens, is_complete=is_complete)
        while (end := next_hop_end(sounded, solvable, first_end, lead_s, is_complete=is_complete)) is not None:
            assert end > sounded
            assert is_complete or end * CHUNK_TOKENS + LOOKAHEAD_TOKENS <= tokens
            sounded = end
            ends.append(end)
    assert sounded == max(whole_prompt_chunks(prompt), -(-tokens // CHUNK_TOKENS))
    if ends and ends[0] * CHUNK_TOKENS < tokens:
        assert ends[0] * CHUNK_TOKENS - prompt >= token_hop_len
