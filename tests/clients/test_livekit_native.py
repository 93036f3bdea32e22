"""``sayline[livekit]`` with the real package: its streams, its retries, its timed transcript."""

import pytest
from client_programs import TEXT, Gateway, Tap, assert_same_sound, interpreter, spoken
from integrations import lines_of

import sayline


def transcript(program):
    return "".join(event["text"] for event in program.events if event["event"] == "word")


async def write(program, text):
    await program.ask("agent", do="write", text=text)


async def test_a_turn_is_heard_with_its_text_and_the_next_one_too(gateway, run):
    lines = lines_of("LiveKit sayline.TTS", at=gateway.url.removeprefix("ws://"))
    async with run("livekit", "livekit_native.py", lines=lines) as program:
        await program.told("ready")
        await write(program, TEXT)
        await program.told("turn_over")
        assert transcript(program) == TEXT
        assert_same_sound(program.sound, await spoken(gateway, TEXT))
        starts = [event["start"] for event in program.events if event["event"] == "word"]
        assert starts == sorted(starts)
        assert starts[-1] > 4  # of eight seconds

        await write(program, " Another turn.")
        await program.told("turn_over")
        assert transcript(program) == TEXT + " Another turn."
        await gateway.until(current_requests=0, connections=1)
        await program.ask("agent", do="end")
        await program.finished()


async def test_an_interruption_stops_the_gateway_and_the_next_turn_is_clean(gateway, run):
    async with Tap(gateway.port) as tap, run("livekit", "livekit_native.py", url=tap.ws_url) as program:
        await program.told("ready")
        await write(program, TEXT)
        for _ in range(4):
            await program.told("word")
        await program.ask("agent", do="interrupt")
        interrupting = await program.told("interrupting")
        assert await tap.silent_after(interrupting["at"]) < 0.1
        await gateway.until(current_requests=0, connections=1)
        said = transcript(program)
        assert TEXT.startswith(said)

        await write(program, "The next turn.")
        assert 0.5 < (await program.told("turn_over"))["seconds"] < 2
        assert transcript(program) == said + "The next turn."


async def test_a_connection_that_is_lost_in_mid_turn_costs_no_word(run):
    with Gateway("--engine", "espeak") as first, Gateway("--engine", "espeak") as second:
        async with Tap(first.port) as tap, run("livekit", "livekit_native.py", url=tap.ws_url) as program:
            await program.told("ready")
            await write(program, TEXT)
            for _ in range(3):
                await program.told("word")
            tap.target = second.port
            tap.cut()
            await program.told("turn_over")
            assert transcript(program) == TEXT
            assert not [event for event in program.events if "error" in event["event"] or "failed" in event["event"]]


async def test_at_the_cap_and_before_a_gateway_is_there_a_turn_waits(run):
    with Gateway("--engine", "espeak", "--max-connections", "1") as gateway:
        async with Tap(None) as tap, run("livekit", "livekit_native.py", url=tap.ws_url) as program:
            await program.told("ready")
            await write(program, "First the gateway is not there.")
            await tap.refused.wait()
            async with sayline.connect(gateway.url):
                tap.target = gateway.port  # there, and full
                await gateway.until(connections=1)
            await program.told("turn_over")
            assert transcript(program) == "First the gateway is not there."


@pytest.mark.parametrize("text", ["...", "😀"])
async def test_a_turn_with_nothing_to_pronounce_is_no_failure(gateway, run, text):
    async with run("livekit", "livekit_native.py", url=gateway.ws_url) as program:
        await program.told("ready")
        await write(program, text)
        await program.told("turn_over")
        assert not [event for event in program.events if "error" in event["event"] or "failed" in event["event"]]


async def test_a_voice_that_is_not_there_is_an_error_that_names_it(gateway, run):
    async with run("livekit", "livekit_native.py", url=gateway.ws_url, voice="nobody") as program:
        await program.told("ready")
        await write(program, "Hello.")
        error = await program.told("error")
        assert "nobody" in error["text"]
        assert not error["retryable"]


async def test_a_wrong_key_is_an_error_that_no_retry_follows(run):
    with Gateway("--engine", "espeak", "--api-keys", "right") as gateway:
        async with run("livekit", "livekit_native.py", url=gateway.ws_url, key="wrong") as program:
            await program.told("ready")
            await write(program, "Hello.")
            assert not (await program.told("error"))["retryable"]
            assert sum(event["event"] == "attempt_failed" for event in program.events) == 1


def test_its_types_hold_beside_the_framework_s(type_checked):
    type_checked(interpreter("livekit")[0], "sayline.gateway.integrations.livekit")
