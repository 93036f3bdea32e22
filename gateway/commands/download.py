"""``sayline download``: fetch a released model into ``models/``, or voices into the user's cache.

A run that stopped is resumed. The hub's client draws the progress and reads its own settings (``HF_ENDPOINT`` for a
mirror, ``HF_TOKEN``). Exit status: 0 complete and checked, 1 not.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...synthesis.cosyvoice3.release.download import RELEASE, REVISION, VARIANTS, download
from ...synthesis.interface import SynthesisError
from ...synthesis.kokoro.packs import default_folder, fetch
from ..errors import GatewayError
from ..exit_status import FAILED, complain
from ..settings import DOWNLOADED_MODEL_DIR

if TYPE_CHECKING:
    import argparse

# Flags that only one of the models has, by their attributes' names.
_FLAGS_OF: Final = {
    "cosyvoice3": {"model_dir": "--model-dir", "variant": "--variant", "revision": "--revision"},
    "kokoro": {"source": "--from", "kokoro_voices": "--kokoro-voices"},
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument(
        "model",
        choices=tuple(_FLAGS_OF),
        help="what to fetch: Fun-CosyVoice3-0.5B-2512 (4.4 GB), or Kokoro's voices for Chinese and Japanese (7 MB)",
    )
    parser.add_argument(
        "--model-dir",
        type=Path,
        default=DOWNLOADED_MODEL_DIR,
        metavar="DIR",
        help=f"where to put it (default: {DOWNLOADED_MODEL_DIR})",
    )
    parser.add_argument(
        "--variant",
        choices=tuple(VARIANTS),
        help="fetch the release with this variant's files in place of its own; serve it with --model-variant",
    )
    parser.add_argument(
        "--revision",
        metavar="COMMIT",
        help="commit, tag or branch to fetch (default: the commit whose files were checked)",
    )
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="DIR",
        help="take Kokoro's voices from a folder instead of the hub, such as `voices` of npm's kokoro-js",
    )
    parser.add_argument(
        "--kokoro-voices",
        type=Path,
        default=default_folder(),
        metavar="DIR",
        help="where to put Kokoro's voices (default: a folder of the user's cache, where the engine looks)",
    )
    parser.set_defaults(parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Fetch and check; returns the exit status."""
    _refuse_flags_of_others(arguments)
    if arguments.model == "kokoro":
        return _fetch_voices(arguments)
    try:
        _ensure_writable(arguments.model_dir)
        revision = arguments.revision or REVISION
        files = VARIANTS[arguments.variant] if arguments.variant else RELEASE
        download(arguments.model_dir, files=files, revision=revision, report=lambda line: print(line, file=sys.stderr))
    except (SynthesisError, GatewayError) as error:
        return complain(str(error), FAILED)
    variant = f" --model-variant {arguments.variant}" if arguments.variant else ""
    print(f"complete; start with: sayline serve --engine cosyvoice3 --model-dir {arguments.model_dir}{variant}")
    return 0


def _refuse_flags_of_others(arguments: argparse.Namespace) -> None:
    """Refuse, in argparse's own words, what would have no effect."""
    for model, flags in _FLAGS_OF.items():
        for name, flag in flags.items():
            if model != arguments.model and getattr(arguments, name) != arguments.parser.get_default(name):
                arguments.parser.error(f"{flag}: only for {model}")


def _fetch_voices(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.kokoro_voices
    try:
        fetch(folder, arguments.source, None, lambda line: print(line, file=sys.stderr))
    except SynthesisError as error:
        return complain(str(error), FAILED)
    named = "" if folder == default_folder() else f" --kokoro-voices {folder}"
    print(f"complete; start with: sayline serve --engine kokoro{named}")
    return 0


def _ensure_writable(directory: Path) -> None:
    """See that the directory can be made if it is not there, before the hub is asked for gigabytes."""
    nearest = next(path for path in (directory, *directory.absolute().parents) if path.exists())
    if nearest == directory and directory.is_dir():
        return  # it may be complete, and need no writing
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as exc:
        raise GatewayError(f"--model-dir {directory}: nothing can be made in {nearest}: {exc.strerror}") from None
