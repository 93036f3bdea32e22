"""Fetches the released model with the hub's own client, and checks the files against what was published.

The client resumes: it fetches neither a complete file again nor the part of a file that is there.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...interface import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

REPOSITORY: Final = "FunAudioLLM/Fun-CosyVoice3-0.5B-2512"
# The commit of the release for which the lengths and digests below were published. Later changes there are not taken
# unseen; the operator can name another commit.
REVISION: Final = "29e01c4e8d000f4bcd70751be16fa94bf3d85a18"
FOLDER_NAME: Final = REPOSITORY.rpartition("/")[2]

_READ_BYTES: Final = 1 << 20


class DownloadFailed(EngineUnavailable):
    """The model could not be fetched, or is not what was published. The message says what to do."""


@dataclass(frozen=True, slots=True)
class ReleasedFile:
    """What is known of one file of the release.

    Attributes:
        size_bytes: its length.
        sha256_start: the first hexadecimal digits of its SHA-256; empty if only the length was published.
    """

    size_bytes: int
    sha256_start: str = ""


# The files that the engine reads, out of the 8 GB that the repository holds. Lengths and digests are those that a
# public check of the release pins (docs/COSYVOICE3.md, model directory). CosyVoice-BlankEN's weights are not needed,
# because llm.pt holds them all.
RELEASE: Final[Mapping[str, ReleasedFile]] = {
    "cosyvoice3.yaml": ReleasedFile(6_934),
    "llm.pt": ReleasedFile(2_024_669_519, "69f43bd5"),
    "flow.pt": ReleasedFile(1_329_116_148, "a6fab32a"),
    "hift.pt": ReleasedFile(83_202_622, "b279d764"),
    "campplus.onnx": ReleasedFile(28_303_423, "a6ac6a63"),
    "speech_tokenizer_v3.onnx": ReleasedFile(969_451_503, "23236a74"),
    "CosyVoice-BlankEN/config.json": ReleasedFile(659),
    "CosyVoice-BlankEN/generation_config.json": ReleasedFile(242),
    "CosyVoice-BlankEN/merges.txt": ReleasedFile(1_402_109),
    "CosyVoice-BlankEN/tokenizer_config.json": ReleasedFile(1_287),
    "CosyVoice-BlankEN/vocab.json": ReleasedFile(2_776_833),
}

# Variants of the release by their names (``variant.py``), and what is fetched for them: not the file that they replace.
# The language model after reinforcement learning makes fewer errors; its makers give 0.81 % in place of 1.21 % for
# Chinese and 1.68 % in place of 2.24 % for English (docs/COSYVOICE3.md).
VARIANTS: Final[Mapping[str, Mapping[str, ReleasedFile]]] = {
    "rl": {name: file for name, file in RELEASE.items() if name != "llm.pt"}
    | {"llm.rl.pt": ReleasedFile(2_024_682_701, "74d34b01")},
}


def download(
    model_dir: Path,
    *,
    files: Mapping[str, ReleasedFile] = RELEASE,
    revision: str = REVISION,
    endpoint: str | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> None:
    """Fetch a model into a directory, and check it.

    Args:
        model_dir: the directory; made if needed. Files that are there already with the right length are kept.
        files: the files to fetch.
        revision: the repository's commit, tag or branch to fetch.
        endpoint: the hub's address; None takes the client's own, which ``HF_ENDPOINT`` changes.
        report: receives one line for each thing that is done; the client draws its own progress bars.

    Raises:
        DownloadFailed: no room, no connection, no such repository, or a file that differs from what was published.
    """
    try:
        from httpx import HTTPError  # noqa: PLC0415 - only this command needs it
        from huggingface_hub import snapshot_download  # noqa: PLC0415 - the same
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, XetDownloadError  # noqa: PLC0415 - the same
    except ImportError as error:
        raise DownloadFailed("the hub's client is missing: pip install 'sayline[cosyvoice3]'") from error
    absent = [name for name, file in files.items() if not _has_length(model_dir / name, file)]
    if absent:
        _require_room(model_dir, sum(files[name].size_bytes for name in absent))
        for path in (model_dir / name for name in absent):
            if path.exists():  # otherwise the client would take it for a file that it fetched before
                aside = path.with_name(f"{path.name}.replaced")
                report(f"{path} is not the published file; it is kept as {aside.name}")
                path.replace(aside)
        report(f"fetching {len(absent)} of {len(files)} files of {REPOSITORY} at {revision[:12]} into {model_dir}")
        try:
            snapshot_download(
                REPOSITORY, revision=revision, local_dir=model_dir, allow_patterns=absent, endpoint=endpoint
            )
        except LocalEntryNotFoundError as error:
            raise DownloadFailed(
                f"the hub cannot be reached ({_reason(error)}); check the network, proxy and HF_ENDPOINT, then run the "
                "command again: it goes on where it stopped"
            ) from error
        except HfHubHTTPError as error:
            raise DownloadFailed(f"the hub does not give out {REPOSITORY} at {revision}: {_reason(error)}") from error
        except (OSError, HTTPError, XetDownloadError) as error:  # the disk's, and those of its two transports
            raise DownloadFailed(
                f"the transfer broke off ({_reason(error)}); run the command again: it goes on where it stopped"
            ) from error
    verify(model_dir, files, report)


def verify(
    model_dir: Path, files: Mapping[str, ReleasedFile] = RELEASE, report: Callable[[str], None] = lambda _: None
) -> None:
    """Check a directory against what was published; half a minute for the whole release.

    Raises:
        DownloadFailed: the text names every file that is missing, short or different.
    """
    report(f"checking {len(files)} files")
    faults = [fault for name, file in files.items() if (fault := _fault_of(model_dir / name, name, file))]
    if faults:
        raise DownloadFailed(
            f"{model_dir} is not the published model: {'; '.join(faults)}; "
            "delete the named files and run the command again"
        )


def _fault_of(path: Path, name: str, file: ReleasedFile) -> str | None:
    if not path.is_file():
        return f"{name} is missing"
    if not _has_length(path, file):
        return f"{name} has {path.stat().st_size} bytes, not {file.size_bytes}"
    if file.sha256_start and not _sha256(path).startswith(file.sha256_start):
        return f"{name} has other content (SHA-256)"
    return None


def _has_length(path: Path, file: ReleasedFile) -> bool:
    return path.is_file() and path.stat().st_size == file.size_bytes


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as opened:
        while block := opened.read(_READ_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _require_room(model_dir: Path, needed_bytes: int) -> None:
    existing = next(folder for folder in (model_dir.absolute(), *model_dir.absolute().parents) if folder.exists())
    free_bytes = shutil.disk_usage(existing).free
    if free_bytes < needed_bytes:
        raise DownloadFailed(
            f"{existing} has {free_bytes / 1e9:.1f} GB free and the model needs {needed_bytes / 1e9:.1f} GB; "
            "make room, or choose another place with --model-dir"
        )


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
