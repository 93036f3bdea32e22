"""A process that another one of ours keeps: it takes its job off the leash, and says on it that it lives."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from ...synthesis.processes.child import take_leash
from ...synthesis.processes.link import Alive, LinkBroken
from ..errors import BadSettings
from ..exit_status import FAILED, UNUSABLE, complain
from ..settings import Settings
from .process_life import run

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Coroutine

    from ...synthesis.processes.link import Link, Vocabulary

HEARTBEAT_S: Final = 1.0  # keepers are patient for some seconds


def run_job(
    vocabulary: Vocabulary, work: Callable[[Any, Settings, socket.socket], Coroutine[Any, Any, int]], giver: str
) -> int:
    """Run a process of this kind; returns the exit status.

    Args:
        vocabulary: what its keeper speaks; the first message is a job, whose ``settings`` are the process's.
        work: does the job, given with its settings and the leash; returns the exit status. Any: each kind has its own.
        giver: who gives jobs, for people.
    """
    leash = take_leash()
    try:
        job = vocabulary.receive(leash)
        settings = Settings(**job.settings)
        return run(settings, work(job, settings, leash))
    except BadSettings as exc:
        return complain(str(exc), UNUSABLE)
    except LinkBroken as exc:
        return complain(f"no job came from {giver}: {exc}", FAILED)


def say_alive(keeper: Link) -> None:
    """Tell the keeper every ``HEARTBEAT_S`` that this event loop turns, until the link is closed."""
    if not keeper.is_closed:
        keeper.send(Alive())
        asyncio.get_running_loop().call_later(HEARTBEAT_S, say_alive, keeper)
