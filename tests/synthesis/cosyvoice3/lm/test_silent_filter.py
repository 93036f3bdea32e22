"""Silence is cut short, nothing else is."""

from hypothesis import given
from hypothesis import strategies as st

from sayline.synthesis.cosyvoice3.lm.silent_filter import SilentFilter
from sayline.synthesis.cosyvoice3.release.model_facts import SILENT_CODES

SILENT = sorted(SILENT_CODES)


def test_from_the_sixth_silent_token_in_a_row_on_they_are_dropped():
    tokens = [7, *SILENT[:8], 9, *SILENT[:5], 11]
    assert SilentFilter().pass_on(tokens) == [7, *SILENT[:5], 9, *SILENT[:5], 11]


def test_sound_ends_the_count():
    tokens = [*SILENT[:5], 9] * 4
    assert SilentFilter().pass_on(tokens) == tokens


@given(st.lists(st.lists(st.sampled_from([1, 2, 28, 5000]))))
def test_any_cutting_of_a_stream_gives_the_same(pieces):
    whole = SilentFilter().pass_on(token for piece in pieces for token in piece)
    stream = SilentFilter()
    assert [token for piece in pieces for token in stream.pass_on(piece)] == whole


def test_silence_before_the_first_sound_can_be_cut_shorter_than_any_later():
    tokens = [*SILENT[:3], 9, *SILENT[:5], 11]
    assert SilentFilter(1).pass_on(tokens) == [SILENT[0], *tokens[3:]]
    assert SilentFilter(0).pass_on(tokens) == tokens[3:]
    assert SilentFilter(99).pass_on([*SILENT[:7], 9]) == [*SILENT[:5], 9]
