"""Speaking from a script, in one call and without asyncio: to a file, or as samples."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, overload

from ..client_defaults import client_defaults
from ..errors import BadSettings
from .arguments import CONTAINERS
from .connecting import connect
from .deltas import check_text
from .errors import BadArgument, GatewayError, Misuse

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt

    from .deltas import Text
    from .speech import Speech
    from .wire.messages import AudioFormatName


if TYPE_CHECKING:
    Pair = tuple[npt.NDArray[np.int16], int]  # type checkers know by it what a recording is taken apart into
else:
    Pair = object  # a real tuple would need its array at once, and so numpy


@dataclass(frozen=True)
class Recording(Pair):
    """What was spoken; ``samples, sample_rate = recording`` takes it apart.

    Attributes:
        pcm: the samples as bytes: 16-bit little-endian mono.
        sample_rate: in Hz.
    """

    pcm: bytes = field(repr=False)  # seconds of it would fill whoever's terminal prints what `speak` returned
    sample_rate: int

    @cached_property
    def samples(self) -> npt.NDArray[np.int16]:
        """The samples as an array of numpy: (n,) int16, mono.

        Raises:
            Misuse: numpy is not installed, which a client does not need otherwise.
        """
        try:
            import numpy as np  # noqa: PLC0415 - see above
        except ModuleNotFoundError:
            raise Misuse("an array of samples needs numpy (pip install numpy); `pcm` has them as bytes") from None
        return np.frombuffer(self.pcm, "<i2").astype(np.int16)

    def __iter__(self) -> Iterator[npt.NDArray[np.int16] | int]:
        return iter((self.samples, self.sample_rate))


@overload
def speak(
    text: Text,
    *,
    out: None = None,
    voice: str | None = ...,
    language: str | None = ...,
    speed: float = ...,
    volume: float = ...,
    url: str | None = ...,
    key: str | None = ...,
    sample_rate: int | None = ...,
    ssl_context: ssl.SSLContext | None = ...,
) -> Recording: ...


@overload
def speak(
    text: Text,
    *,
    out: str | os.PathLike[str],
    format: str | None = ...,
    voice: str | None = ...,
    language: str | None = ...,
    speed: float = ...,
    volume: float = ...,
    url: str | None = ...,
    key: str | None = ...,
    sample_rate: int | None = ...,
    ssl_context: ssl.SSLContext | None = ...,
) -> Path: ...


def speak(
    text: Text,
    *,
    out: str | os.PathLike[str] | None = None,
    format: str | None = None,  # noqa: A002 - what it is called everywhere, and nothing is formatted here
    voice: str | None = None,
    language: str | None = None,
    speed: float = 1.0,
    volume: float = 1.0,
    url: str | None = None,
    key: str | None = None,
    sample_rate: int | None = None,
    ssl_context: ssl.SSLContext | None = None,
) -> Recording | Path:
    """Speak a text, and return when all of it is spoken; a gateway makes it faster than it is heard.

    It may be called while an event loop runs, and then holds that loop up: use ``connect`` there.

    Args:
        text: the whole text, or its deltas: a list, a generator, the stream of a chat API, an async iterable.
        out: the file to write. None: the samples are returned.
        format: what the file holds: ``wav``, ``ogg`` or ``opus`` (both are Ogg Opus), ``pcm`` or ``raw`` (16-bit
            samples); None: what its name ends in.
        voice: one of the gateway's voices; None for its default.
        language: a BCP 47 tag; None to detect it.
        speed: 0.5 to 2.
        volume: a factor of the voice's amplitude, 0 to 2.
        url: the gateway's address; None: ``SAYLINE_URL``, or ws://127.0.0.1:8080.
        key: the API key, if the gateway wants one; None: ``SAYLINE_KEY``.
        sample_rate: in Hz; None leaves it to the gateway.
        ssl_context: for ``wss://`` with something else than the system's certificate authorities.

    Returns:
        The file's path or, without ``out``, the samples and their rate.

    Raises:
        GatewayError: one of its kinds, see ``errors.py``; or what the source of the text raised. The file then
            holds what was spoken before.
    """
    check_text(text)
    container = _container(out, format)
    defaults = client_defaults()

    async def spoken() -> Recording | Path:
        audio_format: AudioFormatName = "opus" if container == "ogg" else "pcm_s16le"
        async with (
            connect(
                defaults.url if url is None else url,
                key=defaults.key if key is None else key,
                format=audio_format,
                sample_rate=sample_rate,
                max_lead_ms=0,  # neither a file nor an array has a playing time to keep to
                ssl_context=ssl_context,
            ) as connection,
            connection.speak(text, voice=voice, language=language, speed=speed, volume=volume) as speech,
        ):
            if out is None or container is None:
                return await _record(speech)
            return await _write(speech, Path(out), container)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(spoken())
    with ThreadPoolExecutor(1) as other_thread:  # a loop runs here, and no second one can
        return other_thread.submit(asyncio.run, spoken()).result()


def _container(out: str | os.PathLike[str] | None, name: str | None) -> str | None:
    if out is None:
        if name is not None:
            raise BadArgument("format: says what the file `out` holds, and none is given")
        return None
    if not isinstance(out, str | os.PathLike) or not os.fspath(out):
        raise BadArgument(f"out: the name of a file is wanted, not {type(out).__name__ if out else 'an empty one'}")
    ending = Path(out).suffix.lower().removeprefix(".") if name is None else name
    if not isinstance(ending, str) or ending not in CONTAINERS:
        if name is not None:
            raise BadArgument(f"format: one of {', '.join(CONTAINERS)} is wanted")
        endings = ", ".join(f".{each}" for each in CONTAINERS)
        raise BadArgument(f"out: the name should end in one of {endings}; or `format` says what it holds")
    return CONTAINERS[ending]


async def _record(speech: Speech) -> Recording:
    pcm = b"".join([frame.payload async for frame in speech.audio()])
    if speech.started is None:
        raise GatewayError("nothing was spoken: the text has nothing to pronounce")
    return Recording(pcm, speech.started.sample_rate)


async def _write(speech: Speech, path: Path, container: str) -> Path:
    from .audio_out import file_sink  # noqa: PLC0415 - of no use without a file
    from .output import Output  # noqa: PLC0415 - as above

    try:
        output = Output.open(str(path))
    except BadSettings as exc:  # in the command line's words
        raise BadArgument(str(exc).removeprefix("--")) from exc
    sink = file_sink(container, output)
    is_begun = is_whole = False
    try:
        async for frame in speech.audio():
            if not is_begun and speech.started is not None:
                await sink.begin(speech.started)
                is_begun = True
            await sink.write(frame)
        is_whole = is_begun
    finally:
        await sink.close(abort=not is_whole)
    if not is_begun:
        raise GatewayError("nothing was spoken: the text has nothing to pronounce")
    return path
