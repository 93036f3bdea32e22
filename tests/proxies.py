"""Proxies that tests start with the recipes of docs/PROXIES.md."""

import os
import re
import shutil
import socket
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[1] / "docs/PROXIES.md").read_text()


def recipe(language, number=0):
    """One of docs/PROXIES.md."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[number]


def nginx(text, folder, gateway, port):
    """The command that runs nginx with a recipe, our addresses put in."""
    site = text.replace("127.0.0.1:8080", f"127.0.0.1:{gateway}").replace("listen 80;", f"listen 127.0.0.1:{port};")
    own = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{own}{site}}}\n"
    )
    return ["nginx", "-p", folder, "-e", "stderr", "-c", config]


def program(name):
    """The path of a proxy; Debian puts some where only root looks."""
    if found := shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin"):
        return found
    what = f"no {name} found: apt-get install {name}"
    if os.environ.get("SAYLINE_REQUIRE_PROXIES") == "1":
        pytest.fail(what)
    pytest.skip(what)


def free_port():
    """A port that was free just now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
