"""Every kind of child that a server has may be killed, or stopped, which leaves it alive and doing nothing.

Its listeners learn of it within the time that is stated for the kind, by an error with a name that may be retried, and
the next context is spoken. An encoder's listeners learn nothing: their contexts go on. Real servers, real children, and
what a caller of ``sayline.connect`` sees.
"""

import asyncio
import contextlib
import importlib.util
import re
import signal
import time
from dataclasses import dataclass, field

import psutil
import pytest
from child_processes import ENGINE
from cosyvoice3_checkpoint import tiny_model_dir
from server_process import ServerProcess, SharedServer, ignoring_gone
from wire_peer import PATIENCE_S as WAIT_S

from sayline import ConnectionFailed, SpeechError, connect
from sayline.gateway.cluster.supervisor import PATIENCE_S as WORKER_PATIENCE_S
from sayline.gateway.speaking.encoder_pool import PATIENCE_S as ENCODER_PATIENCE_S
from sayline.synthesis.cosyvoice3.process.link import BEAT_S, SILENT_BEATS
from sayline.synthesis.espeak.engine import PATIENCE_S as VOICE_PATIENCE_S

BUSY_S = 5.0  # what a machine with other work may add
RECOVERY_S = 6 * WAIT_S  # vLLM loads in 15 s here, an engine in 4, a worker in 2; other work must not fail a test
LONG_TEXT = "This sentence is one of many, and there is always another one after it. " * 40


@dataclass
class Kind:
    """A kind of child.

    Attributes:
        program: stands in its command line.
        patience_s: how long one may be silent.
        said: what the log says of it.
        told: what ``/health`` tells while it is silent; empty if it is noticed by its own keeper only.
        error: what its listeners learn; None if their speech goes on.
    """

    program: str
    patience_s: float
    said: str
    told: str = ""
    server: type = ServerProcess
    flags: list[str] = field(default_factory=list)
    error: type | None = SpeechError


KINDS = {
    "encoder": Kind("encoder_process", ENCODER_PATIENCE_S, "an encoder process", "owed answers for", error=None),
    "voice": Kind("espeak/process.py", VOICE_PATIENCE_S, "espeak-ng's process|speech failed", "has been silent for"),
    "worker": Kind(
        "sayline.gateway.cluster.worker", WORKER_PATIENCE_S, r"worker \d", server=SharedServer, error=ConnectionFailed
    ),
    "engine": Kind(ENGINE, SILENT_BEATS * BEAT_S, "engine|speech failed|stream"),
    "speech tokens": Kind("EngineCore", SILENT_BEATS * BEAT_S, "engine|speech failed|stream"),
}


# A server on vLLM is minutes of a small machine: that its stopped child is noticed rests on the engine's beats.
STRIKES = [
    pytest.param(kind, sent, id=f"{kind}-{done}", marks=marks)
    for kind in KINDS
    for sent, done, marks in (
        (signal.SIGKILL, "killed", ()),
        (signal.SIGSTOP, "stopped", pytest.mark.thorough if kind == "speech tokens" else ()),
    )
]


@pytest.fixture
def kind(request):
    kind = KINDS[request.param]
    if request.param in ("engine", "speech tokens"):
        pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
        model = ["--model-dir", str(tiny_model_dir())]
        if request.param == "speech tokens":
            if importlib.util.find_spec("vllm") is None:
                pytest.skip("vllm is not installed")
            model.append("--load-vllm")
        kind.flags = [*model, "--fixed-tokens-per-character", "1", "--rtf-guard", "false"]
    return kind


@pytest.mark.parametrize(("kind", "sent"), STRIKES, indirect=["kind"])
async def test_what_a_child_spoke_goes_on_or_ends_in_time_with_an_error_and_the_next_is_spoken(kind, sent):
    is_stopped = sent == signal.SIGSTOP
    with kind.server(*kind.flags) as server:
        server.expected = kind.said
        async with connect(server.url, max_lead_ms=200) as connection, connection.speak(LONG_TEXT) as speech:
            frames = speech.audio()
            await anext(frames)
            struck = children(server, kind.program)
            for child in struck:  # all of them: it is chance which worker serves
                child.suspend()
            begun_at = time.monotonic()
            if kind.told:  # it is in the middle of something
                assert re.search(kind.told, await until_health_tells(server))
            if sent == signal.SIGKILL:
                begun_at = time.monotonic()
                for child in struck:
                    child.kill()
            within_s = (kind.patience_s if is_stopped else 0) + BUSY_S
            if kind.error is None:
                await hears_on(frames, within_s)
            else:
                with pytest.raises(kind.error) as failure:
                    async for _ in frames:
                        pass
                assert time.monotonic() - begun_at < within_s
                assert failure.value.retryable
                if isinstance(failure.value, SpeechError):
                    assert failure.value.code == "synthesis_failed"

        await until_spoken(server.url)
        assert children(server, kind.program)
        _, alive = psutil.wait_procs(struck, timeout=0)
        assert not alive, "nothing is left of the one before"


async def hears_on(frames, within_s):
    """Hear another five seconds, of which none is missing, and the first comes in time."""
    async with asyncio.timeout(within_s):
        frame = await anext(frames)
    until = frame.pts + 5 * 48_000
    while frame.pts < until:
        before, frame = frame, await anext(frames)
        assert frame.pts == before.pts + before.duration


def children(server, program):
    family = psutil.Process(server.process.pid).children(recursive=True)
    return [child for child in family if program in "".join(ignoring_gone(child.cmdline, []))]


async def until_health_tells(server):
    async with asyncio.timeout(WAIT_S):
        while (health := await server.health())["status"] == "ok":
            await asyncio.sleep(0.05)
    return health["detail"]


async def until_spoken(url):
    """Come again until a context is spoken, as whoever gets such an error does."""
    async with asyncio.timeout(RECOVERY_S):
        while True:
            with contextlib.suppress(ConnectionFailed, SpeechError):
                async with connect(url) as connection, connection.speak("Hello again.") as speech:
                    assert [frame async for frame in speech.audio()]
                    return
            await asyncio.sleep(0.1)
