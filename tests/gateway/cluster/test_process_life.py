"""What a process of the server says when it is ready, and if it cannot start."""

import os
import re
import subprocess
import sys

import pytest
from server_process import SERVE

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


def test_what_a_server_says_when_it_is_ready_comes_in_one_piece(tmp_path):
    """Else its parts might change places, and who waits for the first line would wait for good."""
    command = [*SERVE, "--port", "0", "--engine", "tone", "--tls-self-signed"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as server:
        said = os.read(server.stdout.fileno(), 65_536).decode()
        server.terminate()

    assert said.startswith("Sayline is listening on https://")
    assert re.search(r"\n  SHA-256 [0-9A-F:]+\n$", said)
