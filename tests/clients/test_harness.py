"""The harness itself, with our own client: what it says of other clients it must be able to tell."""

import asyncio

import pytest
from client_programs import PATIENCE_S, Sound, Tap, assert_same_sound, spoken

TEXT = "Hello there. This is the second sentence of a speech. And here is a third one, which takes a little longer."


async def test_a_program_speaks_is_interrupted_and_speaks_again(gateway, run):
    async with Tap(gateway.port) as tap, run("mcp", "sayline_speech.py", url=tap.ws_url, text=TEXT) as program:
        await program.told("spoken")
        assert_same_sound(program.sound, await spoken(gateway, TEXT))

        await program.told("sounds")
        await program.ask("interrupt")
        interrupted = await program.told("interrupted")
        assert await tap.silent_after(interrupted["at"]) < 0.1
        await gateway.until(current_requests=0)

        await program.ask("go on")
        assert (await program.told("again"))["text_spoken"] == "And once more."
        await program.finished()


async def test_another_text_a_cut_and_another_rate_are_not_the_same_sound(gateway):
    sound = await spoken(gateway, TEXT)
    with pytest.raises(AssertionError, match="were heard"):
        assert_same_sound(Sound(sound.samples[: len(sound.samples) // 2], sound.rate_hz), sound)
    with pytest.raises(AssertionError, match="were heard"):
        assert_same_sound(Sound(sound.samples, 22_050), sound)
    with pytest.raises(AssertionError, match="likeness"):
        assert_same_sound(Sound(sound.samples[::-1], sound.rate_hz), sound)


async def test_a_program_that_fails_is_told_with_what_it_printed(run):
    with pytest.raises(AssertionError, match="KeyError: 'url'"):
        async with run("mcp", "sayline_speech.py") as program:
            await program.told("spoken")


async def test_what_a_program_has_started_ends_with_it(run, tmp_path):
    """A child would hold the ends of the pipes, and leaving the block would wait for it."""
    program = tmp_path / "parent.py"
    child = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    program.write_text(f'import subprocess, sys, time\n{child}\nprint(\'{{"event": "begun"}}\')\ntime.sleep(600)\n')
    async with asyncio.timeout(PATIENCE_S), run("mcp", program) as running:
        await running.told("begun")
