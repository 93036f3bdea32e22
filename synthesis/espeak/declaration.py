"""espeak-ng as the registry lists it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from ..declaration import Engine, Finding, NoSettings
from ..interface import EngineUnavailable, Segment, Style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..declaration import Order
    from .synthesizer import EspeakSynthesizer


def _make(order: Order[NoSettings]) -> EspeakSynthesizer:  # noqa: ARG001 - it has no settings
    from .synthesizer import EspeakSynthesizer  # noqa: PLC0415 - only the chosen engine is loaded

    return EspeakSynthesizer()


def _examine(settings: NoSettings | None) -> Iterator[Finding]:  # noqa: ARG001 - it has none
    yield asyncio.run(_speak_one_word())


async def _speak_one_word() -> Finding:
    from .synthesizer import EspeakSynthesizer  # noqa: PLC0415 - as above

    synthesizer = EspeakSynthesizer()
    try:
        await synthesizer.start()
        version = synthesizer.status().detail
        style = Style(synthesizer.voices()[0].name, language="en")
        spoken = [chunk async for chunk in synthesizer.speak(Segment(0, "Hello", "Hello", 0, 5, is_last=True), style)]
    except EngineUnavailable as exc:
        return Finding("espeak-ng", "missing", str(exc))
    finally:
        await synthesizer.close()
    sound_ms = 1000 * sum(len(chunk.samples) for chunk in spoken) // synthesizer.sample_rate_hz
    if not sound_ms:
        return Finding("espeak-ng", "broken", "it says nothing; pip install --force-reinstall espeakng-loader")
    return Finding("espeak-ng", "ok", f"{version}; one word lasts {sound_ms} ms")


ENGINE: Final = Engine(
    "espeak",
    "espeak-ng alone, in about a hundred languages",
    _make,
    NoSettings,
    examine=_examine,
)
