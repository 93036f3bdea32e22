"""Messages between gateway and engine process arrive whole, in order, however the bytes are cut."""

import asyncio
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sayline.synthesis.cosyvoice3.process.link import LinkClosed, LinkMessage, read, write


class Written:
    """A writer that keeps what is written."""

    def __init__(self, *, is_closed=False):
        self.sent = b""
        self.is_closed = is_closed

    def is_closing(self):
        return self.is_closed

    def write(self, data):
        self.sent += data


def sent(*messages):
    writer = Written()
    for message in messages:
        write(writer, *message)
    return writer.sent


def received(pieces):
    """Every message that a reader gets out of these pieces, and that it ends as a closed link does."""

    async def receive():
        reader, messages = asyncio.StreamReader(), []
        for piece in pieces:
            reader.feed_data(piece)
        reader.feed_eof()
        while True:
            try:
                messages.append(await read(reader))
            except LinkClosed:
                return messages

    return asyncio.run(receive())


MESSAGES = [
    LinkMessage({"type": "speak", "key": 1, "text": "你好 – hello"}),
    LinkMessage({"type": "sound", "key": 1, "is_last": False}, bytes(range(256))),
    LinkMessage({"type": "cancel", "key": 1}, b""),
]


@settings(deadline=None)
@given(st.lists(st.integers(0, 500), max_size=8))
def test_messages_arrive_in_order_however_their_bytes_are_cut(cuts):
    stream = sent(*MESSAGES)
    bounds = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[start:end] for start, end in itertools.pairwise(bounds)]
    assert received(pieces) == MESSAGES


@pytest.mark.parametrize("missing", [1, 255, 257, 290])
def test_a_message_that_breaks_off_is_none(missing):
    stream = sent(MESSAGES[0], MESSAGES[1])
    assert received([stream[:-missing]]) == MESSAGES[:1]


def test_nothing_is_sent_where_the_other_end_is_gone():
    writer = Written(is_closed=True)
    write(writer, *MESSAGES[0])
    assert writer.sent == b""


async def test_a_link_that_broke_is_closed():
    reader = asyncio.StreamReader()
    reader.set_exception(ConnectionResetError())
    with pytest.raises(LinkClosed):
        await read(reader)
