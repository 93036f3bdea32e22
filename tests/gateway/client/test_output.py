"""Outputs: opened before they are needed, whole after every write, taken back if nothing was written."""

import asyncio
import os

import pytest

from sayline.gateway.client.output import CannotWrite, Output
from sayline.gateway.errors import BadSettings


async def test_a_file_that_nothing_was_written_to_never_was(tmp_path):
    output = Output.open(str(tmp_path / "a"))
    assert (tmp_path / "a").exists()
    output.close()
    output.close()
    assert not (tmp_path / "a").exists()


async def test_an_older_file_stays_until_the_first_write(tmp_path):
    (tmp_path / "a").write_text("something longer")
    Output.open(str(tmp_path / "a")).close()
    assert (tmp_path / "a").read_text() == "something longer"
    output = Output.open(str(tmp_path / "a"))
    await output.write(b"new")
    output.close()
    assert (tmp_path / "a").read_text() == "new"


async def test_a_slow_reader_gets_every_byte_and_delays_no_other_work():
    read_end, write_end = os.pipe()
    output = Output.open(f"/dev/fd/{write_end}")
    sent = os.urandom(300_000)
    writing = asyncio.create_task(output.write(sent))
    got = b""
    while len(got) < len(sent):
        got += await asyncio.to_thread(os.read, read_end, 10_000)
    await writing
    assert got == sent
    assert output.size == len(sent)
    output.close()
    os.close(read_end)
    os.close(write_end)


async def test_a_write_that_was_cancelled_goes_on_where_it_stopped():
    read_end, write_end = os.pipe()
    output = Output.open(f"/dev/fd/{write_end}")
    sent = os.urandom(200_000)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await output.write(sent)
    assert output.size == 0
    got = b""
    finishing = asyncio.create_task(output.finish())
    while len(got) < len(sent):
        got += await asyncio.to_thread(os.read, read_end, 65_536)
    await finishing
    assert got == sent
    output.write_now(b"the end")  # there is room, so it is written
    assert os.read(read_end, 100) == b"the end"
    output.close()
    os.close(read_end)
    os.close(write_end)


async def test_closing_an_output_does_not_wait_for_a_reader_that_has_stopped():
    read_end, write_end = os.pipe()
    output = Output.open(f"/dev/fd/{write_end}")
    output.write_now(bytes(1_000_000))  # returns
    output.close()
    os.close(read_end)
    os.close(write_end)


async def test_a_reader_that_has_gone_is_said_to_have():
    read_end, write_end = os.pipe()
    output = Output.open(f"/dev/fd/{write_end}")
    os.close(read_end)
    with pytest.raises(CannotWrite, match=f"--out /dev/fd/{write_end}: its reader has closed it"):
        await output.write(b"x")
    output.close()
    os.close(write_end)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("{folder}", "that is a folder"),
        ("{folder}/new/", "that is a folder"),
        ("{folder}/none/a", "there is no folder .*none"),
        ("/dev/fd/987654", "that descriptor is closed"),
        ("{folder}/" + "x" * 300, "File name too long"),
    ],
)
def test_an_output_that_cannot_be_opened_is_named_with_the_option_and_the_reason(name, words, tmp_path):
    with pytest.raises(BadSettings, match=f"^--json .*: {words}"):
        Output.open(name.format(folder=tmp_path), option="--json")
