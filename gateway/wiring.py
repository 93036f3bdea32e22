"""The one place that knows every part: builds a server from settings and runs it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import shutil
import sys
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from ..codecs.base import CodecUnavailable
from ..codecs.containers import ogg_end_after
from ..codecs.opus import OpusEncoder, OpusSettings
from ..codecs.speech_encoder import CODEC_IDS, AudioFormat, encoded_rate_hz
from ..synthesis.interface import EngineUnavailable, Synthesizer
from .capacity.desk import OwnDesk
from .cluster.ending import Ending
from .conversation.actions import AudioParameters
from .conversation.session import AudioFacts, SessionSettings
from .errors import BadSettings
from .exit_status import FAILED, complain
from .observing import logs, startup
from .observing.log_output import write_aside
from .observing.metrics import Metrics
from .serving.port_probe import cannot_listen, ensure_free
from .serving.server import Server
from .serving.tls import server_context
from .speaking.encoder_pool import EncoderPool, RemoteEncoder
from .text.accumulator import ChunkingSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator
    from pathlib import Path

    from ..synthesis.cosyvoice3.process.settings import EngineSettings
    from .capacity.desk import Desk
    from .settings import Settings

log = logging.getLogger("sayline")

# New objects between two looks for reference cycles: at full load some twenty looks a second, well under 1 ms each.
_GC_THRESHOLD: Final = 5_000


def serve(settings: Settings) -> int:
    """Run a server until SIGTERM or SIGINT; returns the exit status."""
    startup.ensure_model(settings)
    # Before an engine is loaded, which takes minutes: certificate and port would be found wrong after it.
    if settings.tls_cert is not None and settings.tls_key is not None:
        server_context(settings.tls_cert, settings.tls_key)
    try:
        ensure_free(settings)
    except OSError as exc:
        return complain(cannot_listen(settings, exc), FAILED)
    return run(settings, (_serve_until_signalled if settings.workers == 1 else _supervise_until_signalled)(settings))


def run(settings: Settings, main: Coroutine[Any, Any, int]) -> int:
    """Run a process of a server; returns the exit status. What keeps it from starting is said in one line."""
    logs.configure(settings.log_level, settings.log_format)
    try:
        return _run(main)
    except (EngineUnavailable, CodecUnavailable) as exc:
        return complain(str(exc), FAILED)
    except OSError as exc:
        return complain(cannot_listen(settings, exc), FAILED)
    except asyncio.CancelledError:  # asked to end while it was starting
        return 0


@asynccontextmanager
async def running_server(
    settings: Settings,
    synthesizer: Synthesizer | None = None,
    *,
    desk: Desk | None = None,
    metrics: Metrics | None = None,
) -> AsyncIterator[Server]:
    """A server that listens, inside the running loop.

    Args:
        settings: all of them; port 0 takes a free one.
        synthesizer: an engine of the caller's own instead of the one that the settings name; started and closed here.
        desk: where limits are kept that are not this process's alone.
        metrics: those of a server that is not this process alone.

    Raises:
        EngineUnavailable: the engine cannot run here.
        CodecUnavailable: libopus is missing.
        BadSettings: the default voice does not exist.
        OSError: the address cannot be bound.
    """

    def opus(bitrate: int) -> OpusSettings:
        return OpusSettings(
            bitrate=bitrate, complexity=settings.opus_complexity, dtx=settings.opus_dtx, fec=settings.opus_fec
        )

    def audio_format(audio: AudioParameters) -> AudioFormat:
        return AudioFormat(audio.format, audio.sample_rate_hz, audio.frame_ms, opus(audio.bitrate))

    @cache
    def preskip(opus_rate_hz: int) -> int:
        """Ask libopus. A memo for each of the five rates that Opus has, and for nothing else that a peer may choose."""
        return OpusEncoder(opus_rate_hz, settings=opus(settings.opus_bitrate)).preskip

    def negotiate(audio: AudioParameters) -> AudioFacts:
        rate_hz = encoded_rate_hz(audio.format, audio.sample_rate_hz)
        return AudioFacts(
            CODEC_IDS[audio.format],
            rate_hz,
            0 if audio.format == "pcm_s16le" else preskip(rate_hz),
            end_after=ogg_end_after if audio.format == "ogg_opus" else None,
        )

    def new_encoder(audio: AudioParameters) -> RemoteEncoder:
        return encoders.open(audio_format(audio))

    engine = synthesizer or new_synthesizer(settings)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(engine.close)
        await engine.start()
        session_settings = _session_settings(settings, engine)
        negotiate(session_settings.default_audio)  # a missing libopus is found now, not by the first client
        encoders = await stack.enter_async_context(EncoderPool(settings.encoder_processes, engine.sample_rate_hz))
        server = Server(
            settings,
            session_settings,
            synthesizer=engine,
            new_encoder=new_encoder,
            encoder_failure=lambda: encoders.failure,
            negotiate=negotiate,
            max_requests=settings.max_concurrent_requests
            or _engines(settings) * engine.default_max_concurrent_requests,
            desk=desk or OwnDesk(),
            metrics=metrics or Metrics(),
        )
        yield await stack.enter_async_context(server)


async def _serve_until_signalled(settings: Settings) -> int:
    ending = Ending.by_signals()
    startup.ensure_descriptors(settings.max_connections)
    async with running_server(settings) as server:
        ending.serving(settings.drain_s)
        with heap_settled():
            startup.report(settings, server.url)
            _announce(server.url, server.port)
            await ending.asked.wait()
        log.info("draining")
        await server.drain()
    return 0


async def _supervise_until_signalled(settings: Settings) -> int:
    from .cluster.supervisor import supervise  # noqa: PLC0415 - a server of one process has no use for it

    ending = Ending.by_signals()
    startup.ensure_descriptors(settings.max_connections)  # the kernel may lead all to one worker; they inherit it

    def announce(url: str, port: int) -> None:
        startup.report(settings, url)
        _announce(url, port)

    async with contextlib.AsyncExitStack() as stack:
        address = None
        if settings.chosen_engine == "cosyvoice3":
            from ..synthesis.cosyvoice3.process.keeper import EngineKeeper  # noqa: PLC0415 - only the chosen engine is loaded

            keeper = EngineKeeper(_engine_settings(settings))
            stack.push_async_callback(keeper.close)
            await keeper.start()
            address = keeper.address
        return await supervise(settings, address, announce, ending)


@contextmanager
def heap_settled() -> Iterator[None]:
    """Look at little for garbage while a server serves.

    What start-up made stays; looking through all of it every 700 allocations is 3 % of a busy server.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD)
    try:
        yield
    finally:
        gc.unfreeze()  # or extension modules report what was never collected as leaks, at exit


def _announce(url: str, port: int) -> None:
    page = url.replace("ws", "http", 1)
    # As it was called: in a fresh checkout the command lies in .venv, on nobody's path.
    called = sys.argv[0]
    command = os.path.relpath(called) if called.endswith("sayline") and not shutil.which("sayline") else "sayline"
    option = "" if port == 8080 else f" --url {url}"  # the client's own default
    write_aside(  # what `make run` promises to print
        sys.stdout.fileno(),
        f"Sayline is listening on {page}\n"
        f'try:  echo "Hello there. This is real time speech." | {command} say - --out hello.wav{option}\n',
    )


def _engines(settings: Settings) -> int:
    """Count the engines of a server: one for all its processes, or one for each."""
    return 1 if settings.chosen_engine == "cosyvoice3" else settings.workers


def new_synthesizer(settings: Settings, address: Path | None = None) -> Synthesizer:
    """Make the engine that the settings name; with an address, speak with the one that is kept there."""
    if settings.chosen_engine == "cosyvoice3":
        from ..synthesis.cosyvoice3.synthesizer import CosyVoice3Synthesizer  # noqa: PLC0415 - as below

        return CosyVoice3Synthesizer(_engine_settings(settings), address)
    if settings.chosen_engine == "tone":
        from ..synthesis.tone import ToneSynthesizer  # noqa: PLC0415 - only the chosen engine is loaded

        return ToneSynthesizer()
    from ..synthesis.espeak.synthesizer import EspeakSynthesizer  # noqa: PLC0415 - only the chosen engine is loaded

    return EspeakSynthesizer()


def _engine_settings(settings: Settings) -> EngineSettings:
    from ..synthesis.cosyvoice3.process.settings import DEFAULT_STREAMS, EngineSettings  # noqa: PLC0415 - as above

    assert settings.model_dir is not None  # noqa: S101 - settings are judged when they are read
    return EngineSettings(
        model_dir=settings.model_dir.resolve(),
        max_streams=settings.max_concurrent_requests or DEFAULT_STREAMS,
        load_vllm=settings.load_vllm,
        precision="float16" if settings.fp16 else settings.precision,
        gpu_memory_utilization=settings.gpu_memory_utilization,
        token_hop_len=settings.token_hop_len,
        trt_concurrent=settings.trt_concurrent,
        min_solver_steps=settings.min_solver_steps,
        rtf_guard=settings.rtf_guard,
        fixed_tokens_per_character=settings.fixed_tokens_per_character,
        mps=settings.mps,
    )


def _session_settings(settings: Settings, synthesizer: Synthesizer) -> SessionSettings:
    names = [voice.name for voice in synthesizer.voices()]
    if not names:
        raise BadSettings(f"model_dir: {settings.model_dir} has no voice yet; make one with: sayline voices add")
    default_voice = settings.default_voice or names[0]
    if default_voice not in names:
        raise BadSettings(f"default_voice: the {settings.chosen_engine} engine has no voice {default_voice!r}")
    return SessionSettings(
        default_audio=AudioParameters("opus", settings.sample_rate, settings.frame_ms, settings.opus_bitrate),
        default_voice=default_voice,
        chunking=ChunkingSettings(
            comma_split=settings.comma_split,
            token_max_n=settings.token_max_n,
            token_min_n=settings.token_min_n,
            merge_len=settings.merge_len,
            first_min_n=settings.first_min_n,
            first_max_n=settings.first_max_n,
            release_lead_s=settings.release_lead_ms / 1000,
            idle_release_s=settings.idle_release_ms / 1000,
        ),
        max_lead_ms=settings.max_lead_ms,
        max_contexts=settings.max_contexts,
        max_running_contexts=settings.max_running_contexts,
        max_context_text_bytes=settings.max_context_text_kib * 1024,
        max_connection_text_bytes=settings.max_connection_text_kib * 1024,
        max_queued_text_bytes=settings.max_queued_text_kib * 1024,
        idle_s=settings.idle_s,
        quiet_s=settings.quiet_s,
        slow_client_s=settings.slow_client_s,
        credit_timeout_s=settings.credit_timeout_s,
        ping_interval_s=settings.ping_interval_s,
        stuck_s=settings.stuck_s,
        slot_lease_s=settings.slot_lease_s,
    )


def _run(main: Coroutine[Any, Any, int]) -> int:
    """Run on uvloop where it is installed: it takes about a quarter less CPU at hundreds of streams."""
    try:
        import uvloop  # noqa: PLC0415 - optional: absent on platforms it does not support
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)
