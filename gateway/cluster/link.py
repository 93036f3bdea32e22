"""What a supervisor and a worker say to each other (``processes.link``).

The link is a leash too: a worker whose supervisor is gone ends. The number of messages under way is bounded by the
number of contexts: each asks for one slot, and is granted one.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from ...synthesis.processes.link import Vocabulary


class Job(NamedTuple):
    """To a worker, first of all: settings and place; not on a command line, since every user can read command lines.

    Attributes:
        settings: the server's, with the port on which all workers listen; they include keys. Any: JSON.
        place: the worker's number.
        folder: holds what all workers share.
        metrics: the folder for their figures.
        engine: the address of the engine that all workers speak with; None: each worker has its own.
        sockets: descriptors of the sockets on which this worker listens.
        wyoming_sockets: the same for Wyoming.
    """

    settings: dict[str, Any]
    place: int
    folder: str
    metrics: str
    engine: str | None
    sockets: list[int]
    wyoming_sockets: list[int]


class Open(NamedTuple):
    """To a worker: every worker could serve, so let in who comes."""


class Drain(NamedTuple):
    """To a worker: finish the running contexts, and end.

    Attributes:
        is_succeeded: another server listens on the same sockets, so nobody is refused. The worker says ``Closed``.
    """

    is_succeeded: bool


class Granted(NamedTuple):
    """To a worker: a context has its slot."""

    connection: str
    context: str
    tenant: str
    number: int


class Prepared(NamedTuple):
    """From a worker: it could serve, and waits for ``Open``.

    Attributes:
        url: at which it will listen.
    """

    url: str


class Closed(NamedTuple):
    """From a worker: it lets nobody in any more, because the server is succeeded."""


class OpenDesk(NamedTuple):
    """From a worker: how many slots its engine has."""

    slots: int


class RequestSlot(NamedTuple):
    """From a worker: a context wants a slot; ``number`` tells this request from an earlier one."""

    connection: str
    context: str
    tenant: str
    is_continuing: bool
    is_live: bool
    number: int
    priority: int = 0


class ReleaseSlot(NamedTuple):
    """From a worker: a context no longer needs its slot, or its turn."""

    connection: str
    context: str
    tenant: str


class CloseConnection(NamedTuple):
    """From a worker: none of a connection's contexts needs a slot or a turn any more."""

    connection: str


class Forecast(NamedTuple):
    """From a worker: how many contexts the engine sustains in real time; None: no forecast."""

    sustainable: int | None


ToDesk = OpenDesk | RequestSlot | ReleaseSlot | CloseConnection | Forecast

VOCABULARY: Final = Vocabulary(
    "worker",
    5,
    Job,
    Open,
    Drain,
    Granted,
    Prepared,
    Closed,
    OpenDesk,
    RequestSlot,
    ReleaseSlot,
    CloseConnection,
    Forecast,
)
