"""``sayline doctor``: check the installation part by part, and say what to do about each part that is not well.

Nothing beyond this machine is contacted. Exit status 1 if something that a gateway needs is broken.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import importlib.metadata
import importlib.util
import platform
import sys
from typing import TYPE_CHECKING, Final

from ...synthesis.declaration import Finding
from ..errors import BadSettings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from ..settings import Settings

_PYTHON: Final = (3, 11)  # asyncio.TaskGroup and asyncio.timeout

# distribution -> (module, what is lost without it); the base install, as pyproject.toml lists it
_NEEDED: Final = {
    "websockets": ("websockets", "nothing can connect"),
    "pydantic": ("pydantic", "no message can be read"),
    "numpy": ("numpy", "no sound can be handled"),
    "opuslib": ("opuslib", "no Opus can be encoded"),
    "av": ("av", "no Ogg or WAV can be written"),
    "soxr": ("soxr", "no sample rate can be converted"),
    "espeakng-loader": ("espeakng_loader", "only English can be spoken"),
    "prometheus-client": ("prometheus_client", "there are no metrics"),
    "psutil": ("psutil", "bench cannot see the server's CPU"),
    "cryptography": ("cryptography", "no certificate can be made (tls_self_signed)"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags: those of ``serve``, so that the very settings it will have are checked."""
    parser.add_argument(
        "--gpu", action="store_true", help="also check the GPU: memory, other programs on it, clocks, driver"
    )
    with contextlib.suppress(ImportError):  # settings need pydantic, whose absence is ours to report
        from ..settings import add_arguments  # noqa: PLC0415 - see above

        add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Check everything; returns the exit status."""
    findings = []
    for finding in examine(arguments):
        findings.append(finding)
        print(f"{finding.state:<8}  {finding.part:<18}  {finding.detail}", flush=True)
    wrong = [finding.part for finding in findings if finding.state in ("missing", "broken")]
    runs = any(finding.part == "port" and "is running" in finding.detail for finding in findings)
    advice = "a gateway is running" if runs else "start with: sayline serve"
    print(f"\nnot well: {', '.join(wrong)}" if wrong else f"\nall well; {advice}")
    return 1 if wrong else 0


def examine(arguments: argparse.Namespace) -> Iterator[Finding]:
    """Check part by part; each part's failure is a finding, never the end of the examination."""
    if arguments.gpu:
        yield from _gpu(arguments)
        return
    yield _python()
    for distribution, (module, loss) in _NEEDED.items():
        yield _distribution(distribution, module, loss)
    yield _checked("uvloop", _uvloop)
    yield _checked("libopus", _libopus)
    yield _checked("resampling", _resampling)
    yield _checked("containers", _containers)
    settings = None
    try:
        settings = _settings(arguments)
    except (BadSettings, ImportError) as exc:
        yield Finding("settings", "broken", str(exc))
    else:
        yield Finding("settings", "ok", f"engine {settings.chosen_engine}, {settings.host}:{settings.port}")
        yield _checked("TLS", lambda: _tls(settings))
        yield _checked("port", lambda: _port(settings))
    yield _checked("audio device", _audio_device)
    yield from _engines(settings)


def _checked(part: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as exc:  # noqa: BLE001 - whatever a broken installation throws is what we are here to report
        return Finding(part, "broken", f"{type(exc).__name__}: {exc}")


def _engines(settings: Settings | None) -> Iterator[Finding]:
    """Let every engine tell of its own parts; none of them ends the examination."""
    try:
        from ..settings import ENGINES  # noqa: PLC0415 - parts are loaded one by one, to blame the right one
    except (BadSettings, ImportError):  # of which the settings told
        return
    for engine in ENGINES.values():
        try:
            yield from engine.examine(settings.of(engine) if settings is not None else None)
        except Exception as exc:  # noqa: BLE001 - as above
            yield Finding(engine.name, "broken", f"{type(exc).__name__}: {exc}")


def _gpu(arguments: argparse.Namespace) -> Iterator[Finding]:
    try:
        from ..settings import visible_gpus  # noqa: PLC0415 - the same
        from . import doctor_gpu  # noqa: PLC0415 - psutil's absence is a finding, and pydantic's

        settings = _settings(arguments)
    except (BadSettings, ImportError) as exc:
        yield Finding("settings", "broken", str(exc))
        return
    yield from doctor_gpu.examine(settings, visible_gpus())


def _python() -> Finding:
    version = platform.python_version()
    if sys.version_info < _PYTHON:
        return Finding("Python", "broken", f"{version}; install {_PYTHON[0]}.{_PYTHON[1]} or newer")
    return Finding("Python", "ok", f"{version}, {platform.machine()} {platform.system()}")


def _distribution(distribution: str, module: str, loss: str) -> Finding:
    try:
        version = importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return Finding(distribution, "missing", f"{loss}; pip install {distribution}")
    if importlib.util.find_spec(module) is None:
        return Finding(distribution, "broken", f"{version} is installed without its files; reinstall it")
    return Finding(distribution, "ok", version)


def _uvloop() -> Finding:
    if importlib.util.find_spec("uvloop") is None:
        return Finding("uvloop", "optional", "plain asyncio will do, at a quarter more CPU; pip install uvloop")
    return Finding("uvloop", "ok", importlib.metadata.version("uvloop"))


def _libopus() -> Finding:
    from ...codecs.base import CodecUnavailable  # noqa: PLC0415 - parts are loaded one by one, to blame the right one
    from ...codecs.opus import library_version, load_library  # noqa: PLC0415 - the same

    try:
        version = library_version()
    except CodecUnavailable as exc:
        return Finding("libopus", "missing", str(exc))
    path = getattr(load_library().opus.api.libopus, "_name", "?")
    return Finding("libopus", "ok", f"{version} from {path}")


def _resampling() -> Finding:
    import numpy as np  # noqa: PLC0415 - the same

    from ...codecs.resampler import Resampler  # noqa: PLC0415 - the same

    converted = len(Resampler(22_050, 24_000).push(np.zeros(2_205, np.int16), last=True))
    if abs(converted - 2_400) > 1:  # a tenth of a second
        return Finding("resampling", "broken", f"soxr makes {converted} samples of 2400; reinstall soxr")
    return Finding("resampling", "ok", "22050 Hz to 24000 Hz")


def _containers() -> Finding:
    import numpy as np  # noqa: PLC0415 - the same

    from ...codecs.base import WIRE_RATE_HZ, Packet  # noqa: PLC0415 - the same
    from ...codecs.ogg import OggOpusMuxer  # noqa: PLC0415 - the same
    from ...codecs.opus import OpusEncoder  # noqa: PLC0415 - the same

    encoder = OpusEncoder(24_000)
    (packet,) = encoder.encode(np.zeros(encoder.frame_samples, np.int16))
    pages = OggOpusMuxer(24_000, encoder.preskip).mux(
        [Packet(packet, encoder.frame_samples * WIRE_RATE_HZ // 24_000)], last=True
    )
    return Finding("containers", "ok", f"Ogg Opus, {sum(len(page.payload) for page in pages)} bytes for one frame")


def _settings(arguments: argparse.Namespace) -> Settings:
    from ..settings import load  # noqa: PLC0415 - the same

    return load(arguments)


def _tls(settings: Settings) -> Finding:
    from ..serving.tls.context import server_context  # noqa: PLC0415 - the same
    from ..serving.tls.self_signed import own_certificate  # noqa: PLC0415 - the same

    if settings.tls_self_signed:
        own = own_certificate(settings)
        return Finding("TLS", "ok", f"self-signed until {own.ends}; clients need SSL_CERT_FILE={own.certificate}")
    if settings.tls_cert is None or settings.tls_key is None:
        return Finding("TLS", "optional", "off; set tls_cert and tls_key, or tls_self_signed, to turn it on")
    try:
        server_context(settings.tls_cert, settings.tls_key)
    except BadSettings as exc:
        return Finding("TLS", "broken", str(exc))
    return Finding("TLS", "ok", str(settings.tls_cert))


def _port(settings: Settings) -> Finding:
    """The port is free, or a gateway is already there."""
    from ..serving.port_probe import cannot_listen, ensure_free, who_has  # noqa: PLC0415 - the same

    try:
        ensure_free(settings)
    except OSError as exc:
        if exc.errno != errno.EADDRINUSE:
            return Finding("port", "broken", cannot_listen(settings, exc))
    else:
        return Finding("port", "ok", f"{settings.host}:{settings.port} is free")
    occupant = who_has(settings)
    detail = f"{settings.host}:{settings.port}: {occupant.detail}"
    if occupant.is_gateway:
        return Finding("port", "ok", f"{detail}; to start another, choose its port: --port")
    return Finding("port", "broken", f"{detail}; choose another: --port")


def _audio_device() -> Finding:
    from ..client.audio_out import find_player  # noqa: PLC0415 - the same

    player = find_player()
    if player is None:
        return Finding("audio device", "optional", "none; `sayline say --out FILE` works, --play does not")
    return Finding("audio device", "ok", f"{player} plays for `sayline say --play`")
