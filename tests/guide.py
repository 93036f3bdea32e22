"""The pages of docs/ that guide a reader, and the code on them, for the tests that run it.

Beside a page ``NAME.md`` its Chinese twin is ``NAME.zh.md``. A fenced block is run as it stands, unless the line above
it is a mark that the reader sees: what the block needs that a test has not.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
RUN = ("sh", "python", "js", "html", "toml")  # languages of what a reader types
SHOWN = ("", "mermaid", "json", "ts")  # of what comes back, of drawings, and of what the code itself says
SUMMARIZED = ("docs/BENCHMARKS.md", "docs/PERFORMANCE.md")  # whose Chinese page is a summary, and says so
_FENCE = re.compile(
    r"(?:^\*(?P<mark>(?:Needs|Not run|需要|此处未运行)[^*\n]*)\*\n\n)?^```(?P<language>\w*)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


_HEADING = re.compile(r"^#+ .*$", re.MULTILINE)
_TWIN_LINE = re.compile(r"^\[(?:中文|English)\]\([^)]+\)$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\.md\]\([^)]*\)|(?<=\])\([^)]*\)")  # where it leads, and its text if that is a file's name
_CODE = re.compile(r"`[^`]+`")
_DAY = re.compile(r"\d+ 月 (\d+) 日")  # 29 November has one number
_NUMBER = re.compile(r"(?<![\w.])\d(?:[\d,.]*\d)?(?!\w)", re.ASCII)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what stands in it, and the mark above it ("" if there is none)."""

    language: str
    code: str
    mark: str


def pages():
    """The English pages that have a Chinese twin, README.md among them, by their paths from the root."""
    twins = [ROOT / "README.zh.md", *DOCS.rglob("*.zh.md")]
    return sorted({str(twin.relative_to(ROOT)).replace(".zh.md", ".md") for twin in twins} - set(SUMMARIZED))


def all_pages():
    """Every English page that shows a reader code, by its path from the root."""
    more = [
        ROOT / name
        for name in ("README.md", "examples/README.md", "web_demo/README.md", "distributions/client/README.md")
    ]
    return sorted(str(page.relative_to(ROOT)) for page in [*more, *DOCS.rglob("*.md")] if ".zh." not in page.name)


def twin_of(page):
    return page.removesuffix(".md") + ".zh.md"


def sections(page):
    """The text of a page between its headings, without its blocks and their marks, and without where links lead."""
    text = _LINK.sub("", _TWIN_LINE.sub("", _FENCE.sub("", (ROOT / page).read_text())))
    return _HEADING.split(text)


def rows(section):
    """The rows of the tables of a section."""
    return re.findall(r"^\|.*\|$", section, re.MULTILINE)


def facts(text):
    """What a text says in the same way in every language: names between backticks, and numbers in figures."""
    numbers = _NUMBER.findall(_DAY.sub(r"\1", _CODE.sub("", text)))
    names = {" ".join(name.split()) for name in _CODE.findall(text)}  # a line may end inside one
    return names, {number.replace(",", "") for number in numbers}


def blocks(page):
    """The blocks of a page, in order."""
    text = (ROOT / page).read_text()
    return [Block(found["language"], found["code"], found["mark"] or "") for found in _FENCE.finditer(text)]
