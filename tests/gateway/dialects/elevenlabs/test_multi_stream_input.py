"""``multi-stream-input`` against a real server over real sockets: many contexts on a socket."""

import asyncio
import random
import struct
from itertools import pairwise

import pytest
from elevenlabs_peer import ElevenLabsPeer, Recorder
from wire_peer import PATIENCE_S

from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.interface import SynthesisFailed, never

pytestmark = pytest.mark.slow  # a whole server for each test

LONG = "This sentence is one of many, and there is another one after it. " * 8  # 31 s of tone


def begin(name):
    return {"text": " ", "context_id": name, "voice_settings": {"stability": 0.5}}


def text(words, name=None, **fields):
    return {"text": words, **({} if name is None else {"context_id": name}), **fields}


def flush(name):
    return {"context_id": name, "flush": True}


def close(name):
    return {"context_id": name, "close_context": True}


def keep_alive(name=None):
    return text("", name)


def settings(**changes):
    return Settings(**{"port": 0, "max_lead_ms": 0, **changes})


async def join(server, **query):
    return await ElevenLabsPeer.join(server.url, **query)


@pytest.fixture
def engine():
    return Recorder()


@pytest.fixture
async def server(engine):
    async with running_server(settings(), engine) as running:
        yield running


@pytest.fixture
async def paced(engine):
    """A server that sends a second of sound ahead, so that there is time to interrupt."""
    async with running_server(settings(max_lead_ms=1000), engine) as running:
        yield running


async def nothing_runs(server):
    async with asyncio.timeout(PATIENCE_S):
        while server.load().requests:
            await asyncio.sleep(0.01)


async def silence(peer, name):
    """How many bytes of a context still come until a later one is over."""
    before = len(peer.of(name).audio)
    await peer.send(text("Next.", "probe"), flush("probe"), close("probe"))
    await peer.listen("probe")
    return len(peer.of(name).audio) - before


# -- contexts ----------------------------------------------------------------------------------------------------------


async def test_rule_4_contexts_do_not_mix_and_each_is_final_once_behind_its_last_sound(server, engine):
    texts = {f"c{number}": f"Context {number} has a sentence. And it has {number} more." for number in range(6)}
    async with await join(server) as peer:
        for name in texts:
            await peer.send(begin(name))
        for place in range(0, 50, 5):
            for name, whole in texts.items():
                if part := whole[place : place + 5]:
                    await peer.send(text(part, name))
        for name in texts:
            await peer.send(flush(name), close(name))
        await peer.listen(*texts)

    for name, whole in texts.items():
        spoken = peer.of(name)
        mine = [part for part in engine.texts if f"{name[1:]} has a s" in part or part.endswith(f"{name[1:]} more.")]
        assert "".join(mine) == whole
        assert spoken.audio == engine.pcm(*mine)
        assert (spoken.finals, spoken.audio_after_final, spoken.errors) == (1, 0, [])


async def test_rule_10_messages_name_their_context_in_camel_case(server):
    async with await join(server) as peer:
        await peer.send(text("Hello.", "c1"), close("c1"))
        await peer.listen("c1")

    assert {message["contextId"] for message in peer.messages} == {"c1"}
    assert peer.messages[-1] == {"contextId": "c1", "isFinal": True}
    assert set(peer.messages[0]) == {"audio", "isFinal", "contextId", "alignment", "normalizedAlignment"}


async def test_a_context_needs_no_name(server, engine):
    async with await join(server) as peer:
        await peer.send(text("Hello there."), {"flush": True}, {"close_context": True})
        spoken = await peer.listen()

    assert spoken.audio == engine.pcm()
    assert all("contextId" not in message for message in peer.messages)


async def test_rule_15_with_auto_mode_each_text_is_a_whole_phrase(server, engine):
    async with await join(server, auto_mode="true") as peer:
        await peer.send(text("Hello there.", "c"), text("How are you", "c"), flush("c"), close("c"))
        await peer.listen("c")

    assert engine.texts == ["Hello there.", "How are you"]


async def test_a_flush_is_final_for_nothing(server, engine):
    async with await join(server) as peer:
        await peer.send(text("Well, then", "c", flush=True))
        await peer.until_sound("c")
        await peer.send(text("", "c", flush=True), close("c"))
        await peer.listen("c")

    assert engine.texts == ["Well, then"]
    assert peer.of("c").finals == 1


async def test_a_long_text_and_its_close_may_come_in_one_message(server, engine):
    async with await join(server) as peer:
        await peer.send(text(LONG, "c", flush=True, close_context=True), text("Hello.", "d", close_context=True))
        await peer.listen("c", "d")

    assert "".join(part for part in engine.texts if part != "Hello.") == LONG
    assert peer.of("c").audio == engine.pcm(*[part for part in engine.texts if part != "Hello."])


# -- close and cancel --------------------------------------------------------------------------------------------------


async def test_the_first_close_speaks_all_that_was_written(server, engine):
    async with await join(server) as peer:
        await peer.send(text("No flush, and no full stop", "c"), close("c"))
        spoken = await peer.listen("c")

    assert engine.texts == ["No flush, and no full stop"]
    assert spoken.audio == engine.pcm()


async def test_the_second_close_stops_at_once_and_the_next_turn_is_clean(paced, engine):
    async with await join(paced) as peer:
        await peer.send(begin("c"), text(LONG, "c"), flush("c"), close("c"))
        await peer.until_sound("c")
        await peer.send(close("c"))
        await peer.listen("c")
        assert await silence(peer, "c") == 0

    assert peer.of("c").finals == 1
    assert len(peer.of("c").audio) < 2 * 24_000 * 5
    assert peer.of("probe").audio == engine.pcm("Next.")


async def test_a_client_that_flushes_before_it_closes_stops_with_a_close_without_a_flush(paced, engine):
    async with await join(paced, auto_mode="true") as peer:
        await peer.send(begin("a"), text("A whole turn.", "a"), flush("a"), close("a"))
        await peer.listen("a")
        await peer.send(begin("b"), text(LONG, "b"))
        await peer.until_sound("b")
        await peer.send(close("b"))
        await peer.listen("b")
        assert await silence(peer, "b") == 0
        await nothing_runs(paced)

    assert peer.of("a").audio == engine.pcm("A whole turn.")


@pytest.mark.parametrize(("chosen", "is_whole"), [("drain", True), ("cancel", False)])
async def test_an_operator_may_say_what_a_close_without_a_flush_means(engine, chosen, is_whole):
    limits = settings(max_lead_ms=500, close_without_flush=chosen)
    async with running_server(limits, engine) as server, await join(server) as peer:
        await peer.send(text("A turn.", "a"), flush("a"), close("a"))
        await peer.listen("a")
        await peer.send(text("A sentence of more than a second it is.", "b", flush=True))
        await peer.until_sound("b")
        await peer.send(close("b"))
        await peer.listen("b")

    whole = engine.pcm("A sentence of more than a second it is.")
    assert (peer.of("b").audio == whole) is is_whole
    assert whole.startswith(peer.of("b").audio)


async def test_late_text_of_a_stopped_context_is_not_spoken(paced, engine):
    async with await join(paced) as peer:
        await peer.send(text(LONG, "c"), flush("c"), close("c"))
        await peer.until_sound("c")
        await peer.send(close("c"), text("Late words. ", "c"), flush("c"), keep_alive("c"), close("c"))
        await peer.listen("c")
        await silence(peer, "c")

    assert "Late words. " not in engine.texts
    assert peer.of("c").finals == 1


async def test_a_name_may_be_used_again_when_its_context_has_ended(server, engine):
    async with await join(server) as peer:
        for turn in range(1, 4):
            await peer.send(begin("c"), text(f"Turn {turn}.", "c"), flush("c"), close("c"))
            while peer.of("c").finals < turn:
                await peer.take()

    assert engine.texts == ["Turn 1.", "Turn 2.", "Turn 3."]
    assert peer.of("c").audio == engine.pcm()


# -- what must change nothing ------------------------------------------------------------------------------------------


async def test_rule_6_messages_for_unknown_and_finished_contexts_say_nothing_and_take_no_slot(server, engine):
    async with await join(server) as peer:
        for name in ("unknown", None):
            await peer.send(
                {"flush": True, "context_id": name}, {"close_context": True, "context_id": name}, keep_alive(name)
            )
        await peer.send(text("Hello.", "c"), close("c"))
        await peer.listen("c")
        await peer.send(flush("c"), close("c"), keep_alive("c"), {"voice_settings": {"speed": 1.1}, "context_id": "c"})
        await silence(peer, "c")
        assert server.load().requests == 0

    assert peer.of("c").finals == 1
    assert not any(spoken.errors for spoken in peer.spoken.values())
    assert set(peer.spoken) == {"c", "probe"}
    assert engine.texts == ["Hello.", "Next."]


async def test_rule_6_voice_settings_may_come_late_and_change(server, engine):
    async with await join(server) as peer:
        await peer.send({"text": "Hello.", "context_id": "c"}, text(" More.", "c", voice_settings={"speed": 1.2}))
        await peer.send({**flush("c"), "voice_settings": None}, close("c"))
        await peer.listen("c")

    assert peer.of("c").errors == []
    assert {style.speed for _, style in engine.asked} == {1.0}


async def test_rule_7_an_empty_text_keeps_alive_and_ends_nothing(server, engine):
    async with await join(server) as peer:
        await peer.send(keep_alive(), begin("c"), keep_alive("c"), text("Hello ", "c"), keep_alive("c"), keep_alive())
        await peer.send(text("there.", "c"), flush("c"), close("c"))
        await peer.listen("c")

    assert engine.texts == ["Hello there."]


async def test_rule_16_a_context_without_a_word_is_final_without_the_engine(server, engine):
    async with await join(server) as peer:
        await peer.send(begin("a"), flush("a"), close("a"), text("?!", "b"), close("b"))
        await peer.listen("a", "b")

    assert engine.asked == []
    assert (peer.of("a").finals, peer.of("b").finals) == (1, 1)


async def test_rule_9_contexts_that_rest_cost_nothing(engine):
    """Twice as many as a connection may have at once, none of them ever closed."""
    async with running_server(settings(max_contexts=8), engine) as server, await join(server) as peer:
        names = [f"c{number}" for number in range(16)]
        for name in names:
            await peer.send(begin(name), text("Hm.", name), flush(name))
            while len(peer.of(name).audio) < 2 * 24 * 180:
                await peer.take()
        await nothing_runs(server)
        await peer.send(text("On it goes.", "c0"), close("c0"))
        await peer.listen("c0")

    assert not any(spoken.errors for spoken in peer.spoken.values())
    assert peer.of("c0").audio == engine.pcm("Hm.", "On it goes.")
    assert sum(spoken.finals for spoken in peer.spoken.values()) == 1


async def test_a_client_that_begins_any_number_of_contexts_without_text_costs_little(server, engine):
    async with await join(server) as peer:
        for number in range(2000):
            await peer.send(begin(f"c{number}"))
        await peer.send(text("Hello.", "c1999"), close("c1999"))
        await peer.listen("c1999")

    assert engine.texts == ["Hello."]


# -- the end of the connection -----------------------------------------------------------------------------------------


async def test_rule_18_a_client_that_leaves_with_nothing_to_hear_is_closed_at_once(server):
    async with await join(server) as peer:
        await peer.send(text("Hello.", "c"), close("c"))
        await peer.listen("c")
        await peer.send({"close_socket": True})
        closed = await asyncio.wait_for(peer.until_closed(), 1)

    assert closed.code == 1000


async def test_a_client_that_leaves_hears_what_it_has_written(server, engine):
    async with await join(server) as peer:
        await peer.send(begin("empty"), text("Hello there.", "c"), text("And you", "d"), {"close_socket": True})
        closed = await peer.until_closed()

    assert closed.code == 1000
    assert sorted(engine.texts) == ["And you", "Hello there."]
    assert [peer.of(name).finals for name in ("empty", "c", "d")] == [1, 1, 1]
    assert peer.of("c").audio == engine.pcm("Hello there.")


async def test_a_context_that_fails_is_told_and_final_and_the_others_go_on():
    class Fragile(Recorder):
        async def speak(self, segment, style, runs_dry_at=never):
            if "break" in segment.text:
                raise SynthesisFailed("secret")
            async for chunk in super().speak(segment, style, runs_dry_at):
                yield chunk

    engine = Fragile()
    async with running_server(settings(), engine) as server, await join(server) as peer:
        await peer.send(text("Please break.", "a"), flush("a"), text("Hello.", "b"), flush("b"), close("a"), close("b"))
        await peer.listen("a", "b")

    (error,) = peer.of("a").errors
    assert (error["error"], error["code"], error["contextId"]) == ("synthesis_failed", 1011, "a")
    assert peer.of("a").finals == 1
    assert peer.of("b").audio == engine.pcm("Hello.")


async def test_a_message_that_cannot_be_read_is_told_and_closes_with_1008(server):
    for message in ("{", '{"context_id": 5, "text": "a"}', '{"context_id": "%s", "text": "a"}' % ("c" * 129)):
        async with await join(server) as peer:
            await peer.websocket.send(message)
            assert (await peer.until_closed()).code == 1008
        assert len(peer.of().errors) == 1


SAID = [
    {"text": " "}, {"text": ""}, {"text": "Hello there. "}, {"flush": True}, {"close_context": True}, {},
    {"text": "And more", "flush": True}, {"text": "Last.", "close_context": True},
]  # fmt: skip


async def test_whatever_order_messages_come_in_no_context_stays_open_and_none_is_final_before_it_began(server):
    draw = random.Random(17)
    for _ in range(40):
        messages = [{**draw.choice(SAID), "context_id": draw.choice("ab")} for _ in range(draw.randrange(12))]
        async with await join(server) as peer:
            await peer.send(*messages, {"close_socket": True})
            closed = await peer.until_closed()
        assert closed.code == 1000
        for name in "ab":
            spoken = peer.of(name)
            begun = sum(message["context_id"] == name and bool(message.get("text")) for message in messages)
            assert not spoken.errors
            assert spoken.finals <= begun
            assert bool(spoken.finals) == bool(begun)
    await nothing_runs(server)


# -- sound and times ---------------------------------------------------------------------------------------------------


async def test_rule_22_the_characters_of_a_speech_are_told_with_their_sound(server):
    whole = "Hello there, Dr. Smith. How are you today? It is a fine day."
    async with await join(server, sync_alignment="true") as peer:
        await peer.send(text(whole, "c"), flush("c"), close("c"))
        spoken = await peer.listen("c")

    assert spoken.text(1).split() == whole.split()
    at_ms = 0
    for bytes_before, _, alignment in spoken.alignments:
        assert bytes_before / 48 >= min(at_ms, len(spoken.audio) / 48 - 20)  # never before its sound, but for the last
        at_ms += alignment["charStartTimesMs"][-1] + alignment["charDurationsMs"][-1]
    assert abs(at_ms - len(spoken.audio) / 48) <= 1


async def test_times_that_are_guessed_are_told_only_if_the_operator_wants_it():
    class Wordless(Recorder):
        async def speak(self, segment, style, runs_dry_at=never):
            async for chunk in super().speak(segment, style, runs_dry_at):
                yield type(chunk)(chunk.samples)

    for wanted, told in ((False, ""), (True, "Hello there. ")):
        limits = settings(approximate_word_times=wanted)
        async with running_server(limits, Wordless()) as server, await join(server) as peer:
            await peer.send(text("Hello there.", "c"), close("c"))
            spoken = await peer.listen("c")
        assert spoken.text() == told


def pages(stream):
    """(flags, granule, sequence) of each page of an Ogg stream, which must hold nothing else."""
    found = []
    while stream:
        assert stream[:5] == b"OggS\0"
        flags, granule, _, sequence, _, count = struct.unpack_from("<BqIIIB", stream, 5)
        found.append((flags, granule, sequence))
        stream = stream[27 + count + sum(stream[27 : 27 + count]) :]
    return found


async def test_rule_14_opus_is_one_ogg_stream_for_each_context_ended_before_it_is_final(server):
    async with await join(server, output_format="opus_48000_32") as peer:
        await peer.send(text("Hello there. How are you?", "a"), flush("a"), text("And I.", "b"), flush("b"))
        await peer.send(text(" Very well, thank you.", "a"), flush("a"), close("a"), close("b"))
        await peer.listen("a", "b")

    for name in "ab":
        found = pages(peer.of(name).audio)
        assert [sequence for _, _, sequence in found] == list(range(len(found)))
        assert [bool(flags & 2) for flags, _, _ in found] == [True] + [False] * (len(found) - 1)
        assert [bool(flags & 4) for flags, _, _ in found] == [False] * (len(found) - 1) + [True]
        granules = [granule for _, granule, _ in found]
        assert granules == sorted(granules)
        assert all(after - before <= 100 * 48 for before, after in pairwise(granules[2:]))


async def test_rule_14_opus_that_is_stopped_ends_its_stream_too(paced):
    async with await join(paced, output_format="opus_48000_32") as peer:
        await peer.send(text(LONG, "c"), flush("c"), close("c"))
        await peer.until_sound("c")
        await peer.send(close("c"))
        spoken = await peer.listen("c")

    assert pages(spoken.audio)[-1][0] & 4
