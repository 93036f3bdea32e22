"""The command line as a whole: what it prints, what it loads, how it exits."""

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
def test_what_is_no_command_line_exits_with_2(arguments, capsys):
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
