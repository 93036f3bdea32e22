"""What gateways and the engine's process say to each other (``processes.link``), and the engine to its keeper.

``key`` is the gateway's own name for a stream. Sound under way to a gateway is bounded by what its listeners pull, and
the other way by the contexts that it speaks. ``Capacity`` is some 50 bytes and comes when the forecast has moved by a
sixteenth; to a gateway that does not read, it is bounded by ``processes.link.MOST_UNSENT_BYTES`` alone.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from ...processes.link import Vocabulary

GRACE_S: Final = 5.0  # what an engine that was hung up on gets to free its GPU memory before it is killed
# How often an engine tells its keeper that it is alive, and after how many such times without a word an engine that is
# ready is taken to hang, and replaced. A step takes milliseconds on a GPU, and a second or two where a busy CPU
# computes; the gateway itself gives up a speech that stands still for ``stuck_s``, 30 s.
BEAT_S: Final = 1.0
SILENT_BEATS: Final = 15
# The same for an engine that loads. It says nothing while it imports torch, a minute from a slow disk, or while a
# library builds kernels and lets no other thread run.
LOADING_SILENT_BEATS: Final = 300
SAMPLES: Final = "<i2"  # how samples are sent


class Speak(NamedTuple):
    """To the engine: speak one segment. Fields are those of ``interface.Style``.

    Attributes:
        speed: how many seconds of the sound its listener hears in a second: the gateway stretches it.
        dry_in_s: how soon its listener runs dry with what it has; None: it waits in silence.
        notes: what another engine noted that has begun it (``interface.Segment.begun``).
    """

    key: int
    text: str
    voice: str
    language: str | None
    instructions: str | None
    allow_markup: bool
    seed: int | None
    speed: float
    utterance: str | None
    dry_in_s: float | None
    notes: list[str]


class Pull(NamedTuple):
    """To the engine: so many samples were taken, and so soon the listener runs dry; None: never."""

    key: int
    taken: int
    dry_in_s: float | None


class Cancel(NamedTuple):
    """To the engine: this stream has no listener any more."""

    key: int


class AskVoices(NamedTuple):
    """To the engine: which voices are there now?"""


class VoiceFacts(NamedTuple):
    """One voice, in ``Ready`` and ``Voices``: a list of these three on the wire."""

    name: str
    description: str
    languages: list[str]


class Loading(NamedTuple):
    """To a gateway that comes early: the engine cannot speak yet; why the last one ended, empty if there was none."""

    predecessor: str


class Ready(NamedTuple):
    """To every gateway and the keeper: the engine can speak."""

    voices: list[VoiceFacts]
    gpu_memory_bytes: int | None


class Voices(NamedTuple):
    """To a gateway that asked."""

    voices: list[VoiceFacts]


class Capacity(NamedTuple):
    """To every gateway and the keeper: how many streams the engine sustains (None: unknown), and its pressure."""

    requests: int | None
    pressure: str


class Sound(NamedTuple):
    """To a gateway: a hop of a stream. The last one says what is taken on the GPU.

    Attributes:
        stages: times in ms.
        note: for an engine that must go on behind this (``interface.PcmChunk.note``).
    """

    key: int
    is_last: bool
    stages: dict[str, float]
    gpu_memory_bytes: int | None
    note: str
    tail: bytes


class Failed(NamedTuple):
    """To a gateway: a stream ends without the rest of its sound.

    Attributes:
        fault: what is at fault: the name of the voice, the text, or the engine itself.
    """

    key: int
    fault: Literal["voice", "text", "engine"]
    message: str


class LimitReached(NamedTuple):
    """To a gateway: a stream's speech was as long as a text of its length may be, and its end is cut off."""

    key: int


class Unavailable(NamedTuple):
    """To every gateway and the keeper: no more will come, and why."""

    message: str


ToEngine = Speak | Pull | Cancel | AskVoices
FromEngine = Loading | Ready | Voices | Capacity | Sound | Failed | LimitReached | Unavailable

VOCABULARY: Final = Vocabulary(
    "cosyvoice3",
    4,
    Speak,
    Pull,
    Cancel,
    AskVoices,
    Loading,
    Ready,
    Voices,
    Capacity,
    Sound,
    Failed,
    LimitReached,
    Unavailable,
)
