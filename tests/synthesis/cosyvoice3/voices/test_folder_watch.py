"""The watch on a folder of voices, with real files; only the folder's path counts what is asked of it."""

import asyncio
import os
import threading
from contextlib import asynccontextmanager

import pytest

from sayline.synthesis.cosyvoice3.voices.folder_watch import FolderWatch

PATIENCE_S = 30


@asynccontextmanager
async def watching(folder):
    """The watch, and a queue of what it told."""
    told = asyncio.Queue()
    watch = FolderWatch(folder, told.put_nowait)
    await watch.start()
    yield watch, told
    watch.close()


async def next_of(told):
    return await asyncio.wait_for(told.get(), PATIENCE_S)


async def test_a_voice_that_comes_or_goes_is_told_with_all_that_are_there(tmp_path):
    (tmp_path / "demo.safetensors").touch()
    async with watching(tmp_path) as (watch, told):
        assert watch.names == {"demo"}
        (tmp_path / "anna.safetensors").touch()
        assert await next_of(told) == {"demo", "anna"}
        (tmp_path / "demo.safetensors").unlink()
        assert await next_of(told) == {"anna"} == watch.names


async def test_a_voice_that_is_replaced_is_told(tmp_path):
    """Its description may be another; the names are the same."""
    (tmp_path / "demo.safetensors").write_text("old")
    async with watching(tmp_path) as (_, told):
        (tmp_path / ".demo.partial").write_text("new")
        (tmp_path / ".demo.partial").replace(tmp_path / "demo.safetensors")
        assert await next_of(told) == {"demo"}


async def test_the_folder_may_be_missing_and_may_come_later(tmp_path):
    folder = tmp_path / "voices"
    async with watching(folder) as (watch, told):
        assert watch.names == set()
        folder.mkdir()
        (folder / "demo.safetensors").touch()
        assert await next_of(told) == {"demo"}
        (folder / "demo.safetensors").unlink()
        folder.rmdir()
        assert await next_of(told) == set()


async def test_what_is_no_voice_is_not_told(tmp_path):
    async with watching(tmp_path) as (_, told):
        (tmp_path / ".anna.17.partial").touch()
        (tmp_path / ".hidden.safetensors").touch()
        (tmp_path / "notes.txt").touch()
        (tmp_path / "demo.safetensors").touch()
        assert await next_of(told) == {"demo"}
        assert told.empty()


async def test_a_folder_that_rests_costs_one_look_at_the_folder_each_time_and_never_the_loop_s_thread(tmp_path):
    """Also the first look: a folder may lie on a file system that takes its time."""
    looks = asyncio.Queue()
    loop = asyncio.get_running_loop()

    class CountingPath(type(tmp_path)):
        def stat(self, **options):
            loop.call_soon_threadsafe(looks.put_nowait, ("stat", threading.get_ident()))
            return super().stat(**options)

        def glob(self, pattern):
            loop.call_soon_threadsafe(looks.put_nowait, ("glob", threading.get_ident()))
            return super().glob(pattern)

    for number in range(100):
        (tmp_path / f"v{number}.safetensors").touch()
    os.utime(tmp_path, (1_000_000_000, 1_000_000_000))  # long ago: what happens now would show
    async with watching(CountingPath(tmp_path)) as (watch, _):
        seen = [await next_of(looks) for _ in range(105)]

    assert len(watch.names) == 100
    assert [what for what, _ in seen] == ["stat", "glob", *["stat"] * 103]  # folder, files; then the folder three times
    assert threading.get_ident() not in {thread for _, thread in seen}


async def test_a_closed_watch_tells_nothing_more(tmp_path):
    async with watching(tmp_path) as (watch, told):
        watch.close()
        watch.close()
        (tmp_path / "demo.safetensors").touch()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(told.get(), 1.0)  # four looks' time
