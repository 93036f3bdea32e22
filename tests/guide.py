"""The pages of docs/ that guide a reader, and the code on them, for the tests that run it.

Beside a page ``NAME.md`` its Chinese twin is ``NAME.zh.md``. A fenced block is run as it stands, unless the line above
it is a mark that the reader sees: what the block needs that a test has not.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
RUN = ("sh", "python", "js", "html", "toml")  # languages of what a reader types; the others show what comes back
_FENCE = re.compile(
    r"(?:^\*(?P<mark>(?:Needs|Not run|需要|此处未运行)[^*\n]*)\*\n\n)?^```(?P<language>\w*)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what stands in it, and the mark above it ("" if there is none)."""

    language: str
    code: str
    mark: str


def pages():
    """The English pages that have a Chinese twin, README.md among them, by their paths from the root."""
    twins = [ROOT / "README.zh.md", *DOCS.rglob("*.zh.md")]
    return sorted(str(twin.relative_to(ROOT)).replace(".zh.md", ".md") for twin in twins if twin.exists())


def twin_of(page):
    return page.removesuffix(".md") + ".zh.md"


def blocks(page):
    """The blocks of a page, in order."""
    text = (ROOT / page).read_text()
    return [Block(found["language"], found["code"], found["mark"] or "") for found in _FENCE.finditer(text)]
