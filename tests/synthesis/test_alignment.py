"""Which stretch of one text stands for which of another, after any number of changes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.synthesis.alignment import Alignment, Rewriting
from sayline.synthesis.interface import Segment

TEXTS = st.text("ab$5 é", max_size=12)


@st.composite
def rewritings(draw):
    """A text, and what is left of it after some steps of edits."""
    first = draw(TEXTS)
    rewriting = Rewriting(first)
    for _ in range(draw(st.integers(0, 3))):
        cuts = sorted(draw(st.lists(st.integers(0, len(rewriting.text)), max_size=6)))
        pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
        rewriting.replace([(start, end, draw(TEXTS)) for start, end in pairs])
    return first, rewriting


@given(rewritings())
def test_runs_tile_both_texts_and_exact_ones_are_equally_long(made):
    first, rewriting = made
    here = there = 0
    for run in rewriting.alignment.runs:
        assert (run.here_start, run.there_start) == (here, there)
        here, there = run.here_end, run.there_end
        if run.is_exact:
            assert here - run.here_start == there - run.there_start
    assert (here, there) == (len(rewriting.text), len(first))


@given(rewritings(), st.data())
def test_a_stretch_leads_to_one_that_holds_all_it_stands_for(made, data):
    first, rewriting = made
    alignment = rewriting.alignment
    start = data.draw(st.integers(0, len(rewriting.text)))
    end = data.draw(st.integers(start, len(rewriting.text)))
    there_start, there_end = alignment.span(start, end)
    assert 0 <= there_start <= there_end <= len(first)
    if start == end:
        assert there_start == there_end == alignment.until(start)
    for char in range(start, end):
        char_start, char_end = alignment.span(char, char + 1)
        assert there_start <= char_start <= char_end <= there_end
        assert alignment.until(char + 1) in {char_start, char_end}
    for char in range(there_start, there_end if start < end else 0):
        back_start, back_end = alignment.back(char, char + 1)
        assert back_start <= max(back_start, start) <= min(back_end, end) or back_start == back_end


@given(rewritings())
def test_what_is_complete_only_grows_and_comes_to_everything_but_what_was_left_out_at_the_end(made):
    first, rewriting = made
    reached = [rewriting.alignment.until(position) for position in range(len(rewriting.text) + 1)]
    assert reached == sorted(reached)
    left_out = [run for run in rewriting.alignment.runs if run.here_start == run.here_end == len(rewriting.text)]
    assert reached[-1] in {len(first), *(run.there_start for run in left_out)}


@given(rewritings())
def test_a_map_read_from_the_other_side_twice_is_itself_and_an_identity_changes_nothing(made):
    first, rewriting = made
    alignment = rewriting.alignment
    assert alignment.inverse().inverse() == alignment
    assert Alignment.identity(len(rewriting.text)).then(alignment) == alignment
    assert alignment.then(Alignment.identity(len(first))) == alignment


def test_maps_are_joined_where_their_runs_lie_across_each_other():
    spoken = Rewriting("pay $5.00 now")
    spoken.replace([(4, 9, "5 dollars")])
    spoken.replace([(2, 5, "y five")])
    assert spoken.text == "pay five dollars now"
    assert spoken.alignment.span(4, 8) == (2, 9)
    assert spoken.alignment.span(17, 20) == (10, 13)
    assert spoken.alignment.until(1) == 1
    assert spoken.alignment.until(12) == 2  # in the middle of "dollars" nothing after "pa" is complete


def test_a_pattern_is_replaced_as_by_the_library_for_patterns():
    spoken = Rewriting("a@b.co or c@d.org")
    spoken.sub(re.compile(r"(\w)@(\w)"), r"\1 at \2")
    assert spoken.text == "a at b.co or c at d.org"
    assert spoken.alignment.span(0, 1) == (0, 3)
    assert spoken.alignment.span(10, 12) == (7, 9)


def test_maps_of_other_texts_are_not_joined():
    with pytest.raises(ValueError, match="3 and 4 characters"):
        Alignment.identity(3).then(Alignment.identity(4))


def test_a_segment_without_a_map_is_its_text_or_as_a_whole():
    assert Segment(0, "Hi.", "Hi.", 0, 3).alignment.span(1, 2) == (1, 2)
    assert Segment(0, "**Hi.**", "Hi.", 0, 7).alignment.span(1, 2) == (0, 7)
    assert Segment(0, "***", "", 0, 3, is_last=True).alignment.until(0) == 0
