"""No call waits for what cannot come: the public surface, used in every wrong way, on a real gateway.

Each case has a time limit that only waiting for ever reaches.
"""

import asyncio
import threading

import pytest
import pytest_asyncio
from wire_peer import PATIENCE_S

import sayline
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.tone import ToneSynthesizer

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server():
    async with running_server(Settings(port=0), ToneSynthesizer()) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def gateway(server):
    async with sayline.connect(f"127.0.0.1:{server.port}", max_lead_ms=0) as connection:
        yield connection


async def deltas(*given):
    for delta in given:
        yield delta


def within_patience(coroutine):
    return asyncio.wait_for(coroutine, PATIENCE_S)


# -- what works, although it looks like misuse -------------------------------------------------------------------------


async def test_a_speech_without_a_block_starts_when_it_is_read(gateway):
    async with asyncio.timeout(PATIENCE_S):
        frames = [frame async for frame in gateway.speak("Hi there.").audio()]
        assert frames
        assert len(await gateway.speak("Hi there.").collect()) == len(frames)
        events = [event async for event in gateway.speak("Hi there.")]
        assert type(events[-1]) is sayline.ContextDone


async def test_a_speech_without_a_block_is_cancelled_when_its_loop_is_left(gateway):
    speech = gateway.speak("One two three. " * 1000)
    events = speech.audio()
    await within_patience(anext(events))
    await within_patience(events.aclose())
    assert speech.done.reason == "cancel"
    assert await within_patience(gateway.speak("And the next.").collect())


async def test_a_speech_without_a_block_starts_when_it_is_written_to(gateway):
    speech = gateway.speak()
    await speech.send("Hi there.")
    await speech.end()
    assert await within_patience(speech.collect())
    assert speech.done.text_spoken == "Hi there."


async def test_cancelling_a_speech_that_never_began_ends_it(gateway):
    speech = gateway.speak("Hi.")
    await within_patience(speech.cancel())
    events = await within_patience(everything(speech))
    assert [(event.reason, event.text_spoken) for event in events] == [("cancel", "")]


async def everything(speech):
    return [event async for event in speech]


@pytest.mark.parametrize("played_ms", [-12, -0.001, 1e308, float("inf"), float("nan"), 10**400, 0, 5.5, None])
async def test_a_cancel_takes_effect_whatever_number_was_heard(gateway, played_ms):
    async with gateway.speak("One two three. " * 1000) as speech:
        await within_patience(anext(speech))
        await within_patience(speech.cancel(played_ms))
        assert [event.reason for event in await within_patience(everything(speech))] == ["cancel"]
    assert speech.done.text_spoken + speech.done.text_remaining == "One two three. " * 1000


@pytest.mark.parametrize("played_ms", ["12", True, b"1", [1], 1j, object()])
async def test_a_cancel_takes_effect_before_a_value_that_is_no_number_is_refused(gateway, played_ms):
    async with gateway.speak("One two three. " * 1000) as speech:
        await within_patience(anext(speech))
        with pytest.raises(sayline.BadArgument, match="played_ms"):
            await within_patience(speech.cancel(played_ms))
        assert [event.reason for event in await within_patience(everything(speech))] == ["cancel"]


async def test_a_report_of_playback_is_taken_within_its_range(gateway):
    async with gateway.speak("One two three.") as speech:
        for played_ms, buffered_ms in ((-1, -1), (float("inf"), 1e308), (float("nan"), 0), (0, float("nan"))):
            await speech.report_playback(played_ms, buffered_ms)
        with pytest.raises(sayline.BadArgument, match="played_ms"):
            await speech.report_playback("1", 1)
        with pytest.raises(sayline.BadArgument, match="buffered_ms"):
            await speech.report_playback(1, "1")
        assert await within_patience(speech.collect())


@pytest.mark.parametrize(
    "text",
    [
        ["Hel", None, "", "lo."],
        ("Hel", "lo."),
        (part for part in ("Hel", None, "lo.", None)),
        deltas("Hel", None, "", "lo.", None),
        iter(["Hello."]),
        {"Hello.": 1}.keys(),
    ],
    ids=lambda text: type(text).__name__,
)
async def test_every_kind_of_source_is_spoken_and_deltas_that_say_nothing_are_passed_over(gateway, text):
    async with gateway.speak(text) as speech:
        await within_patience(speech.collect())
    assert speech.done.text_spoken == "Hello."


async def test_a_generator_that_blocks_delays_no_other_speech(gateway):
    """Such as the stream of a chat API: it is asked in a thread."""
    may_go_on = threading.Event()

    def waiting():
        yield "One. "
        assert may_go_on.wait(PATIENCE_S)
        yield "Two."

    async with gateway.speak(waiting()) as speech, gateway.speak("Another one.") as other:
        await within_patience(other.collect())
        may_go_on.set()
        await within_patience(speech.collect())
    assert speech.done.text_spoken == "One. Two."


async def test_a_generator_is_closed_when_its_speech_is_left_and_one_that_never_answers_delays_nothing(gateway):
    closed, never = threading.Event(), threading.Event()

    def endless():
        try:
            while True:
                yield "One two three. "
        finally:
            closed.set()

    def mute():
        yield "One two three. "
        never.wait()

    for source in (endless(), mute()):
        async with gateway.speak(source) as speech:
            await within_patience(anext(speech))
        assert speech.done.reason == "cancel"
    assert await asyncio.to_thread(closed.wait, PATIENCE_S)
    never.set()


@pytest.mark.parametrize("failure", [RuntimeError("out of memory"), asyncio.CancelledError()], ids=repr)
@pytest.mark.parametrize("is_async", [True, False])
async def test_what_was_given_before_a_source_failed_is_spoken(gateway, failure, is_async):
    async def source():
        yield "Hello there."
        raise failure

    def plain_source():
        yield "Hello there."
        raise failure

    heard = []
    async with gateway.speak(source() if is_async else plain_source()) as speech:
        with pytest.raises(RuntimeError if isinstance(failure, RuntimeError) else sayline.GatewayError):  # noqa: PT012 - it ends the iteration
            async with asyncio.timeout(PATIENCE_S):
                async for frame in speech.audio():
                    heard.append(frame)  # noqa: PERF401 - a comprehension would lose what came before the error
    assert heard
    assert speech.done.text_spoken == "Hello there."


async def test_a_source_that_gives_a_value_that_is_no_text_fails_after_its_text_so_far(gateway):
    async with gateway.speak(["Hello there.", 5]) as speech:
        with pytest.raises(sayline.BadArgument, match="int"):
            await within_patience(speech.collect())
    assert speech.done.text_spoken == "Hello there."


async def test_characters_that_were_cut_are_put_together_and_halves_do_no_harm(gateway):
    async with gateway.speak(["Smile \ud83d", "\ude00 and \ud800 go on."]) as speech:
        await within_patience(speech.collect())
    assert speech.done.text_spoken == "Smile \U0001f600 and \ufffd go on."


async def test_what_was_spoken_is_known_when_a_block_is_left_early(gateway):
    text = "One two three. " * 1000
    async with gateway.speak(text) as speech:
        async for _ in speech.audio():
            break
    assert speech.done.reason == "cancel"
    assert speech.done.text_spoken + speech.done.text_remaining == text

    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the block is what is tested
        async with gateway.speak(text) as speech:
            await anext(speech)
            raise ZeroDivisionError
    assert speech.done.text_spoken + speech.done.text_remaining == text


# -- what cannot work is refused at once -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [b"x", bytearray(b"x"), 5, 1.5, object(), {"a": 1}, deltas, sayline.__dir__],
    ids=lambda text: repr(text)[:20],
)
async def test_a_value_that_is_no_text_is_refused_at_the_call(gateway, text):
    with pytest.raises(sayline.BadArgument, match="text"):
        gateway.speak(text)


async def test_a_coroutine_is_no_text_and_leaves_no_warning(gateway):
    async def chatbot():
        return "Hi."

    with pytest.raises(sayline.BadArgument, match="await it"):
        gateway.speak(chatbot())


@pytest.mark.parametrize(
    "options",
    [
        {"voice": ""},
        {"voice": 5},
        {"voice": "\ud800"},
        {"language": "x" * 99},
        {"speed": 9},
        {"speed": "fast"},
        {"speed": float("nan")},
        {"speed": True},
        {"seed": -1},
        {"seed": 1.5},
        {"allow_markup": "yes"},
        {"chunking": "letters"},
        {"timestamps": []},
        {"context_id": ""},
        {"context_id": 7},
        {"context_id": ["x"]},
        {"instructions": Ellipsis},
    ],
    ids=repr,
)
async def test_an_argument_out_of_range_is_refused_by_its_name(gateway, options):
    with pytest.raises(sayline.BadArgument, match=next(iter(options))):
        gateway.speak("x", **options)


@pytest.mark.parametrize(
    "options",
    [
        {"format": "mp5"},
        {"sample_rate": 1},
        {"sample_rate": "24000"},
        {"frame_ms": 7},
        {"bitrate": 1},
        {"max_lead_ms": -1},
        {"open_timeout_s": 0},
        {"open_timeout_s": "soon"},
        {"open_timeout_s": float("nan")},
        {"ssl_context": True},
    ],
    ids=repr,
)
async def test_a_connection_s_argument_out_of_range_is_refused_by_its_name(options):
    with pytest.raises(sayline.BadArgument, match=next(iter(options))):
        async with sayline.connect("ws://127.0.0.1:9", **options):
            pass


async def test_an_id_is_used_once(gateway):
    async with gateway.speak("One.", context_id="mine") as speech:
        with pytest.raises(sayline.BadArgument, match="not over"):
            gateway.speak("x", context_id="mine")
        await within_patience(speech.collect())
    with pytest.raises(sayline.BadArgument, match="its own"):
        gateway.speak("x", context_id="mine")
    async with gateway.speak("One.", context_id="speech-1") as speech:
        assert await within_patience(speech.collect())
    assert await within_patience(gateway.speak("Its id is chosen around ours.").collect())


async def test_two_readers_are_refused(gateway):
    async with gateway.speak() as speech:
        first = asyncio.ensure_future(anext(speech))
        await asyncio.sleep(0)
        with pytest.raises(sayline.Misuse, match="one reader"):
            await within_patience(anext(speech))
        with pytest.raises(sayline.Misuse, match="one reader"):
            await within_patience(speech.collect())
        await speech.send("Hello there.")
        await speech.end()
        assert type(await within_patience(first)) is sayline.SegmentStarted
        assert await within_patience(speech.collect())


async def test_reading_a_finished_speech_again_ends_at_once(gateway):
    async with gateway.speak("Hi.") as speech:
        assert await within_patience(speech.collect())
        assert await within_patience(speech.collect()) == []
    assert await within_patience(speech.collect()) == []


async def test_reading_a_speech_for_which_no_text_can_come_is_refused(gateway):
    with pytest.raises(sayline.Misuse, match="give speak"):
        await within_patience(gateway.speak().collect())


async def test_text_after_the_end_is_refused(gateway):
    async with gateway.speak() as speech:
        await speech.send("Hi.")
        await speech.end()
        await speech.end()  # twice is once
        await speech.flush()  # all of it is spoken anyway
        with pytest.raises(sayline.Misuse, match="end"):
            await speech.send("more")
        await within_patience(speech.collect())
    with pytest.raises(sayline.Misuse, match="left"):
        await speech.send("more")
    await speech.cancel()
    await speech.flush()
    await speech.end()
    await speech.report_playback(5, 5)


async def test_text_of_two_writers_is_refused(gateway):
    async with gateway.speak("Hi.") as speech:
        with pytest.raises(sayline.Misuse, match="given to speak"):
            await speech.send("more")


@pytest.mark.parametrize("delta", [b"x", 5, ["x"]])
async def test_a_value_that_is_no_delta_is_refused_and_the_speech_goes_on(gateway, delta):
    async with gateway.speak() as speech:
        with pytest.raises(sayline.BadArgument, match="delta"):
            await speech.send(delta)
        await speech.send(None)
        await speech.send("")
        await speech.send("Hi.")
        await speech.end()
        assert await within_patience(speech.collect())


async def test_a_block_is_entered_once(gateway):
    async with gateway.speak("Hi.") as speech:
        with pytest.raises(sayline.Misuse, match="one block"):
            await speech.__aenter__()
    with pytest.raises(sayline.Misuse, match="one block"):
        async with speech:
            pass


async def test_a_connection_that_was_left_says_so(server):
    async with sayline.connect(f"127.0.0.1:{server.port}") as gateway:
        begun, prepared = gateway.speak(), gateway.speak("Hi.")
        await begun.send("Hi.")
    assert gateway.state == "closed"
    with pytest.raises(sayline.ConnectionFailed, match="block was left"):
        gateway.speak("Hi.")
    for speech in (begun, prepared):
        with pytest.raises(sayline.ConnectionFailed, match="block was left"):
            await within_patience(speech.collect())
    await begun.send("more")  # over: a race, not a fault
    await begun.cancel()


async def test_a_connection_is_a_block_and_is_entered_once(server):
    connecting = sayline.connect(f"127.0.0.1:{server.port}")
    with pytest.raises(sayline.Misuse, match="async with"):
        await connecting
    async with connecting as gateway:
        assert gateway.state == "ready"
    with pytest.raises(sayline.Misuse, match="one block"):
        async with connecting:
            pass


async def test_another_loop_or_thread_is_refused(gateway):
    speech = gateway.speak("Hi.")

    def elsewhere():
        for misuse in (lambda: asyncio.run(speech.collect()), lambda: gateway.speak("x")):
            with pytest.raises(sayline.Misuse, match="event loop"):
                misuse()

    await asyncio.to_thread(elsewhere)
    assert await within_patience(gateway.speak("Hi.").collect())
