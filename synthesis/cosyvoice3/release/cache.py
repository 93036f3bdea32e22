"""Built TensorRT engines on disk: found again by what they were built for, and verified at each load.

Those in the cache are this machine's own. The setting ``trt_engine`` names one that another machine built, in a file of
the same form.

A file is one line of JSON, which repeats the key and gives the payload's SHA-256, and then the serialised engine. A
file appears under its name only when it is complete, so a process that dies while it writes leaves no partial file
behind. If two processes build the same engine at once, both succeed, and the later file stays. Any file may be deleted
at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Engine = TypeVar("Engine")

log = logging.getLogger("sayline.engines")

# What runs an engine that another machine built, by what built it. The lean runtime has no builder: 45 MB instead of
# gigabytes. TensorRT for RTX GPUs has none such, and runs what the same version of it built.
RUNTIMES: Final = {"tensorrt": "tensorrt_lean", "tensorrt_rtx": "tensorrt_rtx"}

_FOLDER: Final = "engines"
_MAX_HEADER_BYTES: Final = 64 * 1024  # a key is a few hundred bytes; a longer first line is no header


@dataclass(frozen=True, slots=True)
class EngineKey:
    """What an engine was built from and for; it fits no other combination.

    Attributes:
        gpu: which GPUs it is for, in words: usually one model, by name and compute capability.
        library: name and version of the library that built it.
        precision: of the matrix products: ``float32``, ``float16`` or ``bfloat16``.
        graph: SHA-256 of the network, weights included (``onnx_export.digest``).
        profiles: the ranges of shapes that it was tuned for, in words.
    """

    gpu: str
    library: str
    precision: str
    graph: str
    profiles: tuple[str, ...]

    @property
    def runtime(self) -> str:
        """The module that runs the engine on other machines; KeyError if none does."""
        return RUNTIMES[self.library.split()[0]]

    def file_name(self) -> str:
        """Name the file that holds the engine of this key."""
        # 64 bits: no two keys of one machine collide.
        digest = hashlib.sha256(self._as_json().encode()).hexdigest()[:16]
        return f"velocity-{self.precision}-{digest}.engine"

    def header(self, payload: bytes | memoryview) -> bytes:
        """Write a file's first line."""
        header = {"key": json.loads(self._as_json()), "sha256": hashlib.sha256(payload).hexdigest()}
        return json.dumps(header, sort_keys=True).encode() + b"\n"

    def _as_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)


def read_key(path: Path) -> EngineKey:
    """Read what the engine in a file was built from and for, without reading the engine.

    Raises:
        ValueError: there is no such file, or it is none of ours; one line.
    """
    with _opened(path) as file:
        return _key_and_digest(path, file)[0]


def read_engine(path: Path) -> tuple[EngineKey, memoryview]:
    """Read the engine in a file, and what it was built from and for.

    Raises:
        ValueError: as ``read_key``, or the file is not whole; one line.
    """
    with _opened(path) as file:
        key, digest = _key_and_digest(path, file)
        payload = memoryview(file.read())
    if hashlib.sha256(payload).hexdigest() != digest:
        raise ValueError(f"{path} is damaged, for its content is not what its first line says: copy it again")
    return key, payload


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error


def _key_and_digest(path: Path, file: BinaryIO) -> tuple[EngineKey, str]:
    """Read a file's first line."""
    try:
        header = json.loads(file.readline(_MAX_HEADER_BYTES))
        key = EngineKey(**header["key"] | {"profiles": tuple(header["key"]["profiles"])})
        key.runtime  # noqa: B018 - known, or a KeyError
        return key, header["sha256"]
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ValueError(f"{path} is no engine that Sayline wrote (docs/TENSORRT.md says how to build one)") from None


def write_engine(path: Path, key: EngineKey, engine: bytes | memoryview) -> None:
    """Write an engine's file; it appears whole or not at all.

    Raises:
        OSError: there is no room, or no permission.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(key.header(engine))
            file.write(engine)
            file.flush()
            os.fsync(file.fileno())  # otherwise a power cut can leave the name without the bytes
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def engine_folder(model_dir: Path) -> Path:
    """Choose where a model's engines lie: beside the model, or in the user's cache if that cannot be written to."""
    if os.access(model_dir, os.W_OK):
        return model_dir / _FOLDER
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "sayline" / _FOLDER


class EngineCache:
    """The engines in one folder; the folder is made when the first engine is stored."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def obtain(
        self,
        key: EngineKey,
        build: Callable[[], bytes | memoryview],
        deserialise: Callable[[bytes | memoryview], Engine | None],
    ) -> Engine | None:
        """Take an engine from its file, or build it and store it.

        Args:
            key: identifies the engine.
            build: serialises a new engine; minutes on a GPU.
            deserialise: makes an engine of the bytes, or returns None if they are of no use.

        Returns:
            The engine; None if even the new bytes were of no use.

        Raises:
            All that ``build`` raises. A folder that cannot be written to only costs the next start a build.
        """
        if (stored := self.load(key)) is not None:
            if (engine := deserialise(stored)) is not None:
                return engine
            log.warning("%s was built for %s but cannot be deserialised; building it anew", self.path(key), key.gpu)
            del stored  # a gigabyte
        built = build()
        try:
            write_engine(self.path(key), key, built)
        except OSError as error:
            log.warning("the engine just built cannot be kept: %s", error)
        return deserialise(built)

    def path(self, key: EngineKey) -> Path:
        """Tell where the engine of this key lies, whether or not it exists."""
        return self._folder / key.file_name()

    def load(self, key: EngineKey) -> memoryview | None:
        """Read an engine; None if there is no file, or if it is damaged or belongs to another key."""
        path = self.path(key)
        try:
            with path.open("rb") as file:
                header = file.readline(_MAX_HEADER_BYTES)
                payload = memoryview(file.read())
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("%s cannot be read (%s); building it anew", path, error)
            return None
        if header != key.header(payload):
            log.warning("%s is damaged; building it anew", path)
            return None
        return payload
