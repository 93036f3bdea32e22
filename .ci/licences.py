"""Compares a bill of materials (CycloneDX, JSON) with a table of docs/LICENCES.md; .ci/wheel calls it.

Each distribution has a heading of its own there, which begins with its name.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

INSTALLER = {"pip", "setuptools", "wheel"}  # a virtual environment begins with them


def stated(component: dict) -> str | None:
    """The licence in SPDX's words, if the package states it so; many state it in words of their own."""
    for entry in component.get("licenses", []):
        if found := entry.get("expression") or entry.get("license", {}).get("id"):
            return found
    return None


def main(materials: str, page: str, distribution: str) -> int:
    """Print what differs; the exit status says whether anything does."""
    sections = Path(page).read_text(encoding="utf-8").split("\n## ")
    section = next(each for each in sections if each.startswith(f"`{distribution}`"))
    rows = dict(re.findall(r"^\| `(\S+)` \| (.+?) \|", section, re.MULTILINE))
    components = json.loads(Path(materials).read_text(encoding="utf-8"))["components"]
    found = {re.sub("[-_.]+", "-", each["name"]).lower(): stated(each) for each in components}
    found = {name: licence for name, licence in found.items() if name not in INSTALLER}
    wrong = [f"{name}: no row; it states {licence}" for name, licence in found.items() if name not in rows]
    wrong += [f"{name}: a row, but it was not installed" for name in rows if name not in found]
    wrong += [
        f"{name}: states {licence}, and its row has {rows[name]}"
        for name, licence in found.items()
        if licence and rows.get(name, licence) != licence
    ]
    sys.stdout.write(
        "\n".join([*sorted(wrong), f"licences of {distribution}: {len(found)} packages, {len(wrong)} differ\n"])
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
