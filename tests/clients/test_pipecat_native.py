"""``sayline[pipecat]`` in a real pipeline, with a transport that plays in real time."""

import asyncio

import pytest
from client_programs import TEXT, Gateway, Tap, assert_same_sound, interpreter, spoken
from integrations import lines_of

WORDS = TEXT.split()
BEGINNING, REST = "This sentence is spoken before its end is written,", " which comes late. And one more."


def words_of(program):
    """The words that were heard: a frame may hold two, if one of them is not found in the text."""
    return " ".join(event["text"] for event in program.events if event["event"] == "word").split()


async def write(program, text, **facts):
    await program.ask("pipeline", do="write", text=text, **facts)


async def test_a_turn_is_heard_with_its_words_and_the_next_one_too(gateway, run):
    lines = lines_of("Pipecat SaylineTTSService", at=gateway.url.removeprefix("ws://"))
    async with run("pipecat", "pipecat_native.py", lines=lines) as program:
        await program.told("ready")
        await write(program, TEXT)
        await program.told("turn_over")
        await program.told("stopped")
        assert " ".join(words_of(program)) == TEXT
        assert_same_sound(program.sound, await spoken(gateway, TEXT))

        await write(program, "Another turn.")
        await program.told("stopped")
        assert words_of(program)[len(WORDS) :] == ["Another", "turn."]
        await gateway.until(current_requests=0)
        await program.ask("pipeline", do="end")
        await program.told("over")
        await program.finished()
    assert not [event for event in program.events if event["event"] == "error"]


async def test_words_come_while_they_are_heard(gateway, run):
    """Not all at the start: the context would hold what an interrupted listener never heard."""
    async with run("pipecat", "pipecat_native.py", url=gateway.ws_url) as program:
        await program.told("ready")
        await write(program, TEXT)
        started = await program.told("started")
        await program.told("stopped")
    words = [event["at"] - started["at"] for event in program.events if event["event"] == "word"]
    assert words[-1] > 4  # of eight seconds
    assert words == sorted(words)


async def test_a_word_waits_for_its_sentence(gateway, run):
    """Pipecat knows a sentence once the next one begins, and puts words that come before it behind later ones."""
    async with run("pipecat", "pipecat_native.py", url=gateway.ws_url) as program:
        await program.told("ready")
        await write(program, BEGINNING, ends=False)
        await program.told("started")
        await write(program, REST)
        await program.told("turn_over")
        await program.told("stopped")
    assert " ".join(words_of(program)) == f"{BEGINNING}{REST}"
    order = [event for event in program.events if event["event"] in ("given", "sentence", "started")]
    kinds = [event["event"] for event in order]
    assert set(kinds[: kinds.index("sentence")]) == {"started"}  # sound was heard by then, and no word was given
    assert " ".join(word for event in order for word in event.get("words", [])) == f"{BEGINNING}{REST}"


async def test_an_interruption_stops_the_gateway_and_says_what_was_heard(gateway, run):
    async with Tap(gateway.port) as tap, run("pipecat", "pipecat_native.py", url=tap.ws_url) as program:
        await program.told("ready")
        await write(program, TEXT)
        for _ in range(4):
            await program.told("word")
        await program.ask("pipeline", do="interrupt")
        interrupting = await program.told("interrupting")
        cut = await program.told("cut")
        assert await tap.silent_after(interrupting["at"]) < 0.1
        assert cut["heard"] + cut["remaining"] == TEXT
        assert 2 <= len(cut["heard"].split()) <= 8
        await gateway.until(current_requests=0)
        words = words_of(program)
        assert words == WORDS[: len(words)]

        await write(program, "The next turn is whole.")
        await program.told("started")
        await program.told("stopped")
        assert words_of(program)[-5:] == ["The", "next", "turn", "is", "whole."]


async def test_a_connection_that_is_lost_in_mid_turn_costs_no_word(run):
    with Gateway("--engine", "espeak") as first, Gateway("--engine", "espeak") as second:
        async with Tap(first.port) as tap, run("pipecat", "pipecat_native.py", url=tap.ws_url) as program:
            await program.told("ready")
            await write(program, TEXT)
            for _ in range(3):
                await program.told("word")
            tap.target = second.port
            tap.cut()
            await program.told("turn_over")
            await program.told("stopped")
            assert " ".join(words_of(program)) == TEXT
            assert not [event for event in program.events if event["event"] == "error"]


async def test_at_the_cap_and_before_a_gateway_is_there_a_turn_waits(run):
    with Gateway("--engine", "espeak", "--max-connections", "1") as gateway:
        async with Tap(None) as tap, run("pipecat", "pipecat_native.py", url=tap.ws_url) as program:
            await program.told("ready")
            await write(program, "First the gateway is not there.")
            await tap.refused.wait()
            async with asyncio.timeout(30):
                import sayline

                async with sayline.connect(gateway.url):
                    tap.target = gateway.port  # there, and full
                    await gateway.until(connections=1)
            await program.told("turn_over")
            await program.told("stopped")
            assert " ".join(words_of(program)) == "First the gateway is not there."


@pytest.mark.parametrize("text", ["...", "😀"])
async def test_a_turn_with_nothing_to_pronounce_is_no_failure(gateway, run, text):
    async with run("pipecat", "pipecat_native.py", url=gateway.ws_url) as program:
        await program.told("ready")
        for _ in range(4):
            await write(program, text)
            await program.told("turn_over")
        await write(program, "Now a word.")
        await program.told("turn_over")
        assert not [event for event in program.events if event["event"] == "error"]


async def test_a_voice_that_is_not_there_is_an_error_that_names_it(gateway, run):
    async with run("pipecat", "pipecat_native.py", url=gateway.ws_url, voice="nobody") as program:
        await program.told("ready")
        await write(program, "Hello.")
        assert "nobody" in (await program.told("error"))["text"]


def test_its_types_hold_beside_the_framework_s(type_checked):
    type_checked(interpreter("pipecat")[0], "sayline.gateway.integrations.pipecat")
