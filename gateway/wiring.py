"""The one place that knows every part: builds a server from settings and runs it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from ..codecs.formats import FORMATS
from ..codecs.opus import OpusSettings
from ..codecs.speech_encoder import AudioFormat
from ..synthesis.delivery.delivery import Delivery
from ..synthesis.reading.lexicon import Lexicon
from ..synthesis.reading.lexicon_file import BadLexicon, LexiconFile
from ..synthesis.reading.stage import Reading
from ..synthesis.workers.membership import StaticList
from ..synthesis.workers.pool import WorkerPool
from .capacity.desk import OwnDesk
from .capacity.overload import Overload, Thresholds
from .capacity.tenants import Directory
from .conversation.audio import AudioFacts, AudioParameters
from .conversation.session import SessionSettings
from .errors import BadSettings
from .fleet.keeping import Fleet, addresses_of, gpus_of
from .observing.metrics import Metrics
from .serving.calls.desk import CallDesk
from .serving.server import Server
from .serving.tls.self_signed import with_own_certificate
from .serving.wyoming.listener import WyomingListener
from .settings import ENGINES
from .speaking.encoder_pool import EncoderPool, RemoteEncoder
from .tenants.guests import Guests
from .text.accumulator import RELEASES, ChunkingSettings

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from ..synthesis.interface import Shelf, Synthesizer
    from .capacity.desk import Desk
    from .settings import Settings

log = logging.getLogger("sayline")


@asynccontextmanager
async def running_server(
    settings: Settings,
    synthesizer: Synthesizer | None = None,
    *,
    desk: Desk | None = None,
    metrics: Metrics | None = None,
    sockets: Sequence[socket.socket] = (),
    wyoming_sockets: Sequence[socket.socket] = (),
    is_open: bool = True,
) -> AsyncIterator[Server]:
    """A server that listens, or is ready to, inside the running loop.

    Args:
        settings: all of them; port 0 takes a free one.
        synthesizer: an engine of the caller's own instead of the one that the settings name; started and closed here.
        desk: where limits are kept that are not this process's alone.
        metrics: those of a server that is not this process alone.
        sockets: on which it listens; none: on one of its own.
        wyoming_sockets: the same for Wyoming.
        is_open: it listens at once; otherwise once its ``open`` is called.

    Raises:
        EngineUnavailable: the engine cannot run here.
        CodecUnavailable: libopus is missing.
        BadSettings: the default voice does not exist.
        CannotListen: the address cannot be bound.
    """

    def opus(bitrate: int) -> OpusSettings:
        return OpusSettings(
            bitrate=bitrate, complexity=settings.opus_complexity, dtx=settings.opus_dtx, fec=settings.opus_fec
        )

    def audio_format(audio: AudioParameters) -> AudioFormat:
        return AudioFormat(audio.format, audio.sample_rate_hz, audio.frame_ms, opus(audio.bitrate))

    def negotiate(audio: AudioParameters) -> AudioFacts:
        form = FORMATS[audio.format]
        coding = form.coding()
        rate_hz = coding.rate_hz(audio.sample_rate_hz)
        return AudioFacts(form.codec, rate_hz, coding.preskip(rate_hz, opus(audio.bitrate)), coding.end_after)

    def new_encoder(audio: AudioParameters) -> RemoteEncoder:
        return encoders.open(audio_format(audio))

    settings = with_own_certificate(settings)
    async with contextlib.AsyncExitStack() as stack:
        if synthesizer is None:
            address = await stack.enter_async_context(kept_engine(settings)) if settings.gpus is not None else None
            synthesizer = new_synthesizer(settings, address)
        engine = Delivery(Reading(synthesizer, new_lexicon(settings)))
        stack.push_async_callback(engine.close)
        # The encoders' processes import their codecs while the engine starts.
        encoders = await stack.enter_async_context(EncoderPool(settings.encoder_processes, engine.sample_rate_hz))
        await engine.start()
        session_settings = _session_settings(settings, engine)
        negotiate(session_settings.default_audio)  # a missing libopus is found now, not by the first client
        counted = metrics or Metrics()
        guests = new_guests(settings, counted)
        stack.callback(guests.close)
        server = Server(
            settings,
            session_settings,
            synthesizer=engine,
            new_encoder=new_encoder,
            encoder_failure=lambda: encoders.failure,
            encoder_load=lambda: encoders.load,
            negotiate=negotiate,
            max_requests=settings.max_concurrent_requests
            or _engines(settings) * engine.default_max_concurrent_requests,
            desk=desk or OwnDesk(asyncio.get_running_loop().call_soon),
            metrics=counted,
            shelf=_shelf(settings),
            guests=guests,
            sockets=sockets,
            is_open=is_open,
        )
        if settings.workers == 1:  # a writer may reach another process than its call did
            server.calls = CallDesk(server.reading_turns)
        await encoders.came_up()
        await stack.enter_async_context(server)
        if settings.wyoming_port is not None:
            await stack.enter_async_context(WyomingListener(server, settings, wyoming_sockets, is_open=is_open))
        yield server


def _shelf(settings: Settings) -> Shelf | None:
    """Make what changes the voices of the engine that the settings name; None if nothing does."""
    engine = ENGINES[settings.chosen_engine]
    return None if engine.shelf is None else engine.shelf(settings.order().settings)


def _engines(settings: Settings) -> int:
    """Count the engines of a server: one for all its processes, or one for each."""
    is_shared = settings.gpus is not None or ENGINES[settings.chosen_engine].is_shared
    return 1 if is_shared else settings.workers


def new_lexicon(settings: Settings) -> Callable[[], Lexicon]:
    """Make what gives the pronunciations of the server, as they are at present.

    Raises:
        BadSettings: the file cannot be used.
    """
    if settings.lexicon is None:
        return Lexicon
    try:
        return LexiconFile(settings.lexicon)
    except BadLexicon as exc:
        raise BadSettings(f"lexicon: {exc}") from exc


def new_guests(settings: Settings, metrics: Metrics) -> Guests:
    """Make what knows who may come in, and what they use.

    Raises:
        BadSettings: the file of tenants cannot be used, or a month cannot be kept.
    """
    guests = Guests(
        asyncio.get_running_loop().time,
        Directory.of_keys(settings.api_keys),
        settings.tenants,
        settings.ledger,
        lambda tenant, quota: metrics.tenant_refusals.labels(tenant, quota).inc(),
        Overload(
            Thresholds(settings.shed_at_memory, settings.shed_at_lag_ms / 1000),
            Thresholds(settings.refuse_at_memory, settings.refuse_at_lag_ms / 1000),
        ),
    )
    if settings.ledger is None and any(
        tenant.characters_a_month is not None for tenant in guests.directory.tenants.values()
    ):
        raise BadSettings(
            "ledger: a limit of characters_a_month needs one; without it a restart would begin the month anew"
        )
    return guests


def new_synthesizer(settings: Settings, address: Path | None = None) -> Synthesizer:
    """Make the engine that the settings name; with an address, speak with the one that is kept there."""
    if settings.gpus is not None and address is not None:
        members = StaticList(addresses_of(address, gpus_of(settings.gpus)))
        return WorkerPool(members, identity=None, server=str(address))
    return ENGINES[settings.chosen_engine].make(replace(settings.order(), address=address))


@asynccontextmanager
async def kept_engine(settings: Settings) -> AsyncIterator[Path | None]:
    """Keep the engine that all processes of a server share; gives its address, None if each process has its own.

    Raises:
        EngineUnavailable: it cannot run here.
    """
    keep = ENGINES[settings.chosen_engine].keep
    if settings.gpus is None and keep is None:
        yield None
        return
    keeper = Fleet(settings) if settings.gpus is not None or keep is None else keep(settings.order())
    try:
        await keeper.start()
        yield keeper.address
    finally:
        await keeper.close()


def chunking_settings(settings: Settings) -> ChunkingSettings:
    """How text is cut: what was given, and the rest as `release` has it."""
    chosen = RELEASES[settings.release]
    return ChunkingSettings(
        comma_split=settings.comma_split,
        token_max_n=settings.token_max_n,
        token_min_n=settings.token_min_n,
        merge_len=settings.merge_len,
        first_min_n=_given(settings.first_min_n, chosen.first_min_n),
        first_max_n=_given(settings.first_max_n, chosen.first_max_n),
        release_lead_s=_given_s(settings.release_lead_ms, chosen.release_lead_s),
        idle_release_s=_given_s(settings.idle_release_ms, chosen.idle_release_s),
        most_wait_s=_given_s(settings.most_wait_ms, chosen.most_wait_s),
    )


def _given(tokens: int | None, otherwise: int) -> int:
    return otherwise if tokens is None else tokens


def _given_s(ms: int | None, otherwise_s: float) -> float:
    return otherwise_s if ms is None else ms / 1000


def _session_settings(settings: Settings, synthesizer: Synthesizer) -> SessionSettings:
    names = [voice.name for voice in synthesizer.voices()]
    if not names:
        engine = ENGINES[settings.chosen_engine]
        advice = f"; {engine.voices_advice}" if engine.voices_advice else ""
        raise BadSettings(f"engine: {engine.name} has no voice yet{advice}")
    default_voice = settings.default_voice or names[0]
    if default_voice not in names:
        raise BadSettings(f"default_voice: the {settings.chosen_engine} engine has no voice {default_voice!r}")
    return SessionSettings(
        default_audio=AudioParameters("opus", settings.sample_rate, settings.frame_ms, settings.opus_bitrate),
        default_voice=default_voice,
        voice_aliases=settings.voice_aliases,
        chunking=chunking_settings(settings),
        also_spoken=settings.also_spoken,
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
        approximate_word_times=settings.approximate_word_times,
        close_without_flush=settings.close_without_flush,
    )
