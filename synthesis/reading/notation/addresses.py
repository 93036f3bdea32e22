"""E-mail and web addresses, names of files, handles and tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from .tokens import Address, Code, Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .tokens import Token

    Match: TypeAlias = tuple[int, Token] | None

# Endings that make "name.ending" an address or a file's name and not an abbreviation: common domains and file types.
_DOMAINS: Final = (
    "com|org|net|edu|gov|mil|int|info|biz|io|ai|app|dev|cloud|shop|blog|wiki|"
    "co|me|tv|ly|gg|cl|pe|uy|ec|cr|pa|xyz|digital|page|site|online|store|tech|news|media|live|link|club|sg|hk|za|ng|ke|tr|"
    "ae|ph|vn|pk|eu|uk|us|ca|au|nz|ie|in|de|at|ch|fr|be|nl|es|pt|it|pl|cz|sk|hu|ro|bg|gr|ru|ua|kz|dk|se|no|fi|jp|cn|kr|tw|"
    "br|mx|ar|cc|vip"
)
_TYPES: Final = (
    "py|js|ts|md|txt|pdf|csv|json|yaml|yml|toml|html|css|xml|png|jpg|jpeg|gif|svg|mp3|mp4|wav|zip|exe|sh|java|cpp|rs|go"
    "|sql|docx|xlsx|pptx|log|ini|cfg|env|tar|gz"
)
_EMAIL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_URL: Final = re.compile(r"(?:https?|ftp)://[^\s<>\"|\\^`{}（）。，、；！？」』】]+", re.IGNORECASE)
_HOST: Final = re.compile(
    rf"(?:[A-Za-z0-9-]{{1,63}}\.){{1,8}}(?:{_DOMAINS})(?::[0-9]{{2,5}})?(?![A-Za-z0-9@_]|\.[A-Za-z0-9]|-[A-Za-z0-9])"
    r"(?P<path>/[A-Za-z0-9_~%&=?#/.+-]*)?"
)
_FILE: Final = re.compile(rf"[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,8}}\.(?:{_TYPES})(?![\w@]|\.\w)", re.ASCII)
# "отчёт_2024.pdf", "übersicht.pdf"
_WIDE_FILE: Final = re.compile(rf"[À-ÿА-яЁё][\wÀ-ÿА-яЁё-]{{0,63}}\.(?:{_TYPES})(?![\w@])")
_PATH: Final = re.compile(r"(?:~|\.{1,2})?(?:/[\w.-]+){2,}/?|[A-Za-z]:(?:\\[\w.-]+)+", re.ASCII)
_HANDLE: Final = re.compile(r"@[A-Za-z_][\w.]{1,30}(?<!\.)", re.ASCII)
# Words that follow without a blank are none of a tag in Latin letters: "#generalに15:00".
_TAG: Final = re.compile(
    r"#(?:[\u3040-\u9fff\uac00-\ud7a3]\w{1,50}|[^\W\d_](?:(?![\u3040-\u9fff\uac00-\ud7a3])\w){1,50})"
)
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+(?![\w])", re.ASCII)
_HOST_NUMBER: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]{2,5}|/[0-9]{1,2})(?![\w.]\w)", re.ASCII)
# A colour, and a letter with an index.
_COLOUR: Final = re.compile(
    r"#(?=[0-9A-F]{0,7}[0-9])(?:[0-9A-F]{6}|[0-9A-F]{8}|(?=[0-9]{0,2}[A-F])[0-9A-F]{3})(?!\w)", re.IGNORECASE | re.ASCII
)
_INDEXED: Final = re.compile(r"([A-Za-z])_\{?([0-9]{1,3}|[A-Za-z])\}?(?!\w)")
_BEGINNING: Final = re.compile(r"[A-Za-z0-9]+(?=[\w%+-]*[@.])")
_PARTS: Final = re.compile(r"[0-9]+|[A-Za-z]+")
_CLOSING: Final = ".,;:!?)]}'\"’”"


def find(text: str) -> Iterator[Found]:
    """Find e-mail and web addresses, and names of files."""
    at = 0
    while (start := _BEGINNING.search(text, at)) is not None:
        at = start.start()
        found = read(text, at)
        if found is not None and isinstance(found[1], Address) and "." in found[1].text:
            yield Found(at, *found)
            at = found[0]
        else:
            at = start.end()


def words_of_tag(tag: str) -> str:
    """Part the words that a tag joins: "PartiuPraia2024" as "Partiu Praia 2024"; "iPhone15" and "NASA" are left."""
    return _WORD_OF_TAG.sub(r"\1 ", tag).strip() if _JOINED_WORDS.fullmatch(tag) else tag


_JOINED_WORDS: Final = re.compile(r"(?:[A-ZÀ-ÞА-ЯЁ][a-zß-ÿа-яё]+){2,}[0-9]*")
_WORD_OF_TAG: Final = re.compile(r"([A-ZÀ-ÞА-ЯЁ][a-zß-ÿа-яё]+)")


def read(text: str, at: int) -> Match:
    """Read an address or a name that is none of a language's words."""
    before = text[at - 1 : at]
    first = text[at]
    if before and before.isascii() and (before.isalnum() or before in ("@", "_")):
        return None
    if first in "@#/~.":
        return _read_marked(text, at, first, before)
    if not first.isascii() and (found := _WIDE_FILE.match(text, at)) is not None:
        return found.end(), Address(found[0], "file")
    if not (first.isascii() and first.isalnum()):
        return None
    if (found := _EMAIL.match(text, at)) is not None:
        return found.end(), Address(found[0], "email")
    for pattern in (_URL, _HOST):
        if (found := pattern.match(text, at)) is not None:
            written = found[0].rstrip(_CLOSING)
            return at + len(written), Address(written, "web")
    if (found := _FILE.match(text, at)) is not None:
        return found.end(), Address(found[0], "file")
    if (found := _HOST_NUMBER.match(text, at)) is not None:
        return found.end(), Address(found[0], "name")
    if (found := _INDEXED.match(text, at)) is not None:
        return found.end(), Code(found.groups())
    if (found := _NAME.match(text, at)) is not None:
        return found.end(), Address(found[0], "name")
    if text[at + 1 : at + 3] == ":\\" and (found := _PATH.match(text, at)) is not None:
        return found.end(), Address(found[0].rstrip("."), "file")
    return None


def _read_marked(text: str, at: int, first: str, before: str) -> Match:
    if first == "@" and (found := _HANDLE.match(text, at)) is not None:
        return found.end(), Address(found[0], "handle")
    if first == "#" and (found := _COLOUR.match(text, at)) is not None:
        return found.end(), Code(("#", *_PARTS.findall(found[0][1:])), is_secret=True)
    if first == "#" and (found := _TAG.match(text, at)) is not None and not any(map(str.isdigit, found[0][:3])):
        return found.end(), Address(found[0], "tag")
    if first in "/~." and not before.strip() and (found := _PATH.match(text, at)) is not None:
        written = found[0].rstrip(_CLOSING)
        return at + len(written), Address(written, "file")
    return None
