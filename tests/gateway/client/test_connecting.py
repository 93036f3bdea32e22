"""The client against a scripted peer: a real ``websockets`` server that says exactly what each test tells it to."""

import asyncio
import json
import socket as sockets
from contextlib import asynccontextmanager
from dataclasses import asdict
from http import HTTPStatus

import pytest
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from sayline.gateway.client import connection as client_connection
from sayline.gateway.client import speech as client_speech
from sayline.gateway.client.connecting import connect
from sayline.gateway.client.errors import SpeechError
from sayline.gateway.client.opening import endpoint_url
from sayline.gateway.dialects.tts_v1 import messages as wire
from sayline.gateway.dialects.tts_v1.frames import AudioFrame, Codec, Flags, pack_frame
from sayline.gateway.errors import BadMessage, ConnectionFailed

LIMITS = wire.Limits(max_contexts=4, max_text_bytes=16 * 1024, max_lead_ms=2000, idle_s=180)
READY = wire.encode(wire.SessionReady(session_id="s1", voices=("alice", "bob"), limits=LIMITS))
SPOKEN = "Hello there."


class Peer:
    """What a test's script holds: the socket, and the protocol's words."""

    def __init__(self, socket):
        self.socket = socket

    async def greet(self):
        """Greet, and answer the client's ``session.update``."""
        await self.socket.send(READY)
        update = await self.hear("session.update")
        await self.socket.send(READY)
        return update

    async def hear(self, *types):
        """Return the next message of one of these types."""
        while True:
            message = json.loads(await self.socket.recv())
            if message["type"] in types:
                return message

    async def say(self, message):
        await self.socket.send(wire.encode(message))

    async def start(self, context_id, channel=0):
        await self.say(
            wire.ContextStarted(context_id=context_id, channel=channel, format="opus", sample_rate=24_000, preskip=312)
        )

    async def play(self, sequence, channel=0, payload=b"packet"):
        await self.socket.send(pack_frame(Codec.OPUS, channel, sequence, sequence * 960, 960, 0, payload))

    async def finish(self, context_id, reason="end"):
        await self.say(
            wire.ContextDone(context_id=context_id, reason=reason, audio_ms=20, text_spoken=SPOKEN, text_remaining="")
        )


@asynccontextmanager
async def peer(script, **options):
    """Serve ``script(peer)`` once per connection; a failing script fails the test."""
    faults = []

    async def handle(socket):
        try:
            await script(Peer(socket))
            await socket.wait_closed()
        except ConnectionClosed:
            pass  # the test hung up first
        except Exception as exc:
            faults.append(exc)
            raise

    async with serve(handle, "127.0.0.1", 0, subprotocols=["tts.v1"], compression=None, **options) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    assert not faults


async def speak_once(peer, context_id=None):
    """Serve one context: two segments' worth of events and two frames."""
    start = await peer.hear("context.start")
    context_id = start["context_id"]
    await peer.start(context_id)
    await peer.say(
        wire.SegmentStarted(
            context_id=context_id, segment_id=0, text=SPOKEN, char_start=0, char_end=len(SPOKEN), start_ms=0
        )
    )
    await peer.play(0)
    await peer.play(1)
    await peer.say(wire.SegmentDone(context_id=context_id, segment_id=0, end_ms=40))
    await peer.finish(context_id)


# -- the normal course -------------------------------------------------------------------------------------------------


async def test_a_connection_knows_what_the_gateway_offers():
    async def script(peer):
        update = await peer.greet()
        assert update == {"type": "session.update", "format": "pcm_s16le", "sample_rate": 16000, "max_lead_ms": 0}

    async with (
        peer(script) as url,
        connect(url, format="pcm_s16le", sample_rate=16_000, max_lead_ms=0) as connection,
    ):
        assert connection.session_id == "s1"
        assert connection.voices == ("alice", "bob")
        assert asdict(connection.limits) == LIMITS.model_dump()


async def test_events_come_in_order_and_the_last_one_is_done():
    async def script(peer):
        await peer.greet()
        await speak_once(peer)

    async with peer(script) as url, connect(url) as connection, connection.speak(SPOKEN) as speech:
        events = [event async for event in speech]
        assert [type(event).__name__ for event in events] == [
            "SegmentStarted",
            "AudioFrame",
            "AudioFrame",
            "SegmentDone",
            "ContextDone",
        ]
        assert events[1] == AudioFrame(Codec.OPUS, 0, 0, 0, 960, Flags.NONE, b"packet")
        assert speech.started.preskip == 312
        assert speech.done.text_spoken == SPOKEN


async def test_options_and_text_reach_the_gateway_as_given():
    heard = []

    async def script(peer):
        await peer.greet()
        while not heard or heard[-1]["type"] != "context.end":
            heard.append(json.loads(await peer.socket.recv()))
        await peer.start("greeting")
        await peer.finish("greeting")

    async def deltas():
        yield "Hel"
        yield "lo"

    async with (
        peer(script) as url,
        connect(url) as connection,
        connection.speak(
            deltas(),
            voice="bob",
            language="de",
            speed=1.5,
            seed=7,
            allow_markup=True,
            timestamps="word",
            context_id="greeting",
        ) as speech,
    ):
        assert await speech.collect() == []
    assert heard == [
        {
            "type": "context.start",
            "context_id": "greeting",
            "voice": "bob",
            "language": "de",
            "speed": 1.5,
            "seed": 7,
            "allow_markup": True,
            "chunking": "sentence",
            "timestamps": "word",
        },
        {"type": "text", "context_id": "greeting", "text": "Hel"},
        {"type": "text", "context_id": "greeting", "text": "lo"},
        {"type": "context.end", "context_id": "greeting"},
    ]


async def test_text_longer_than_a_message_may_be_is_sent_in_pieces():
    text = "日本語" * 10_000
    pieces = []

    async def script(peer):
        await peer.greet()
        while (message := await peer.hear("text", "context.end"))["type"] == "text":
            pieces.append(message["text"])
        await peer.start("speech-1")
        await peer.finish("speech-1")

    async with peer(script) as url, connect(url) as connection, connection.speak(text) as speech:
        await speech.collect()
    assert "".join(pieces) == text
    assert max(len(piece.encode()) for piece in pieces) <= LIMITS.max_text_bytes


async def test_many_speeches_share_one_socket_and_never_mix():
    async def script(peer):
        await peer.greet()
        ids = [(await peer.hear("context.start"))["context_id"] for _ in range(3)]
        for channel, context_id in enumerate(ids):
            await peer.start(context_id, channel)
        for sequence in range(5):
            for channel, context_id in enumerate(ids):
                await peer.play(sequence, channel, context_id.encode())
        for context_id in reversed(ids):
            await peer.finish(context_id)

    async def listen(connection, name):
        async with connection.speak(name, context_id=name) as speech:
            return [(frame.sequence, frame.payload.decode()) for frame in await speech.collect()]

    async with peer(script) as url, connect(url) as connection:
        heard = await asyncio.gather(*(listen(connection, name) for name in ("red", "green", "blue")))
    assert heard == [[(sequence, name) for sequence in range(5)] for name in ("red", "green", "blue")]


async def test_a_hand_written_speech_flushes_reports_and_ends():
    heard = []

    async def script(peer):
        await peer.greet()
        heard.extend([await peer.hear("text", "flush", "playback", "context.end") for _ in range(4)])
        await peer.start("speech-1")
        await peer.finish("speech-1")

    async with peer(script) as url, connect(url) as connection, connection.speak() as speech:
        await speech.send("Wait")
        await speech.flush()
        await speech.report_playback(played_ms=12.5, buffered_ms=100)
        await speech.end()
        await speech.collect()
    assert [message["type"] for message in heard] == ["text", "flush", "playback", "context.end"]
    assert heard[2]["played_ms"] == 12.5


# -- barge-in ----------------------------------------------------------------------------------------------------------


async def test_cancel_drops_unread_audio_and_ends_with_done():
    async def script(peer):
        await peer.greet()
        await peer.start((await peer.hear("context.start"))["context_id"])
        for sequence in range(10):
            await peer.play(sequence)
        cancel = await peer.hear("context.cancel")
        assert cancel["played_ms"] == 20.0
        await peer.play(10)  # it crossed with the cancel
        await peer.finish("speech-1", "cancel")

    async with peer(script) as url, connect(url) as connection, connection.speak(SPOKEN) as speech:
        await anext(speech)
        await speech.cancel(played_ms=20.0)
        rest = [event async for event in speech]
        assert [event.reason for event in rest] == ["cancel"]


async def test_leaving_the_block_early_cancels_the_speech():
    cancelled = asyncio.Event()

    async def script(peer):
        await peer.greet()
        await peer.start((await peer.hear("context.start"))["context_id"])
        await peer.play(0)
        await peer.hear("context.cancel")
        cancelled.set()

    async with peer(script) as url, connect(url) as connection:
        async with connection.speak(SPOKEN) as speech:
            async for _ in speech.audio():
                break
        await cancelled.wait()


async def test_an_exception_in_the_block_cancels_the_speech_and_comes_out_unwrapped():
    heard = []

    async def script(peer):
        await peer.greet()
        heard.append(await peer.hear("context.cancel"))

    async with peer(script) as url:
        with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the block is what is tested
            async with connect(url) as connection, connection.speak() as speech:
                await speech.send("x")
                raise ZeroDivisionError
    assert heard[0]["context_id"] == "speech-1"


async def test_what_a_writer_gave_before_it_failed_is_spoken_and_then_the_failure_is_raised():
    async def script(peer):
        await peer.greet()
        assert (await peer.hear("text"))["text"] == "Hel"
        await peer.hear("context.end")
        await peer.start("speech-1")
        await peer.play(0)
        await peer.finish("speech-1")

    async def broken_model():
        yield "Hel"
        raise RuntimeError("the model is out of memory")

    async with peer(script) as url, connect(url) as connection, connection.speak(broken_model()) as speech:
        heard = []
        with pytest.raises(RuntimeError, match="out of memory"):  # noqa: PT012 - it ends the iteration
            async for frame in speech.audio():
                heard.append(frame.sequence)  # noqa: PERF401 - a comprehension would lose what came before the error
        assert heard == [0]
        assert speech.done.text_spoken == SPOKEN


async def test_the_next_speech_works_after_a_cancelled_one():
    async def script(peer):
        await peer.greet()
        await peer.start((await peer.hear("context.start"))["context_id"], channel=0)
        await peer.hear("context.cancel")
        await peer.start((await peer.hear("context.start"))["context_id"], channel=1)
        await peer.play(7, channel=0)  # late, of the first
        await peer.finish("speech-1", "cancel")
        await peer.play(0, channel=1)
        await peer.finish("speech-2")

    async with peer(script) as url, connect(url) as connection:
        async with connection.speak("One.") as first:
            pass
        assert first.done is None
        async with connection.speak("Two.") as second:
            assert [frame.sequence for frame in await second.collect()] == [0]


# -- backpressure ------------------------------------------------------------------------------------------------------


async def test_a_consumer_that_stalls_stalls_the_socket_and_loses_nothing(monkeypatch):
    """With a short inbox and an unpaced peer, the peer's sends block until the consumer reads; then all arrives."""
    monkeypatch.setattr(client_speech, "INBOX_EVENTS", 8)
    frames, payload = 3000, bytes(4000)  # 12 MB: more than the socket's buffers on both sides hold
    blocked = asyncio.Event()

    async def script(peer):
        await peer.greet()
        await peer.start((await peer.hear("context.start"))["context_id"])
        for sequence in range(frames):
            send = asyncio.ensure_future(peer.play(sequence, payload=payload))
            if not blocked.is_set() and not (await asyncio.wait({send}, timeout=0.2))[0]:
                blocked.set()
            await send
        await peer.finish("speech-1")

    async with peer(script) as url, connect(url) as connection, connection.speak(SPOKEN) as speech:
        await blocked.wait()
        assert len(speech._inbox) <= 8
        assert [frame.sequence for frame in await speech.collect()] == list(range(frames))


async def test_leaving_a_stalled_speech_lets_the_others_go_on(monkeypatch):
    monkeypatch.setattr(client_speech, "INBOX_EVENTS", 4)

    async def script(peer):
        await peer.greet()
        for channel, context_id in enumerate([(await peer.hear("context.start"))["context_id"] for _ in range(2)]):
            await peer.start(context_id, channel)
        for sequence in range(50):
            await peer.play(sequence, channel=1)
        await peer.play(0, channel=0)
        await peer.finish("read")

    async with peer(script) as url, connect(url) as connection, connection.speak(context_id="read") as other:
        async with connection.speak(context_id="unread") as stalled:
            await anext(stalled)
        assert len(await other.collect()) == 1


# -- faults: before the upgrade ----------------------------------------------------------------------------------------


def refusing(status, **headers):
    def process_request(socket, _request):
        response = socket.respond(status, "no\n")
        for name, value in headers.items():
            response.headers[name.replace("_", "-")] = value
        return response

    return process_request


async def never(_peer):
    raise AssertionError("no connection was expected")


@pytest.mark.parametrize(
    ("status", "retryable", "words"),
    [
        (HTTPStatus.UNAUTHORIZED, False, "key"),
        (HTTPStatus.FORBIDDEN, False, "not allowed"),
        (HTTPStatus.NOT_FOUND, False, "no gateway at this path"),
        (HTTPStatus.SERVICE_UNAVAILABLE, True, "full"),
        (HTTPStatus.BAD_GATEWAY, True, "502"),
    ],
)
async def test_a_refusal_before_the_upgrade_says_whether_to_retry(status, retryable, words):
    async with peer(never, process_request=refusing(status)) as url:
        with pytest.raises(ConnectionFailed, match=words) as caught:
            async with connect(url):
                pass
    assert caught.value.retryable is retryable
    assert caught.value.retry_after_s is None


async def test_retry_after_is_passed_on_as_advice():
    async with peer(never, process_request=refusing(HTTPStatus.SERVICE_UNAVAILABLE, Retry_After="3")) as url:
        with pytest.raises(ConnectionFailed) as caught:
            async with connect(url):
                pass
    assert caught.value.retryable
    assert caught.value.retry_after_s == 3.0


async def test_the_key_goes_into_the_authorization_header():
    seen = []

    def process_request(_socket, request):
        seen.append(request.headers["Authorization"])

    async def script(peer):
        await peer.greet()

    async with peer(script, process_request=process_request) as url, connect(url, key="s3cret"):
        assert seen == ["Bearer s3cret"]


async def test_nobody_listening_is_retryable():
    with sockets.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # bound and not listening: refused, and nobody else's port meanwhile
        with pytest.raises(ConnectionFailed, match="cannot connect") as caught:
            async with connect(f"127.0.0.1:{deaf.getsockname()[1]}"):
                pass
    assert caught.value.retryable
    assert isinstance(caught.value.__cause__, OSError)


async def test_a_server_that_never_answers_costs_the_open_timeout_only():
    silent = sockets.create_server(("127.0.0.1", 0))  # the kernel accepts, nobody reads
    with silent, pytest.raises(ConnectionFailed, match="did not answer within") as caught:
        async with connect(f"127.0.0.1:{silent.getsockname()[1]}", open_timeout_s=0.05):
            pass
    assert caught.value.retryable


async def test_a_server_that_never_greets_costs_the_open_timeout_only():
    async def script(peer):
        await peer.socket.wait_closed()

    async with peer(script) as url:
        with pytest.raises(ConnectionFailed, match="did not greet"):
            async with connect(url, open_timeout_s=1):  # long enough for the handshake before it on a busy machine
                pass


async def test_a_websocket_server_that_is_no_gateway_is_not_retried():
    async def handle(socket):
        await socket.wait_closed()

    async with serve(handle, "127.0.0.1", 0) as server:
        with pytest.raises(ConnectionFailed, match=r"tts\.v1") as caught:
            async with connect(f"127.0.0.1:{server.sockets[0].getsockname()[1]}"):
                pass
    assert not caught.value.retryable


# -- faults: afterwards ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "retryable"), [(1001, True), (1011, True), (4408, True), (1008, False), (4400, False), (4401, False)]
)
async def test_a_close_in_mid_speech_ends_it_with_reconnect_advice(code, retryable):
    async def script(peer):
        await peer.greet()
        await peer.start((await peer.hear("context.start"))["context_id"])
        await peer.play(0)
        await peer.socket.close(code, "because")

    async with peer(script) as url, connect(url) as connection:
        async with connection.speak() as speech:
            heard = []
            with pytest.raises(ConnectionFailed, match="because") as caught:  # noqa: PT012 - it ends the iteration
                async for event in speech:
                    heard.append(event)  # noqa: PERF401 - a comprehension would lose what came before the error
            assert [frame.sequence for frame in heard] == [0]  # what came before is not lost
        assert (caught.value.close_code, caught.value.retryable) == (code, retryable)
        with pytest.raises(ConnectionFailed):
            connection.speak("again")


async def test_a_peer_that_vanishes_is_a_retryable_loss():
    async def script(peer):
        await peer.greet()
        await peer.hear("context.start")
        peer.socket.transport.abort()

    async with peer(script) as url, connect(url) as connection, connection.speak() as speech:
        with pytest.raises(ConnectionFailed) as caught:
            await speech.collect()
    assert caught.value.retryable
    assert caught.value.close_code == 1006


async def test_a_peer_that_goes_silent_is_noticed(monkeypatch):
    monkeypatch.setattr(client_connection, "PING_INTERVAL_S", 0.02)
    monkeypatch.setattr(client_connection, "PING_TIMEOUT_S", 0.02)

    async def script(peer):
        await peer.greet()
        peer.socket.transport.pause_reading()  # no pong any more

    # It will not read our going away either, so its own end must not wait for it.
    async with peer(script, close_timeout=0.01) as url, connect(url) as connection, connection.speak() as speech:
        with pytest.raises(ConnectionFailed, match="gone silent") as caught:
            await speech.collect()
    assert caught.value.retryable


async def test_a_peer_that_plays_but_does_not_read_is_not_given_up(monkeypatch):
    """A gateway that is behind with our text reads neither it nor our pings, for minutes; its audio is its pulse.

    It plays for twice as long as it would take to be given up, with frames so close to each other that only a machine
    that stands still for half a second makes it silent.
    """
    monkeypatch.setattr(client_connection, "PING_INTERVAL_S", 0.02)
    monkeypatch.setattr(client_connection, "PING_TIMEOUT_S", 0.5)
    frames = 110

    async def script(peer):
        await peer.greet()
        await peer.start((await peer.hear("context.start"))["context_id"])
        peer.socket.transport.pause_reading()
        for sequence in range(frames):
            await peer.play(sequence)
            await asyncio.sleep(0.01)  # the clock of its audio
        peer.socket.transport.resume_reading()
        await peer.finish("speech-1")

    # It takes our pings off the socket at last, or it would not see our going away.
    async with peer(script, max_queue=None) as url, connect(url) as connection, connection.speak() as speech:
        assert len(await speech.collect()) == frames


async def test_goaway_lets_the_running_speech_finish_and_refuses_the_next():
    async def script(peer):
        await peer.greet()
        await peer.hear("context.start")
        await peer.say(wire.GoAway(drain_ms=1000))
        await peer.start("speech-1")
        await peer.play(0)
        await peer.finish("speech-1")

    async with peer(script) as url, connect(url) as connection:
        async with connection.speak(SPOKEN) as speech:
            assert len(await speech.collect()) == 1
        assert connection.goaway.drain_ms == 1000
        with pytest.raises(ConnectionFailed, match="draining") as caught:
            connection.speak("more")
        assert caught.value.retryable


async def test_a_context_error_ends_that_speech_and_no_other():
    async def script(peer):
        await peer.greet()
        for _ in range(2):
            await peer.hear("context.start")
        await peer.start("bad", 0)
        await peer.start("good", 1)
        await peer.play(0, 0)
        await peer.say(
            wire.Error(code="synthesis_failed", message="broke", context_id="bad", retryable=True, retry_after_ms=1500)
        )
        await peer.finish("bad", "error")
        await peer.play(0, 1)
        await peer.finish("good")

    async with (
        peer(script) as url,
        connect(url) as connection,
        connection.speak(context_id="bad") as bad,
        connection.speak(context_id="good") as good,
    ):
        with pytest.raises(SpeechError, match="synthesis_failed: broke") as caught:
            await bad.collect()
        assert (caught.value.code, caught.value.retryable, caught.value.retry_after_s) == (
            "synthesis_failed",
            True,
            1.5,
        )
        assert bad.done.text_spoken == SPOKEN  # what was heard before it broke
        assert len(await good.collect()) == 1


async def test_a_context_that_never_came_to_be_fails_at_once():
    async def script(peer):
        await peer.greet()
        await peer.hear("context.start")
        await peer.say(wire.Error(code="too_many_contexts", message="full", context_id="speech-1", retryable=True))

    async with peer(script) as url, connect(url) as connection, connection.speak(SPOKEN) as speech:
        with pytest.raises(SpeechError) as caught:
            await speech.collect()
        assert caught.value.code == "too_many_contexts"
        await speech.send("more")  # over: a race, not a fault


@pytest.mark.parametrize("code", ["unsupported", "of_a_later_gateway"])
async def test_an_error_that_need_not_end_a_speech_leaves_it_going_on(code):
    async def script(peer):
        await peer.greet()
        await peer.hear("context.start")
        await peer.start("speech-1")
        await peer.say(wire.Error(code=code, message="seed: no", context_id="speech-1", retryable=False))
        await peer.play(0)
        await peer.finish("speech-1")

    async with peer(script) as url, connect(url) as connection, connection.speak(SPOKEN, seed=1) as speech:
        assert len(await speech.collect()) == 1
        assert speech.done.reason == "end"


async def test_a_speech_that_ends_after_an_error_unknown_to_the_client_raises_it():
    async def script(peer):
        await peer.greet()
        await peer.hear("context.start")
        await peer.start("speech-1")
        await peer.say(wire.Error(code="of_a_later_gateway", message="x", context_id="speech-1", retryable=True))
        await peer.finish("speech-1", "error")

    async with peer(script) as url, connect(url) as connection, connection.speak(SPOKEN) as speech:
        with pytest.raises(SpeechError, match="of_a_later_gateway"):
            await speech.collect()


async def test_text_that_was_refused_ends_the_speech_rather_than_leaving_a_gap():
    cancels = []

    async def script(peer):
        await peer.greet()
        await peer.hear("context.start")
        await peer.start("speech-1")
        await peer.say(wire.Error(code="text_too_long", message="x", context_id="speech-1", retryable=False))
        cancels.append(await peer.hear("context.cancel"))

    async with peer(script) as url, connect(url) as connection, connection.speak(SPOKEN) as speech:
        with pytest.raises(SpeechError, match="text_too_long"):
            await speech.collect()
    assert cancels == [{"type": "context.cancel", "context_id": "speech-1"}]


async def test_an_error_that_names_no_context_ends_all_speeches():
    async def script(peer):
        await peer.greet()
        await peer.hear("context.start")
        await peer.say(wire.Error(code="bad_message", message="what?", retryable=False))

    async with peer(script) as url, connect(url) as connection, connection.speak() as speech:
        with pytest.raises(SpeechError, match="bad_message"):
            await speech.collect()


@pytest.mark.parametrize(
    "garbage", ["{", '{"type": "pong", "id": []}', b"short", b"\x02" + bytes(15), b"\x01\xff" + bytes(14)]
)
async def test_a_peer_that_does_not_speak_the_protocol_is_left(garbage):
    async def script(peer):
        await peer.greet()
        await peer.hear("context.start")
        await peer.socket.send(garbage)

    async with peer(script) as url, connect(url) as connection, connection.speak() as speech:
        with pytest.raises(ConnectionFailed, match=r"rules of tts\.v1") as caught:
            await speech.collect()
    assert not caught.value.retryable


# -- arguments ---------------------------------------------------------------------------------------------------------


async def test_arguments_out_of_range_are_refused_before_anything_is_sent():
    with pytest.raises(BadMessage, match="bitrate"):
        async with connect("ws://127.0.0.1:9", bitrate=1):
            pass

    async def script(peer):
        await peer.greet()

    async with peer(script) as url, connect(url) as connection:
        with pytest.raises(BadMessage, match="speed"):
            connection.speak("x", speed=9)
        async with connection.speak(context_id="twice"):
            with pytest.raises(BadMessage, match="not over"):
                connection.speak("x", context_id="twice")


@pytest.mark.parametrize(
    ("typed", "endpoint"),
    [
        ("127.0.0.1:8080", "ws://127.0.0.1:8080/v1/tts/stream"),
        ("ws://host:1/", "ws://host:1/v1/tts/stream"),
        ("http://host:1", "ws://host:1/v1/tts/stream"),
        ("https://host", "wss://host/v1/tts/stream"),
        ("wss://host/v1/tts/stream", "wss://host/v1/tts/stream"),
        ("https://host/voice/", "wss://host/voice/v1/tts/stream"),
        ("[::1]:80", "ws://[::1]:80/v1/tts/stream"),
    ],
)
def test_what_people_type_becomes_the_endpoint(typed, endpoint):
    assert endpoint_url(typed) == endpoint


@pytest.mark.parametrize("typed", ["", "ftp://host", "ws://", "http://:80"])
def test_what_is_no_address_is_named(typed):
    with pytest.raises(ConnectionFailed, match="no address"):
        endpoint_url(typed)
