from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.codecs.frame_slicer import FrameSlicer


def ramp(start: int, stop: int) -> np.ndarray:
    return np.arange(start, stop, dtype=np.int16)


def test_a_frame_is_held_back_until_something_follows_it():
    slicer = FrameSlicer(4)
    slicer.push(ramp(0, 4))
    assert slicer.frames_ready == 0
    slicer.push(ramp(4, 5))
    assert slicer.frames_ready == 1
    assert slicer.take(2).tolist() == [0, 1, 2, 3]


def test_released_sound_is_held_back_no_longer_but_later_sound_is():
    slicer = FrameSlicer(4)
    slicer.push(ramp(0, 8))
    assert slicer.frames_ready == 1
    slicer.release()
    assert slicer.frames_ready == 2
    slicer.push(ramp(8, 12))
    assert slicer.frames_ready == 2


def test_padding_completes_a_partial_frame_with_silence():
    slicer = FrameSlicer(4)
    slicer.push(ramp(1, 7))
    assert slicer.pad_tail() == 2
    assert slicer.frames_ready == 2
    assert slicer.take(2).tolist() == [1, 2, 3, 4, 5, 6, 0, 0]
    assert (slicer.pushed, slicer.taken) == (8, 8)


def test_padding_adds_nothing_to_whole_frames():
    slicer = FrameSlicer(4)
    assert slicer.pad_tail() == 0
    slicer.push(ramp(0, 4))
    assert slicer.pad_tail() == 0
    assert slicer.frames_ready == 1


def test_a_partial_tail_goes_out_only_when_released():
    slicer = FrameSlicer(4, partial_tail=True)
    slicer.push(ramp(0, 6))
    assert slicer.frames_ready == 1
    assert slicer.pad_tail() == 0
    assert slicer.frames_ready == 2
    assert slicer.take(2).tolist() == [0, 1, 2, 3, 4, 5]
    assert slicer.frames_ready == 0


def test_no_more_is_taken_than_is_ready_or_asked_for():
    slicer = FrameSlicer(4)
    assert slicer.take(3).tolist() == []
    slicer.push(ramp(0, 13))
    assert [len(slicer.take(2)), len(slicer.take(0)), len(slicer.take(9)), len(slicer.take(9))] == [8, 0, 4, 0]


def test_a_frame_without_samples_is_refused():
    with pytest.raises(ValueError, match="at least one sample, not 0"):
        FrameSlicer(0)


def test_a_producer_may_reuse_its_buffer():
    slicer = FrameSlicer(2)
    buffer = ramp(1, 4)
    slicer.push(buffer)
    buffer[:] = 0
    assert slicer.take(1).tolist() == [1, 2]


@given(
    cuts=st.lists(st.integers(0, 50), max_size=30),
    frame=st.integers(1, 20),
    takes=st.lists(st.integers(0, 5), max_size=30),
    partial=st.booleans(),
)
def test_any_cutting_of_the_input_gives_the_same_frames(cuts, frame, takes, partial):
    samples = ramp(0, sum(cuts))
    slicer = FrameSlicer(frame, partial_tail=partial)
    taken, position = [], 0
    for index, cut in enumerate(cuts):
        slicer.push(samples[position : position + cut])
        position += cut
        wanted = takes[index] if index < len(takes) else 1
        taken.append(slicer.take(wanted))
        assert len(taken[-1]) % frame == 0
        # the promise behind the flags: until the end is marked, something always follows the last frame out
        assert slicer.taken < slicer.pushed or not slicer.taken
    padding = slicer.pad_tail()
    taken.append(slicer.take(slicer.frames_ready))
    assert np.concatenate(taken).tolist() == [*samples.tolist(), *[0] * padding]
