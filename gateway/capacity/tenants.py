"""Who may come in, by which key, and what each may use. No I/O: a file or the settings say so (``tenants/``).

The server keeps no key of a file's tenants, only its SHA-256. Keys are random, so a hash needs neither salt nor delay:
no list of likely keys could be tried.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..call_tokens import call_token

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A key is written down as this and the hexadecimal digits of its hash.
_PREFIX: Final = "sha256:"
_HASH: Final = re.compile(r"sha256:[0-9a-f]{64}")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")  # it becomes a label, and no place among ``api_keys``


def hash_key(key: str) -> str:
    """Write a key's hash as files of tenants have it."""
    # What HTTP's bytes became may be no text.
    return _PREFIX + hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()


def is_hash(text: str) -> bool:
    """Tell whether a text is the hash of a key."""
    return _HASH.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Tell whether a tenant may be called this."""
    return _NAME.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Tenant:
    """A client, or many that show the keys of one; None: no such limit.

    Attributes:
        name: the file's name for it; of a key that only the settings have, its place among ``api_keys``, from 1.
        keys: the hashes of its keys. It has several while one replaces another.
        voices: those that it may use.
        contexts: how many of its contexts may be live at once.
        connects_a_minute: how many connections and requests it may begin in a minute.
        characters_a_minute: how many characters of text it may send in a minute.
        characters_a_month: the same in a calendar month (UTC).
        priority: its contexts are given slots before those of tenants with a lower one.
    """

    name: str
    keys: tuple[str, ...]
    voices: tuple[str, ...] | None = None
    contexts: int | None = None
    connects_a_minute: int | None = None
    characters_a_minute: int | None = None
    characters_a_month: int | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Caller:
    """Who has come in.

    Attributes:
        tenant: its name; empty if the server asks for no key.
        key: the hash of the key that it showed; empty likewise.
    """

    tenant: str = ""
    key: str = ""


ANYBODY: Final = Caller()


class Directory:
    """All tenants of a server at one time.

    Args:
        tenants: all of them; no two have a key in common. None: the server asks for no key.
        plain_keys: keys that the server knows in plain, by their hashes.
    """

    def __init__(self, tenants: Sequence[Tenant] = (), plain_keys: Sequence[str] = ()) -> None:
        self.tenants = {tenant.name: tenant for tenant in tenants}
        self._owners = {key: tenant for tenant in tenants for key in tenant.keys}
        self._plain = {hash_key(key): key for key in plain_keys}

    @classmethod
    def of_keys(cls, api_keys: Sequence[str]) -> Directory:
        """Make a tenant without limits of each key, called by its place, from 1, or by its name: ``acme=sha256:…``."""
        keys: dict[str, tuple[str, ...]] = {}
        plain = []
        for place, text in enumerate(api_keys, 1):
            name, _, digest = text.partition("=")
            if is_name(name) and is_hash(digest):
                keys[name] = (*keys.get(name, ()), digest)
            else:
                keys[str(place)] = (hash_key(text),)
                plain.append(text)
        return cls([Tenant(name, hashes) for name, hashes in keys.items()], plain)

    def __bool__(self) -> bool:
        """A client must show a key."""
        return bool(self._owners)

    def find(self, shown: Iterable[str], call_sid: str | None = None) -> Caller | None:
        """Tell whose the first of these keys is that is anybody's; None if none is.

        What is looked up is a hash, so the time that it takes tells nothing about any key.

        Args:
            shown: what a client shows; a phone call shows a token that was made of a key for this call.
            call_sid: the call, if it is one.
        """
        if not self._owners:
            return ANYBODY
        known = {hash_key(self._token(key, call_sid)): key for key in self._owners} if call_sid is not None else None
        for text in shown:
            digest = hash_key(text)
            key = digest if known is None else known.get(digest, "")
            if (tenant := self._owners.get(key)) is not None:
                return Caller(tenant.name, key)
        return None

    def knows(self, caller: Caller) -> bool:
        """Tell whether the key by which somebody came in still lets that tenant in."""
        owner = self._owners.get(caller.key)
        return owner is not None and owner.name == caller.tenant

    def _token(self, key: str, call_sid: str) -> str:
        """Make a call's token of a key, or of the hash of one that is not known in plain."""
        return call_token(self._plain.get(key, key), call_sid)
