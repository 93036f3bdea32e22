"""The life of a server's process: from settings that are read to an exit status.

A server is one process, or several under a supervisor. Each runs an event loop, collects garbage rarely while it
serves, says what it is and where it listens, and ends if a signal asks it to (``ending.py``) or if another server has
taken its place (``succession.py``).
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ...codecs.base import CodecUnavailable
from ...synthesis.interface import EngineUnavailable
from ..exit_status import FAILED, complain
from ..observing import logs, startup
from ..observing.log_output import write_aside
from ..serving.port_probe import CannotListen, cannot_listen, ensure_free
from ..serving.tls.context import server_context
from ..serving.tls.self_signed import own_certificate, with_own_certificate
from ..wiring import kept_engine, running_server
from .doors import Doors
from .ending import Ending
from .succession import Heritage, notify, succeeded

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from ..settings import Settings

log = logging.getLogger("sayline")

# New objects between two garbage collections: at full load about twenty collections a second, well under 1 ms each.
_GC_THRESHOLD: Final = 5_000


def serve(settings: Settings) -> int:
    """Run a server until a signal asks it to end; returns the exit status."""
    # Before an engine is loaded, which takes minutes: a wrong certificate or port would be found only after that.
    settings = with_own_certificate(settings)
    if settings.tls_cert is not None and settings.tls_key is not None:
        server_context(settings.tls_cert, settings.tls_key)
    heritage = Heritage.taken()
    left = heritage.doors(settings)
    if not left.main:
        try:
            ensure_free(settings)
        except OSError as exc:
            return complain(cannot_listen(settings, exc), FAILED)
    serving = _serve_until_signalled if settings.workers == 1 else _supervise_until_signalled
    return run(settings, serving(settings, heritage, left))


def run(settings: Settings, main: Coroutine[Any, Any, int]) -> int:
    """Run a process of a server; returns the exit status. If it cannot start, one line says why."""
    logs.configure(settings.log_level, settings.log_format)
    try:
        return _run(main)
    except (EngineUnavailable, CodecUnavailable) as exc:
        return complain(str(exc), FAILED)
    except CannotListen as exc:
        return complain(cannot_listen(settings, exc.failure), FAILED)
    except OSError as exc:
        return complain(f"the system refused: {exc}", FAILED)  # it names the file, if it is about one
    except asyncio.CancelledError:  # a signal asked it to end while it was starting
        return 0


async def _serve_until_signalled(settings: Settings, heritage: Heritage, left: Doors) -> int:
    ending = Ending.by_signals()
    startup.ensure_descriptors(settings.max_connections)

    def doors() -> Doors:
        return Doors([*server.sockets], [] if server.beside is None else [*server.beside.sockets])

    with heritage.attended(ending):
        async with (
            # A successor lets nobody in before the server is its own: one process answers at any time, and who comes in
            # between waits at the sockets.
            running_server(
                settings, sockets=left.main, wyoming_sockets=left.wyoming, is_open=heritage.is_ours
            ) as server,
            server.probe.kept_up(),
        ):
            ending.serving(settings.drain_s)
            with heap_settled():
                if await heritage.taken_over(ending):
                    await server.open()
                    notify("READY=1")
                    startup.report(settings, server.url)
                    _announce(settings, server.url, server.port)
                is_succeeded = await succeeded(settings, doors, ending, server.stop_accepting)
            if is_succeeded:
                ending.serving(settings.drain_s + settings.handshake_timeout_s)
                ending.ask()
                await server.make_way()
            else:
                log.info("draining")
                await server.drain()
    return 0


async def _supervise_until_signalled(settings: Settings, heritage: Heritage, left: Doors) -> int:
    from .supervisor import supervise  # noqa: PLC0415 - a server of one process has no use for it

    ending = Ending.by_signals()
    # The kernel may lead all connections to one worker; workers inherit the limit.
    startup.ensure_descriptors(settings.max_connections)

    def announce(url: str, port: int) -> None:
        startup.report(settings, url)
        _announce(settings, url, port)

    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(heritage.attended(ending))
        address = await stack.enter_async_context(kept_engine(settings))
        return await supervise(settings, address, announce, ending, heritage, left)


@contextmanager
def heap_settled() -> Iterator[None]:
    """Collect garbage rarely while a server serves.

    The objects that start-up made stay; walking through all of them every 700 allocations is 3 % of a busy server.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD)
    try:
        yield
    finally:
        gc.unfreeze()  # otherwise extension modules report uncollected objects as leaks at exit


def _announce(settings: Settings, url: str, port: int) -> None:
    page = url.replace("ws", "http", 1)
    # The command as it was called: in a fresh checkout it lies in .venv, which is on no PATH.
    called = sys.argv[0]
    command = os.path.relpath(called) if called.endswith("sayline") and not shutil.which("sayline") else "sayline"
    option = "" if port == 8080 and url.startswith("ws:") else f" --url {url}"  # the client's own default
    if settings.tls_self_signed:
        option += f" --ca-file {settings.tls_cert}"
    said = (  # what `make run` promises to print
        f"Sayline is listening on {page}\n"
        f'try:  echo "Hello there. This is real time speech." | {command} say - --out hello.wav{option}\n'
    )
    if settings.wyoming_port:
        said += f"Home Assistant finds it by Wyoming at {settings.wyoming_address}:{settings.wyoming_port}\n"
    if settings.tls_self_signed:
        own = own_certificate(settings)
        said += (
            f"The certificate is self-signed; clients must be told to trust it:\n"
            f"  SSL_CERT_FILE={own.certificate}\n"
            f"  SHA-256 {own.fingerprint}\n"
        )
    write_aside(sys.stdout.fileno(), said)  # in one piece: what is written aside in two may change places


def _run(main: Coroutine[Any, Any, int]) -> int:
    """Run on uvloop if it is installed: it takes about a quarter less CPU at hundreds of streams."""
    try:
        import uvloop  # noqa: PLC0415 - optional: absent on platforms it does not support
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)
