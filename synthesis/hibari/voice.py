"""hibari itself: reads a turn's text, makes its sound, and tells when each word begins. Runs in the voice's process.

::

    text ──► tokens with phonemes ──► ids ──► network ──► spectrum ──► sound ──► cut at the edges
             (hibari.g2p)                       │
                                                └──► durations of the phonemes ──► word times

The package keeps the durations to itself. Its graph has them, though, and becomes one that tells them if an output of
that name is added. Messages of protobuf merge if they are written one behind the other, so no library is needed.
"""

from __future__ import annotations

import importlib.metadata
import re
import unicodedata
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from ..turns.child import Sound, VoiceUnavailable
from ..turns.link import Speak
from ..turns.sound import MS, as_int16, mark_starts, without_silence
from .phonemes import spelling
from .text import LINK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..turns.sound import Samples

VOICE: Final = "heart"  # the one whose model is in the wheel
# The graph's durations, as an output: field 7 of the model (the graph) with field 12 of it (an output) of that name.
_DURATIONS: Final = "/Clip_output_0"
_TELL_DURATIONS: Final = b"\x3a\x12\x62\x10\x0a\x0e" + _DURATIONS.encode()
UNIT_SAMPLES: Final = 600  # 25 ms, of which the durations are multiples
GAIN: Final = 1.7  # from -25.9 dBFS to espeak-ng's loudness, -20.9; peaks stay below 0.6
MOST_PHONEMES: Final = 400  # at once; the package's own bound

_WORD: Final = re.compile(r"\S+")
# Phonemes that make no sound of their own.
_MARKS: Final = frozenset(' ;:,.!?—…"()“”')
# Readings that hibari lacks.
_AMOUNT: Final = re.compile(r"(?<![\w.,])(\d+(?:[.,]\d+)*)\s?([€£$])(?![\w])")  # 5 € -> €5
_SHARP: Final = re.compile(r"\b([A-GJ])#(?!\w)")
_ARROW: Final = re.compile(r"\s*[-=]>\s*")
# Letters that are no letter and an accent.
_LETTERS: Final = str.maketrans(
    {"ß": "ss", "ẞ": "SS", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "æ": "ae"}
)
_SOFT: Final = re.compile("[\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]")


class Unreadable(Exception):
    """A text has something that hibari would leave out; the message says what."""


class _Unit(NamedTuple):
    """What stands between two blanks of the text as hibari reads it, and when it begins.

    Attributes:
        text: with its punctuation.
        start_sample: of the turn's sound; meaningless without durations.
    """

    text: str
    start_sample: int


class HibariVoice:
    """The model and its reader, loaded once.

    Attributes:
        version: for people.
        has_times: the network tells durations, so words are marked.
        trial: a turn as most are.

    Raises:
        VoiceUnavailable: the package, onnxruntime or the model is missing or broken.
    """

    trial = Speak(
        0,
        "The ferry leaves the northern harbour at seven, and nobody waits for anyone.",
        voice=VOICE,
        language="en",
        seed=0,
        pause_ms=0.0,
        obeys_markup=False,
    )

    def __init__(self) -> None:
        try:
            from hibari import dsp  # noqa: PLC0415 - its absence is an answer
            from hibari.g2p import G2P  # noqa: PLC0415 - the same
            from hibari.g2p.normalize import normalize  # noqa: PLC0415 - the same
            from hibari.g2p.token import Tok  # noqa: PLC0415 - the same
            from hibari.tts import Hibari  # noqa: PLC0415 - the same

            self._g2p = G2P()
            self._letters = frozenset(self._g2p.oov.cin)
            model = Hibari(VOICE, g2p=self._g2p)
            self._network, self.has_times = _network(model)
        except Exception as exc:  # whatever a broken installation throws
            raise VoiceUnavailable(f"{type(exc).__name__}: {exc}") from exc
        self.version = f"hibari-tts {importlib.metadata.version('hibari-tts')}"
        self._vocabulary: dict[str, int] = model.vocab
        self._synthesize = dsp.synth
        self._normalize = normalize
        self._token = Tok

    def speak(self, turn: Speak) -> Sound:
        """Speak a turn.

        Raises:
            Unreadable: a part of it would not be heard.
        """
        rng = np.random.default_rng(turn.seed)
        sounds: list[Samples] = []
        units: list[_Unit] = []
        for tokens in _pieces(self.read(turn)):
            made = sum(map(len, sounds))
            sound, begun = self._make(tokens, rng)
            units += [unit._replace(start_sample=made + unit.start_sample) for unit in begun]
            sounds.append(sound)
        sounds.append(np.zeros(round(turn.pause_ms * MS), np.float32))
        return Sound(as_int16(np.concatenate(sounds), GAIN), _mark(turn.text, units) if self.has_times else [])

    # -- reading -------------------------------------------------------------------------------------------------------

    def read(self, turn: Speak) -> list[Any]:
        """Turn a text into tokens with phonemes. Any: the package's own.

        Text never reaches the part of the package that looks for pronunciations in it: what a user wrote is text.

        Raises:
            Unreadable: a part of it would not be heard.
        """
        text = turn.text
        tokens: list[Any] = []
        at = 0
        known = [(start, end, text[start:end], spelling(value)) for start, end, value in turn.phonemes]
        if turn.obeys_markup:
            known += [(*link.span(), link[1], link[2]) for link in LINK.finditer(text)]
        for start, end, written, phonemes in sorted(known):
            if start < at:
                continue  # inside another one
            tokens += self._tokens(text[at:start])
            self._check_phonemes(phonemes)
            blank = " " if text[end : end + 1].isspace() else ""
            tokens.append(self._token(written, "NN", blank, phonemes=phonemes, rating=5))
            at = end
        tokens += self._tokens(text[at:])
        tokens = self._g2p.phonemize_tokens(tokens)
        for token in tokens:
            if not token.phonemes and any(map(str.isalnum, token.text)):
                raise Unreadable(f"{token.text!r} has no reading")
        return tokens

    def _tokens(self, text: str) -> list[Any]:
        if not text.strip():
            return []
        tokens: list[Any] = self._g2p._tokens(self._normalize(self._prepared(text)))  # noqa: SLF001 - see ``_read``
        if tokens and text[-1].isspace():
            tokens[-1].whitespace = " "
        return tokens

    def _prepared(self, text: str) -> str:
        """Write what hibari reads wrongly in a way that it reads."""
        text = _SOFT.sub("", text)
        text = _AMOUNT.sub(r"\2\1", text)
        text = _SHARP.sub(r"\1 sharp", text)
        text = _ARROW.sub(" → ", text)
        return text if text.isascii() else "".join(map(self._letter, text))

    def _letter(self, character: str) -> str:
        """Replace a letter that the reader of unknown words would leave out; other characters stay."""
        if character.isascii() or character in self._letters or not character.isalpha():
            return character
        plain = unicodedata.normalize("NFKD", character).translate(_LETTERS)
        plain = "".join(part for part in plain if not unicodedata.combining(part))
        if not plain or not all(part in self._letters for part in plain):
            raise Unreadable(f"{character!r} is no letter that it knows")
        return plain

    def _check_phonemes(self, phonemes: str) -> None:
        unknown = sorted(set(phonemes) - self._vocabulary.keys())
        if unknown:
            raise Unreadable(f"it has no phoneme {unknown[0]!r}")

    # -- making --------------------------------------------------------------------------------------------------------

    def _make(self, tokens: list[Any], rng: np.random.Generator) -> tuple[Samples, list[_Unit]]:
        """Make the sound of some tokens, and tell what begins in it when."""
        vocabulary = self._vocabulary
        ids = [0]
        begun: list[tuple[str, int]] = []  # what stands between two blanks, and the place of its first sound in ids
        text, first = "", 0
        for place, token in enumerate(tokens):
            for phoneme in token.phonemes or "":
                if phoneme in vocabulary:
                    first = first or (len(ids) if phoneme not in _MARKS else 0)
                    ids.append(vocabulary[phoneme])
            text += token.text
            is_last = place == len(tokens) - 1
            if token.whitespace or is_last:
                if first:
                    begun.append((text, first))
                text, first = "", 0
                if not is_last:
                    ids.append(vocabulary[" "])
        if not begun:
            return np.zeros(0, np.float32), []
        ids.append(0)
        spectrum, durations = self._network(ids)
        sound: Samples = self._synthesize(*spectrum, rng)
        starts = mark_starts(durations, UNIT_SAMPLES, len(sound))
        voiced_at = starts[begun[0][1]] if starts else len(sound)
        sound, cut = without_silence(sound, voiced_at)
        return sound, [_Unit(said, max(0, starts[at] - cut) if starts else 0) for said, at in begun]


def _network(model: Any) -> tuple[Callable[[list[int]], tuple[list[Samples], Samples | None]], bool]:  # noqa: ANN401 - the package's own
    """Make the network tell the durations too; tells whether it does."""
    import onnxruntime  # type: ignore[import-untyped] # noqa: PLC0415 - without annotations; its absence is an answer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        graph = Path(model.model_path).read_bytes() + _TELL_DURATIONS
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception:  # noqa: BLE001 - a graph without that name: another version of the package
        session = model.sess
    has_times = [output.name for output in session.get_outputs()][-1] == _DURATIONS
    speed = np.ones(1, np.float32)

    def run(ids: list[int]) -> tuple[list[Samples], Samples | None]:
        outputs = session.run(None, {"ids": np.asarray([ids], np.int64), "speed": speed})
        return [output[0] for output in outputs[:6]], outputs[6] if has_times else None

    return run, has_times


def _pieces(tokens: list[Any]) -> Iterator[list[Any]]:
    """Cut tokens into what the network takes at once."""
    piece: list[Any] = []
    size = 0
    for token in tokens:
        length = len(token.phonemes or "") + 1
        if piece and size + length > MOST_PHONEMES:
            yield piece
            piece, size = [], 0
        piece.append(token)
        size += length
    if piece:
        yield piece


def _mark(text: str, units: list[_Unit]) -> list[tuple[int, int, int]]:
    """Tell when the words of a text begin: [offset, length, sample] each.

    hibari reads "7:30 pm" as "seven thirty P.M.": where the two differ, the words share out what stands there.
    """
    words = [(start, end) for start, end in (_bare(text, match) for match in _WORD.finditer(text)) if start < end]
    wanted = [_key(text[start:end]) for start, end in words]
    found = [_key(unit.text) for unit in units]
    marks = []
    for _, begin, end, first, last in SequenceMatcher(None, wanted, found, autojunk=False).get_opcodes():
        for index in range(begin, end):
            unit = first + (index - begin) * (last - first) // (end - begin)
            if unit < len(units):
                start, stop = words[index]
                marks.append((start, stop - start, units[unit].start_sample))
    return marks


def _bare(text: str, word: re.Match[str]) -> tuple[int, int]:
    """Strip the punctuation around a word."""
    start, end = word.span()
    while start < end and unicodedata.category(text[start])[0] in "PZC":
        start += 1
    while end > start and unicodedata.category(text[end - 1])[0] in "PZC":
        end -= 1
    return start, end


def _key(word: str) -> str:
    return "".join(filter(str.isalnum, word.casefold())) or word
