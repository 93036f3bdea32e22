"""What a client asks for in its address: the voice in the path, everything else in the query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...errors import BadMessage
from ..opening import header_keys, read_authorization
from . import formats

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...conversation.audio import AudioParameters
    from ..opening import Opening

_FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}
_MAX_SEED: Final = 2**32 - 1
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class Options:
    """What holds for a whole connection.

    Attributes:
        inactivity_s: the connection ends after this time without a message or sound; None: the operator's limit holds.
        is_whole: each text is a whole sentence or phrase, and is spoken without waiting for more (``auto_mode``).
    """

    voice: str
    audio: AudioParameters
    language: str | None
    inactivity_s: float | None
    seed: int | None
    is_whole: bool


def read_options(opening: Opening) -> Options:
    """Read path and query. Fields that mean nothing here, the model's name first of all, are taken as they are.

    Raises:
        BadMessage: a field has a value that it cannot have.
    """
    query = opening.query
    return Options(
        voice=opening.named["voice_id"],
        audio=formats.audio_of(query.get("output_format") or formats.DEFAULT),
        language=read_language(query.get("language_code")),
        inactivity_s=_seconds(query, "inactivity_timeout"),
        seed=read_seed(_number(query, "seed")),
        is_whole=_flag(query, "auto_mode"),
    )


def shown_keys(opening: Opening) -> Iterable[str]:
    """Find the keys in headers and in the query, where browsers have them."""
    yield from header_keys(opening)
    for name in ("authorization", "single_use_token", "xi-api-key", "xi_api_key"):
        if text := opening.query.get(name):
            yield read_authorization(text) or text


def read_language(code: str | None) -> str | None:
    """Read a language's code.

    Raises:
        BadMessage: it is none.
    """
    if code and not _LANGUAGE.fullmatch(code):
        raise BadMessage("language_code is a code such as en or pt-BR")
    return code or None


def read_seed(number: float | None) -> int | None:
    """Read a seed.

    Raises:
        BadMessage: it is out of range.
    """
    if number is None:
        return None
    if not 0 <= number <= _MAX_SEED or number != int(number):
        raise BadMessage(f"seed is a whole number from 0 to {_MAX_SEED}")
    return int(number)


def _seconds(query: Mapping[str, str], name: str) -> float | None:
    seconds = _number(query, name)
    if seconds == 0:
        raise BadMessage(f"{name} is at least a second")
    return seconds


def _number(query: Mapping[str, str], name: str) -> float | None:
    text = query.get(name)
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > len(str(_MAX_SEED)):
        raise BadMessage(f"{name} is a whole number")
    return int(text)


def _flag(query: Mapping[str, str], name: str) -> bool:
    flag = _FLAGS.get(query.get(name, "").lower() or "false")
    if flag is None:
        raise BadMessage(f"{name} is true or false")
    return flag
