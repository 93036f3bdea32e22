"""Tenants at a real server: what each may use, what is told and counted, and the end of a key."""

import asyncio
import contextlib
import dataclasses
import json
import re

import pytest
from raw_http import UPGRADE, RawPeer, ask
from websockets.exceptions import InvalidStatus
from wire_peer import PATIENCE_S, WirePeer

from sayline.gateway.capacity.tenants import hash_key
from sayline.gateway.errors import BadSettings
from sayline.gateway.serving.dialects import DIALECTS
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.interface import Voice, never
from sayline.synthesis.tone import ToneSynthesizer

HOST = "Host: localhost\r\n"
SPEECH = "/v1/audio/speech"


class Voices(ToneSynthesizer):
    """Two voices, and no speech before it is allowed."""

    def __init__(self):
        super().__init__()
        self.may_speak = asyncio.Event()
        self.may_speak.set()
        self.speaking = 0

    def voices(self):
        first = super().voices()[0]
        return [first, Voice("second", "Another.", ("en",))]

    async def speak(self, segment, style, runs_dry_at=never):
        self.speaking += 1
        try:
            await self.may_speak.wait()
            async for chunk in super().speak(segment, dataclasses.replace(style, voice="tone"), runs_dry_at):
                yield chunk
        finally:
            self.speaking -= 1


def table(name, *keys, **fields):
    hashes = json.dumps([hash_key(key) for key in keys])
    return f"[{name}]\nkeys = {hashes}\n" + "".join(f"{field} = {json.dumps(fields[field])}\n" for field in fields)


@pytest.fixture
def place(tmp_path):
    return tmp_path


@contextlib.asynccontextmanager
async def serving(place, *tables, engine=None, **changes):
    (place / "tenants.toml").write_text("\n".join(tables))
    given = {"port": 0, "tenants": place / "tenants.toml", "ledger": place / "ledger.jsonl", **changes}
    async with running_server(Settings(**given), engine or ToneSynthesizer()) as server:
        yield server


def join(server, key):
    return WirePeer.join(server.url, additional_headers={"xi-api-key": key})


def post(text, key):
    body = json.dumps({"model": "tts-1", "input": text, "voice": "alloy", "response_format": "pcm"})
    headers = f"Content-Length: {len(body)}\r\nAuthorization: Bearer {key}\r\n"
    return f"POST {SPEECH} HTTP/1.1\r\n{HOST}{headers}\r\n{body}"


async def refused(server, key):
    """How a handshake is refused: status, and when to come back."""
    with pytest.raises(InvalidStatus) as fault:
        await join(server, key)
    response = fault.value.response
    return response.status_code, int(response.headers.get("Retry-After", 0))


async def metrics(server, sought):
    """The figures, once they say what is sought: they are made twice a second."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            answer = await ask(server.port, f"GET /metrics HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n")
            if sought in (figures := answer.body.decode()):
                return figures
            await asyncio.sleep(0.05)


async def until(condition):
    """Wait until something that nobody tells is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.005)


async def test_what_was_sent_is_told_counted_and_kept_to_the_character(place):
    """Ended, cancelled, cut short by the peer's end, and by HTTP; emoji and combining marks are characters too."""
    engine = Voices()
    told = 0
    async with serving(place, table("acme", "a1", "a2"), table("globex", "g"), engine=engine) as server:
        async with await join(server, "a1") as peer:
            assert "usage" in peer.ready["features"]
            await peer.send("session.update", max_lead_ms=0)
            await peer.speak("Grüße an alle! 👩‍👩‍👧 Und tschüß.", cuts=(3, 18))
            told += (await peer.listen()).done["characters"]
            engine.may_speak.clear()
            await peer.send("text", context_id="x", text="This is never heard.")
            await peer.send("context.cancel", context_id="x")
            told += (await peer.listen("x")).done["characters"]
            await peer.send("context.end", context_id="unbegun")
            assert (await peer.listen("unbegun")).done["characters"] == 0
            await peer.send("text", context_id="gone", text="Its listener leaves.")
            await until(lambda: engine.speaking)
        engine.may_speak.set()
        async with await join(server, "g") as peer:
            await peer.speak("Another's.")
            assert (await peer.listen()).done["characters"] == len("Another's.")
        assert (await ask(server.port, post("Over HTTP.", "a2"))).status == 200
        told += len("Its listener leaves.") + len("Over HTTP.")
        figures = await metrics(server, f'sayline_tenant_characters_total{{tenant="acme"}} {float(told)}')
        assert 'sayline_tenant_contexts_total{tenant="globex"} 1.0' in figures

    records = [json.loads(line) for line in (place / "ledger.jsonl").read_text().splitlines()]
    acme = [record for record in records if record["tenant"] == "acme"]
    assert sum(record["characters"] for record in acme) == told
    assert [record["reason"] for record in acme] == ["end", "cancel", "gone", "end"]
    assert {record["key"] for record in acme} == {hash_key("a1")[:15], hash_key("a2")[:15]}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", record["at"]) for record in records)
    assert len(records) == 5


async def test_a_month_s_characters_outlive_a_restart(place):
    tables = table("acme", "a", characters_a_month=20)
    async with serving(place, tables) as server, await join(server, "a") as peer:
        await peer.speak("More than twenty characters, all of them spoken.")
        assert (await peer.listen()).done["reason"] == "end"
    async with serving(place, tables) as server:
        status, wait_s = await refused(server, "a")
        assert status == 429
        assert 0 < wait_s <= 31 * 86_400
        answer = await ask(server.port, post("Hello.", "a"))
        assert (answer.status, answer.error, int(answer.headers["retry-after"]) > 0) == (429, "quota", True)


async def test_contexts_over_the_limit_are_refused_on_every_way_and_nobody_else_s(place):
    engine = Voices()
    engine.may_speak.clear()
    tables = (table("greedy", "g", contexts=1), table("modest", "m"))
    async with serving(place, *tables, engine=engine) as server, await join(server, "g") as peer:
        await peer.speak("The first.", "first")
        await until(lambda: engine.speaking)
        await peer.speak("The second.", "second")
        while not peer.heard("second").errors:
            await peer.take()
        error = peer.heard("second").errors[0]
        assert (error["code"], error["retryable"], error["retry_after_ms"]) == ("quota_exceeded", True, 1000)
        assert peer.heard("second").started is None
        status, wait_s = await refused(server, "g")
        assert (status, 1 <= wait_s <= 2) == (429, True)  # one after another
        answer = await ask(server.port, post("Hello.", "g"))
        assert (answer.status, answer.error, answer.headers["retry-after"] in "123") == (429, "quota", True)
        async with await join(server, "m") as other:
            engine.may_speak.set()
            await other.speak("I am served.")
            assert (await other.listen()).done["reason"] == "end"
        assert (await peer.listen("first")).done["reason"] == "end"
        await peer.speak("The third.", "third")
        assert (await peer.listen("third")).done["reason"] == "end"
        # A context, a handshake and a request.
        figures = await metrics(server, 'sayline_tenant_refusals_total{quota="contexts",tenant="greedy"} 3.0')
        assert 'refusals_total{quota="contexts",tenant="modest"' not in figures


async def test_characters_a_minute_end_no_context_that_has_begun(place):
    async with serving(place, table("acme", "a", characters_a_minute=30)) as server, await join(server, "a") as peer:
        await peer.send("session.update", max_lead_ms=0)
        await peer.send("text", context_id="c", text="This is longer than thirty characters. ")
        await peer.send("text", context_id="c", text="And it goes on.")
        await peer.send("context.end", context_id="c")
        assert (await peer.listen()).done["reason"] == "end"
        await peer.send("text", context_id="next", text="Not now.")
        while not peer.heard("next").errors:
            await peer.take()
        error = peer.heard("next").errors[0]
        assert error["code"] == "quota_exceeded"
        assert "30 characters in a minute" in error["message"]
        assert 40_000 < error["retry_after_ms"] <= 51_000  # 54 were sent, and 25 are paid back
        status, wait_s = await refused(server, "a")
        assert status == 429
        assert 40 < wait_s <= 51


async def test_every_dialect_is_told_429_and_when_to_come_back(place):
    """But for phone calls, which show a token in a message and no key in their handshake."""
    paths = [path for path, dialect in DIALECTS.items() if dialect.is_signed is None]
    assert len(paths) == len(DIALECTS) - 1
    tables = [table(f"t{number}", f"key{number}", connects_a_minute=1) for number in range(len(paths))]
    async with serving(place, *tables) as server:
        for number, path in enumerate(paths):
            way = path.replace("{voice_id}", "tone") + "?cartesia_version=2025-04-16"
            handshake = f"GET {way} HTTP/1.1\r\n{HOST}{UPGRADE}Authorization: Bearer key{number}\r\n\r\n"
            async with RawPeer.connect(server.port) as peer:
                peer.say(handshake)
                assert (await peer.answer(has_body=False)).status == 101, path
            answer = await ask(server.port, handshake)
            assert (answer.status, answer.headers["retry-after"]) == (429, "60"), path
            assert b"1 connections in a minute" in answer.body, path


async def test_a_tenant_speaks_with_its_own_voices_only(place):
    tables = (table("acme", "a", voices=["second"]), table("all", "b"))
    async with serving(place, *tables, engine=Voices()) as server:
        async with await join(server, "a") as peer:
            assert peer.ready["voices"] == ["second"]
            await peer.speak("In the first of its voices.")
            assert (await peer.listen()).done["reason"] == "end"
            await peer.speak("In another's.", "other", voice="tone")
            assert (await peer.listen("other")).done["reason"] == "error"
            assert peer.heard("other").errors[0]["code"] == "unknown_voice"
        async with await join(server, "b") as peer:
            assert peer.ready["voices"] == ["tone", "second"]


async def test_a_higher_priority_is_heard_first(place):
    engine = Voices()
    engine.may_speak.clear()
    tables = (table("bulk", "b"), table("gold", "g", priority=1))
    limits = {"max_concurrent_requests": 1}
    async with serving(place, *tables, engine=engine, **limits) as server, contextlib.AsyncExitStack() as stack:
        order = [(key, await stack.enter_async_context(await join(server, key))) for key in "bbbgg"]
        for number, (_, peer) in enumerate(order):
            await peer.send("session.update", max_lead_ms=0)
            await peer.speak(f"Number {number}.")
            await until(lambda number=number: server.load().requests == number + 1)
        engine.may_speak.set()
        ends = []

        async def heard(key, peer):
            await peer.listen()
            ends.append(key)

        await asyncio.gather(*(heard(key, peer) for key, peer in order))
    assert ends == ["b", "g", "g", "b", "b"]


async def test_a_revoked_key_ends_its_own_connections_with_4401_within_a_second_and_no_other(place):
    engine = Voices()
    tables = (table("acme", "old", "new"), table("globex", "g"))
    async with serving(place, *tables, engine=engine) as server, contextlib.AsyncExitStack() as stack:
        peers = {}
        for key in ("old", "new", "g"):
            peers[key] = await stack.enter_async_context(await join(server, key))
            await peers[key].send("text", context_id="c", text="A speech that goes on for a while. " * 20)
            while not peers[key].heard().frames:
                await peers[key].take()
        answer = await stack.enter_async_context(RawPeer.connect(server.port))
        engine.may_speak.clear()
        answer.say(post("This answer has not begun.", "old"))
        await until(lambda: engine.speaking)
        revoked_at = asyncio.get_running_loop().time()
        (place / "tenants.toml").write_text("\n".join((table("acme", "new"), tables[1])))
        closed = await peers["old"].until_closed()
        assert asyncio.get_running_loop().time() - revoked_at < 1.0
        assert (closed.rcvd.code, closed.rcvd.reason) == (4401, "the key was revoked")
        assert await answer.until_closed() == b""
        assert await refused(server, "old") == (401, 0)
        engine.may_speak.set()
        for key in ("new", "g"):
            await peers[key].send("context.end", context_id="c")
            await peers[key].send("context.cancel", context_id="c")
            assert (await peers[key].listen()).done["reason"] == "cancel"
            assert not peers[key].heard().errors
        async with await join(server, "new"):
            pass


async def test_a_conversation_that_waits_for_its_client_ends_with_its_key(place):
    async with serving(place, table("acme", "a", "b")) as server:
        peer = await join(server, "a")
        await peer.send("session.update", resume=True)
        token = (await peer.take())["resume"]["token"]
        peer.websocket.transport.abort()
        await until(lambda: server.waiting_conversations == 1)
        (place / "tenants.toml").write_text(table("acme", "b"))
        await until(lambda: server.waiting_conversations == 0)
        async with await join(server, "b") as other:
            await other.send("session.resume", session_id=peer.ready["session_id"], token=token, received=1)
            assert (await other.take())["code"] == "resume_failed"


async def test_the_months_of_a_limit_need_a_ledger(place):

    with pytest.raises(BadSettings, match=r"^ledger: a limit of characters_a_month needs one"):
        async with serving(place, table("acme", "a", characters_a_month=1), ledger=None):
            pass
