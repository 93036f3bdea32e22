"""What a server finds out and reports before it serves: its build, its settings, its limit on descriptors."""

from __future__ import annotations

import importlib.metadata
import json
import logging
import math
import platform
import resource
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ... import __version__

if TYPE_CHECKING:
    from ..settings import Settings

log = logging.getLogger("sayline")

_ROOT: Final = Path(__file__).parents[2]
_GIT_TIMEOUT_S: Final = 2.0
# Sockets of the listener, the encoders, espeak-ng and the engine, files, and plain HTTP beside the connections.
_OTHER_DESCRIPTORS: Final = 128


@cache
def build() -> str:
    """Tell the commit that this code is from; ``release`` if only the version is known."""
    if (_ROOT / ".git").exists() and (git := shutil.which("git")):
        try:
            described = subprocess.run(  # noqa: S603 - git, with arguments of our own
                [git, "-C", str(_ROOT), "describe", "--always", "--dirty", "--abbrev=12"],
                capture_output=True,
                text=True,
                timeout=_GIT_TIMEOUT_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):  # git refuses to read a checkout that another user owns
            return "checkout"
        return described.stdout.strip()
    try:
        origin = importlib.metadata.distribution("sayline").read_text("direct_url.json")  # PEP 610
    except importlib.metadata.PackageNotFoundError:
        return "release"
    commit: str = json.loads(origin or "{}").get("vcs_info", {}).get("commit_id", "")
    return commit[:12] or "release"


def report(settings: Settings, url: str) -> None:
    """Log that the server listens: its build, and each setting that a source gave, with that source."""
    facts = {
        "version": __version__,
        "build": build(),
        "python": platform.python_version(),
        "engine": settings.chosen_engine,
        "url": url,
        "settings": settings.shown(),
        "origins": dict(settings.origins),
    }
    log.info("started", extra=facts)


def ensure_descriptors(max_connections: int) -> None:
    """Let this process open as many sockets as it admits connections: raise its soft limit, or warn.

    A server without free descriptors accepts no connection, and its listener logs that in every pass of the loop.
    """
    needed = max_connections + _OTHER_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if _covers(soft, needed):
        return
    limit = needed if _covers(hard, needed) else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    if limit < needed:
        log.warning(
            "max_connections %d needs %d file descriptors and the hard limit is %d; raise it (ulimit -Hn, LimitNOFILE) "
            "or lower max_connections",
            max_connections,
            needed,
            hard,
        )
    else:
        log.info("the limit on file descriptors is raised", extra={"from": soft, "to": needed})


def descriptor_limit() -> float:
    """Tell how many descriptors this process may have."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return math.inf if soft == resource.RLIM_INFINITY else soft


def _covers(limit: int, needed: int) -> bool:
    return limit == resource.RLIM_INFINITY or limit >= needed
