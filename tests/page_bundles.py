"""The demo as a wheel carries it: the modules, and beside them the bundle that is served in their place."""

import importlib.util
import shutil
from pathlib import Path

import browsers

ROOT = Path(__file__).parents[1]
ESBUILD = ROOT / "build/js/node_modules/.bin/esbuild"


def build_demo(folder):
    """Lay a demo with its bundle into a folder."""
    browsers.require_file(ESBUILD, "make js")
    spec = importlib.util.spec_from_file_location("page_bundle", ROOT / ".ci/page_bundle.py")
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    shutil.copytree(ROOT / "web_demo", folder, dirs_exist_ok=True)
    (folder / "bundle").mkdir()
    for name, data in maker.bundle().items():
        (folder / "bundle" / name).write_bytes(data)
    return folder
