"""Every page and every refusal of a real gateway, as bytes: what browsers, load balancers and strangers send."""

import asyncio
import contextlib
import gzip
import json
import signal

import pytest
import pytest_asyncio
from certificates import make_certificate
from raw_http import UPGRADE, RawPeer, ask
from server_process import ServerProcess, SharedServer
from websockets.exceptions import InvalidStatus
from wire_peer import PATIENCE_S, WirePeer

from sayline.gateway.errors import CloseCode
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.tone import ToneSynthesizer

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGES = ("/", "/page/main.js", "/health", "/ready", "/metrics", "/v1/voices")
HOST = "Host: localhost\r\n"
STREAM = "/v1/tts/stream"


def serving(**changes):
    return running_server(Settings(**{"port": 0, **changes}), ToneSynthesizer())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server():
    async with serving() as running:
        yield running


def request(method, path, headers="", body="", *, version="1.1"):
    host = "" if version == "1.0" else HOST
    return f"{method} {path} HTTP/{version}\r\n{host}{headers}\r\n{body}"


def records(caplog, event):
    return [record for record in caplog.records if record.message == event]


# -- pages -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("headers", ["", "Accept-Encoding: gzip\r\n"])
async def test_head_says_of_every_page_what_get_would_and_sends_no_body(server, path, headers):
    async with RawPeer.connect(server.port) as peer:
        peer.say(request("GET", path, headers))
        got = await peer.answer()
        peer.say(request("HEAD", path, headers))
        told = await peer.answer(has_body=False)
        peer.say(request("GET", "/ready"))
        assert (await peer.answer()).body == b"ready\n", "nothing followed the answer to HEAD"

    assert got.status == told.status == 200
    varying = {"date", "content-length"} if path in ("/health", "/metrics") else {"date"}
    assert {n: v for n, v in got.headers.items() if n not in varying} == {
        n: v for n, v in told.headers.items() if n not in varying
    }
    assert int(told.headers["content-length"]) > 0


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_options_is_answered_on_every_page(server, path, version):
    """``OPTIONS / HTTP/1.0`` is haproxy's check unless it is told of another."""
    answer = await ask(server.port, request("OPTIONS", path, version=version))
    assert (answer.status, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")


async def test_pages_need_no_key():
    async with serving(api_keys=("geheim",)) as server:
        for path in PAGES:
            for method, status in [("GET", 200), ("OPTIONS", 204), ("PUT", 405)]:
                assert (await ask(server.port, request(method, path))).status == status


async def test_options_may_be_asked_of_the_server_as_a_whole(server):
    assert (await ask(server.port, request("OPTIONS", "*"))).status == 204


@pytest.mark.parametrize("path", ["/health", "/ready"])
async def test_health_is_told_over_http_1_0_without_host_and_the_connection_closed(server, path):
    async with RawPeer.connect(server.port) as peer:
        peer.say(request("GET", path, version="1.0"))
        answer = await peer.answer()
        assert answer.status == 200
        assert "transfer-encoding" not in answer.headers
        assert await peer.until_closed() == b""


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("headers", ["", "Origin: https://any.example\r\n"])
async def test_pages_of_other_origins_may_read_every_page(server, path, headers):
    answer = await ask(server.port, request("GET", path, headers))
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_compression_follows_what_the_client_takes(server):
    packed = await ask(server.port, request("GET", "/metrics", "Accept-Encoding: br, gzip;q=0.5\r\n"))
    plain = await ask(server.port, request("GET", "/metrics", "Accept-Encoding: gzip;q=0, *\r\n"))

    assert gzip.decompress(packed.body).startswith(b"# HELP")
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize(
    ("asked", "there"), [("/speech", "/speech/"), ("/speech?say=Hi.&lang=zh", "/speech/?say=Hi.&lang=zh")]
)
async def test_the_page_s_address_below_a_path_is_led_to_its_slash(asked, there):
    """A page at ``/speech`` would ask for its files at the root."""
    async with serving(public_url="https://voice.example/speech") as named:
        answer = await ask(named.port, request("GET", asked))
        assert (answer.status, answer.headers["location"]) == (308, there)
        assert (await ask(named.port, request("GET", "/speechless"))).status == 404


async def test_a_file_that_a_browser_has_costs_it_a_head(server):
    async with RawPeer.connect(server.port) as peer:
        peer.say(request("GET", "/page/main.js", "Accept-Encoding: gzip\r\n"))
        tag = (await peer.answer()).headers["etag"]
        peer.say(request("GET", "/page/main.js", f"Accept-Encoding: gzip\r\nIf-None-Match: {tag}\r\n"))
        known = await peer.answer(has_body=False)
        peer.say(request("GET", "/ready"))
        assert (await peer.answer()).body == b"ready\n", "a body followed"

    assert (known.status, known.headers["etag"]) == (304, tag)
    assert not {"content-type", "content-encoding", "content-length"} & set(known.headers)


@pytest.mark.parametrize(
    "path", ["/nothing", "/../pyproject.toml", "//etc/passwd", "/%2e%2e/x", "/health/", "/a?b=/health"]
)
async def test_an_unknown_path_is_404_in_json(server, path):
    for method, headers, body in [("GET", "", ""), ("POST", "Content-Length: 2\r\n", "hi")]:
        answer = await ask(server.port, request(method, path, headers, body))
        assert (answer.status, answer.error, answer.headers["content-type"]) == (404, "not_found", "application/json")


# -- requests with bodies ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "method"),
    [
        (path, method)
        for path in [*PAGES, STREAM]
        for method in ["POST", "PUT", "PATCH", "DELETE"]
        if (path, method) != ("/v1/voices", "POST")  # adds a voice
    ],
)
async def test_a_request_with_a_body_is_answered_and_the_connection_goes_on(server, path, method):
    async with RawPeer.connect(server.port) as peer:
        for headers, body in [
            ("Content-Length: 5\r\n", "hello"),
            ("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"),
            ("Content-Length: 5\r\nExpect: 100-continue\r\n", "hello"),
        ]:
            peer.say(request(method, path, headers, body))
            answer = await peer.answer()
            assert (answer.status, answer.error) == (405, "method")
            assert "GET" in answer.headers["allow"]


async def test_a_large_body_for_a_page_is_read_so_that_its_sender_can_read_the_answer(server):
    async with RawPeer.connect(server.port) as peer:
        peer.say(request("POST", "/health", "Content-Length: 10000000\r\n"))
        peer.say(b"x" * 10_000_000)
        await peer.writer.drain()
        assert (await peer.answer()).status == 405
        peer.say(request("GET", "/ready"))
        assert (await peer.answer()).status == 200


async def test_a_client_that_waits_to_be_asked_for_its_body_is_told_at_once(server):
    answer = await ask(server.port, request("POST", "/health", "Content-Length: 5\r\nExpect: 100-continue\r\n"))
    assert answer.status == 405


# -- handshakes --------------------------------------------------------------------------------------------------------


async def test_the_websocket_s_path_without_an_upgrade_is_426(server):
    answer = await ask(server.port, request("GET", STREAM))
    assert (answer.status, answer.headers["upgrade"], answer.error) == (426, "websocket", "upgrade_required")


async def test_what_the_library_refuses_is_json_too(server, caplog):
    with caplog.at_level("INFO", logger="sayline"):
        for upgrade, status in [
            (UPGRADE.replace("dGhl", ""), 400),
            (UPGRADE.replace("Version: 13", "Version: 8"), 400),
            (UPGRADE.replace("Connection: Upgrade\r\n", ""), 426),
        ]:
            answer = await ask(server.port, request("GET", STREAM, upgrade))
            assert (answer.status, answer.error) == (status, "handshake")
    assert [record.why for record in records(caplog, "handshake refused")] == ["handshake"] * 3


@pytest.mark.parametrize("name", ["Host", "Origin", "Authorization", "xi-api-key", "Accept-Encoding"])
@pytest.mark.parametrize("path", ["/health", "/metrics", "/", STREAM])
async def test_a_header_that_comes_twice_is_400_without_a_traceback(server, name, path, caplog):
    for headers in ("", UPGRADE) if path == STREAM and name != "Accept-Encoding" else ("",):
        value = "localhost" if name == "Host" else "http://localhost"
        twice = f"{name}: {value}\r\n" * 2
        host = "" if name == "Host" else HOST
        answer = await ask(server.port, f"GET {path} HTTP/1.1\r\n{host}{twice}{headers}\r\n")
        assert answer.status == 400
        assert answer.headers["content-type"] == "application/json"
    assert not [record for record in caplog.records if record.exc_info or record.levelname == "ERROR"]


@pytest.mark.parametrize(
    "headers",
    [
        "Origin: http://[\r\n",
        "Origin: http://a:99999\r\n",
        "Origin: \xff\xfe\r\n",
        "Origin: \r\n",
        "Authorization: Bearer \xff\r\n",
        "Sec-WebSocket-Protocol: tts.auth.\xff\r\nSec-WebSocket-Protocol: tts.auth.!!!\r\n",
        "Forwarded: for=\r\nX-Forwarded-For: ,,\xff\r\n",
        "Accept-Encoding: ;q=\xff\r\n",
    ],
)
async def test_no_header_makes_the_server_stumble(headers, caplog):
    async with serving(api_keys=("geheim",), trusted_proxies=("127.0.0.1",)) as server:
        for path, upgrade in [(STREAM, UPGRADE), ("/health", ""), ("/metrics", UPGRADE)]:
            answer = await ask(server.port, request("GET", path, headers + upgrade))
            assert answer.status in (200, 400, 401, 403)
    assert not [record for record in caplog.records if record.exc_info or record.levelname == "ERROR"]


@pytest.mark.parametrize("before", ["", "GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n"])
@pytest.mark.parametrize("upgrade", [UPGRADE, UPGRADE.replace("dGhl", ""), "Origin: http://evil.example\r\n" + UPGRADE])
async def test_whatever_comes_with_a_handshake_leaves_no_traceback(server, before, upgrade, caplog):
    for rest in ("", "no frames, and not masked"):
        async with RawPeer.connect(server.port) as peer:
            peer.say(before + request("GET", STREAM, upgrade, rest))
            if not rest:
                peer.writer.write_eof()
            await peer.until_closed()
    assert (await ask(server.port, request("GET", "/ready"))).status == 200
    assert not [record for record in caplog.records if record.exc_info or record.levelname == "ERROR"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example"])
async def test_dns_rebinding_is_refused_on_loopback(server, host, caplog):
    host = host.format(port=server.port)
    with caplog.at_level("INFO", logger="sayline"):
        for origin in (f"Origin: http://{host}\r\n", ""):
            answer = await ask(server.port, f"GET {STREAM} HTTP/1.1\r\nHost: {host}\r\n{origin}{UPGRADE}\r\n")
            assert (answer.status, answer.error) == (403, "host")
            assert b"--public-url" in answer.body
    assert {record.setting for record in records(caplog, "handshake refused")} == {"public_url"}


async def test_a_handshake_without_host_is_refused_with_the_reason(server):
    answer = await ask(server.port, f"GET {STREAM} HTTP/1.1\r\n{UPGRADE}\r\n")
    assert (answer.status, answer.error) == (400, "host")


async def test_a_refusal_is_logged_with_peer_origin_host_path_and_reason_but_no_query(caplog):
    with caplog.at_level("INFO", logger="sayline"):
        async with serving() as server:
            await ask(
                server.port, request("GET", f"{STREAM}?api_key=geheim", f"Origin: https://evil.example\r\n{UPGRADE}")
            )
            metrics = (await ask(server.port, request("GET", "/metrics"))).body
    (record,) = records(caplog, "handshake refused")
    assert (record.why, record.origin, record.host, record.path) == (
        "origin",
        "https://evil.example",
        "localhost",
        STREAM,
    )
    assert record.peer.startswith("127.0.0.1:")
    assert "geheim" not in str(vars(record))
    assert b'sayline_refusals_total{reason="origin"} 1.0' in metrics


@pytest.mark.parametrize("method", ["OPTIONS", "GET", "POST"])
async def test_a_page_that_is_refused_can_ask_why(server, method):
    """Of the handshake itself a browser tells it 1006 and no more."""
    refused = await ask(server.port, request(method, STREAM, "Origin: https://voice.example\r\n"))
    welcome = await ask(server.port, request(method, STREAM, "Origin: http://localhost\r\n"))

    assert (refused.status, refused.error) == (403, "origin")
    assert refused.headers["access-control-allow-origin"] == "*"
    assert welcome.status == {"OPTIONS": 204, "GET": 426, "POST": 405}[method]


async def test_a_request_that_is_no_http_is_logged_and_counted(server, caplog):
    with caplog.at_level("INFO", logger="sayline"):
        for said in ("HELO\r\n", request("POST", "/", "Content-Length: x\r\n")):
            assert (await ask(server.port, said)).status == 400
    assert [record.why for record in records(caplog, "request refused")] == ["malformed"] * 2
    assert all(record.peer.startswith("127.0.0.1:") for record in records(caplog, "request refused"))


async def test_a_public_address_lets_its_pages_in_and_strips_its_path():
    async with serving(public_url="https://voice.example/speech") as server:
        for path in (STREAM, f"/speech{STREAM}"):
            shown = f"Origin: https://voice.example\r\n{UPGRADE}"
            assert (await ask(server.port, request("GET", path, shown))).status == 101
        assert (await ask(server.port, request("GET", "/speech/health"))).status == 200
        assert (await ask(server.port, request("GET", "/speechless/health"))).status == 404


async def test_over_the_cap_503_comes_on_a_connection_in_use_too():
    async with (
        serving(max_connections=1) as server,
        await WirePeer.join(server.url),
        RawPeer.connect(server.port) as peer,
    ):
        peer.say(request("GET", "/ready"))
        assert (await peer.answer()).status == 200
        peer.say(request("GET", STREAM, UPGRADE))
        answer = await peer.answer()
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")


async def test_tls_serves_pages_and_websocket_on_one_connection(tmp_path):
    import ssl

    cert, key = make_certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=cert)
    async with (
        serving(tls_cert=cert, tls_key=key) as server,
        RawPeer.connect(server.port, ssl=trusting, server_hostname="127.0.0.1") as peer,
    ):
        peer.say(request("POST", "/health", "Content-Length: 5\r\n", "hello"))
        assert (await peer.answer()).status == 405
        peer.say(request("GET", "/"))
        assert (await peer.answer()).status == 200
        peer.say(request("GET", STREAM, UPGRADE))
        assert (await peer.answer()).status == 101
        assert json.loads(await peer.frame())["type"] == "session.ready"


# -- the end -----------------------------------------------------------------------------------------------------------


async def test_while_draining_pages_answer_say_so_and_close():
    async with serving(max_lead_ms=100) as server, await WirePeer.join(server.url) as peer:
        await peer.speak("One two three four five six. " * 20)
        while not peer.heard().frames:
            await peer.take()
        async with RawPeer.connect(server.port) as kept:
            kept.say(request("GET", "/ready"))
            assert (await kept.answer()).status == 200
            draining = asyncio.create_task(server.drain())
            await asyncio.sleep(0)
            kept.say(request("GET", "/ready"))
            answer = await kept.answer()
            assert (answer.status, answer.headers["connection"]) == (503, "close")
            assert await kept.until_closed() == b""
        assert json.loads((await ask(server.port, request("GET", "/health"))).body)["status"] == "draining"
        assert (await ask(server.port, request("OPTIONS", "/", version="1.0"))).status == 503
        with pytest.raises(InvalidStatus):
            await WirePeer.join(server.url)
        await peer.send("context.cancel", context_id="c")
        await draining


@pytest.mark.parametrize("kind", [ServerProcess, SharedServer])
async def test_sigterm_ends_a_server_with_idle_http_connections_and_a_websocket(kind):
    with kind("--engine", "tone") as server:
        async with RawPeer.connect(server.port) as idle, RawPeer.connect(server.port) as silent:
            idle.say(request("GET", "/ready"))
            assert (await idle.answer()).status == 200
            async with await WirePeer.join(server.url) as peer:
                await peer.speak("One two three four.")
                while not peer.heard().frames:
                    await peer.take()
                server.process.send_signal(signal.SIGTERM)
                assert (await peer.listen()).done["reason"] == "end"
                assert (await peer.until_closed()).rcvd.code == CloseCode.DRAIN
            assert await idle.until_closed() == b""
            assert await silent.until_closed() == b""
        assert await asyncio.to_thread(server.process.wait, PATIENCE_S) == 0


async def test_workers_serve_pages_bodies_and_handshakes_alike():
    with SharedServer("--engine", "tone") as server:
        for _ in range(8):  # it is chance who answers
            async with RawPeer.connect(server.port) as peer:
                peer.say(request("POST", "/health", "Content-Length: 5\r\n", "hello"))
                assert (await peer.answer()).status == 405
                peer.say(request("GET", STREAM, UPGRADE))
                assert (await peer.answer()).status == 101


async def test_a_connection_that_said_nothing_does_not_outlive_the_server():
    async with contextlib.AsyncExitStack() as leaving:
        async with serving(handshake_timeout_s=1000) as server:
            silent = await leaving.enter_async_context(RawPeer.connect(server.port))
            half = await leaving.enter_async_context(RawPeer.connect(server.port))
            half.say("GET / HT")
            assert (await ask(server.port, request("GET", "/ready"))).status == 200
        assert await silent.until_closed() == b""
        assert await half.until_closed() == b""
