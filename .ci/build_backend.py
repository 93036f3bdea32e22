"""How the project is built: by setuptools, but for editable installs and for the demo's page.

The repository's root is the package ``sayline``. An editable install by setuptools maps that name with an import hook.
Type checkers and editors do not run such a hook, so they find no ``sayline``. Here an editable install puts a folder
on the path instead, ``build/editable``, in which a link named ``sayline`` leads to the root.

A wheel and a source archive also get the page as few files, if esbuild is installed here (``make js``). A wheel that is
built from such an archive has them from there. Without them the gateway serves the page's modules.
"""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import page_bundle
from setuptools import build_meta
from setuptools.build_meta import (
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
BUNDLE = "web_demo/bundle"


def build_wheel(
    wheel_directory: str, config_settings: dict[str, str] | None = None, metadata_directory: str | None = None
) -> str:
    """Build the wheel of setuptools and add the page's bundle (PEP 517)."""
    name = build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)
    wheel = Path(wheel_directory) / name
    if added := {f"sayline/{BUNDLE}/{file}": data for file, data in _bundle().items()}:
        with zipfile.ZipFile(wheel) as built:
            entries = [(item, built.read(item)) for item in built.infolist()]
        when = entries[0][0].date_time
        entries[-1:-1] = [(zipfile.ZipInfo(file, when), data) for file, data in added.items()]
        record, rows = entries.pop()  # setuptools writes it last, as PEP 427 recommends
        assert record.filename.endswith(".dist-info/RECORD")  # noqa: S101 - else the wheel would be a broken one
        entries.append((record, rows + b"".join(f"{_row(file, data)}\n".encode() for file, data in added.items())))
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as ours:
            for item, data in entries:
                ours.writestr(item, data, zipfile.ZIP_DEFLATED)
    return name


def build_sdist(sdist_directory: str, config_settings: dict[str, str] | None = None) -> str:
    """Build the source archive of setuptools and add the page's bundle (PEP 517)."""
    name = build_meta.build_sdist(sdist_directory, config_settings)
    archive = Path(sdist_directory) / name
    if added := _bundle():
        with tarfile.open(archive) as built:
            entries = [(item, built.extractfile(item)) for item in built]
            contents = [(item, data and data.read()) for item, data in entries]
        for file, data in added.items():
            item = tarfile.TarInfo(f"{name.removesuffix('.tar.gz')}/{BUNDLE}/{file}")
            item.size, item.mtime = len(data), contents[0][0].mtime
            contents.append((item, data))
        with tarfile.open(archive, "w:gz") as ours:
            for item, data in contents:
                ours.addfile(item, None if data is None else io.BytesIO(data))
    return name


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
    rows = [_row(item, data) for item, data in files.items()]
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


def _bundle() -> dict[str, bytes]:
    """Make the page's bundle; nothing if there is no esbuild, or if a bundle came with the source archive."""
    if (ROOT / BUNDLE).exists() or not page_bundle.ESBUILD.exists():
        return {}
    return page_bundle.bundle()


def _row(file: str, data: bytes) -> str:
    """Write a file's row of RECORD."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    return f"{file},sha256={digest},{len(data)}"
