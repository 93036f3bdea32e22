"""What a gateway is told of a speech, however it is written, cut and told again."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.client.deltas import WholeCharacters
from sayline.gateway.client.manuscript import Manuscript
from sayline.gateway.client.wire import messages as wire

START = wire.ContextStart(context_id="c")
MAX_BYTES = 16


def told(manuscript):
    """Everything that the present connection does not know yet."""
    messages = []
    while (message := manuscript.next_message(MAX_BYTES)) is not None:
        messages.append(message)
    return messages


def text_of(messages):
    return "".join(message.text for message in messages if isinstance(message, wire.Text))


# What happens to a speech: text, a flush, the gateway is told, the connection is lost.
EVENTS = st.lists(st.one_of(st.text(max_size=12), st.sampled_from([("flush",), ("tell",)])), max_size=12)


@given(EVENTS, st.booleans())
def test_a_gateway_hears_the_text_as_written_in_pieces_that_it_takes(events, keeps_text):
    manuscript, messages = Manuscript(START, keeps_text=keeps_text), []
    for event in events:
        if isinstance(event, str):
            manuscript.append(event)
        elif event == ("flush",):
            manuscript.flush()
        else:
            messages += told(manuscript)
    manuscript.end()
    messages += told(manuscript)

    assert messages[0] is START
    assert isinstance(messages[-1], wire.ContextEnd)
    assert text_of(messages) == "".join(event for event in events if isinstance(event, str))
    assert all(len(m.text.encode()) <= MAX_BYTES for m in messages if isinstance(m, wire.Text))
    assert told(manuscript) == []


@given(st.lists(st.text(max_size=12), max_size=6), st.data())
def test_another_gateway_is_told_what_was_not_heard_and_only_that(deltas, data):
    text = "".join(deltas)
    manuscript = Manuscript(START, keeps_text=True)
    for delta in deltas:
        manuscript.append(delta)
        if data.draw(st.booleans()):
            told(manuscript)
    manuscript.end()
    told(manuscript)
    heard = data.draw(st.integers(0, len(text)))
    manuscript.rewind(heard)

    again = told(manuscript)
    assert again[0] is START
    assert text_of(again) == text[heard:]
    assert isinstance(again[-1], wire.ContextEnd)


def test_a_flush_stands_where_it_was_made():
    manuscript = Manuscript(START, keeps_text=True)
    manuscript.append("One")
    manuscript.flush()
    manuscript.append("Two")
    expected = [START, wire.Text(context_id="c", text="One"), wire.Flush(context_id="c")]
    expected.append(wire.Text(context_id="c", text="Two"))
    assert told(manuscript) == expected
    manuscript.rewind(1)
    assert [message.type for message in told(manuscript)] == ["context.start", "text", "flush", "text"]
    manuscript.rewind(4)
    assert [message.type for message in told(manuscript)] == ["context.start", "text"]


@given(st.text(), st.lists(st.integers(0, 100), max_size=8))
def test_characters_cut_in_utf_16_are_put_together(text, cuts):
    """As JSON's escapes cut them: between the halves of a surrogate pair, too."""
    units = text.encode("utf-16-le", "surrogatepass")
    edges = [0, *sorted(min(2 * cut, len(units)) for cut in cuts), len(units)]
    characters = WholeCharacters()
    pieces = [
        characters.take(units[start:end].decode("utf-16-le", "surrogatepass"))
        for start, end in itertools.pairwise(edges)
    ]
    assert "".join(pieces) == text
