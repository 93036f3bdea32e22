"""The embedded voice as the registry lists it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field

from ..declaration import Engine, Finding
from ..interface import Segment, Style, SynthesisError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..declaration import Order
    from .synthesizer import EmbeddedSynthesizer


# What the examination says: a part of what can be spoken, its language, a word of it.
_WORDS: Final = (("English", "en", "Hello"), ("other languages", "de", "Hallo"))


@dataclass(frozen=True, slots=True)
class EmbeddedSettings:
    """The settings of the embedded voice."""

    hibari_processes: Annotated[
        int | None,
        Field(
            ge=1,
            le=64,
            description="number of processes that speak English at once; unset: one a core, at most 8",
        ),
    ] = None


def _make(order: Order[EmbeddedSettings]) -> EmbeddedSynthesizer:
    from .synthesizer import EmbeddedSynthesizer  # noqa: PLC0415 - only the chosen engine is loaded

    return EmbeddedSynthesizer(order.settings.hibari_processes, order.gateways)


def _examine(settings: EmbeddedSettings | None) -> Iterator[Finding]:  # noqa: ARG001 - its findings hang on none
    yield from asyncio.run(_hear_some_words())


async def _hear_some_words() -> list[Finding]:
    """Tell which voice speaks what, and why, by words that are really spoken."""
    from .synthesizer import EmbeddedSynthesizer  # noqa: PLC0415 - as above

    synthesizer = EmbeddedSynthesizer(1)
    findings = []
    try:
        await synthesizer.start()
        for part, language, word in _WORDS:
            style = Style(synthesizer.voices()[0].name, language)
            spoken = synthesizer.speak(Segment(0, word, word, 0, len(word), is_last=True), style)
            sound_ms = 1000 * sum([len(chunk.samples) async for chunk in spoken]) // synthesizer.sample_rate_hz
            speaker, is_meant = synthesizer.speaker_of(language)
            state: Literal["ok", "optional", "broken"] = "broken" if not sound_ms else "ok" if is_meant else "optional"
            findings.append(Finding(part, state, f"{speaker}; one word lasts {sound_ms} ms"))
    except SynthesisError as exc:
        findings.append(Finding("embedded voice", "broken", str(exc)))
    finally:
        await synthesizer.close()
    return findings


ENGINE: Final = Engine(
    "embedded",
    "a neural voice for English, espeak-ng for about a hundred other languages",
    _make,
    EmbeddedSettings,
    examine=_examine,
)
