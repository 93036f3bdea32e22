"""Where clients connect unless they are told otherwise, by two variables of the environment; which others look ours."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFAULT_URL: Final = "ws://127.0.0.1:8080"
ENV_PREFIX: Final = "SAYLINE_"

_URL: Final = f"{ENV_PREFIX}URL"
_KEY: Final = f"{ENV_PREFIX}KEY"
# Not ours, though they look so: what Kubernetes sets in pods for a service called sayline, and what our tests read.
_FOREIGN: Final = re.compile(
    r"SERVICE_(HOST|PORT)(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?|REQUIRE_[A-Z]+|CHROMIUM|CLIENTS"
)


@dataclass(frozen=True, slots=True)
class ClientDefaults:
    """Where clients connect unless told otherwise."""

    url: str
    key: str | None


def client_defaults(environ: Mapping[str, str] = os.environ) -> ClientDefaults:
    """Read ``SAYLINE_URL`` and ``SAYLINE_KEY``."""
    return ClientDefaults(environ.get(_URL, DEFAULT_URL), environ.get(_KEY))


def our_variables(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return the variables that are called as if they were ours, however they are written."""
    return [
        variable
        for variable in environ
        if variable.upper().startswith(ENV_PREFIX) and not _FOREIGN.fullmatch(variable[len(ENV_PREFIX) :])
    ]


def are_read_by_clients(variables: Iterable[str]) -> bool:
    """Return whether clients read each of these; then nobody need load what knows the servers', which takes long."""
    return {_URL, _KEY}.issuperset(variables)
