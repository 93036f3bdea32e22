"""``sayline keys``: makes a key for a tenant, or hashes one that there is, as files of tenants have them."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING, Final

from ..capacity.tenants import hash_key
from ..errors import BadSettings

if TYPE_CHECKING:
    import argparse

# 256 bits: nobody guesses them, so their hash needs no salt.
_RANDOM_BYTES: Final = 32
# A key that a person made up is found by trying, once its hash is known.
_LEAST_CHARS: Final = 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "action",
        choices=("new", "hash"),
        help="new: print a fresh key and its hash; hash: hash the key on standard input",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print; returns the exit status."""
    if arguments.action == "new":
        key = "sk_" + secrets.token_urlsafe(_RANDOM_BYTES)
        print(f"key   {key}\nhash  {hash_key(key)}")  # noqa: T201 - what the command is for
        return 0
    key = sys.stdin.readline().strip()
    if len(key) < _LEAST_CHARS or not key.isprintable():
        raise BadSettings(f"the key: a key has at least {_LEAST_CHARS} printable characters, made at random")
    print(hash_key(key))  # noqa: T201 - the same
    return 0
