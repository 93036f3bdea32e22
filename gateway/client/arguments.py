"""What a caller gives besides text: checked at the call, by the rules of the wire, in the caller's own words."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import TYPE_CHECKING, Final, TypeVar

from .errors import BadArgument
from .wire.fields import Unfit, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .wire.messages import Message

# What a file of speech may hold, by what its name ends in, or by what the caller calls it.
CONTAINERS: Final = {"wav": "wav", "ogg": "ogg", "opus": "ogg", "pcm": "pcm", "raw": "pcm"}

_MessageT = TypeVar("_MessageT", bound="Message")

# Longer than any speech: what the protocol lets a number of milliseconds be.
_MAX_MS: Final = 1e10


def checked_message(kind: type[_MessageT], fields: Mapping[str, object]) -> _MessageT:
    """Make a message of what a caller gave; None stands for what was not given.

    Raises:
        BadArgument: naming the argument.
    """
    given = {name: _plain(value) for name, value in fields.items() if value is not None}
    try:
        return read(kind, given)
    except Unfit as exc:
        raise BadArgument(str(exc)) from None


def checked_milliseconds(name: str, value: object) -> float | None:
    """Return a number of milliseconds as the wire can carry it: within its range; None for NaN.

    Raises:
        BadArgument: the value is no number.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise BadArgument(f"{name}: a number of milliseconds is wanted, not {type(value).__name__}")
    number = _float(value)
    return None if math.isnan(number) else min(max(number, 0.0), _MAX_MS)


def checked_timeout(name: str, value: object) -> float:
    """Return a number of seconds to wait.

    Raises:
        BadArgument: it is no number above 0.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not _float(value) > 0:
        raise BadArgument(f"{name}: a number of seconds above 0 is wanted")
    return _float(value)


def _plain(value: object) -> object:
    """Numbers of other libraries, such as numpy's, as Python's own."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Integral):
        return int(value)
    return _float(value) if isinstance(value, Real) else value


def _float(value: Real) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer, or a fraction, beyond what a float can be
        return math.copysign(math.inf, 1 if value > 0 else -1)  # type: ignore[operator] # Real has no order in typeshed
