"""What a server finds out before it serves: its build, and whether it may open as many sockets as it promises."""

import json
import re
import resource
import subprocess
import sys

import pytest
from rooms import ROOT
from server_process import SERVE
from wire_peer import PATIENCE_S

from sayline.gateway.observing import startup

LIMITED = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
from sayline.gateway.observing import logs, startup
logs.configure("info", "json")
startup.ensure_descriptors({connections})
print(json.dumps(resource.getrlimit(resource.RLIMIT_NOFILE)))
"""


def limited(soft, hard, connections):
    """(the limits that a process ends up with, what it logged) where it began with others."""
    code = LIMITED.format(soft=soft, hard=hard, connections=connections)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE_S)
    return json.loads(ran.stdout), [json.loads(line) for line in ran.stderr.splitlines()]


def test_a_soft_limit_below_max_connections_is_raised():
    limits, (event,) = limited(256, 2000, 1000)

    assert limits == [1128, 2000]
    assert (event["level"], event["from"], event["to"]) == ("info", 256, 1128)


def test_a_hard_limit_below_max_connections_is_warned_of_with_both_numbers():
    limits, (event,) = limited(256, 800, 1000)

    assert limits == [800, 800]
    assert event["level"] == "warning"
    assert "max_connections 1000 needs 1128 file descriptors and the hard limit is 800" in event["event"]


def test_a_limit_that_is_high_enough_is_left_alone_without_a_word():
    assert limited(1500, 2000, 1000) == ([1500, 2000], [])


def test_a_server_under_a_low_soft_limit_raises_it_for_itself_and_its_workers():
    """Seen in its metrics, as an operator would."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 700:
        pytest.skip(f"the hard limit here is {hard}")
    flags = ["--port", "0", "--engine", "tone", "--workers", "2", "--max-connections", "500"]
    process = subprocess.Popen(
        ["sh", "-c", 'ulimit -Sn 200; exec "$@"', "sh", *SERVE, *flags],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        address = re.search(r"http://(\S+)", process.stdout.readline())[0]
        code = f"import urllib.request as u; print(u.urlopen('{address}/metrics').read().decode())"
        fetch = [sys.executable, "-c", code]
        shown = ""
        while len(set(re.findall(r"process_max_fds\{pid=.(\d+)", shown))) < 2:  # the first sample comes at the start
            shown = subprocess.run(fetch, capture_output=True, text=True, check=True, timeout=PATIENCE_S).stdout
        assert set(re.findall(r"sayline_process_max_fds\{pid=\"\d+\"\} (\S+)", shown)) == {"628.0"}
    finally:
        process.terminate()
        _, log = process.communicate(timeout=PATIENCE_S)
    assert "from=200 to=628" in log


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no checkout")
def test_the_build_of_a_checkout_is_the_commit_that_git_describes():
    describe = ["git", "-C", ROOT, "describe", "--always", "--dirty", "--abbrev=12"]
    ran = subprocess.run(describe, capture_output=True, text=True, check=False)

    assert startup.build() == (ran.stdout.strip() or "checkout")


def test_the_build_is_a_commit_or_says_that_it_is_none():
    assert re.fullmatch(r"[0-9a-f]{7,12}(-dirty)?|release|checkout|[\w.]+-\d+-g[0-9a-f]+(-dirty)?", startup.build())
