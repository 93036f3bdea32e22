"""The one door, with an echo as WebSocket and with handlers for requests with bodies, as dialects will have them."""

import asyncio
import contextlib
import gc
import itertools
import socket
import ssl
import weakref
from functools import partial
from http import HTTPStatus

import pytest
from aiohttp import web
from certificates import make_certificate
from raw_http import UPGRADE, RawPeer, ask, frame
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from wire_peer import PATIENCE_S

from sayline.gateway.http_answers import HttpAnswer
from sayline.gateway.serving.front_door import MAX_HEAD_BYTES, FrontDoor, Newcomers, Turnstile, read_handshake
from sayline.gateway.serving.http_server import HttpServer

HOST = "Host: localhost\r\n"
GET = f"GET / HTTP/1.1\r\n{HOST}\r\n"
HANDSHAKE = f"GET /ws HTTP/1.1\r\n{HOST}{UPGRADE}\r\n"
BODY = b"a body that is longer than its head " * 40


class Door:
    """What stands behind the door in these tests, and what it met."""

    def __init__(self, head_timeout_s=PATIENCE_S, blocked_s=PATIENCE_S):
        self.refused = []
        self.newcomers = Newcomers()
        self.turnstile = Turnstile()
        self.websockets = []
        self.are_alone = []  # for each: is it the connection's protocol, with nothing in between
        self.left = asyncio.Event()  # a handler was cancelled
        self.begun = asyncio.Event()  # a slow handler works
        self.may_answer = asyncio.Event()
        self.sent = 0  # bytes that the endless answer gave away
        self.is_draining = False
        self.head_timeout_s = head_timeout_s
        self.http = HttpServer(
            lambda request: HttpAnswer(HTTPStatus.OK, f"{request.method} {request.path}\n".encode()),
            lambda _: None,
            is_websocket_path=lambda path: path == "/ws",
            is_leaving=lambda: self.is_draining,
            refused=lambda reason, *_: self.refused.append(reason),
            newcomers=self.newcomers,
            head_timeout_s=head_timeout_s,
            blocked_s=blocked_s,
        )
        add = self.http.app.router.add_post
        add("/echo", self._echo)
        add("/count", self._count)
        add("/slow", self._slow)
        add("/endless", self._endless)
        add("/small", self._small, expect_handler=self._judge_length)
        add("/secret", self._echo, expect_handler=self._judge_key)

    @contextlib.asynccontextmanager
    async def listen(self, **options):
        await self.http.start()
        async with serve(
            self._websocket,
            "127.0.0.1",
            0,
            create_connection=self._open,
            subprotocols=["tts.v1"],
            compression=None,
            **options,
        ) as listener:
            self.port = listener.sockets[0].getsockname()[1]
            self.listener = listener
            yield self
            self.may_answer.set()
            listener.server.close()
            await self.http.close()

    def _open(self, protocol, server, **options):
        return FrontDoor(
            partial(ServerConnection, protocol, server, **options),
            self.http.connection,
            self.http.is_handshake,
            lambda reason, _: self.refused.append(reason),
            self.turnstile.take,
            self.newcomers,
            self.head_timeout_s,
        )

    async def _websocket(self, websocket):
        self.websockets.append(weakref.ref(websocket))
        self.are_alone.append(websocket.transport.get_protocol() is websocket)
        with contextlib.suppress(ConnectionClosed):  # raw peers hang up without a word
            async for message in websocket:
                await websocket.send(message)

    async def _echo(self, request):
        return web.Response(body=await request.read())

    async def _count(self, request):
        return web.Response(text=str(sum([len(chunk) async for chunk in request.content.iter_any()])))

    async def _slow(self, _):
        self.begun.set()
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.left.set()
            raise
        return web.Response(text="slow\n")

    async def _endless(self, request):
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                self.begun.set()
                await response.write(b"x" * 4096)
                await request.writer.drain()
                self.sent += 4096
        finally:
            self.left.set()

    async def _small(self, request):
        return web.Response(body=await request.read())

    async def _judge_length(self, request):
        if (request.content_length or 0) > 10:
            raise web.HTTPRequestEntityTooLarge(10, request.content_length)
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    async def _judge_key(self, _):
        raise web.HTTPUnauthorized


@pytest.fixture
async def door():
    async with Door().listen() as listening:
        yield listening


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    """(the server's context, a client's that trusts it)"""
    cert, key = make_certificate(tmp_path_factory.mktemp("tls"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, ssl.create_default_context(cafile=cert)


def post(path, body=BODY, headers=""):
    head = f"POST {path} HTTP/1.1\r\n{HOST}Content-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def post_in_chunks(path, body=BODY, size=100):
    head = f"POST {path} HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n".encode()
    for at in range(0, len(body), size):
        chunk = body[at : at + size]
        head += f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n"
    return head + b"0\r\n\r\n"


async def assert_echoes(peer, *payloads):
    for payload in payloads:
        peer.say(frame(payload))
        assert await peer.frame() == payload


# -- one connection for everything -------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_tls", [False, True])
async def test_get_post_streamed_post_and_websocket_follow_each_other_on_one_connection(tls, is_tls):
    server_side, client_side = tls if is_tls else (None, None)
    options = {"ssl": client_side, "server_hostname": "127.0.0.1"} if is_tls else {}
    async with Door().listen(ssl=server_side) as door, RawPeer.connect(door.port, **options) as peer:
        for _ in range(2):
            peer.say(GET)
            assert (await peer.answer()).body == b"GET /\n"
            peer.say(post("/echo"))
            assert (await peer.answer()).body == BODY
            peer.say(post_in_chunks("/echo"))
            assert (await peer.answer()).body == BODY
        peer.say(HANDSHAKE)
        assert (await peer.answer()).status == 101
        await assert_echoes(peer, b"one", b"two")
        assert not door.refused


async def test_a_handshake_that_is_pipelined_behind_a_slow_post_waits_for_its_answer(door):
    async with RawPeer.connect(door.port) as peer:
        peer.say(post("/slow") + HANDSHAKE.encode() + frame(b"early"))
        await door.begun.wait()
        assert not door.websockets
        door.may_answer.set()
        assert (await peer.answer()).body == b"slow\n"
        assert (await peer.answer()).status == 101
        assert await peer.frame() == b"early"
        await assert_echoes(peer, b"late")


@pytest.mark.parametrize("before", ["", GET, GET + GET])
async def test_frames_that_come_with_the_handshake_are_kept(door, before):
    async with RawPeer.connect(door.port) as peer:
        peer.say(before.encode() + HANDSHAKE.encode() + frame(b"one") + frame(b"two"))
        for _ in range(before.count("GET")):
            assert (await peer.answer()).status == 200
        assert (await peer.answer()).status == 101
        assert [await peer.frame(), await peer.frame()] == [b"one", b"two"]
        await assert_echoes(peer, b"three")


async def test_the_websocket_is_the_connection_s_own_protocol(door):
    """So that no line of ours runs for a frame."""
    async with connect(f"ws://127.0.0.1:{door.port}/ws", subprotocols=["tts.v1"]) as websocket:
        await websocket.send("hello")
        assert await websocket.recv() == "hello"
    async with RawPeer.connect(door.port) as peer:
        peer.say(GET + HANDSHAKE)
        await peer.answer()
        assert (await peer.answer()).status == 101
        await assert_echoes(peer, b"hello")
    assert door.are_alone == [True, True]


async def test_websockets_on_connections_that_were_http_s_leave_nothing_behind(door):
    for _ in range(50):
        async with RawPeer.connect(door.port) as peer:
            peer.say(GET + HANDSHAKE)
            await peer.answer()
            assert (await peer.answer()).status == 101
            await assert_echoes(peer, b"hello")
    async with asyncio.timeout(PATIENCE_S):
        while door.listener.handler_tasks:
            await asyncio.wait(set(door.listener.handler_tasks))
            await asyncio.sleep(0)
    gc.collect()
    assert len(door.websockets) == 50
    assert not [websocket for websocket in door.websockets if websocket() is not None]
    assert not door.http._runner.server.connections


def test_what_of_others_the_door_stands_on_is_as_it_was():
    """Private ground: a new release of aiohttp or websockets that moves it is found here and not by a proxy's users."""
    assert {"set_parser", "connection_lost", "data_received", "handle_error", "close"} <= set(dir(web.RequestHandler))
    request = read_handshake(HANDSHAKE.encode())
    assert (request.method, request.path) == ("GET", "/ws")


# -- heads -------------------------------------------------------------------------------------------------------------


class Transport(asyncio.Transport):
    """A connection without a peer; keeps who took it and what was written."""

    def __init__(self):
        super().__init__()
        self.written = b""
        self.protocol = None

    def set_protocol(self, protocol):
        self.protocol = protocol

    def write(self, data):
        self.written += data

    def can_write_eof(self):
        return False

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass

    def is_closing(self):
        return False

    def abort(self):
        pass


class Taker(asyncio.Protocol):
    """Takes a connection over and keeps what came."""

    def __init__(self, name):
        self.name = name
        self.came = b""

    def data_received(self, data):
        self.came += data


def met(*pieces, is_turn_late=False):
    """Which library took a connection on which these pieces came, with which bytes, or the door's answer."""
    transport, turns = Transport(), []
    door = FrontDoor(
        lambda: Taker("websocket"),
        lambda _: Taker("http"),
        lambda head: read_handshake(head) is not None,
        lambda *_: None,
        turns.append if is_turn_late else lambda enter: enter(),
        Newcomers(),
        PATIENCE_S,
    )
    door.connection_made(transport)
    for piece in pieces:
        (transport.protocol or door).data_received(piece)
    for enter in turns:
        enter()
    door.connection_lost(None)
    taker = transport.protocol
    return (taker.name, taker.came) if taker else ("door", transport.written)


HEADS = {
    "get": (GET.encode(), "http"),
    "post": (post("/echo", b"body"), "http"),
    "handshake": (HANDSHAKE.encode() + frame(b"early"), "websocket"),
    "empty lines first": (b"\r\n\r\n" + HANDSHAKE.encode(), "websocket"),
    "http/1.0": (b"GET /health HTTP/1.0\r\n\r\n", "http"),
    "nonsense": (b"HELO you\r\nthere\r\n\r\n", "door"),
    "http/0.9": (b"GET /health\r\n\r\n", "door"),
    "unknown method": (b"FROB / HTTP/1.1\r\n\r\n", "door"),
}


@pytest.mark.parametrize("name", HEADS)
async def test_however_a_head_is_cut_it_is_met_alike(name):
    said, taker = HEADS[name]
    whole = met(said)
    assert whole[0] == taker
    for one, two in itertools.combinations(range(1, len(said)), 2):
        assert met(said[:one], said[one:two], said[two:]) == whole
    assert met(*(bytes((byte,)) for byte in said)) == whole
    assert met(said[:-1], said[-1:], is_turn_late=True) == whole


async def test_of_newcomers_whose_heads_come_at_once_each_pass_of_the_loop_lets_one_in():
    turnstile, passes, seen = Turnstile(), itertools.count(), []

    def next_pass():
        if len(seen) < 3:
            number = next(passes)
            asyncio.get_running_loop().call_soon(next_pass)
            turn[0] = number

    turn = [0]
    next_pass()
    for _ in range(3):
        turnstile.take(lambda: seen.append(turn[0]))
    async with asyncio.timeout(PATIENCE_S):
        while len(seen) < 3:
            await asyncio.sleep(0)
    assert len(set(seen)) == 3


async def test_when_the_server_ends_nobody_is_let_in_any_more_whose_turn_had_not_come():
    """The HTTP server behind the door is gone by then."""
    turnstile, entered = Turnstile(), []
    turnstile.take(lambda: entered.append("had come"))
    turnstile.close()
    turnstile.take(lambda: entered.append("came later"))
    passed = asyncio.Event()
    for _ in range(3):  # as many passes of the loop
        asyncio.get_running_loop().call_soon(passed.set)
        await passed.wait()
        passed.clear()

    assert entered == []


def test_a_newcomer_that_has_left_before_its_turn_is_not_let_in():
    turns, opened = [], []
    door = FrontDoor(
        lambda: opened.append("websocket"),
        lambda _: opened.append("http"),
        lambda _: False,
        lambda *_: None,
        turns.append,
        Newcomers(),
        PATIENCE_S,
    )

    async def come_and_go():
        door.connection_made(Transport())
        door.data_received(GET.encode())
        door.connection_lost(None)
        for enter in turns:
            enter()

    asyncio.run(come_and_go())
    assert (len(turns), opened) == (1, [])


async def test_a_request_in_single_bytes_is_answered_on_a_connection_in_use_too(door):
    async with RawPeer.connect(door.port) as peer:
        for said in (GET.encode(), post_in_chunks("/echo", b"a body", 2), HANDSHAKE.encode(), frame(b"hello")):
            for byte in said:
                peer.say(bytes((byte,)))
                await peer.writer.drain()
                await asyncio.sleep(0)
        assert (await peer.answer()).body == b"GET /\n"
        assert (await peer.answer()).body == b"a body"
        assert (await peer.answer()).status == 101
        assert await peer.frame() == b"hello"


@pytest.mark.parametrize("said", ["GET / HTTP/1.1\r\nHo", "POST /echo HTTP/1.1\r\n", HANDSHAKE[:-2], "G"])
async def test_a_head_that_does_not_end_is_answered_408(said):
    async with Door(head_timeout_s=0.1).listen() as door, RawPeer.connect(door.port) as peer:
        peer.say(said)
        assert (await peer.answer()).status == 408
        assert await peer.until_closed() == b""
        assert door.refused == ["head"]


async def test_a_second_head_that_does_not_end_is_answered_408():
    async with Door(head_timeout_s=0.1).listen() as door, RawPeer.connect(door.port) as peer:
        peer.say(GET)
        assert (await peer.answer()).status == 200
        peer.say("GET / HTTP/1.1\r\nHo")
        assert (await peer.answer()).status == 408
        assert await peer.until_closed() == b""


async def test_a_peer_that_says_nothing_is_hung_up_on():
    async with Door(head_timeout_s=0.1).listen() as door, RawPeer.connect(door.port) as peer:
        assert await peer.until_closed() == b""
        assert not door.refused


async def test_a_connection_that_rests_between_requests_is_kept():
    async with Door(head_timeout_s=0.1).listen() as door, RawPeer.connect(door.port) as peer:
        for _ in range(2):
            peer.say(post("/echo"))
            assert (await peer.answer()).body == BODY
            waited = asyncio.Event()
            asyncio.get_running_loop().call_later(0.3, waited.set)
            await waited.wait()


async def test_a_head_over_the_limit_is_answered_431_and_not_kept(door):
    async with RawPeer.connect(door.port) as peer:
        peer.say("GET / HTTP/1.1\r\nX: " + "x" * MAX_HEAD_BYTES)
        answer = await peer.answer()
        assert (answer.status, answer.error) == (431, "head_too_large")
        assert await peer.until_closed() == b""


@pytest.mark.parametrize(
    "said",
    [
        "HELO\r\n",
        "GET /health\r\n\r\n",
        "GET / HTTP/1.2\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET / HTTP/1.0\n\n",
        "get / HTTP/1.1\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00",
        f"GET / HTTP/1.1\r\n{HOST}X: a\0b\r\n\r\n",
        f"GET / HTTP/1.1\r\n{HOST}X : a\r\n\r\n",
        f"GET / HTTP/1.1\r\n{HOST}X: a\r\n b\r\n\r\n",
        f"GET / HTTP/1.1\r\n{HOST}X: {'a' * 9000}\r\n\r\n",
        f"GET / HTTP/1.1\r\n{HOST}" + "X: a\r\n" * 200 + "\r\n",
        f"POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n4\r\nabcd\r\n0\r\n\r\n",
        f"POST /echo HTTP/1.1\r\n{HOST}Content-Length: 4\r\nContent-Length: 5\r\n\r\nhello",
        f"POST /echo HTTP/1.1\r\n{HOST}Content-Length: -1\r\n\r\n",
    ],
)
@pytest.mark.parametrize("before", ["", GET])
async def test_bytes_that_are_no_http_get_400_and_a_close(door, said, before):
    async with RawPeer.connect(door.port) as peer:
        peer.say(before)
        if before:
            assert (await peer.answer()).status == 200
        peer.say(said)
        answer = await peer.answer()
        assert (answer.status, answer.error) == (400, "malformed")
        assert await peer.until_closed() == b""
    assert door.refused == ["malformed"]


async def test_a_method_that_http_does_not_know_is_405(door):
    answer = await ask(door.port, f"FROB / HTTP/1.1\r\n{HOST}\r\n")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


# -- upgrades that are none --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "body"),
    [
        (f"GET / HTTP/1.1\r\n{HOST}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", b"GET /\n"),
        (f"GET / HTTP/1.1\r\n{HOST}{UPGRADE}\r\n", b"GET /\n"),
        (post("/echo", headers="Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n").decode(), BODY),
        (post("/echo", headers=UPGRADE).decode(), BODY),
        (post("/ws", headers=UPGRADE).decode(), b"POST /ws\n"),
    ],
)
async def test_an_upgrade_that_is_not_ours_is_passed_over(door, said, body):
    async with RawPeer.connect(door.port) as peer:
        for _ in range(2):
            peer.say(said)
            assert (await peer.answer()).body == body
        peer.say(HANDSHAKE)
        assert (await peer.answer()).status == 101


@pytest.mark.parametrize("before", ["", GET])
@pytest.mark.parametrize("length", ["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"])
async def test_a_handshake_with_a_body_is_answered_400(door, before, length):
    async with RawPeer.connect(door.port) as peer:
        peer.say(before)
        if before:
            await peer.answer()
        body = "hello" if "Content-Length" in length else "5\r\nhello\r\n0\r\n\r\n"
        peer.say(f"GET /ws HTTP/1.1\r\n{HOST}{UPGRADE}{length}\r\n{body}")
        answer = await peer.answer()
        assert (answer.status, answer.error) == (400, "handshake")
    assert door.refused == ["handshake"]


# -- bodies ------------------------------------------------------------------------------------------------------------


async def test_a_key_and_a_length_are_judged_before_the_body_is_sent(door):
    for path, status in [("/secret", 401), ("/small", 413)]:
        head = f"POST {path} HTTP/1.1\r\n{HOST}Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
        assert (await ask(door.port, head)).status == status
    async with RawPeer.connect(door.port) as peer:
        peer.say(f"POST /small HTTP/1.1\r\n{HOST}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        assert (await peer.answer()).status == 100
        peer.say("hello")
        assert (await peer.answer()).body == b"hello"


async def test_a_body_over_the_cap_is_refused_readably(door):
    """aiohttp's cap for bodies that are read whole is 1 MiB; the sender may be in the middle of it."""
    async with RawPeer.connect(door.port) as peer:
        peer.say(post("/echo", b"x" * 4_000_000))
        answer = await peer.answer()
        assert (answer.status, answer.error) == (413, "request_entity_too_large")


async def test_twenty_megabytes_stream_through(door):
    async with RawPeer.connect(door.port) as peer:
        peer.say(post("/count", b"x" * 20_000_000))
        assert (await peer.answer()).body == b"20000000"


async def test_an_unwanted_body_is_not_unpacked(door):
    async with RawPeer.connect(door.port) as peer:
        peer.say(post("/count", b"not gzip", "Content-Encoding: gzip\r\n"))
        assert (await peer.answer()).body == b"8"


@pytest.mark.parametrize("is_tls", [False, True])
async def test_a_peer_that_reads_nothing_has_little_ahead_and_is_cut_off(tls, is_tls):
    server_side, client_side = tls if is_tls else (None, None)
    options = {"ssl": client_side, "server_hostname": "127.0.0.1"} if is_tls else {}
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # or the peer's kernel would take megabytes
    async with Door(blocked_s=0.5).listen(ssl=server_side) as door:
        small.connect(("127.0.0.1", door.port))
        async with RawPeer.connect(None, sock=small, limit=1024, **options) as peer:
            peer.say(post("/endless"))
            async with asyncio.timeout(PATIENCE_S):
                await door.left.wait()
    # 64 KiB in the kernel and 16 KiB in the transport; of TLS the peer's own side reads 256 KiB before it stops.
    assert door.sent < (800_000 if is_tls else 200_000)


async def test_a_peer_that_leaves_is_no_longer_worked_for(door):
    for path in ("/slow", "/endless"):
        door.begun.clear()
        door.left.clear()
        async with RawPeer.connect(door.port) as peer:
            peer.say(post(path))
            await door.begun.wait()
        async with asyncio.timeout(PATIENCE_S):
            await door.left.wait()


async def test_a_request_is_answered_although_its_sender_says_that_it_has_no_more(door):
    async with RawPeer.connect(door.port) as peer:
        peer.say("GET / HTTP/1.0\r\n\r\n")
        peer.writer.write_eof()
        assert (await peer.answer()).body == b"GET /\n"
        assert await peer.until_closed() == b""


async def test_only_so_many_connections_are_kept_between_requests(door):
    """Otherwise a client could hold all descriptors of the process with a request a minute."""
    async with contextlib.AsyncExitStack() as leaving:
        peers = [await leaving.enter_async_context(RawPeer.connect(door.port)) for _ in range(140)]
        are_kept = []
        for peer in peers:
            peer.say(GET)
            are_kept.append("connection" not in (await peer.answer()).headers)
        assert 0 < are_kept.count(True) <= 128
        assert not any(are_kept[128:])
        assert await peers[-1].until_closed() == b""


# -- the end -----------------------------------------------------------------------------------------------------------


async def test_what_is_being_answered_counts_until_it_is(door):
    async with RawPeer.connect(door.port) as peer:
        await door.http.finish()
        peer.say(post("/slow"))
        await door.begun.wait()
        finishing = asyncio.create_task(door.http.finish())
        await asyncio.sleep(0)
        assert not finishing.done()
        door.is_draining = True
        door.may_answer.set()
        answer = await peer.answer()
        await finishing
        assert (answer.body, answer.headers["connection"]) == (b"slow\n", "close")
        assert await peer.until_closed() == b""


async def test_a_newcomer_that_cannot_be_let_in_is_told_so_and_nobody_waits_for_it():
    transport, turns, newcomers = Transport(), [], Newcomers()
    door = FrontDoor(
        lambda: Taker("websocket"),
        lambda _: 1 / 0,  # such a fault is the server's own, and the loop only logs it
        lambda _: False,
        lambda *_: None,
        turns.append,
        newcomers,
        PATIENCE_S,
    )
    door.connection_made(transport)
    door.data_received(GET.encode())
    with pytest.raises(ZeroDivisionError):
        turns[0]()
    assert transport.written.startswith(b"HTTP/1.1 500 ")
    door.connection_lost(None)
    async with asyncio.timeout(PATIENCE_S):
        await newcomers.answered()
