"""Variants of a release: files that stand in for others of its directory, such as ``llm.rl.pt`` for ``llm.pt``.

A variant is a name. Of each part of the model that has a file with this name before the ending, that file is taken; of
all other parts, the release's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

# What a variant may be called: a part of a file's name, and no path.
NAME: Final = r"[A-Za-z0-9][A-Za-z0-9_-]*"
# The files of which a variant may have its own.
PARTS: Final = ("llm.pt", "flow.pt", "hift.pt", "cosyvoice3.yaml")


def variant_name(name: str, variant: str) -> str:
    """Name the variant's own file: ``llm.pt`` of ``rl`` is ``llm.rl.pt``."""
    stem, _, ending = name.rpartition(".")
    return f"{stem}.{variant}.{ending}"


def file_of(model_dir: Path, name: str, variant: str | None) -> Path:
    """Find the file of a part: the variant's own if there is one, else the release's."""
    own = model_dir / variant_name(name, variant) if variant else None
    return own if own is not None and own.exists() else model_dir / name


def is_there(model_dir: Path, variant: str) -> bool:
    """Tell whether a directory holds any file of a variant."""
    return any((model_dir / variant_name(name, variant)).exists() for name in PARTS)
