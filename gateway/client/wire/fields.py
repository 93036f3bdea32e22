"""Reads a message out of its fields as the message's annotations say; nothing is coerced but a whole 24000.0.

What is refused is told by the field's name; the value is never repeated.
"""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from ....synthesis.pronunciation import Pronunciation

_MessageT = TypeVar("_MessageT")
_Reader = Callable[[object], Any]


class Unfit(ValueError):
    """A field is missing, or its value is not what the field takes."""


@dataclass(frozen=True, slots=True)
class Within:
    """A number's range, its ends included; NaN is in none."""

    least: float
    most: float

    def check(self, value: float) -> None:
        """Refuse a number outside of it."""
        if not self.least <= value <= self.most:
            raise Unfit(f"a number from {self.least:.15g} to {self.most:.15g} is wanted")


@dataclass(frozen=True, slots=True)
class Length:
    """How many characters a text may have, or how many entries a list."""

    least: int
    most: int

    def check(self, value: str | tuple[object, ...]) -> None:
        """Refuse what is shorter or longer."""
        if not self.least <= len(value) <= self.most:
            raise Unfit(f"a length from {self.least} to {self.most} is wanted, not {len(value)}")


def read(kind: type[_MessageT], given: Mapping[str, object]) -> _MessageT:
    """Make a message of its fields; those that it does not have are passed over.

    Raises:
        Unfit: naming the field that is missing or wrong.
    """
    values, untyped = {}, cast("type", kind)  # a type of any kind is hashable, which mypy does not see
    for name, (reader, is_required) in _fields_of(untyped).items():
        if name not in given:
            if is_required:
                raise Unfit(f"{name}: is missing")
            continue
        try:
            values[name] = reader(given[name])
        except Unfit as exc:
            raise Unfit(f"{name}: {exc}") from None
    return kind(**values)


@functools.cache
def _fields_of(kind: type) -> dict[str, tuple[_Reader, bool]]:
    """Tell of each field how it is read, and whether a message must have it."""
    hints = get_type_hints(kind, include_extras=True)
    return {
        field.name: (_reader_of(hints[field.name]), field.default is dataclasses.MISSING)
        for field in dataclasses.fields(kind)
    }


def _reader_of(annotation: Any) -> _Reader:  # noqa: ANN401 - annotations are of many types
    if annotation in _READERS:
        return _READERS[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _checked(_reader_of(arguments[0]), arguments[1:])
    if origin is Literal:
        return functools.partial(_choice, arguments)
    if origin is tuple:  # of any length
        return functools.partial(_tuple, _reader_of(arguments[0]))
    if origin in (Union, types.UnionType):
        return functools.partial(_first_that_fits, [_reader_of(each) for each in arguments])
    return functools.partial(_nested, annotation)


def _checked(reader: _Reader, bounds: tuple[Within | Length, ...]) -> _Reader:
    def read_and_check(value: object) -> object:
        found = reader(value)
        for bound in bounds:
            bound.check(found)
        return found

    return read_and_check


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Unfit("text is wanted")
    try:
        value.isascii() or value.encode()
    except UnicodeEncodeError:
        raise Unfit("holds half of a character") from None
    return value


def _whole(value: object) -> int:
    if isinstance(value, float) and value.is_integer():  # however it is written: one number in JSON
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unfit("a whole number is wanted")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit("a number is wanted")
    try:
        return float(value)
    except OverflowError:
        raise Unfit("the number is too large") from None


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise Unfit("true or false is wanted")
    return value


def _nothing(value: object) -> None:
    if value is not None:
        raise Unfit("nothing is wanted")


def _pronunciation(value: object) -> Pronunciation:
    if not isinstance(value, Mapping) or not all(isinstance(each, str) for each in value.values()):
        raise Unfit("each entry has texts by name")
    try:
        return Pronunciation(**value)
    except TypeError:
        raise Unfit("has word, respelling, ipa, cmu, pinyin and language, and nothing else") from None
    except ValueError as exc:
        raise Unfit(str(exc)) from None


def _choice(choices: tuple[object, ...], value: object) -> object:
    if value not in choices:
        raise Unfit(f"one of {', '.join(map(str, choices))} is wanted")
    return value


def _tuple(reader: _Reader, value: object) -> tuple[object, ...]:
    if not isinstance(value, list | tuple):
        raise Unfit("a list is wanted")
    return tuple(map(reader, value))


def _first_that_fits(readers: list[_Reader], value: object) -> object:
    refusals = []
    for reader in readers:
        try:
            return reader(value)
        except Unfit as exc:
            refusals.append(exc)
    raise refusals[0]


def _nested(kind: type, value: object) -> object:
    if not isinstance(value, dict):
        raise Unfit("an object is wanted")
    return read(kind, value)


_READERS: Final[dict[object, _Reader]] = {
    str: _text,
    int: _whole,
    float: _number,
    bool: _truth,
    types.NoneType: _nothing,
    Pronunciation: _pronunciation,
}
