"""The demo's page as few files, by esbuild: a wheel carries them beside the modules, and a checkout does not.

A checkout serves its modules as they are, so no bundle there can be older than they are. The files have the names of
those they take the place of (``gateway/serving/pages.py``). The audio worklet runs in a scope of its own and so has a
bundle of its own; the page's script finds it by its own address.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Where `make js` installs it.
ESBUILD = ROOT / "build/js/node_modules/.bin/esbuild"
# What the page asks for, and what is made of it; each with all that it imports.
_ENTRIES = ("web_demo/page/main.js", "web_demo/page/style.css", "web_demo/client/playback_worklet.js")
# What esbuild may not translate: a browser that decodes Opus by WebCodecs knows all of this.
_OPTIONS = ("--bundle", "--minify", "--format=esm", "--target=es2022", "--charset=utf8", "--log-level=warning")


def bundle() -> dict[str, bytes]:
    """Make the bundle: its files by name.

    Raises:
        subprocess.CalledProcessError: a module has a fault; esbuild has said which.
    """
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(  # noqa: S603 - our own tool on our own files
            [ESBUILD, *_ENTRIES, *_OPTIONS, "--entry-names=[name]", f"--outdir={folder}"], cwd=ROOT, check=True
        )
        return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())}
