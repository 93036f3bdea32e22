"""The recipes of docs/PROXIES.md, each run by its proxy between a client and a gateway.

Where a proxy is not installed its tests are skipped; with ``SAYLINE_REQUIRE_PROXIES=1``, as in CI, that is a failure.
"""

import asyncio
import contextlib
import os

import pytest
from guide import blocks
from proxies import free_port, nginx, program, recipe
from raw_http import UPGRADE, ask
from websockets.exceptions import ConnectionClosed, InvalidStatus
from wire_peer import PATIENCE_S, WirePeer

from sayline.gateway.errors import CloseCode
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.tone import ToneSynthesizer

# Of nginx's documentation (https://nginx.org/en/docs/http/websocket.html): Host is the upstream's name.
NGINX_DOCUMENTED = """
upstream backend {
    server 127.0.0.1:8080;
}
server {
    listen 80;
    location / {
        proxy_pass http://backend;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
}
"""
TEXT = "One two three four five six."


def haproxy(text, folder, gateway, port):
    config = folder / "haproxy.cfg"
    quick = text.replace(" check\n", " check inter 100ms\n")  # or a gateway that drains would be noticed after 6 s
    config.write_text(quick.replace("127.0.0.1:8080", f"127.0.0.1:{gateway}").replace(":80\n", f"127.0.0.1:{port}\n"))
    return ["haproxy", "-db", "-f", config]


def caddy(text, folder, gateway, port):
    config = folder / "Caddyfile"
    own = f"{{\nadmin off\nauto_https off\nstorage file_system {folder}\n}}\n"
    site = text.replace("127.0.0.1:8080", f"127.0.0.1:{gateway}").replace(
        "voice.example {", f"http://voice.example:{port} {{\nbind 127.0.0.1"
    )
    config.write_text(own + site)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", config]


def nginx_in_short(*where):
    """The lines of docs/operate/running.md, in a site of the reader's."""
    (lines,) = (block.code for block in blocks("docs/operate/running.md") if block.language == "nginx")
    return nginx(f"server {{\nlisten 80;\nserver_name voice.example;\n{lines}\n}}\n", *where)


PROXIES = {
    "nginx": lambda *where: nginx(recipe("nginx"), *where),
    "nginx in short": nginx_in_short,
    "nginx as documented": lambda *where: nginx(NGINX_DOCUMENTED, *where),
    "haproxy": lambda *where: haproxy(recipe("haproxy"), *where),
    "caddy": lambda *where: caddy(recipe("caddyfile"), *where),
}


class Proxied:
    """A gateway behind a proxy, as the world sees them."""

    def __init__(self, gateway, port):
        self.gateway = gateway
        self.port = port
        self.host = f"voice.example:{port}"

    async def join(self, origin=None, **options):
        return await WirePeer.join(
            f"ws://{self.host}", host="127.0.0.1", port=self.port, origin=origin or f"http://{self.host}", **options
        )

    async def ask(self, line, headers="", body="", connection="Connection: close\r\n", **options):
        text = f"{line}\r\nHost: {self.host}\r\n{connection}{headers}\r\n{body}"
        return await ask(self.port, text, **options)

    async def until_answered(self, line, status):
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                    if (await self.ask(line)).status == status:
                        return
                await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def proxied(name, folder, *, is_named=True, **changes):
    port = free_port()
    named = {"public_url": f"http://VOICE.example:{port}/"} if is_named else {}
    async with running_server(Settings(**{"port": 0, **named, **changes}), ToneSynthesizer()) as gateway:
        command, *arguments = map(str, PROXIES[name](folder, gateway.port, port))
        with (folder / "said").open("wb") as said:
            process = await asyncio.create_subprocess_exec(
                program(command), *arguments, env={**os.environ, "HOME": str(folder)}, stdout=said, stderr=said
            )
        try:
            running = Proxied(gateway, port)
            try:
                await running.until_answered("GET /ready HTTP/1.1", 200)
            except TimeoutError:
                pytest.fail((folder / "said").read_text())
            yield running
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def speak(peer, text=TEXT):
    await peer.send("session.update", max_lead_ms=0)
    await peer.speak(text)
    return await peer.listen()


@pytest.fixture(params=[name for name in PROXIES if name != "nginx in short"])
def name(request):
    return request.param


async def test_page_health_and_websocket_are_served(name, tmp_path):
    async with proxied(name, tmp_path) as running:
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = await running.ask(f"{method} / HTTP/1.1", has_body=method == "GET")
            assert answer.status == (204 if method == "OPTIONS" else 200)
        assert b"<!doctype html>" in (await running.ask("GET / HTTP/1.1")).body
        assert (await running.ask("GET /health HTTP/1.1")).status == 200
        refused = await running.ask("POST /health HTTP/1.1", "Content-Length: 5\r\n", "hello")
        assert (refused.status, refused.error) == (405, "method")
        async with await running.join() as peer:
            assert (await speak(peer)).done["reason"] == "end"


async def test_the_lines_for_a_site_that_there_is_serve_the_page_and_a_websocket(tmp_path):
    async with proxied("nginx in short", tmp_path) as running:
        assert b"<!doctype html>" in (await running.ask("GET / HTTP/1.1")).body
        async with await running.join() as peer:
            assert (await speak(peer)).done["reason"] == "end"


async def test_a_gateway_without_room_says_503_through_the_proxy(name, tmp_path):
    async with proxied(name, tmp_path, max_connections=1) as running, await running.join():
        with pytest.raises(InvalidStatus) as refused:
            await running.join()
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["Retry-After"] == "1"


async def test_a_drain_finishes_what_runs_and_turns_newcomers_away(name, tmp_path):
    async with proxied(name, tmp_path, max_lead_ms=100) as running, await running.join() as peer:
        await peer.speak(TEXT)
        while not peer.heard().frames:
            await peer.take()
        draining = asyncio.create_task(running.gateway.drain())
        await running.until_answered("OPTIONS / HTTP/1.1", 503)
        with pytest.raises(InvalidStatus) as refused:
            await running.join()
        assert refused.value.response.status_code == 503
        assert (await peer.listen()).done["reason"] == "end"
        with pytest.raises(ConnectionClosed) as closed:
            await peer.take()
        assert closed.value.rcvd.code == CloseCode.DRAIN
        await draining


async def test_without_public_url_the_refusal_and_the_log_name_it(name, tmp_path, caplog):
    with caplog.at_level("INFO", logger="sayline"):
        async with proxied(name, tmp_path, is_named=False) as running:
            upgrade = UPGRADE + f"Origin: http://{running.host}\r\n"
            refused = await running.ask("GET /v1/tts/stream HTTP/1.1", upgrade, connection="")
    assert refused.status == 403
    assert b"--public-url" in refused.body
    record = next(record for record in caplog.records if record.message == "handshake refused")
    assert "public_url" in record.setting


async def test_pages_of_others_are_refused(name, tmp_path):
    async with proxied(name, tmp_path) as running:
        with pytest.raises(InvalidStatus) as refused:
            await running.join("http://evil.example")
        assert refused.value.response.status_code == 403


@pytest.mark.parametrize(("trusted", "peer"), [((), "127.0.0.1"), (("127.0.0.1",), "127.0.0.7")])
async def test_the_log_has_the_client_s_address_if_the_proxy_is_trusted(name, tmp_path, caplog, trusted, peer):
    with caplog.at_level("INFO", logger="sayline"):
        async with (
            proxied(name, tmp_path, trusted_proxies=trusted) as running,
            await running.join(local_addr=("127.0.0.7", 0)),
        ):
            pass
    record = next(record for record in caplog.records if record.message == "connected")
    assert record.peer.partition(":")[0] == peer
