"""How the project is built: by setuptools, but for editable installs.

The repository's root is the package ``sayline``. An editable install by setuptools maps that name with an import hook.
Type checkers and editors do not run such a hook, so they find no ``sayline``. Here an editable install puts a folder
on the path instead, ``build/editable``, in which a link named ``sayline`` leads to the root.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import (
    build_sdist,
    build_wheel,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]
ROOT = Path(__file__).resolve().parents[1]


def build_editable(
    wheel_directory: str, config_settings: dict[str, str] | None = None, metadata_directory: str | None = None
) -> str:
    """Build the wheel of setuptools and replace its import hook by a path (PEP 660)."""
    name = build_meta.build_editable(wheel_directory, config_settings, metadata_directory)
    wheel = Path(wheel_directory) / name
    with zipfile.ZipFile(wheel) as built:
        metadata = {item: built.read(item) for item in built.namelist() if ".dist-info/" in item}
    files = {"sayline.pth": f"{_linked()}\n".encode()}
    files |= {item: data for item, data in metadata.items() if not item.endswith("/RECORD")}
    record = next(item for item in metadata if item.endswith("/RECORD"))
    rows = [f"{item},sha256={_digest(data)},{len(data)}" for item, data in files.items()]
    files[record] = "\n".join([*rows, f"{record},,", ""]).encode()
    with zipfile.ZipFile(wheel, "w") as ours:
        for item, data in files.items():
            ours.writestr(item, data)
    return name


def _linked() -> Path:
    """Make the folder in which ``sayline`` is the root."""
    folder = ROOT / "build" / "editable"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "sayline"
    if not link.is_symlink():
        link.symlink_to(ROOT, target_is_directory=True)
    return folder


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
