"""The file of tenants: read at the start, and again when it has changed.

It is TOML, one table for each tenant (docs/TENANTS.md). A file that cannot be used changes nothing, and the log says
why; so a mistake in it locks nobody out, and a key is revoked only by a file that can be read.
"""

from __future__ import annotations

import asyncio
import logging
import tomllib
from typing import TYPE_CHECKING, Any, Final

from ...synthesis.file_stamp import file_stamp
from ..capacity.tenants import Directory, Tenant, is_hash, is_name
from ..errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger("sayline.tenants")

# A thousand clients with all their fields are 300 kB.
MAX_BYTES: Final = 8 * 1024 * 1024
_LIMITS: Final = ("contexts", "connects_a_minute", "characters_a_minute", "characters_a_month")
_MOST: Final = 10**12  # of anything: a limit above it is a slip
_PRIORITIES: Final = range(-100, 101)


class TenantFile:
    """Lives as long as the server.

    Args:
        path: of the file.
        changed: called on the loop with what the file holds once that has changed.

    Attributes:
        directory: what the file held when it was last read.
        loading: set while a change is read.

    Raises:
        BadSettings: the file cannot be used.
    """

    def __init__(self, path: Path, changed: Callable[[Directory], None]) -> None:
        self._path = path
        self._changed = changed
        self._stamp = file_stamp(path)
        self.directory = read_tenants(path)
        self.loading: asyncio.Future[Directory] | None = None

    def look(self) -> None:
        """Read the file again, in a thread, if it has changed."""
        if self.loading is None and (stamp := file_stamp(self._path)) != self._stamp:
            self._stamp = stamp
            self.loading = asyncio.get_running_loop().run_in_executor(None, read_tenants, self._path)
            self.loading.add_done_callback(self._loaded)

    def _loaded(self, loading: asyncio.Future[Directory]) -> None:
        self.loading = None
        if loading.cancelled():
            return
        if (fault := loading.exception()) is not None:
            log.warning("the tenants stay what they were: %s", fault)
            return
        self.directory = loading.result()
        log.info("the file names %d tenants", len(self.directory.tenants))
        self._changed(self.directory)


def read_tenants(path: Path) -> Directory:
    """Read a file of tenants.

    Raises:
        BadSettings: it cannot be used. The message shows no part of a key.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadSettings(f"tenants: {path} is larger than {MAX_BYTES // 1024**2} MiB")
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise BadSettings(f"tenants: cannot read {path}: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise BadSettings(f"tenants: {path} is not UTF-8") from exc
    except tomllib.TOMLDecodeError as exc:
        raise BadSettings(f"tenants: {path} is not TOML: {exc}") from exc
    found = [_tenant(path, name, fields) for name, fields in content.items()]
    owners: dict[str, str] = {}
    for tenant in found:
        for key in tenant.keys:
            if (other := owners.setdefault(key, tenant.name)) != tenant.name:
                raise BadSettings(f"tenants: {path}: {tenant.name} has a key of {other}")
    if not owners:
        raise BadSettings(f"tenants: {path} holds no key, so nobody could come in")
    return Directory(found)


def _tenant(path: Path, name: str, fields: Any) -> Tenant:  # noqa: ANN401 - what TOML gives
    """Read one tenant's table."""

    def wrong(what: str) -> BadSettings:
        return BadSettings(f"tenants: {path}: {name}: {what}")

    if not is_name(name):
        raise BadSettings(f"tenants: {path}: a name is a letter and up to 63 letters, digits, dots, - and _")
    if not isinstance(fields, dict):
        raise wrong("is no table such as [name]")
    keys, voices, priority = fields.pop("keys", None), fields.pop("voices", None), fields.pop("priority", 0)
    limits = {limit: fields.pop(limit) for limit in _LIMITS if limit in fields}
    if fields:
        raise wrong(f"there is no field {next(iter(fields))!r}")
    if not _is_texts(keys) or not all(map(is_hash, keys)):
        raise wrong("keys: is a list of sha256:…, as `sayline keys` writes them")
    if voices is not None and not (_is_texts(voices) and voices):
        raise wrong("voices: is a list of names; without it all voices are allowed")
    for limit, value in limits.items():
        if type(value) is not int or not 1 <= value <= _MOST:
            raise wrong(f"{limit}: is a whole number from 1 to {_MOST}")
    if type(priority) is not int or priority not in _PRIORITIES:
        raise wrong("priority: is a whole number from -100 to 100")
    return Tenant(name, tuple(keys), None if voices is None else tuple(voices), priority=priority, **limits)


def _is_texts(value: Any) -> bool:  # noqa: ANN401 - the same
    return isinstance(value, list) and all(isinstance(text, str) for text in value)
