"""What ``sayline say`` speaks: bytes that arrive in any pieces, what is no text, texts longer than a context holds."""

import asyncio
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.commands.text_in import CannotRead, NotText, Parts, read_as_it_arrives, whole

KIB = 1024


async def read_all(descriptor):
    return "".join([piece async for piece in read_as_it_arrives(descriptor)])


async def read_bytes(path, content):
    path.write_bytes(content)
    with path.open("rb") as file:
        return await read_all(file.fileno())


async def deltas_of(*texts):
    for text in texts:
        yield text


async def parts_of(*texts):
    """Cut a text that comes as these deltas; returns each part's deltas."""
    parts, cut = Parts(deltas_of(*texts)), []
    while not parts.is_over:
        cut.append([delta async for delta in parts.next_part()])
    return cut


# -- reading ----------------------------------------------------------------------------------------------------


async def test_reading_yields_whole_characters_however_the_bytes_are_cut():
    read_end, write_end = os.pipe()
    arrived = read_as_it_arrives(read_end)
    sent = "naïve 日本 🎉!".encode() + b"\xff."
    pieces = []
    for byte in sent:
        os.write(write_end, bytes([byte]))
        if byte < 0x80:  # a whole character, at the latest
            pieces.append(await anext(arrived))
    os.close(write_end)
    pieces += [piece async for piece in arrived]
    os.close(read_end)
    assert "".join(pieces) == "naïve 日本 🎉!\ufffd."


async def test_a_pausing_writer_delays_no_other_work():
    """A read that blocked would let the loop go on when the writer does, and no sooner."""
    read_end, write_end = os.pipe()
    arrived = read_as_it_arrives(read_end)
    loop = asyncio.get_running_loop()
    os.write(write_end, b"One.")
    assert await anext(arrived) == "One."
    late = threading.Timer(3, os.write, (write_end, b"Two."))
    late.start()
    next_one = loop.create_task(anext(arrived))
    turns = asyncio.Queue()
    loop.call_later(0.1, turns.put_nowait, "somebody else's")
    assert await turns.get() == "somebody else's"
    assert not next_one.done()
    assert await next_one == "Two."
    await arrived.aclose()
    late.join()
    os.close(read_end)
    os.close(write_end)


async def test_reading_a_regular_file_works_too(tmp_path):
    path = tmp_path / "text"
    path.write_text("Grüße", "utf-8")
    with path.open("rb") as file:
        assert [piece async for piece in read_as_it_arrives(file.fileno())] == ["Grüße"]


async def test_a_folder_as_standard_input_is_named_as_the_cause(tmp_path):
    descriptor = os.open(tmp_path, os.O_RDONLY)
    with pytest.raises(CannotRead, match="standard input cannot be read: Is a directory"):
        await read_all(descriptor)
    os.close(descriptor)


async def test_a_byte_order_mark_is_no_text(tmp_path):
    assert await read_bytes(tmp_path / "text", b"\xef\xbb\xbfHello.") == "Hello."


# -- what is text ------------------------------------------------------------------------------------------------------


async def test_random_bytes_are_refused_before_any_of_them_is_spoken(tmp_path):
    (tmp_path / "noise").write_bytes(bytes((7 * i * i + i // 3) % 256 for i in range(100)))
    with (tmp_path / "noise").open("rb") as file, pytest.raises(NotText, match="no UTF-8 text"):
        await anext(read_as_it_arrives(file.fileno()))


async def test_noise_after_an_hour_of_text_is_refused_too(tmp_path):
    with pytest.raises(NotText):
        await read_bytes(tmp_path / "text", b"A sentence. " * 20_000 + os.urandom(100_000))


async def test_utf_16_is_called_by_its_name(tmp_path):
    with pytest.raises(NotText, match="UTF-16"):
        await read_bytes(tmp_path / "text", "Guten Morgen, liebe Leute.".encode("utf-16"))


@pytest.mark.parametrize(
    "content",
    [
        b"\xff.",
        "Grüße aus Köln, es ist schön hier und später wird es noch schöner.".encode("latin-1"),
        b"bad \xc3( here, and the rest is well " * 20,
        b"\x1b[1mbold\x1b[0m, \ttabs,\r\nlines and pages\f",
        "日本語のテキスト。".encode() * 100,
        "😀🎉 ok".encode() * 50,
    ],
)
async def test_text_with_faults_here_and_there_is_spoken(tmp_path, content):
    assert await read_bytes(tmp_path / "text", content) == content.decode("utf-8", "replace")


async def test_an_argument_that_is_no_text_is_refused_like_a_file():
    with pytest.raises(NotText):
        _ = [delta async for delta in whole("\x01\x02\x03\x04\x05" * 10)]
    assert [delta async for delta in whole("na\udcff")] == ["na\ufffd"]


# -- parts -------------------------------------------------------------------------------------------------------------

PROSE = "One sentence is here. And another, which asks: is it so?\n" * 4000  # 230 KiB


@given(
    st.lists(st.integers(1, 40_000), min_size=1, max_size=60), st.sampled_from([PROSE, "啊" * 90_000, "x" * 300_000])
)
def test_parts_are_the_text_however_it_comes_and_each_fits_a_context(sizes, text):
    deltas, at = [], 0
    while at < len(text):
        size = sizes[len(deltas) % len(sizes)]
        deltas.append(text[at : at + max(size, 500)])
        at += max(size, 500)
    parts = asyncio.run(parts_of(*deltas))
    assert "".join(delta for part in parts for delta in part) == text
    assert max(len("".join(part).encode()) for part in parts) <= 64 * KIB
    assert len(parts) <= 2 + len(text.encode()) // (32 * KIB)


async def test_a_part_ends_with_a_line_if_it_can():
    first, *_ = await parts_of(PROSE)
    assert "".join(first).endswith("so?\n")


async def test_a_part_of_one_endless_line_ends_with_a_sentence_though_its_blank_comes_in_the_next_delta():
    words = [" One", " sentence", " is", " here", "."] * 6000
    first, *_ = await parts_of(*words)
    assert "".join(first).endswith(". ")


async def test_a_text_that_a_context_holds_is_one_part():
    assert await parts_of("Hello ", "there.") == [["Hello ", "there."]]


async def test_blank_text_is_known_to_be_none():
    parts = Parts(deltas_of(" \n", "\t"))
    while not parts.is_over:
        _ = [delta async for delta in parts.next_part()]
    assert not parts.has_text
