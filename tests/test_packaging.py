"""What the package says of itself, before anything is built; .ci/wheel builds it and looks at what came out."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import rooms
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

import sayline
from sayline.gateway.settings import DEFAULT_URL, Settings
from sayline.gateway.wiring import running_server

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DESCRIPTION = (ROOT / PROJECT["readme"]).read_text()
# The client alone is a distribution of its own, of some of the same files.
CLIENT_FOLDER = ROOT / "distributions/client"
CLIENT = tomllib.loads((CLIENT_FOLDER / "pyproject.toml").read_text())
CLIENT_FILES = [file for pattern in CLIENT["tool"]["sayline-client"]["files"] for file in ROOT.glob(pattern)]
CLIENT_DESCRIPTION = (CLIENT_FOLDER / CLIENT["project"]["readme"]).read_text()
# What only a gateway loads, inside functions: how sound becomes packets of each format.
CODINGS = {f"codecs.{name}" for name in ("opus", "containers", "pcm", "g711", "compressed")}
# What ``sayline`` and not ``sayline-client`` runs, inside functions of the command line that both have.
COMMANDS = {
    name
    for name in rooms.MODULES
    if name.startswith(("gateway.commands", "gateway.cluster", "gateway.settings"))
    and name.rpartition(".")[2] not in ("commands", "say", "options", "text_in")
}
PATIENCE_S = 60


@pytest.mark.parametrize("description", [DESCRIPTION, CLIENT_DESCRIPTION], ids=["sayline", "sayline-client"])
def test_the_page_of_the_package_links_nothing_that_only_a_checkout_has(description):
    targets = re.findall(r"\]\(([^)]+)\)|(?:src|href)=\"([^\"]+)\"", description)
    assert all(target.startswith("https://") for pair in targets for target in pair if target)


@pytest.mark.parametrize("description", [DESCRIPTION, CLIENT_DESCRIPTION], ids=["sayline", "sayline-client"])
async def test_the_program_on_the_page_of_the_package_runs_as_it_stands(tmp_path, description):
    program = re.search(r"```python\n(.*?)```", description, re.DOTALL)[1]
    assert program.count(DEFAULT_URL) == 1
    lay_out_the_client(tmp_path)
    async with running_server(Settings(port=0, engine="espeak")) as gateway:
        (tmp_path / "program.py").write_text(program.replace(DEFAULT_URL, gateway.url))
        status, out, err = await run(tmp_path, "program.py")
    assert (status, err) == (0, "")
    assert len(out.splitlines()) > 50  # a second of speech and more


async def test_the_command_of_the_client_alone_says_a_text(tmp_path):
    """To a file of either kind; what there is no place for is refused in one line."""
    lay_out_the_client(tmp_path)
    name, _, function = CLIENT["project"]["scripts"]["sayline-client"].partition(":")
    command = f"import sys; from {name} import {function}; sys.exit({function}())"
    async with running_server(Settings(port=0, engine="espeak")) as gateway:
        for file in ("x.wav", "x.ogg"):
            status, _, err = await run(tmp_path, "-c", command, "say", "Hello.", "--out", file, "--url", gateway.url)
            assert status == 0, err
            assert len((tmp_path / file).read_bytes()) > 1000
    assert await run(tmp_path, "-c", command, "say", "Hello.", "--ot", "x") == (
        2, "", "sayline-client: there is no flag --ot; did you mean --out? (usage: sayline-client say --help)\n",
    )  # fmt: skip
    decodes = "from sayline_client.gateway.client.audio_out import can_decode_opus; print(can_decode_opus())"
    assert (await run(tmp_path, "-c", decodes))[1] == "False\n"  # so a loudspeaker is sent samples


def lay_out_the_client(folder):
    """Put the files there as the client's wheel has them."""
    for file in CLIENT_FILES:
        laid_out = folder / "sayline_client" / file.relative_to(ROOT)
        laid_out.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, laid_out)


async def run(folder, *arguments):
    """Run a program of Python there; its status, output and complaints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", *arguments,
        cwd=folder, env=dict(os.environ), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    return process.returncode, out.decode(), err.decode()


def test_the_pythons_of_the_classifiers_are_those_that_the_wheel_was_run_with():
    """3.14 is in the forge's workflow, which was never run."""
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert named == re.findall(r"Python :: (3\.\d+)", "\n".join(CLIENT["project"]["classifiers"]))
    run = re.search(r"^pythons=\((.*)\)", (ROOT / ".ci/wheel").read_text(), re.MULTILINE)[1].split()
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    forge = workflow["jobs"]["pythons"]["strategy"]["matrix"]["python-version"]
    assert named == run == ["3.11", "3.12", "3.13"]
    assert [*named[1:], "3.14"] == forge
    for project in (PROJECT, CLIENT["project"]):
        assert Requirement(f"python{project['requires-python']}").specifier.contains("3.11")


def test_the_client_s_distribution_has_what_the_client_imports_and_nothing_else():
    listed = {rooms.name_of(file) for file in CLIENT_FILES if file.suffix == ".py"}
    homes = {f"gateway.{home}" for home in sayline._HOMES.values()}
    frameworks = {"gateway.integrations.pipecat", "gateway.integrations.livekit"}
    assert {name.rpartition(".")[2] for name in frameworks} == set(CLIENT["project"]["optional-dependencies"])
    command = CLIENT["project"]["scripts"]["sayline-client"].partition(":")[0].removeprefix("sayline_client.")
    needed, found = {""}, homes | frameworks | {command}
    while found:
        needed |= found
        parents = {name.rpartition(".")[0] for name in found}
        found = {other for name in found for other in rooms.ours(name, typing=False)} | parents
        found -= needed | CODINGS | COMMANDS
    assert listed == needed


def test_the_client_asks_for_what_the_gateway_does_and_lets_more_beside_it():
    """Such as openai[realtime], which wants a release of websockets below 16; the gateway is not run with one."""
    (theirs,) = (Requirement(each) for each in CLIENT["project"]["dependencies"])
    ours = next(each for each in map(Requirement, PROJECT["dependencies"]) if each.name == theirs.name)
    assert all(theirs.specifier.contains(version) for version in ("15.0.1", "16.0", "17.0"))
    assert not ours.specifier.contains("16.0")
    assert {"18.0"} == {version for version in ("17.9", "18.0") if not theirs.specifier.contains(version)}
    for extra, requirements in CLIENT["project"]["optional-dependencies"].items():
        assert requirements == PROJECT["optional-dependencies"][extra]


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
