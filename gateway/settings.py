"""Every setting of the server, once: its name, type, default, reason; and where values come from.

Later sources win: defaults, then the TOML file (``--config``), then the environment (``SAYLINE_`` + the name in upper
case; those marked with ``BARE_NAME`` also without it), then flags, with ``-`` or ``_``. All are judged by the same
rules: a name that does not exist, and a value that is empty, are refused whatever their source. The tables of
docs/operate/settings.md are generated from this file (``make readme``); run as a program it prints all of them as one.
No other module of a server reads ``os.environ`` (``client_defaults`` does for clients).
"""

from __future__ import annotations

import argparse
import difflib
import ipaddress
import os
import re
import socket
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError, create_model

from ..synthesis.declaration import BARE_NAME, Engine, Order
from ..synthesis.interface import EngineUnavailable
from ..synthesis.registry import engines
from .addresses import read_networks, read_origin
from .capacity.handshake import public_origin
from .client_defaults import DEFAULT_URL as DEFAULT_URL  # noqa: PLC0414 - a default among the others
from .client_defaults import ENV_PREFIX, our_variables
from .errors import BadSettings
from .text.accumulator import Release
from .text.asides import AsideKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping

    from pydantic.fields import FieldInfo

DOWNLOADED_MODEL_DIR: Final = Path("models/Fun-CosyVoice3-0.5B-2512")  # where `sayline download cosyvoice3` puts it

# Never shown: not in a log, not in an error.
SECRETS: Final = ("api_keys", "twilio_auth_tokens")

# What else is ours in the environment: the clients' two, the file of settings, and what a predecessor leaves.
_VARIABLES: Final = ("URL", "KEY", "CONFIG", "HERITAGE")
_SERVICE_LINK: Final = re.compile(r"(tcp|udp|sctp)://.*")  # the value of SAYLINE_PORT there

S = TypeVar("S")

Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Share = Annotated[float, Field(gt=0, le=1)]
Tokens = Annotated[int, Field(ge=1, le=10_000)]
Names = tuple[str, ...]
# Flags and the environment write a table as ``name=value``, with commas; TOML as a table.
Table = Annotated[dict[str, str], BeforeValidator(lambda text: _read_table(text) if isinstance(text, str) else text)]
# Flags and the environment bring text; a Literal of numbers does not read it as a number by itself.
FrameMs = Annotated[Literal[10, 20, 40, 60], BeforeValidator(lambda text: int(text) if str(text).isdigit() else text)]


def _known_engines() -> dict[str, Engine[Any]]:
    """Collect the engines. One that cannot be had is told of like a setting that cannot work."""
    try:
        return engines()
    except EngineUnavailable as exc:
        raise BadSettings(str(exc)) from exc


ENGINES: Final = _known_engines()


def _described_engines() -> str:
    described = "; ".join(f"`{engine.name}`: {engine.summary}" for engine in ENGINES.values())
    chosen = "".join(
        f"`{engine.name}` if there is a `{'` and a `'.join(engine.needed())}`, else "
        for engine in ENGINES.values()
        if engine.needed()
    )
    return f"{described}; unset: {chosen}`{next(iter(ENGINES))}`"


def _engine_fields() -> dict[str, tuple[Any, Any]]:
    """Collect the settings of all engines, as pydantic takes them. Any: the same.

    Raises:
        BadSettings: two would have the same name.
    """
    found: dict[str, tuple[Any, Any]] = {}
    for engine in ENGINES.values():
        for name, field in engine.offered().items():
            if name in found or name in GatewaySettings.model_fields:
                raise BadSettings(f"{name}: the {engine.name} engine has a setting of this name, which is taken")
            found[name] = field
    return found


class GatewaySettings(BaseModel):
    """The gateway's own settings; ``Settings`` below adds those of every engine.

    Field descriptions are what ``--help`` and docs/operate/settings.md show; comments add where a number is from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # -- network --
    host: str = Field("127.0.0.1", description="address on which the server listens")
    port: Port = Field(8080, description="port on which the server listens; 0 takes a free one")
    tls_cert: Path | None = Field(None, description="certificate chain (PEM); with `tls_key` the server speaks TLS")
    tls_key: Path | None = Field(None, description="private key of `tls_cert` (PEM)")
    tls_self_signed: bool = Field(
        False,
        description="speak TLS with a certificate that the server makes and keeps in the user's cache; for clients "
        "that insist on TLS, which must be told to trust it; see docs/INTEGRATIONS.md",
    )
    api_keys: Names = Field(
        (),
        description="keys, one of which each client must present, comma-separated; `NAME=sha256:…` names one and "
        "hides it; none: no authentication",
    )
    tenants: Path | None = Field(
        None,
        description="file of clients by name, with the hashes of their keys and what each may use, instead of "
        "`api_keys`; read again when it changes; see docs/TENANTS.md",
    )
    ledger: Path | None = Field(
        None,
        description="file to which the server appends a line of JSON for each context: who, and how many characters",
    )
    allow_anonymous: bool = Field(False, description="allow an address beyond loopback without API keys")
    allow_origins: Names = Field(
        (), description="browser origins that may connect besides the server's own, comma-separated; `*` allows all"
    )
    public_url: str | None = Field(
        None,
        description="address at which browsers find the server if it is not `host` and `port`, for example "
        "behind a proxy; see docs/PROXIES.md",
    )
    trusted_proxies: Names = Field(
        (),
        description="addresses or networks of proxies, comma-separated; the server believes only their "
        "`X-Forwarded-For` or `Forwarded` about a client's address",
    )
    wyoming_port: Port | None = Field(
        None,
        description="port for Home Assistant's protocol Wyoming, which has no encryption and no keys; unset: off; 0 "
        "takes a free one; 10200 is usual",
    )
    wyoming_host: str | None = Field(None, description="address on which the server listens for Wyoming; unset: `host`")
    twilio_auth_tokens: Names = Field(
        (),
        description="auth tokens of Twilio accounts, comma-separated: a phone call is let in only if its handshake is "
        "signed with one of them; none: signatures are not looked at; see docs/INTEGRATIONS.md",
    )
    handshake_timeout_s: Seconds = Field(5.0, description="longest time that a client may take for its handshake")

    # -- engine --
    engine: str | None = Field(None, description=_described_engines())
    default_voice: str | None = Field(
        None, description="voice of contexts that name none; unset: the engine's first voice"
    )
    voice_aliases: Table = Field(
        {},
        description="other names of voices, for clients that ask for voices of other services: "
        "`alloy=espeak-en-gb,nova=espeak-en-us`, or a table in the TOML file; clients of other services that name an "
        "unknown voice get the default one",
    )
    workers: Annotated[int, Field(ge=1, le=64), BARE_NAME] = Field(
        1,
        description="number of gateway processes that act as one server; they share port, limits, figures and "
        "CosyVoice3's engine, and each has embedded voices of its own",
    )

    gpus: str | None = Field(
        None,
        description="GPUs of this machine, `all` or some of them, comma-separated, as CUDA numbers them: a worker "
        "with the engine runs on each, and they are one server; unset: one engine on the first; see docs/WORKERS.md",
    )

    # -- admission --
    max_concurrent_requests: Annotated[Count | None, BARE_NAME] = Field(
        None,
        description="maximum number of contexts that the engine speaks at once, over all connections; unset: the "
        "number that the engine states",
    )
    # One idle connection costs about 10 KiB here, so a thousand are 10 MiB.
    max_connections: Count = Field(1000, description="maximum number of open connections")
    max_connections_per_key: Count | None = Field(
        None,
        description="maximum number of connections and HTTP requests for speech at once of one tenant, or with one of "
        "`api_keys`, in each gateway process; beyond it the answer is 429; unset: no such limit",
    )
    # A browser or an agent overlaps two or three turns; eight leaves room and keeps one peer from owning the engine.
    max_running_contexts: Count = Field(
        8, description="maximum number of contexts of one connection that the engine speaks at once; others wait"
    )
    # Hosted services close at five, which rapid interruptions exceed (their users' most frequent complaint).
    max_contexts: Count = Field(64, description="maximum number of live contexts of one connection")
    max_context_text_kib: Count = Field(
        256, description="longest text of one context, in KiB (256 KiB are about five hours of speech)"
    )
    max_connection_text_kib: Count = Field(
        1024, description="longest text of all live contexts of one connection together, in KiB"
    )
    # A socket that is not read answers no pings either, so this lies above what a listener can have ahead of it in
    # earnest (four hours), and below what a program that pours books into it would make us hold.
    max_queued_text_kib: Count = Field(
        256,
        description="text of one connection that may wait to be spoken, in KiB; above it the gateway stops "
        "reading the socket",
    )

    # Envoy sheds at 92 and 95 %; a process that the kernel ends for want of memory takes every listener with it.
    shed_at_memory: Share = Field(
        0.92, description="used part of the container's or machine's memory from which on no new context begins"
    )
    refuse_at_memory: Share = Field(0.95, description="the same, from which on no new connection is let in")
    # A listener begins with 400 ms in hand: at the second of these new ones hear holes.
    shed_at_lag_ms: Count = Field(
        250, description="lateness of the event loop, for two seconds on end, from which on no new context begins"
    )
    refuse_at_lag_ms: Count = Field(500, description="the same, from which on no new connection is let in")

    # -- pacing --
    # Two seconds ride out what a mobile network does; what is sent cannot be taken back at an interruption.
    max_lead_ms: Annotated[int, Field(ge=0, le=60_000)] = Field(
        2000, description="maximum audio that the gateway sends ahead of the listener; 0 turns pacing off"
    )
    slow_client_s: Seconds = Field(
        10.0,
        description="longest time that a client may block its socket or leave a ping unanswered; then the "
        "gateway closes the connection",
    )
    # A last resort, and a choice: no measurement gave it. It must not cut off a listener whose speech is only late:
    # with more streams than the GPU carried, first sounds took 12 s at the 95th percentile (docs/BENCHMARKS.md).
    stuck_s: Seconds = Field(
        30.0,
        description="longest time that a context with text and a slot may make no sound after its listener "
        "has heard all; then it ends with `synthesis_failed`",
    )
    # Longer than people pause to listen to another person's sentence; contexts that wait for a slot last a few seconds.
    slot_lease_s: Seconds = Field(
        10.0,
        description="how long a paused listener with a full lead keeps its synthesis slot while other contexts wait",
    )
    # Phones change from one network to another within a few seconds; a listener with a full lead hears nothing of two.
    resume_s: Annotated[float, Field(ge=0, le=120, allow_inf_nan=False)] = Field(
        10.0,
        description="how long a conversation whose socket broke waits for its client, if the client asked for it; "
        "0: it never waits, and with several `workers` neither",
    )
    credit_timeout_s: Seconds = Field(
        30.0,
        description="longest time without a `playback` report from a client that reports; then the gateway "
        "closes the connection",
    )
    idle_s: Seconds = Field(
        180.0, description="the gateway closes an idle connection after this time without a message or a pong"
    )
    # Whoever left a page open answers pings for days; an hour is longer than a conversation pauses, and load balancers
    # rarely allow more.
    quiet_s: Seconds = Field(
        3600.0,
        description="the gateway closes an idle connection after this time without a message, even if it answers pings",
    )
    ping_interval_s: Seconds = Field(20.0, description="time between WebSocket pings")
    drain_s: Seconds = Field(30.0, description="time that running contexts have to finish after SIGTERM")

    # -- clients of other services --
    close_without_flush: Literal["learn", "drain", "cancel"] = Field(
        "learn",
        description="what ElevenLabs' `close_context` means if no flush came before it: `drain` speaks what was "
        "written, `cancel` stops (agent frameworks interrupt this way), `learn` drains until the client has shown that "
        "it flushes before it closes",
    )
    approximate_word_times: bool = Field(
        False,
        description="tell clients of other services word times that are guessed from the segment's length, if the "
        "engine gives none; their protocols cannot say that a time is guessed",
    )

    # -- speech over HTTP --
    http_pacing: bool = Field(
        False,
        description="send speech over HTTP in real time, as over a WebSocket, and treat its listeners as live; "
        "otherwise it is sent as fast as the client takes it, and made after the speech of all live listeners",
    )
    max_speech_chars: Count | None = Field(
        None,
        description="longest text of one HTTP request, in characters; unset: what the dialect's own service takes "
        "(4096 for OpenAI's)",
    )
    max_body_kib: Count = Field(1024, description="largest body of one HTTP request, in KiB")
    voices_over_http: bool = Field(
        False, description="clients with a key may add and remove voices of CosyVoice3 over HTTP (docs/VOICES.md)"
    )

    # -- audio --
    frame_ms: FrameMs = Field(20, description="sound in one audio packet, in ms")
    # Opus at 24 kHz carries 12 kHz of bandwidth, all that a 22.05 or 24 kHz voice has.
    sample_rate: Annotated[int, Field(ge=8000, le=48_000)] = Field(
        24_000, description="sample rate of encoded audio, in Hz"
    )
    opus_bitrate: Annotated[int, Field(ge=6000, le=510_000)] = Field(
        64_000,
        description="Opus bits per second; listeners who pay for bytes may want 32,000, at which a trained ear judges "
        "speech 0.2 of 5 less natural (docs/HEARING.md)",
    )
    opus_complexity: Annotated[int, Field(ge=0, le=10)] = Field(
        5,
        description="effort of the Opus encoder, 0 to 10; above 6 it costs four times as much and speech gains little",
    )
    opus_dtx: bool = Field(False, description="send almost no bytes during silence; the listener loses comfort noise")
    opus_fec: bool = Field(
        False, description="repeat audio in the next packet against loss; useless over TCP, which loses nothing"
    )
    encoder_processes: Annotated[int, Field(ge=1, le=64)] = Field(
        1, description="number of processes that encode; one serves 200 streams in docs/BENCHMARKS.md"
    )

    # -- text --
    comma_split: bool = Field(False, description="let segments after the first end at commas too")
    token_max_n: Tokens = Field(100, description="longest segment, in text tokens")
    token_min_n: Tokens = Field(
        40, description="a segment of at least this many text tokens is released instead of merged past `token_max_n`"
    )
    merge_len: Tokens = Field(15, description="a last piece of fewer text tokens than this joins the segment before it")
    release: Release = Field(
        "balanced",
        description="how soon text is spoken that is still being written: `soon` waits little and cuts where it must, "
        "`natural` waits for better places to cut; `balanced` lies between. It chooses the five settings that follow",
    )
    first_min_n: Tokens | None = Field(
        None,
        description="shortest first segment if more text has come, in text tokens; a shorter sentence waits 3 "
        "ms for more; unset: 4, 8 or 16, for `soon`, `balanced` and `natural`",
    )
    first_max_n: Tokens | None = Field(
        None,
        description="a first segment without any boundary is cut at this many text tokens; unset: 24, 40 or 60",
    )
    release_lead_ms: Annotated[int, Field(ge=0, le=60_000)] | None = Field(
        None,
        description="the gateway holds complete sentences back to merge them only while the listener has at "
        "least this much audio left to hear; unset: 1000",
    )
    idle_release_ms: Annotated[int, Field(ge=1, le=60_000)] | None = Field(
        None,
        description="after a writer's pause of this length, unfinished text is spoken once the listener has "
        "nothing left to hear; unset: 400, 600 or 900",
    )
    most_wait_ms: Annotated[int, Field(ge=1, le=60_000)] | None = Field(
        None,
        description="a listener who has nothing to hear waits at most this long while four words are in hand, which "
        "are then spoken up to the best place there is; unset: 800, 1500 or 2000",
    )

    lexicon: Path | None = Field(
        None, description="file that says how words are pronounced, read again when it changes"
    )
    also_spoken: tuple[AsideKind, ...] = Field(
        (),
        description="what models do not mean for the ear and is spoken all the same, comma-separated: `reasoning`, "
        "`tools` (calls and their results), `code` (blocks), `front_matter`",
    )

    # -- logs --
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="lowest severity that is logged"
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="each event is logged as one line of text or as one JSON object"
    )

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def origins(self) -> Mapping[str, str]:
        """Where each value that a source gave was taken from, as ``load`` found it."""
        return self._origins

    def shown(self) -> dict[str, Any]:
        """Lay out for a log those that a source gave, with secrets counted and never shown. Any: JSON.

        The others have their defaults, which docs/operate/settings.md has for each version.
        """
        shown = self.model_dump(mode="json", exclude_unset=True)
        return shown | {name: f"{len(getattr(self, name))} set" for name in SECRETS if name in shown}

    @property
    def wyoming_address(self) -> str:
        """The address on which Wyoming is spoken, if it is."""
        return self.wyoming_host or self.host

    @property
    def chosen_engine(self) -> str:
        """Name of the engine that is named, or that follows from the others."""
        chosen = (name for name, engine in ENGINES.items() if engine.needed() and not self._lacking(engine))
        return self.engine or next(chosen, next(iter(ENGINES)))

    def values_of(self, engine: Engine[Any]) -> dict[str, Any]:
        """Collect the values of an engine's settings, by name. Any: what the engine declared."""
        return {name: getattr(self, name) for name in engine.offered()}

    def of(self, engine: Engine[S]) -> S | None:
        """Make an engine's settings; None if one that it needs is not given.

        Raises:
            BadSettings: they contradict each other.
        """
        if self._lacking(engine):
            return None
        try:
            return engine.settings(**self.values_of(engine))
        except ValueError as exc:
            raise BadSettings(str(exc)) from None

    def order(self) -> Order[Any]:
        """Write down what is wanted of the chosen engine. Any: its settings are of a type of its own.

        Raises:
            BadSettings: a setting that it needs is not given, or two contradict each other.
        """
        engine = ENGINES[self.chosen_engine]
        settings = self.of(engine)
        if settings is None:
            advice = f" ({engine.needs_advice})" if engine.needs_advice else ""
            raise BadSettings(f"{self._lacking(engine)[0]}: the {engine.name} engine needs one{advice}")
        return Order(settings, self.max_concurrent_requests, gateways=self.workers)

    def ensure_engine(self) -> None:
        """See that what the chosen engine's settings name is there, before the seconds that it takes to look itself.

        Raises:
            BadSettings: it is not.
        """
        try:
            ENGINES[self.chosen_engine].look(self.order().settings)
        except ValueError as exc:
            raise BadSettings(str(exc)) from None

    def _lacking(self, engine: Engine[Any]) -> list[str]:
        return [name for name in engine.needed() if getattr(self, name) is None]


if TYPE_CHECKING:
    Settings = GatewaySettings  # to all code but the engines' own, an engine's settings are what ``of`` makes of them
else:
    Settings = create_model(
        "Settings",
        __base__=GatewaySettings,
        __doc__="All settings of a server.",
        engine=(Literal[tuple(ENGINES)] | None, GatewaySettings.model_fields["engine"]),
        **_engine_fields(),
    )

BARE_NAMES: Final = tuple(name for name, field in Settings.model_fields.items() if BARE_NAME in field.metadata)


def default_model_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Tell which model directory the voice commands mean: ``model_dir`` of the environment, or the downloaded one."""
    found = environ.get(f"{ENV_PREFIX}MODEL_DIR", environ.get("MODEL_DIR"))
    return Path(found) if found else DOWNLOADED_MODEL_DIR


def visible_gpus(environ: Mapping[str, str] = os.environ) -> str | None:
    """Read ``CUDA_VISIBLE_DEVICES``, by which CUDA, and so the engine, is told which GPUs there are."""
    return environ.get("CUDA_VISIBLE_DEVICES")


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Tell where this user's caches lie (XDG)."""
    cache = environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "sayline"


def worker_environ(metrics: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Write the environment of one of several gateway processes: ours, and where they put their figures together."""
    return {**environ, "PROMETHEUS_MULTIPROC_DIR": str(metrics)}


def gpu_environ(gpu: str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Write the environment of a worker that sees one GPU."""
    return {**environ, "CUDA_VISIBLE_DEVICES": gpu}


def take_heritage(environ: MutableMapping[str, str] = os.environ) -> str | None:
    """Take out what a predecessor has left to this process, which is for no process that this one starts."""
    return environ.pop(f"{ENV_PREFIX}HERITAGE", None)


def successor_environ(heritage: str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Write the environment of the process that is to succeed this one."""
    return {**environ, f"{ENV_PREFIX}HERITAGE": heritage}


def service_manager(environ: Mapping[str, str] = os.environ) -> str | None:
    """Read where systemd wants to be told how its service is (``sd_notify``)."""
    return environ.get("NOTIFY_SOCKET")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add a flag for every setting; values stay text here and are judged together with the other sources'."""
    parser.add_argument("--config", metavar="FILE", help="TOML file with settings")
    for name, field in Settings.model_fields.items():
        flag = "--" + name.replace("_", "-")
        help_text = _plain(field.description or "").replace("%", "%%") + f" (default: {_default_text(field)})"
        spelling: dict[str, Any] = {"nargs": "?", "const": "true"} if _is_switch(field) else {}
        parser.add_argument(flag, metavar="BOOL" if spelling else _value_name(field), help=help_text, **spelling)
        if "_" in name:  # as deployments of this model write their flags
            parser.add_argument(f"--{name}", dest=name, default=argparse.SUPPRESS, help=argparse.SUPPRESS, **spelling)


def load(namespace: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Settings:
    """Collect the settings from all sources.

    Raises:
        BadSettings: one line that names the setting and where its value came from.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    refuse_unknown_variables(environ)
    config = getattr(namespace, "config", None) or environ.get(f"{ENV_PREFIX}CONFIG")
    for source in (_from_file(config), _from_environ(environ), _from_flags(namespace)):
        for name, (value, origin) in source.items():
            if isinstance(value, str) and not value.strip():
                raise BadSettings(f"{name}: is empty; leave it out for the default (from {origin})")
            values[name] = value
            origins[name] = origin
    try:
        settings = Settings(**{name: _listed(name, value) for name, value in values.items()})
    except ValidationError as exc:
        fault = exc.errors(include_url=False, include_context=False, include_input=False)[0]
        name = str(fault["loc"][0])
        raise BadSettings(f"{name}: {_lower_first(fault['msg'])} (from {origins.get(name, 'the defaults')})") from None
    _judge(settings, origins)
    settings._origins.update(origins)  # noqa: SLF001 - frozen from here on
    return settings


def table(names: Iterable[str]) -> str:
    """Render a table of some of the settings, for the documents."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    fields = [(name, Settings.model_fields[name]) for name in names]
    rows += [f"| `{name}` | {_default_text(field, code=True)} | {field.description} |" for name, field in fields]
    return "\n".join(rows) + "\n"


def _judge(settings: Settings, origins: Mapping[str, str]) -> None:
    """Refuse what is well-formed but cannot work."""
    for engine in ENGINES.values():
        if engine.name != settings.chosen_engine:
            _judge_unused(settings, engine, origins)
    settings.order()
    if settings.gpus is not None and settings.chosen_engine == "workers":
        raise BadSettings("gpus: the workers of engine_workers have engines of their own; leave one of the two out")
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise BadSettings("tls_cert: a certificate and its key come together (tls_cert, tls_key)")
    if settings.tls_self_signed and settings.tls_cert is not None:
        raise BadSettings("tls_self_signed: there is a certificate already (tls_cert); leave one of the two out")
    if settings.tenants is not None and settings.api_keys:
        raise BadSettings("tenants: keys stand in its file or in api_keys, not in both")
    for name in ("tls_cert", "tls_key", "lexicon", "tenants"):
        path = getattr(settings, name)
        if path is not None and not path.is_file():
            raise BadSettings(f"{name}: there is no file {path}")
    if settings.public_url is not None:
        origin = public_origin(settings.public_url)
        if origin is None or origin.scheme not in ("http", "https"):
            source = origins.get("public_url", "the defaults")
            raise BadSettings(
                f"public_url: {settings.public_url!r} is no address such as https://voice.example (from {source})"
            )
    for allowed in settings.allow_origins:
        if allowed not in ("*", "null") and read_origin(allowed) is None:
            source = origins.get("allow_origins", "the defaults")
            raise BadSettings(f"allow_origins: {allowed!r} is no origin such as https://app.example (from {source})")
    try:
        read_networks(settings.trusted_proxies)
    except ValueError as exc:
        raise BadSettings(f"trusted_proxies: {exc}") from None
    for first, second in (("shed_at_memory", "refuse_at_memory"), ("shed_at_lag_ms", "refuse_at_lag_ms")):
        if getattr(settings, first) > getattr(settings, second):
            raise BadSettings(f"{first}: {getattr(settings, first)} is above {second}, {getattr(settings, second)}")
    if settings.token_min_n > settings.token_max_n:
        raise BadSettings(f"token_min_n: {settings.token_min_n} is above token_max_n, {settings.token_max_n}")
    for name in SECRETS:
        if name in origins:
            _judge_secrets(name, getattr(settings, name), origins[name])
    if settings.wyoming_port is None and settings.wyoming_host is not None:
        raise BadSettings("wyoming_host: nothing listens there without a wyoming_port")
    if settings.wyoming_port == 0 and settings.workers > 1:
        raise BadSettings("wyoming_port: several workers cannot share a free port; choose one, such as 10200")
    if settings.wyoming_port is not None and not (settings.allow_anonymous or _is_loopback(settings.wyoming_address)):
        raise BadSettings(
            f"wyoming_port: {settings.wyoming_address} is open to the network, and Wyoming knows no keys; "
            "set wyoming_host to 127.0.0.1, or allow_anonymous if that is meant"
        )
    if not (settings.api_keys or settings.tenants or settings.allow_anonymous or _is_loopback(settings.host)):
        raise BadSettings(
            f"host: {settings.host} is open to the network and no api_keys are set; "
            "set api_keys or tenants, or allow_anonymous if that is meant"
        )


def _judge_unused(settings: Settings, engine: Engine[Any], origins: Mapping[str, str]) -> None:
    """Refuse settings of an engine that is not chosen; one that would choose it may stay if another engine is named."""
    for name, (_, default) in engine.offered().items():
        if name in origins and name not in engine.needed() and getattr(settings, name) != default:
            advice = f"give a {engine.needed()[0]}" if engine.needed() else f"set engine to {engine.name}"
            raise BadSettings(f"{name}: only the {engine.name} engine has it; {advice} (from {origins[name]})")


def _judge_secrets(name: str, secrets: Names, origin: str) -> None:
    """Refuse a list that would admit every client or none. The message names each by its place and never shows it."""
    if not secrets:
        raise BadSettings(f"{name}: holds no key; leave it out for no authentication (from {origin})")
    for place, secret in enumerate(secrets, 1):
        if not secret.isprintable():
            raise BadSettings(f"{name}: key {place} holds a control character, which no key has")
        if secret in secrets[: place - 1]:
            raise BadSettings(f"{name}: key {place} is the same as key {secrets.index(secret) + 1}")


def _is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address.

    Of names only ``localhost`` can: any other may lead elsewhere by the time that it is bound.
    """
    addresses = [host]
    if host.lower() == "localhost":
        try:
            addresses = [str(found[4][0]) for found in socket.getaddrinfo(host, None)]
        except OSError:
            return False
    try:
        parsed = [ipaddress.ip_address(address) for address in addresses]
    except ValueError:
        return False
    return all((getattr(address, "ipv4_mapped", None) or address).is_loopback for address in parsed)


def refuse_unknown_variables(environ: Mapping[str, str] = os.environ) -> None:
    """Refuse what is misspelt.

    Raises:
        BadSettings: a variable is called as if it were ours, and is none.
    """
    known = [name.upper() for name in (*Settings.model_fields, *_VARIABLES)]
    for variable in our_variables(environ):
        prefix, name = variable[: len(ENV_PREFIX)], variable[len(ENV_PREFIX) :]
        if not (prefix == ENV_PREFIX and name in known):
            meant = _meant(name.upper(), known, ENV_PREFIX)
            raise BadSettings(f"{variable}: there is no such setting{meant} (from the environment)")


def _meant(name: str, known: Iterable[str], prefix: str = "") -> str:
    """Say what a misspelt name is nearest to; nothing if it is near to none."""
    nearest = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {prefix}{nearest[0]}?" if nearest else ""


def _from_file(path: str | None) -> dict[str, tuple[Any, str]]:
    if path is None:
        return {}
    try:
        with Path(path).open("rb") as file:
            table = tomllib.load(file)
    except OSError as exc:
        raise BadSettings(f"config: cannot read {path}: {exc.strerror}") from exc
    except tomllib.TOMLDecodeError as exc:
        raise BadSettings(f"config: {path} is not TOML: {exc}") from exc
    unknown = next((name for name in table if name not in Settings.model_fields), None)
    if unknown is not None:
        meant = _meant(unknown.replace("-", "_").lower(), Settings.model_fields)
        raise BadSettings(f"{unknown}: there is no such setting{meant} (from {path})")
    return {name: (value, path) for name, value in table.items()}


def _from_environ(environ: Mapping[str, str]) -> dict[str, tuple[Any, str]]:
    found = {}
    for name in Settings.model_fields:
        bare = [name.upper()] if name in BARE_NAMES else []
        for variable in (*bare, ENV_PREFIX + name.upper()):  # the prefixed one wins
            if variable in environ and not (name == "port" and _SERVICE_LINK.fullmatch(environ[variable])):
                found[name] = (environ[variable], f"the environment, {variable}")
    return found


def _from_flags(namespace: argparse.Namespace) -> dict[str, tuple[Any, str]]:
    flags = vars(namespace)
    return {
        name: (flags[name], "--" + name.replace("_", "-"))
        for name in Settings.model_fields
        if flags.get(name) is not None
    }


def _listed(name: str, value: Any) -> Any:  # noqa: ANN401 - a value as its source wrote it; pydantic judges it
    """Environment and flags write lists with commas; blanks around an entry, and empty entries, mean nothing."""
    if get_origin(Settings.model_fields[name].annotation) is not tuple:
        return value
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        return value
    return tuple(part.strip() for part in parts if part.strip())


def _is_switch(field: FieldInfo) -> bool:
    return field.annotation is bool


def _value_name(field: FieldInfo) -> str:
    choices = get_args(field.annotation)
    if choices and all(isinstance(choice, str | int) for choice in choices):
        return "{" + ",".join(map(str, choices)) + "}"
    return "VALUE"


def _default_text(field: FieldInfo, *, code: bool = False) -> str:
    default = field.default
    if default is None or default in ((), {}):
        return "unset"
    text = str(default).lower() if isinstance(default, bool) else str(default)
    return f"`{text}`" if code else text


def _plain(description: str) -> str:
    return description.replace("`", "")


def _read_table(text: str) -> dict[str, str]:
    entries = [entry.partition("=") for entry in text.split(",") if entry.strip()]
    for name, separator, value in entries:
        if not (name.strip() and separator and value.strip()):
            raise ValueError("is no list such as name=value,name=value")
    return {name.strip(): value.strip() for name, _, value in entries}


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


if __name__ == "__main__":
    print(table(Settings.model_fields), end="")  # noqa: T201 - a program's answer
