"""What has left is kept for a while, and comes back exactly from any message on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.dialects.actions import SendAudio, SendText
from sayline.gateway.serving.resuming.kept_messages import MOST_BYTES, MOST_S, KeptMessages

ENTRIES = st.lists(
    st.one_of(
        st.text("abc", max_size=5).map(SendText),
        st.lists(st.binary(max_size=4), min_size=1, max_size=6).map(lambda frames: SendAudio("c", frames)),
    )
)


def messages(entries):
    return [each for entry in entries for each in ([entry.message] if isinstance(entry, SendText) else entry.frames)]


@given(ENTRIES, st.data())
def test_what_was_missed_leaves_again_and_nothing_else(entries, data):
    kept = KeptMessages()
    kept.add(entries, 0.0)
    everything = messages(entries)
    assert kept.sent == len(everything)

    received = data.draw(st.integers(0, len(everything)))
    assert kept.reaches_back_to(received)
    missed = kept.rewind(received)
    assert messages(missed) == everything[received:]
    assert kept.sent == received

    kept.add(missed, 1.0)
    assert messages(kept.rewind(received)) == everything[received:]


def test_nobody_has_received_more_than_was_sent():
    kept = KeptMessages()
    kept.add([SendText("a")], 0.0)
    assert not kept.reaches_back_to(2)


@pytest.mark.parametrize("seconds", [0.0, MOST_S + 1])
def test_what_left_long_ago_or_is_too_much_is_forgotten(seconds):
    kept = KeptMessages()
    piece = "x" * (MOST_BYTES if seconds == 0.0 else 1)
    kept.add([SendText("first")], 0.0)
    kept.add([SendText(piece)], seconds)
    assert not kept.reaches_back_to(0)
    assert kept.reaches_back_to(1)
    assert messages(kept.rewind(1)) == [piece]


def test_a_message_that_is_larger_than_all_that_may_be_kept_is_not_kept():
    kept = KeptMessages()
    kept.add([SendText("x" * (MOST_BYTES + 1))], 0.0)
    assert kept.sent == 1
    assert not kept.reaches_back_to(0)
    assert kept.reaches_back_to(1)
