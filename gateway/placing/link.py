"""What is said between ``sayline cluster``, what deploys for it, a replica of Ray Serve, and its worker.

Each link is a leash (``processes.child``). Jobs go over it and not over a command line, which every user can read.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from ...synthesis.processes.link import Vocabulary


class Job(NamedTuple):
    """To a worker, first of all.

    Attributes:
        settings: the worker's. Any: JSON.
        host: where it listens, at a free port.
        board: the board's address.
        authority: by which the certificates of gateways and of the board must be signed; empty: no TLS.
    """

    settings: dict[str, Any]
    host: str
    board: str
    authority: str


class Load(NamedTuple):
    """From a worker that can speak, every second: a sign of life too.

    Attributes:
        speaking: listeners' streams of all gateways. Probes are none: each gateway makes one every ten seconds, and a
            cluster that nobody uses would never be without speech.
        requests: contexts that its engine forecasts to keep in real time.
        pid: its process id.
    """

    speaking: int
    requests: int
    pid: int


class Unavailable(NamedTuple):
    """From a worker: its engine cannot run there, and why. From what deploys: so is Ray."""

    why: str


class Leave(NamedTuple):
    """To a worker: take no more, finish what is spoken, and end."""


WORKER: Final = Vocabulary("placed worker", 1, Job, Load, Unavailable, Leave)


class Plan(NamedTuple):
    """To what deploys, first of all.

    Attributes:
        job: for each worker; ``host`` is filled in where it is placed.
        ray_address: of the Ray cluster.
        least: workers at any time.
        most: workers at any time.
        surplus_s: how long they must have been too many before some are ended.
        cpus: of one worker.
        gpus: the same; a fraction shares one.
    """

    job: dict[str, Any]
    ray_address: str
    least: int
    most: int
    surplus_s: float
    cpus: float
    gpus: float


class Deployed(NamedTuple):
    """From what deploys: this many workers can speak."""

    workers: int


DEPLOYING: Final = Vocabulary("deploying", 1, Plan, Deployed, Unavailable)
