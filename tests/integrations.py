"""docs/INTEGRATIONS.md as tests use it: the lines that lead a client to a gateway, with the address of a test's own."""

import re
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).parents[1] / "docs/INTEGRATIONS.md"
ADDRESS = re.compile(r"127\.0\.0\.1:\d+")  # what the document writes for every gateway


@dataclass(frozen=True)
class Row:
    """A client, the lines that redirect it, and the test that runs them."""

    client: str
    lines: tuple[str, ...]
    test: str


def rows():
    """The document's opening table."""
    text = DOCUMENT.read_text().partition("| client | lines that redirect it | test |\n")[2]
    cells = [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in text.partition("\n\n")[0].splitlines()[1:]
    ]
    return [Row(client.replace("`", ""), _codes(lines), test[1:-1]) for client, lines, test in cells]


def _codes(cell):
    return tuple(code.replace("\\|", "|") for code in re.findall(r"`([^`]+)`", cell))


def lines_of(client, *, at):
    """The lines of a row, as one program; ``at`` is the host and port that it leads to."""
    (row,) = [row for row in rows() if row.client == client]
    return ADDRESS.sub(at, "\n".join(row.lines))
