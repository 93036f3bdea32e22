"""The lexicon of a server: a file, read again when it has changed and something is to be read.

The file is looked at when a segment is read, at most once a second. What it holds by then is read in a thread, so the
segment at hand still goes by what was known; a file that cannot be read changes nothing, and the log says why.
"""

from __future__ import annotations

import asyncio
import logging
import time
import tomllib
from typing import TYPE_CHECKING, Any, Final

from ..file_stamp import file_stamp
from ..pronunciation import Pronunciation
from .lexicon import Lexicon

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

# Names of a whole country's places fit; reading as many takes a thread half a second.
MAX_WORDS: Final = 50_000
MAX_BYTES: Final = 8 * 1024 * 1024
_LOOK_S: Final = 1.0


class BadLexicon(ValueError):
    """The file cannot be used; the message says why and where."""


class LexiconFile:
    """See the module.

    Args:
        path: of the file.

    Raises:
        BadLexicon: it cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = file_stamp(path)
        self._lexicon = read_lexicon(path)
        self._looked_at = time.monotonic()
        self.loading: asyncio.Future[Lexicon] | None = None  # while a change is read

    def __call__(self) -> Lexicon:
        """Return what the file held lately."""
        now = time.monotonic()
        if self.loading is None and now - self._looked_at >= _LOOK_S:
            self._looked_at = now
            stamp = file_stamp(self._path)
            if stamp != self._stamp:
                self._stamp = stamp
                self.loading = asyncio.get_running_loop().run_in_executor(None, read_lexicon, self._path)
                self.loading.add_done_callback(self._loaded)
        return self._lexicon

    def _loaded(self, loading: asyncio.Future[Lexicon]) -> None:
        self.loading = None
        if loading.cancelled():
            return
        if (fault := loading.exception()) is not None:
            log.warning("the lexicon stays what it was: %s", fault)
            return
        self._lexicon = loading.result()
        log.info("the lexicon has %d words", self._lexicon.size)


def read_lexicon(path: Path) -> Lexicon:
    """Read a lexicon.

    Raises:
        BadLexicon: it cannot be used.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadLexicon(f"{path} is larger than {MAX_BYTES // 1024**2} MiB")
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise BadLexicon(f"cannot read {path}: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise BadLexicon(f"{path} is not UTF-8") from exc
    except tomllib.TOMLDecodeError as exc:
        raise BadLexicon(f"{path} is not TOML: {exc}") from exc
    words = content.pop("words", {})
    if content or not isinstance(words, dict):
        raise BadLexicon(f"{path} holds something beside the table [words]")
    found = [pronunciation for word, how in words.items() for pronunciation in _pronunciations(path, word, how)]
    if len(found) > MAX_WORDS:
        raise BadLexicon(f"{path} has more than {MAX_WORDS} words")
    return Lexicon(found)


def _pronunciations(path: Path, word: str, how: Any) -> list[Pronunciation]:  # noqa: ANN401 - what TOML gives
    """Read what stands behind a word: a respelling, a table of fields, or a list of tables."""
    try:
        return [
            Pronunciation(word, respelling=each) if isinstance(each, str) else Pronunciation(word, **_fields(each))
            for each in (how if isinstance(how, list) else [how])
        ]
    except (TypeError, ValueError) as exc:
        raise BadLexicon(f"{path}, the word {word!r}: {exc}") from None


def _fields(table: Any) -> dict[str, str]:  # noqa: ANN401 - the same
    if not isinstance(table, dict):
        raise TypeError("is neither a respelling nor a table")
    for name, value in table.items():
        if name not in ("respelling", "ipa", "cmu", "pinyin", "language"):
            raise ValueError(f"{name}: there is no such field")
        if not isinstance(value, str):
            raise TypeError(f"{name}: is no text")
    return table
