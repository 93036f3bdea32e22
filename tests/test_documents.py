"""The documents say what the code does: their tables, numbers, programs and commands are checked against it."""

import argparse
import asyncio
import os
import re
import shlex
import sys
import tomllib
from pathlib import Path
from types import NoneType
from typing import get_args

import generated_docs
import pytest

import sayline
from sayline.gateway import cli, errors, settings
from sayline.gateway.conversation import playout_clock, session
from sayline.gateway.conversation.audio import AudioParameters
from sayline.gateway.dialects.tts_v1 import frames as audio_frames
from sayline.gateway.dialects.tts_v1 import messages
from sayline.gateway.observing.metrics import Metrics
from sayline.gateway.serving import server
from sayline.gateway.wiring import running_server

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
READMES = [README, (ROOT / "README.zh.md").read_text()]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
PYTHON = (ROOT / "docs/integrate/python.md").read_text()
SETTINGS = (ROOT / "docs/operate/settings.md").read_text()
SETTINGS_ZH = (ROOT / "docs/operate/settings.zh.md").read_text()
PROTOCOL = (ROOT / "docs/PROTOCOL.md").read_text()
ARCHITECTURE = (ROOT / "docs/ARCHITECTURE.md").read_text()
DOCUMENTS = sorted(str(path.relative_to(ROOT)) for path in [*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")])
# Their commands are written for people: `--streams 1|64`, `[--mps true]`.
ABBREVIATED = {"docs/BENCHMARKS.md", "docs/PERFORMANCE.md"}
PATIENCE_S = 30
# Linked before its figures are measured; to be emptied when they are.
WRITTEN_LATER: set[str] = set()

CLIENT_MESSAGES = [messages.SessionUpdate, messages.SessionResume, *get_args(messages.ContextMessage), messages.Ping]
SERVER_MESSAGES = list(get_args(messages.ServerMessage))


def one_line(text):
    """A text without its line breaks, so that a phrase is found wherever it is wrapped."""
    return " ".join(text.split())


def table(heading, text=PROTOCOL):
    """The rows of the table that begins with ``heading``, cell by cell; a pipe inside a cell is written ``\\|``."""
    rows = []
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(f"| {heading} |"):
            next(lines)  # the rule below the heading
            for row in lines:
                if not row.startswith("|"):
                    return rows
                rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]])
    return rows


def message_rows(after):
    return {row[0].strip("`"): row[1] for row in table("type", PROTOCOL.partition(after)[2])}


def fields_of(cell):
    """The fields that a row names: name -> (is optional, its enumeration)."""
    found = {}
    for item in re.split(r"[;,] ", re.sub(r"[{\[].*?[}\]]+", "", cell)):
        if match := re.match(r"`(\w+)`(\??)(?: = (.*))?", item):
            found[match[1]] = bool(match[2]), tuple(re.findall(r"`(\w+)`", match[3] or ""))
    return found


def nested_fields(cell):
    """Names inside braces, such as those of ``limits`` and ``words``."""
    return re.findall(r"`(\w+)`", "".join(re.findall(r"\{(.*?)\}", cell)))


def kind(message):
    return message.model_fields["type"].default


def choices(annotation):
    """The names that a Literal, perhaps an optional one, allows; none for other types."""
    parts = [part for part in get_args(annotation) if part is not NoneType]
    if parts and all(isinstance(part, str) for part in parts):
        return tuple(parts)
    return next((names for part in parts if (names := choices(part))), ())


# -- the protocol ------------------------------------------------------------------------------------------------------


def test_every_message_has_a_row_and_every_row_a_message():
    assert list(message_rows("## Client → server")) == [kind(message) for message in CLIENT_MESSAGES]
    assert list(message_rows("## Server → client")) == [kind(message) for message in SERVER_MESSAGES]


@pytest.mark.parametrize("message", CLIENT_MESSAGES, ids=kind)
def test_what_a_client_may_leave_out_is_marked_so(message):
    row = fields_of(message_rows("## Client → server")[kind(message)])
    fields = {name: field for name, field in message.model_fields.items() if name != "type"}

    assert {name: optional for name, (optional, _) in row.items()} == {
        name: not field.is_required() for name, field in fields.items()
    }


@pytest.mark.parametrize("message", SERVER_MESSAGES, ids=kind)
def test_what_the_server_may_leave_out_is_marked_so(message):
    row = fields_of(message_rows("## Server → client")[kind(message)])
    fields = {name: field for name, field in message.model_fields.items() if name != "type"}

    assert {name: optional for name, (optional, _) in row.items()} == {
        name: NoneType in get_args(field.annotation) for name, field in fields.items()
    }


@pytest.mark.parametrize(
    ("message", "heading"),
    [(message, "## Client → server") for message in CLIENT_MESSAGES]
    + [(message, "## Server → client") for message in SERVER_MESSAGES],
)
def test_enumerations_are_the_codes_own(message, heading):
    row = fields_of(message_rows(heading)[kind(message)])
    for name, (_, listed) in row.items():
        if listed:
            assert listed == choices(message.model_fields[name].annotation)


def test_the_enumerations_that_matter_are_listed():
    """Without this, a row that lost its list would pass the test above."""
    update = fields_of(message_rows("## Client → server")["session.update"])
    start = fields_of(message_rows("## Client → server")["context.start"])
    done = fields_of(message_rows("## Server → client")["context.done"])

    assert update["format"][1] == get_args(messages.AudioFormatName)
    assert start["chunking"][1] == get_args(messages.Chunking)
    assert start["timestamps"][1] == get_args(messages.Timestamps)
    assert done["reason"][1] == get_args(messages.DoneReason)


def test_what_lies_inside_other_fields_is_named():
    rows = message_rows("## Server → client")

    assert nested_fields(rows["session.ready"]) == [
        *messages.Limits.model_fields,
        *messages.Resumption.model_fields,
    ]
    assert nested_fields(rows["words"]) == list(messages.WordTime.model_fields)


def test_error_codes_and_whether_to_retry_are_the_codes_own():
    listed = {code.strip("`"): retryable == "yes" for code, _, retryable, _ in table("code")}

    assert tuple(listed) == get_args(messages.ErrorCode)
    assert listed == {answer.code: answer.retryable for answer in errors.WIRE_ERRORS.values()}


def test_close_codes_are_the_codes_own():
    assert [int(code) for code, _, _ in table("close code")] == sorted(errors.CloseCode)


def test_the_frame_header_is_laid_out_as_written():
    layout = re.search(r"`(u8 version.*?)`", PROTOCOL)[1].split(" | ")
    sizes = {"u8": "B", "u16": "H", "u32": "I"}

    assert "<" + "".join(sizes[item.split()[0]] for item in layout) == audio_frames.HEADER.format
    assert audio_frames.HEADER.size == audio_frames.HEADER_BYTES == 16
    assert "16-byte header" in PROTOCOL
    assert f"version={audio_frames.FRAME_VERSION}" in layout[0]
    assert numbered(layout[1]) == {codec.value: words(codec) for codec in audio_frames.Codec}
    assert numbered(layout[6]) == {flag.value: words(flag) for flag in audio_frames.Flags if flag}
    packed = audio_frames.pack_frame(1, 2, 3, 4, 5, 6, b"")
    assert packed == bytes([1, 1, 2, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 6, 0])


def numbered(item):
    """``flags (1 first of context, 2 ...)`` -> {1: "first of context", ...}."""
    listed = re.search(r"\((.*)\)", item)[1]
    return {int(number): name for number, name in re.findall(r"(\d+) ([\w ]+)", listed)}


def words(member):
    return member.name.lower() if member.name.startswith("PCM_") else member.name.lower().replace("_", " ")


DEFAULTS = settings.Settings()
SESSION = session.SessionSettings(AudioParameters("opus", 24_000, 20, 32_000), "voice")
CONTEXT_ID = next(part for part in messages.ContextStart.model_fields["context_id"].metadata if part.max_length)


@pytest.mark.parametrize(
    ("phrase", "number"),
    [
        ("`context_id`, `text` ≤ {} KiB", SESSION.max_text_bytes // 1024),
        ("the context's {} KiB", DEFAULTS.max_context_text_kib),
        ("the connection's {} MiB", DEFAULTS.max_connection_text_kib // 1024),
        ("`max_queued_text_kib` ({} KiB)", DEFAULTS.max_queued_text_kib),
        ("A message over {} KiB", server._MAX_MESSAGE_BYTES // 1024),
        ("`max_lead_ms` ({:,} by default)", DEFAULTS.max_lead_ms),
        ("No credit for {:g} s", DEFAULTS.credit_timeout_s),
        ("`idle_s` ({:g})", DEFAULTS.idle_s),
        ("`stuck_s` ({:g})", DEFAULTS.stuck_s),
        ("`slot_lease_s` ({:g})", DEFAULTS.slot_lease_s),
        ("`quiet_s` ({:,.0f})", DEFAULTS.quiet_s),
        ("WebSocket pings every {:g} s", DEFAULTS.ping_interval_s),
        ("is cut off after {:g} s", DEFAULTS.handshake_timeout_s),
        ("chosen by the client, 1–{} chars", CONTEXT_ID.max_length),
        ("the last {:,} of a connection", session._REMEMBERED_IDS),
        ("starts with {:g} ms at once", playout_clock.START_LEAD_MS),
        ("its lead at {:g} times real time", playout_clock.FILL_RATE),
        ("for {:g} s at most", playout_clock.CREDIT_HORIZON_S),
    ],
)
def test_numbers_are_the_defaults(phrase, number):
    assert phrase.format(number) in one_line(PROTOCOL)


def test_names_on_the_wire_are_the_codes_own():
    assert f"# `{messages.SUBPROTOCOL}`" in PROTOCOL
    assert f"`GET {messages.ENDPOINT}`" in PROTOCOL
    assert f"`protocol`: {messages.PROTOCOL_VERSION}" in PROTOCOL


# -- the README --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", generated_docs.DOCUMENTS)
def test_the_generated_parts_are_what_the_code_says(document):
    text = (ROOT / document).read_text()

    assert generated_docs.filled(document, text) == text, "run: make readme"


async def test_the_python_program_runs_as_it_stands(tmp_path):
    program = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    assert program.count(settings.DEFAULT_URL) == 1

    async with running_server(settings.Settings(port=0, engine="espeak")) as gateway:
        (tmp_path / "program.py").write_text(program.replace(settings.DEFAULT_URL, gateway.url))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", "program.py",
            cwd=tmp_path, env=dict(os.environ), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)

    assert (process.returncode, err.decode()) == (0, "")
    lines = out.decode().splitlines()
    assert len(lines) > 50  # a second of speech and more
    assert all(re.fullmatch(r"at \d+ ms: [1-9]\d* bytes of Opus", line) for line in lines)


async def test_the_python_script_runs_as_it_stands(tmp_path):
    program = re.findall(r"```python\n(.*?)```", PYTHON, re.DOTALL)[2]
    assert program.count(settings.DEFAULT_URL) == 1

    async with running_server(settings.Settings(port=0, engine="espeak")) as gateway:
        (tmp_path / "program.py").write_text(program.replace(settings.DEFAULT_URL, gateway.url))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", "program.py",
            cwd=tmp_path, env={**os.environ, "SAYLINE_URL": gateway.url},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)

    assert (process.returncode, err.decode()) == (0, "")
    assert re.fullmatch(r"\d\.\d s, int16\n", out.decode())
    assert (tmp_path / "hello.ogg").read_bytes()[:4] == b"OggS"


def test_errors_on_the_page_of_python_are_what_the_client_raises():
    rows = [re.findall(r"`(\w+)`", row[0]) for row in table("error", PYTHON)]
    named = {name for row in rows for name in row}
    exported = {name for name in sayline.__all__ if isinstance(getattr(sayline, name), type(Exception))}
    errors_exported = {name for name in exported if issubclass(getattr(sayline, name), Exception)}
    assert named | {"GatewayError"} == errors_exported


def sayline_commands():
    """Every ``sayline ...`` in a shell block of a document, or between backticks in a README, each once."""
    texts = [(ROOT / document).read_text() for document in DOCUMENTS if document not in ABBREVIATED]
    code = [block for text in texts for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)]
    code += [command for readme in READMES for command in re.findall(r"`(sayline [a-z].*?)`", one_line(readme))]
    found = [
        re.sub(r"^(?:[A-Z_]+=\S* )*|\s+#.*| > \S+$| &$", "", pipe.removeprefix(".venv/bin/").strip())
        for block in code
        for line in block.replace("\\\n", " ").splitlines()
        for pipe in re.split(r" \| |; |&& ", line)
    ]
    return list(dict.fromkeys(command for command in found if command.startswith("sayline ")))


def test_commands_are_found():
    assert len(sayline_commands()) > 5


@pytest.mark.parametrize("command", sayline_commands())
def test_commands_name_existing_subcommands_and_flags(command):
    name, *arguments = shlex.split(command)[1:]
    assert name in cli._COMMANDS
    parser = argparse.ArgumentParser(exit_on_error=False)
    cli._prepare(name, parser)
    assert parser.parse_known_args(arguments)[1] == []


def test_flags_in_the_text_exist():
    parser = argparse.ArgumentParser()
    for name in cli._COMMANDS:
        sub = argparse.ArgumentParser(add_help=False, conflict_handler="resolve")
        cli._prepare(name, sub)
        parser._option_string_actions |= sub._option_string_actions
    for flag in re.findall(r"`(--[a-z_-]+)", "".join([*READMES, SETTINGS, SETTINGS_ZH])):
        assert flag in parser._option_string_actions


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text()
    named = {
        name
        for text in (*READMES, CONTRIBUTING)
        for line in re.findall(r"`make ([a-z ]+)`", text)
        for name in line.split()
    }
    assert len(named) > 10
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_a_readme_is_three_screens():
    assert max(len(readme.splitlines()) for readme in READMES) <= 120


# -- the settings ------------------------------------------------------------------------------------------------------


def setting_rows(page):
    """The rows of all tables of a page of settings: name, default, meaning."""
    return re.findall(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", page, re.MULTILINE)


def test_every_setting_is_on_the_page_of_settings_once():
    names = [name for name, _, _ in setting_rows(SETTINGS)]
    assert sorted(names) == sorted(settings.Settings.model_fields)


def test_the_chinese_page_has_the_same_settings_names_and_numbers():
    """A description that changes in one language alone is noticed if it names other values or other numbers."""

    def facts(meaning):
        values = set(re.findall(r"`[^`]+`", meaning))
        numbers = re.findall(r"(?<![\w.-])\d[\d,.]*\d|(?<![\w.-])\d", re.sub(r"`[^`]+`", "", meaning))
        return values, sorted(numbers)

    english, chinese = setting_rows(SETTINGS), setting_rows(SETTINGS_ZH)
    assert [(name, default.replace("未设", "unset")) for name, default, _ in chinese] == [row[:2] for row in english]
    for (name, _, meant), (_, _, said) in zip(english, chinese, strict=True):
        assert facts(said) == facts(meant), name
        assert re.search(r"[\u4e00-\u9fff]", said), name


@pytest.mark.parametrize("page", [SETTINGS, SETTINGS_ZH], ids=["en", "zh"])
def test_what_goes_by_its_bare_name_is_on_the_page_of_settings(page):
    assert set(re.findall(r"`([A-Z][A-Z0-9_]*[A-Z0-9])`", page)) == {name.upper() for name in settings.BARE_NAMES}


# -- all of them -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_are_named_exist(document):
    text = (ROOT / document).read_text()
    for path in re.findall(
        r"(?<![\w/])((?:gateway|synthesis|codecs|tests|benchmarks|web_demo)/(?:\w+/)*\w+\.(?:py|html))\b", text
    ):
        assert (ROOT / path).is_file(), path


def test_metrics_that_are_named_exist():
    shown = Metrics().exposition().decode()
    for document in DOCUMENTS:
        for metric in re.findall(r"`(sayline_[a-z_]+)`", (ROOT / document).read_text()):
            is_package = metric == "sayline_client"
            assert is_package or re.search(rf"^# TYPE {metric} ", shown, re.MULTILINE), (document, metric)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document):
    home = (ROOT / document).parent
    for target in set(re.findall(r"\]\(([^)#]+)", (ROOT / document).read_text())) - WRITTEN_LATER:
        assert target.startswith("https://") or (home / target).is_file(), target


def test_the_changelog_has_a_section_for_this_version():
    changelog = (ROOT / "CHANGELOG.md").read_text()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert version == sayline.__version__
    assert f"\n## {version}" in changelog or "\n## Unreleased" in changelog


def test_what_the_code_cites_of_the_model_s_document_is_there():
    """``docs/COSYVOICE3.md, flow`` names a section of that document."""
    sections = set(re.findall(r"^## (.+)$", (ROOT / "docs/COSYVOICE3.md").read_text().lower(), re.MULTILINE))
    files = [file for folder in ("gateway", "synthesis", "tests") for file in (ROOT / folder).rglob("*.py")]
    cited = {
        section
        for file in files
        for section in re.findall(r"docs/COSYVOICE3\.md, ([a-z ]+?)[);:]", one_line(file.read_text().replace("#", "")))
    }
    assert "flow" in cited
    assert cited <= sections


def test_every_test_that_the_table_of_faults_names_is_there():
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/RELIABILITY.md").read_text()))
    defined = {
        name for file in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text())
    }
    assert len(named) > 15
    assert named - defined == set()
