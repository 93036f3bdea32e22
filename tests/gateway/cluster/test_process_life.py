"""What a process of the server says if it cannot start."""

import re
import subprocess
import sys

import pytest

PROGRAM = """
import sys
from sayline.gateway.cluster.process_life import run
from sayline.gateway.serving.port_probe import CannotListen
from sayline.gateway.settings import Settings

async def failing():
    raise {failure}

sys.exit(run(Settings(host="192.0.2.1", port=80, allow_anonymous=True), failing()))
"""


@pytest.mark.parametrize(
    ("failure", "line"),
    [
        ('OSError(28, "No space left on device", "/var/x")', "the system refused: .*No space left on device: '/var/x'"),
        ('OSError(24, "Too many open files")', "the system refused: .*Too many open files"),
        ('CannotListen(OSError(5, "Input/output error"))', "cannot listen on 192.0.2.1:80: Input/output error; .*"),
    ],
)
def test_what_failed_is_named_and_a_full_disk_is_no_port(failure, line):
    """In a process of its own: it takes over standard error."""
    program = PROGRAM.format(failure=failure)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.fullmatch(f"sayline: {line}\n", done.stderr), done.stderr
