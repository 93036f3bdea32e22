"""Finds what the demo's tests need: a Chromium and a Node. If one is missing the test is skipped, saying so.

With ``SAYLINE_REQUIRE_BROWSER=1``, as in CI, a missing one is a failure.
"""

import importlib.util
import os
import shutil
import subprocess

import pytest

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# No sandbox: CI runs as root in a container, and only our own page is opened. The rest keeps it off the network.
OLDEST_NODE = 20  # the first with `CustomEvent` and, behind a flag, `WebSocket`; Debian 12 has 18
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # a container's /dev/shm may be 64 MB
    "--host-resolver-rules=MAP plain.test 127.0.0.1",  # a name that is not localhost is no secure context
)


def find_chromium():
    """The path of a Chromium; ``SAYLINE_CHROMIUM`` names another."""
    if importlib.util.find_spec("playwright") is None:
        return _missing("no playwright to drive a browser: it is in the dev extra")
    path = os.environ.get("SAYLINE_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return path or _missing("no Chromium found: apt-get install chromium, or set SAYLINE_CHROMIUM")


def find_node():
    """The path of the machine's Node.js or, if that is missing or too old, of the one in playwright's wheel."""
    if (path := shutil.which("node")) and _major_version(path) >= OLDEST_NODE:
        return path
    try:
        from playwright._impl._driver import compute_driver_executable
    except ImportError:
        return _missing(f"no Node.js from {OLDEST_NODE} on found: install one, or playwright, which carries one")
    return compute_driver_executable()[0]


def require_file(path, target):
    """Skip a test for which ``make`` has not built a file."""
    if not path.exists():
        _missing(f"no {path.name}: {target} installs it")


def _major_version(node):
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout  # v20.20.2
    return int(said.removeprefix("v").partition(".")[0])


def _is_required():
    return os.environ.get("SAYLINE_REQUIRE_BROWSER") == "1"


def _missing(what):
    if _is_required():
        pytest.fail(what)
    pytest.skip(what)
