"""Builds ``sayline-client`` by setuptools: the repository's files that a client needs, as package ``sayline_client``.

They are laid out in a folder that lasts as long as the build, so the repository has each file once. A source
distribution is that folder; a wheel that is made of it needs no repository.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from setuptools import build_meta

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["build_sdist", "build_wheel"]
HERE = Path(__file__).resolve().parent
OWN = ("pyproject.toml", "README.md", "backend.py")


def build_wheel(
    wheel_directory: str, config_settings: dict[str, str] | None = None, metadata_directory: str | None = None
) -> str:
    """Build the wheel (PEP 517)."""
    with _laid_out():
        return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_sdist(sdist_directory: str, config_settings: dict[str, str] | None = None) -> str:
    """Build the source distribution (PEP 517)."""
    with _laid_out():
        return build_meta.build_sdist(sdist_directory, config_settings)


def package_files(root: Path) -> list[Path]:
    """List the repository's files that make the package, relative to its root."""
    patterns = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["sayline-client"]["files"]
    return sorted(file.relative_to(root) for pattern in patterns for file in root.glob(pattern))


@contextlib.contextmanager
def _laid_out() -> Iterator[None]:
    """Work where setuptools finds everything: here in a source distribution, otherwise in a folder that is made."""
    if (HERE / "src").exists():
        yield
        return
    root, before = HERE.parents[1], Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in package_files(root):
            target = folder / "src/sayline_client" / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / file, target)
        for file in OWN:
            shutil.copy2(HERE / file, folder / file)
        shutil.copy2(root / "LICENSE", folder / "LICENSE")
        (folder / "MANIFEST.in").write_text("include backend.py src/sayline_client/py.typed\n", encoding="utf-8")
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)
