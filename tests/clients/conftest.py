"""A gateway with its embedded voice, and real clients that are run on it."""

import functools
import os
import subprocess
import sys
from pathlib import Path

import client_programs
import pytest
from certificates import make_certificate

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """They need packages of their own and take minutes together: `make clients` runs them."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.clients)


@pytest.fixture(scope="session")
def gateway():
    """One for all tests of a process. Its voice is espeak-ng, whose sound is the same each time and costs little."""
    with client_programs.Gateway("--engine", "espeak") as running:
        yield running


@pytest.fixture(scope="session")
def tls_gateway(tmp_path_factory):
    """The same for clients that insist on TLS; ``trust`` are the variables by which they trust its certificate."""
    cert, key = make_certificate(tmp_path_factory.mktemp("tls"))
    with client_programs.Gateway("--engine", "espeak", "--tls-cert", str(cert), "--tls-key", str(key)) as running:
        running.trust = {"SSL_CERT_FILE": str(cert), "NODE_EXTRA_CA_CERTS": str(cert)}
        yield running


@pytest.fixture
def run(tmp_path):
    """Runs a program of ``tests/clients/programs`` in an environment: ``async with run("sdks", "x.py", url=...)``."""
    return functools.partial(client_programs.run_program, tmp_path)


@pytest.fixture
def type_checked(tmp_path):
    """Checks a module's types against the packages of an environment, strictly; parts of these are not annotated."""

    def check(python, module):
        command = [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--allow-untyped-calls",
            "--no-error-summary",
            "--cache-dir",
            str(tmp_path),
        ]
        command += ["--python-executable", python, "--follow-imports", "silent", "-m", module]
        environ = {**os.environ, "MYPYPATH": str(client_programs.VIEW)}
        ran = subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=600, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr

    return check
