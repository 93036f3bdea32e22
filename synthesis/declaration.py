"""An engine as a server knows it before it is loaded: its name, its settings, and how it is made.

Each engine declares itself in its own folder; ``registry`` lists them. Nothing here loads an engine or its libraries.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, Protocol, TypeVar, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .interface import Shelf, Synthesizer

S = TypeVar("S")

# Metadata of a setting: it also goes by its bare name in the environment, without the prefix of this project.
BARE_NAME = "bare name"


class Keeper(Protocol):
    """Keeps an engine alive that all processes of a server share."""

    @property
    def address(self) -> Path:
        """Where the processes find the engine; known once it is started."""
        ...

    async def start(self) -> None:
        """Start the engine and wait until it can speak.

        Raises:
            EngineUnavailable: it cannot run here.
        """
        ...

    async def close(self) -> None:
        """Stop the engine; idempotent."""
        ...


@dataclass(frozen=True, slots=True)
class Order(Generic[S]):
    """What a server wants of an engine.

    Attributes:
        settings: the engine's own.
        max_requests: contexts that the operator wants synthesized at once; None: as many as the engine states.
        address: of an engine that a keeper keeps; None: the engine belongs to the process that makes it.
        gateways: processes of the server; an engine that is not shared is made in each of them, on the same cores.
    """

    settings: S
    max_requests: int | None = None
    address: Path | None = None
    gateways: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of what ``sayline doctor`` reports.

    Attributes:
        state: ``missing`` and ``broken`` fail the check; ``optional`` is absent and may be.
        detail: what was found, or what to do.
    """

    part: str
    state: Literal["ok", "missing", "broken", "optional"]
    detail: str


@dataclass(frozen=True, slots=True)
class NoSettings:
    """The settings of an engine that has none."""


def _nothing_to_look_for(settings: object) -> None:
    """The engine's settings name nothing that could be absent."""


def _nothing_to_examine(settings: object) -> Iterator[Finding]:  # noqa: ARG001 - all engines' are asked alike
    """The engine needs nothing beyond the base install."""
    yield from ()


@dataclass(frozen=True, slots=True)
class Engine(Generic[S]):
    """One engine.

    Attributes:
        name: what the setting ``engine`` and ``/health`` call it.
        summary: what it is, in a few words for ``--help``.
        make: makes the engine; it is loaded later, by ``Synthesizer.start``.
        settings: a dataclass. Each field that has a description becomes a setting of the server, under the same name,
            with the same limits and default. A field without a default is needed: the engine is chosen if such a
            setting is given and no engine is named. The class raises ``ValueError`` if values contradict each other.
        needs_advice: how an operator comes by what a needed setting names.
        voices_advice: how an operator comes by a first voice.
        keep: makes the keeper of one engine for all processes of a server; None: each process has one of its own.
        look: raises ``ValueError``, which names the setting, if what a setting names is not there; takes no time.
        shelf: gives access to the engine's voices for adding and removing some; None: the engine has what it has.
        examine: tells ``sayline doctor`` how the engine's parts are; without settings if the engine is not set up.
    """

    name: str
    summary: str
    make: Callable[[Order[S]], Synthesizer]
    settings: type[S]
    needs_advice: str = ""
    voices_advice: str = ""
    keep: Callable[[Order[S]], Keeper] | None = None
    look: Callable[[S], None] = _nothing_to_look_for
    examine: Callable[[S | None], Iterator[Finding]] = _nothing_to_examine
    shelf: Callable[[S], Shelf] | None = None

    @property
    def is_shared(self) -> bool:
        """One engine serves all processes of a server."""
        return self.keep is not None

    def offered(self) -> dict[str, tuple[Any, Any]]:
        """Name the settings: name -> (type with its limits and description, default).

        A needed setting may be left out while another engine speaks, so its default is None. Any: types and defaults as
        pydantic takes them.
        """
        hints = get_type_hints(self.settings, include_extras=True)
        found: dict[str, tuple[Any, Any]] = {}
        for field in fields(self.settings):  # type: ignore[arg-type] # S is a dataclass; no bound says so
            hint = hints[field.name]
            if _description(hint):
                is_needed = field.default is MISSING
                found[field.name] = (_optional(hint), None) if is_needed else (hint, field.default)
        return found

    def needed(self) -> tuple[str, ...]:
        """Name the settings without which the engine cannot be made."""
        without = {field.name for field in fields(self.settings) if field.default is MISSING}  # type: ignore[arg-type] # as above
        return tuple(name for name in self.offered() if name in without)


def _description(hint: Any) -> str:  # noqa: ANN401 - a type, as get_type_hints gives it
    described = (getattr(data, "description", None) for data in getattr(hint, "__metadata__", ()))
    return next((description for description in described if description), "")


def _optional(hint: Any) -> Any:  # noqa: ANN401 - the same
    """Allow None; limits and description stay."""
    assert get_origin(hint) is Annotated  # noqa: S101 - it has a description
    return Annotated[(hint.__origin__ | None, *hint.__metadata__)]
