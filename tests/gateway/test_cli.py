"""The command line as a whole: what it prints, what it loads, how it exits."""

import os
import re
import subprocess
import sys

import pytest

from sayline import __version__
from sayline.gateway.cli import main


@pytest.mark.parametrize(("flags", "printed"), [(["--version"], __version__), (["--help"], "serve")])
def test_help_and_version_are_printed_and_are_no_failure(flags, printed, capsys):
    with pytest.raises(SystemExit) as caught:
        main(flags)
    assert caught.value.code == 0
    assert printed in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["dance"], ["voices"], ["bench", "--no-such-flag"]])
def test_an_invalid_command_line_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: sayline" in capsys.readouterr().err


def test_a_bad_setting_is_one_line_and_exit_2(capsys):
    assert main(["serve", "--port", "many"]) == 2
    assert capsys.readouterr().err.startswith("sayline: port:")


def test_help_loads_nothing_heavy():
    heavy = ("asyncio", "websockets", "numpy", "av", "pydantic")
    program = (
        "import sys\nfrom sayline.gateway.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stderr.strip() == "[]"


@pytest.mark.parametrize(("variable", "status", "loads"), [("SAYLINE_KEY", 1, False), ("SAYLINE_KYE", 2, True)])
def test_a_client_loads_the_settings_of_servers_only_to_refuse_a_variable(variable, status, loads):
    program = (
        "import sys\nfrom sayline.gateway.cli import main\n"
        "status = main(['say', 'Hello', '--out', '-', '--url', 'ws://127.0.0.1:1'])\n"
        "print(status, 'sayline.gateway.settings' in sys.modules, 'sayline.gateway.text' in sys.modules)"
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SAYLINE_")} | {variable: "k"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environ)
    assert done.stdout.strip() == f"{status} {loads} {loads}"
    assert ("SAYLINE_KYE: there is no such setting; did you mean SAYLINE_KEY?" in done.stderr) is loads


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["srve"], "there is no command 'srve'; did you mean serve?"),
        (["serve", "--prot", "80"], "there is no flag --prot; did you mean --port?"),
        (["bench", "--stream", "1", "--durration", "3"], "there is no flag --durration; did you mean --duration?"),
        (["say", "Hello", "--kye=s3cret"], "there is no flag --kye; did you mean --key?"),
        (["voices", "lst"], "invalid choice: 'lst'"),
    ],
)
def test_what_is_misspelt_is_one_line_with_what_was_meant_and_no_value(arguments, words, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    line = capsys.readouterr().err
    assert words in line
    assert line.count("\n") == 1
    assert "s3cret" not in line


def run(script):
    """Run a command in a shell in which ``$SAYLINE`` is the program; returns status and standard error."""
    environ = {**os.environ, "SAYLINE": f"{sys.executable} -m sayline.gateway.cli"}
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environ, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("script", "status", "line"),
    [
        ("$SAYLINE doctor --port 0 | head -1 > /dev/null; exit ${PIPESTATUS[0]}", 141, ""),
        ("$SAYLINE doctor --port 0 > /dev/full", 1, "sayline: No space left on device\n"),
        ("$SAYLINE doctor --port 0 <&- >&- 2>&-", 0, ""),
        ("$SAYLINE serve --config /nonexistent <&- >&-", 2, "sayline: config: cannot read /nonexistent: .*\n"),
        ("$SAYLINE serve --port 1 --host 192.0.2.1 --allow-anonymous", 1, "sayline: cannot listen on .*--host .*\n"),
    ],
)
def test_a_command_whose_output_is_not_read_or_closed_prints_no_traceback(script, status, line):
    returned, stderr = run(script)
    assert returned == status
    assert re.fullmatch(line, stderr), stderr


def test_a_second_interrupt_on_the_way_out_prints_no_traceback():
    code = (
        "import os, signal, sys; from sayline.gateway import cli;"
        "interrupt = lambda *_: os.kill(os.getpid(), signal.SIGINT);"
        "status = cli.run_command(interrupt, []); interrupt(); sys.exit(status)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (130, "")
