"""What a server says to a worker that it keeps, and the worker to it (``processes.link``). The link is a leash too."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from ...synthesis.processes.link import Vocabulary


class Job(NamedTuple):
    """To a worker, first of all; not on a command line, since every user can read command lines.

    Attributes:
        settings: the server's, as the worker needs them. Any: JSON.
        address: where it listens.
    """

    settings: dict[str, Any]
    address: str


class Working(NamedTuple):
    """From a worker: its engine can speak."""


class Unavailable(NamedTuple):
    """From a worker: its engine cannot run here, and why."""

    why: str


VOCABULARY: Final = Vocabulary("gpu worker", 1, Job, Working, Unavailable)
