"""Messages between two processes arrive whole, in order and typed, however the bytes are cut."""

import asyncio
import itertools
import socket
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sayline.synthesis.processes import link as link_module
from sayline.synthesis.processes.link import Alive, Link, LinkBroken, Vocabulary

WAIT_S = 20


class Say(NamedTuple):
    text: str
    dry_in_s: float | None


class Sound(NamedTuple):
    key: int
    stages: dict[str, float]
    tail: bytes


class Stop(NamedTuple):
    pass


class Encode(NamedTuple):
    key: int
    needed_in_s: float
    is_last: bool
    tail: bytes


VOCABULARY = Vocabulary("test", 3, Say, Sound, Stop, Encode)
MESSAGES = [
    Say("你好 – hello", 1.25),
    Sound(7, {"flow": 2.5}, bytes(range(256))),
    Stop(),
    Say("", None),
    Sound(8, {}, b""),
    Encode(2**40, float("inf"), True, b"abc"),
]
STREAM = b"".join(map(VOCABULARY.pack, MESSAGES))


@settings(deadline=None)
@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_messages_arrive_in_order_and_typed_however_their_bytes_are_cut(cuts):
    bounds = [0, *sorted(cuts), len(STREAM)]
    received, messages = bytearray(), []
    for start, end in itertools.pairwise(bounds):
        received += STREAM[start:end]
        messages += VOCABULARY.take(received)

    assert messages == MESSAGES
    assert [type(message) for message in messages] == [type(message) for message in MESSAGES]
    assert not received


@pytest.mark.parametrize(
    "stream",
    [
        b"\xff" + bytes(8),
        b"\x02\xff\xff\xff\xff" + bytes(4),
        VOCABULARY.pack(Say("a", 1.0)).replace(b"[", b"("),
        VOCABULARY.pack(Say("a", 1.0)).replace(b",1.0]", b"    ]"),
        b"\x05" + b"\0\0\0\x01" + bytes(4) + b"1",
    ],
    ids=["a kind that there is not", "a length that cannot be", "no JSON", "a field too few", "a number too few"],
)
def test_what_is_no_message_breaks_the_link(stream):
    with pytest.raises(LinkBroken):
        VOCABULARY.take(bytearray(stream))


def test_numbers_are_in_network_byte_order():
    fields = b"\0\0\0\0\0\0\0\x07" + b"\x3f\xf8\0\0\0\0\0\0" + b"\1"
    assert VOCABULARY.pack(Encode(7, 1.5, True, b"ab")) == b"\x05" + b"\0\0\0\x11" + b"\0\0\0\x02" + fields + b"ab"
    assert VOCABULARY.pack(Sound(7, {}, b"ab")) == b"\x03" + b"\0\0\0\x06" + b"\0\0\0\x02" + b"[7,{}]ab"


class End:
    """One end of a link, and all that it hears."""

    def __init__(self, end, vocabulary=VOCABULARY):
        self.heard, self.closed, self.greeted = asyncio.Queue(), asyncio.Event(), asyncio.Event()
        self.link = Link(end, vocabulary, self.heard.put_nowait, self.closed.set, greeted=self.greeted.set)


@pytest.fixture
async def ends():
    pair = [End(end) for end in socket.socketpair()]
    async with asyncio.timeout(WAIT_S):
        yield pair
    for end in pair:
        end.link.close()


async def test_both_ends_say_hello_and_hear_what_the_other_says(ends):
    one, two = ends
    for message in MESSAGES:
        one.link.send(message)
        one.link.send(Alive())
    two.link.send(Stop())

    assert [await two.heard.get() for _ in MESSAGES] == MESSAGES
    assert await one.heard.get() == Stop()
    assert two.greeted.is_set()
    assert one.greeted.is_set()


async def test_an_end_that_closes_is_heard_to_its_last_word_and_then_gone(ends):
    one, two = ends
    one.link.send(MESSAGES[0])
    one.link.close()
    await two.closed.wait()
    two.link.send(Stop())  # dropped

    assert two.heard.get_nowait() == MESSAGES[0]
    assert two.link.is_closed
    assert not one.closed.is_set(), "who closes knows that"


async def test_an_end_that_speaks_another_version_is_hung_up_on(caplog):
    ours, theirs = socket.socketpair()
    old, new = End(ours), End(theirs, Vocabulary("test", 4, Say, Sound, Stop))
    async with asyncio.timeout(WAIT_S):
        await old.closed.wait()
        await new.closed.wait()
    assert "the other end says 'test 4', this one test 3" in caplog.text


async def test_an_end_that_does_not_read_is_given_up_before_memory_is(monkeypatch, caplog):
    monkeypatch.setattr(link_module, "MOST_UNSENT_BYTES", 1_000_000)
    ours, theirs = socket.socketpair()
    with theirs:
        end = End(ours)
        for _ in range(100):
            end.link.send(Sound(1, {}, bytes(100_000)))
            await asyncio.sleep(0)
        async with asyncio.timeout(WAIT_S):
            await end.closed.wait()
    assert "does not read" in caplog.text
    assert end.link.unsent_bytes == 0


@pytest.mark.parametrize("raising", ["received", "greeted"])
async def test_an_end_that_cannot_handle_a_message_hangs_up_so_that_the_other_does_not_wait(raising, caplog):
    ours, theirs = socket.socketpair()
    other, closed = End(theirs), asyncio.Event()

    def fail(*_):
        raise RuntimeError("a fault of ours")

    handlers = {"received": lambda _: None, "greeted": lambda: None} | {raising: fail}
    link = Link(ours, VOCABULARY, handlers["received"], closed.set, greeted=handlers["greeted"])
    other.link.send(Stop())
    async with asyncio.timeout(WAIT_S):
        await closed.wait()
        await other.closed.wait()
    assert link.is_closed
    assert "a message could not be handled" in caplog.text
    assert "a fault of ours" in caplog.text


def test_a_process_with_nothing_to_do_yet_waits_for_its_first_message():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(VOCABULARY.pack(VOCABULARY.hello) + VOCABULARY.pack(MESSAGES[0]) + VOCABULARY.pack(MESSAGES[1]))
        assert VOCABULARY.receive(theirs) == MESSAGES[0]
        assert VOCABULARY.take(bytearray(theirs.recv(1000))) == [MESSAGES[1]], "nothing of the next one is taken"
        ours.close()
        with pytest.raises(LinkBroken):
            VOCABULARY.receive(theirs)
