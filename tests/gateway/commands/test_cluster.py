"""``sayline cluster``: what cannot be deployed is refused before Ray is asked for anything."""

import pytest

from sayline.gateway.cli import main

HERE = ["--listen", "127.0.0.1:0", "--plain-loopback", "--engine", "tone"]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ([], "--listen: "),
        ([*HERE, "--min-workers", "0"], "--min-workers: at least 1"),
        ([*HERE, "--min-workers", "2", "--max-workers", "1"], "at most --max-workers"),
        ([*HERE, "--surplus-s", "-1"], "--surplus-s: at least 0"),
        ([*HERE, "--surplus-s", "nan"], "--surplus-s: at least 0"),
    ],
)
def test_what_cannot_be_deployed_is_refused(flags, said, capsys):
    assert main(["cluster", *flags]) == 2
    assert said in capsys.readouterr().err
