"""docs/INTEGRATIONS.md: each of its rows is run by the test that it names, from the document itself."""

import ast
from pathlib import Path

import integrations
import pytest
from integrations import lines_of, rows

from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server

ROOT = Path(__file__).parents[1]
ROWS = rows()


def test_the_table_is_found_and_names_each_client_once():
    assert ROWS
    assert len({row.client for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.client)
def test_three_lines_are_enough_and_lead_to_an_address_that_tests_replace(row):
    assert 1 <= len(row.lines) <= 3
    assert any(integrations.ADDRESS.search(line) for line in row.lines)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.client)
def test_the_test_that_a_row_names_runs_the_row_s_own_lines(row):
    file, _, name = row.test.partition("::")
    tree = ast.parse((ROOT / file).read_text())
    tests = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert name in tests
    # The name stands in the test itself, in its parametrization, or in what these name; ``lines_of`` may be called by a
    # helper of the file.
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    named = {
        name.id: node.value
        for node in assigned
        for target in node.targets
        for name in ast.walk(target)  # also each of several
        if isinstance(name, ast.Name)
    }
    texts = set(texts_of(tests[name], named))
    called = {ast.unparse(node.func).rpartition(".")[2] for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert row.client in texts
    assert "lines_of" in called


async def test_the_python_client_speaks_where_its_lines_lead():
    async with running_server(Settings(port=0, engine="tone")) as gateway:
        told = {}
        exec(lines_of("sayline (Python)", at=gateway.url.removeprefix("ws://")), told)  # noqa: S102 - our own document
        async with told["connecting"] as connection, connection.speak("Hello there.") as speech:
            frames = [frame async for frame in speech.audio()]

    assert sum(frame.duration for frame in frames) > 48_000 // 4


def texts_of(tree, named):
    """The constants of a piece of code, and those of the file's names that it uses."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            yield node.value
        elif isinstance(node, ast.Name) and node.id in named:
            yield from texts_of(named[node.id], {name: value for name, value in named.items() if name != node.id})
