"""What the engine's process and the language model's say to each other; ``synthesis/processes/link.py`` says how.

What bounds it: a request is a few KB and each stream has one; ids leave at the pace at which they are sampled, and the
engine reads all of them at once.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from ....processes.link import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_HEAD: Final = struct.Struct("<q?H")  # a request's key, whether it ends with these ids, and how many there are
_ID_BYTES: Final = 2
IDS: Final = "<i4"  # of a prompt


class Begin(NamedTuple):
    """Generate; fields as in ``TokenRequest``. The tail is the prompt's ids, and as many that were begun with."""

    key: int
    min_tokens: int
    max_tokens: int  # that are still to be sampled
    seed: int  # its 64 bits, signed
    is_greedy: bool
    awaited: int
    begun: int
    tail: bytes


class Cancel(NamedTuple):
    """Generate no more of it."""

    key: int


class AskLife(NamedTuple):
    """Answer once you come round to this."""


class Ready(NamedTuple):
    """The model is loaded."""


class Unavailable(NamedTuple):
    """It cannot be loaded."""

    fault: str


class Sampled(NamedTuple):
    """Ids of some requests; see ``read_sampled``."""

    tail: bytes


class Lives(NamedTuple):
    """The answer to ``AskLife``."""


def write_sampled(told: Iterable[tuple[int, bool, Sequence[int]]]) -> Sampled:
    """Write requests' keys, whether they end, and their ids."""
    tail = bytearray()
    for key, is_last, ids in told:
        tail += _HEAD.pack(key, is_last, len(ids)) + struct.pack(f"<{len(ids)}H", *ids)
    return Sampled(bytes(tail))


def read_sampled(tail: bytes) -> Iterator[tuple[int, bool, list[int]]]:
    """Read what ``write_sampled`` wrote."""
    at = 0
    while at < len(tail):
        key, is_last, count = _HEAD.unpack_from(tail, at)
        at += _HEAD.size
        yield key, is_last, list(struct.unpack_from(f"<{count}H", tail, at))
        at += count * _ID_BYTES


VOCABULARY: Final = Vocabulary("speech-tokens", 2, Begin, Cancel, AskLife, Ready, Unavailable, Sampled, Lives)
