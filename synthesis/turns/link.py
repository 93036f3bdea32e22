"""What the gateway and a process that speaks say to each other (``processes.link``), if both are ours.

espeak-ng's process is a script that knows nothing of ours and has frames of its own. What is under way is bounded: a
process is sent ``linked.TURNS_IN_FLIGHT`` turns, and an engine bounds the text of a turn.
"""

from __future__ import annotations

from collections.abc import Sequence  # noqa: TC003 - the fields' types are looked at when a vocabulary is made
from typing import Final, NamedTuple

from ..processes.link import Vocabulary

SAMPLES: Final = "<i2"  # how samples are sent


class Speak(NamedTuple):
    """To the process: speak a stretch of text.

    Attributes:
        number: the turn's; the queue gives it.
        voice: one of the engine's own names.
        language: BCP 47 tag.
        seed: for what is drawn at random.
        pause_ms: silence that follows the last word.
        obeys_markup: marks in the text that the engine knows are obeyed.
        phonemes: start and end of stretches of the text, and how they sound, as wishes of a segment have it.
    """

    number: int
    text: str
    voice: str
    language: str
    seed: int
    pause_ms: float
    obeys_markup: bool
    phonemes: Sequence[tuple[int, int, str]] = ()


class Cancel(NamedTuple):
    """To the process: a turn is not wanted any more; it is answered all the same, without sound if it had not begun."""

    number: int


class Ready(NamedTuple):
    """From the process: it can speak.

    Attributes:
        version: for people.
        load: seconds of work for a second of speech, as measured at the start.
        has_times: the words of what it speaks are marked.
    """

    version: str
    load: float
    has_times: bool


class Unavailable(NamedTuple):
    """From the process: it cannot speak here; the line says why."""

    why: str


class Spoken(NamedTuple):
    """From the process: a turn's sound, and its words: [offset, length, sample] each, in ``Speak.text``."""

    number: int
    words: list[tuple[int, int, int]]
    tail: bytes


class Refused(NamedTuple):
    """From the process: this text cannot be spoken."""

    number: int
    why: str


FromProcess = Ready | Unavailable | Spoken | Refused

VOCABULARY: Final = Vocabulary("voice", 3, Speak, Cancel, Ready, Unavailable, Spoken, Refused)
