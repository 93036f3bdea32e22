"""What the package says of itself, before anything is built; .ci/wheel builds it and looks at what came out."""

import asyncio
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from sayline.gateway.settings import DEFAULT_URL, Settings
from sayline.gateway.wiring import running_server

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DESCRIPTION = (ROOT / PROJECT["readme"]).read_text()
PATIENCE_S = 60


def test_the_page_of_the_package_links_nothing_that_only_a_checkout_has():
    targets = re.findall(r"\]\(([^)]+)\)|(?:src|href)=\"([^\"]+)\"", DESCRIPTION)
    assert all(target.startswith("https://") for pair in targets for target in pair if target)


async def test_the_program_on_the_page_of_the_package_runs_as_it_stands(tmp_path):
    program = re.search(r"```python\n(.*?)```", DESCRIPTION, re.DOTALL)[1]
    assert program.count(DEFAULT_URL) == 1
    async with running_server(Settings(port=0, engine="espeak")) as gateway:
        (tmp_path / "program.py").write_text(program.replace(DEFAULT_URL, gateway.url))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", "program.py",
            cwd=tmp_path, env=dict(os.environ), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert (process.returncode, err.decode()) == (0, "")
    assert len(out.decode().splitlines()) > 50  # a second of speech and more


def test_the_pythons_of_the_classifiers_are_those_that_the_wheel_was_run_with():
    """3.14 is in the forge's workflow, which was never run."""
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    run = re.search(r"^pythons=\((.*)\)", (ROOT / ".ci/wheel").read_text(), re.MULTILINE)[1].split()
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    forge = workflow["jobs"]["pythons"]["strategy"]["matrix"]["python-version"]
    assert named == run == ["3.11", "3.12", "3.13"]
    assert [*named[1:], "3.14"] == forge
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains("3.11")


@pytest.mark.parametrize("requirement", PROJECT["dependencies"], ids=lambda each: each.partition(">")[0])
def test_what_is_installed_is_in_the_range_that_is_stated(requirement):
    """And each range has both ends: another major release is one that nobody has run."""
    wanted = Requirement(requirement)
    operators = {specifier.operator for specifier in wanted.specifier}
    assert operators in ({">=", "<"}, {"=="})
    if wanted.marker is None or wanted.marker.evaluate():
        from importlib.metadata import version

        assert wanted.specifier.contains(Version(version(wanted.name)))


def test_the_source_distribution_is_told_of_every_folder_and_file():
    """What git knows, MANIFEST.in grafts or includes."""
    lines = [line.split() for line in (ROOT / "MANIFEST.in").read_text().splitlines()]
    folders = {words[1] for words in lines if words and words[0] == "graft"}
    patterns = {pattern for words in lines if words and words[0] == "include" for pattern in words[1:]}
    known = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    left_out = [
        name for name in known
        if not (name.partition("/")[0] in folders if "/" in name else any(Path(name).match(each) for each in patterns))
    ]  # fmt: skip
    assert left_out == []
