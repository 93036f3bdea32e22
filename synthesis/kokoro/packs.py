"""The voices: which there are, where their files lie, and what was published of them.

A voice is a file of 510 vectors of 256 numbers, one for each length of text. The packages hold the model without
voices, so these are fetched (``sayline download kokoro``) or copied from a folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..interface import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

REPOSITORY: Final = "onnx-community/Kokoro-82M-v1.0-ONNX"
# The commit whose files had the digests below.
REVISION: Final = "1939ad2a8e416c0acfeecc08a694d14ef25f2231"
STYLE: Final = 256  # numbers in a vector
LENGTHS: Final = 510  # vectors: the longest text has as many phonemes
_FILE_BYTES: Final = LENGTHS * STYLE * 4


class PackUnavailable(EngineUnavailable):
    """A voice's file is missing, or is not what was published. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A published voice.

    Attributes:
        name: its file's, without the ending; the first letter is the language, the second the sex.
        sha256: of the file.
    """

    name: str
    sha256: str

    @property
    def languages(self) -> tuple[str, ...]:
        """What it speaks; Chinese under both of its tags."""
        return ("cmn", "zh") if self.name.startswith("z") else ("ja",)

    @property
    def description(self) -> str:
        """One line for people."""
        language = "Mandarin" if self.name.startswith("z") else "Japanese"
        return f"A neural voice for {language}, {'female' if self.name[1] == 'f' else 'male'} (Kokoro)"


# The voices of the two languages; the first of each is the one that speaks if none is asked for. A recogniser hears the
# first one best (docs/KOKORO.md).
PACKS: Final = (
    Pack("zf_xiaoyi", "bc1555c5c486099196ac254bae5e0bb543c121952a3092f50b7d8724f1bc36b3"),
    Pack("zf_xiaoxiao", "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169"),
    Pack("zf_xiaobei", "5dde6e1c9c4f12c8b327bc29c0cee361a23b52b952c04636858ba637ec66e640"),
    Pack("zf_xiaoni", "08892b62a39af0a615cd0581238db7e19e44c578e8fa0bfd0e586e93327d9cba"),
    Pack("zm_yunxi", "7243892fb4e560d47014090ddf010f8b8b790f3c6b029ff82b2ac06aa4e27c8b"),
    Pack("zm_yunjian", "de48a00bdbf3649f07162269a2b6e0513604389bfac8a2e6c75cb34b323ad6fa"),
    Pack("zm_yunxia", "6b2b8fc15b3df19a368daebe5c581c7fabf433ee5b8a17ffd6b3d723cff8936d"),
    Pack("zm_yunyang", "261e2c89470534dbbcb8fd98b8fdc495ec94063d9bb6c8277f7be43cccba3f42"),
    Pack("jf_alpha", "56b479360aad9f367aeb8cef908f9201cf48b4555e488c5f4590c9dfcd978bb6"),
    Pack("jf_gongitsune", "0f1181f3772d27b7c12aaf4bcd71e31b186c4146e330d074a3dc64ee392af396"),
    Pack("jf_nezumi", "13cb71eebb0b48739d444558322aa35a8c9a489b80e1e631f14d2e6aea93026b"),
    Pack("jf_tebukuro", "29c6c0561b4288d59639677bebe7533c919743d5ea68d0d2ae992644beea6696"),
    Pack("jm_kumo", "09e959d239724c734d65661f06f14cdabcddfd476bfaaad905a937099ae9e64f"),
)


def default_folder() -> Path:
    """Tell where the voices lie if no setting says otherwise."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "sayline" / "kokoro"


def found(folder: Path) -> list[Pack]:
    """List the voices whose files are there, in their own order; what is in them is judged when they are read."""
    return [pack for pack in PACKS if _path(folder, pack).is_file()]


def read(folder: Path, name: str) -> Floats:
    """Read a voice: (LENGTHS, STYLE) float32.

    Raises:
        PackUnavailable: there is no such file, or it has another length.
    """
    import numpy as np  # noqa: PLC0415 - the registry knows this file, and loads no library of an engine

    path = folder / f"{name}.bin"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PackUnavailable(f"{path} cannot be read ({error.strerror}): sayline download kokoro") from error
    if len(content) != _FILE_BYTES:
        raise PackUnavailable(f"{path} has {len(content)} bytes, not {_FILE_BYTES}: sayline download kokoro")
    return np.frombuffer(content, "<f4").reshape(LENGTHS, STYLE)


def fetch(folder: Path, source: Path | None, endpoint: str | None, report: Callable[[str], None]) -> None:
    """Bring all voices into a folder; files that are there and right are kept.

    Args:
        folder: made if needed.
        source: a folder that holds them, such as an unpacked package that carries them; None: the hub.
        endpoint: the hub's address; None: its client's own, which ``HF_ENDPOINT`` changes.
        report: receives one line for each thing that is done.

    Raises:
        PackUnavailable: a file is nowhere, or differs from what was published.
    """
    absent = [pack for pack in PACKS if _fault(_path(folder, pack), pack)]
    if absent:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if source is None:
                report(f"fetching {len(absent)} voices of {REPOSITORY} into {folder}")
                _from_hub(folder, absent, endpoint)
            else:
                report(f"copying {len(absent)} voices from {source} into {folder}")
                for pack in absent:
                    shutil.copyfile(_path(source, pack), _path(folder, pack))
        except OSError as error:
            raise PackUnavailable(f"the voices cannot be had: {error}") from error
    faults = [fault for pack in PACKS if (fault := _fault(_path(folder, pack), pack))]
    if faults:
        raise PackUnavailable("; ".join(faults))


def _from_hub(folder: Path, packs: list[Pack], endpoint: str | None) -> None:
    try:
        from httpx import HTTPError  # noqa: PLC0415 - only this command needs it
        from huggingface_hub import hf_hub_download  # noqa: PLC0415 - the same
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError  # noqa: PLC0415 - the same
    except ImportError as error:
        raise PackUnavailable("the hub's client is missing: pip install 'sayline[kokoro]'") from error
    for pack in packs:
        try:
            got = hf_hub_download(REPOSITORY, f"voices/{pack.name}.bin", revision=REVISION, endpoint=endpoint)
        except (HfHubHTTPError, LocalEntryNotFoundError, HTTPError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise PackUnavailable(
                f"the hub cannot be reached ({reason}); check the network, proxy and HF_ENDPOINT, or name a folder "
                "that holds the voices with --from"
            ) from error
        shutil.copyfile(got, _path(folder, pack))


def _path(folder: Path, pack: Pack) -> Path:
    return folder / f"{pack.name}.bin"


def _fault(path: Path, pack: Pack) -> str:
    """Say what is wrong with a file; empty if it is the published one."""
    if not path.is_file():
        return f"{path} is missing"
    if hashlib.sha256(path.read_bytes()).hexdigest() != pack.sha256:
        return f"{path} is not what was published (SHA-256)"
    return ""
