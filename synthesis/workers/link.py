"""What a gateway and a worker say to each other (``processes.link``).

``key`` is the gateway's own name for a stream. A lease is a stream: it begins with ``Speak``, and ends with ``Ended``,
``Failed`` or ``Cancel``, or with the link, so nothing of a gateway that died is kept. Times are durations. Sound under
way is bounded: a worker sends one chunk and waits for ``Pull``. Both sides say every ``BEAT_S`` that they live.

The version is part of the hello. A worker and a gateway of two versions hang up on each other, and the log of both says
which versions met; a gateway then speaks with the workers of its own version.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from ..interface import StyleWish  # noqa: TC001 - the fields' types are looked at when a vocabulary is made
from ..phonemes import Alphabet  # noqa: TC001 - the same
from ..processes.link import Vocabulary

BEAT_S: Final = 0.1
# A worker that was silent for so many beats is given no new stream, and those that wait for its sound move elsewhere.
# A listener has 400 ms in hand at first.
MISSED_BEATS: Final = 3
# A worker that was silent for so long is hung up on, wherever its streams may go: a listener has 2 s in hand at most.
HUNG_S: Final = 2.0
# A worker forgets a gateway that was silent for so long. Nobody waits for that, so it may be long.
GATEWAY_PATIENCE_S: Final = 10.0
SAMPLES: Final = "<i2"  # how samples are sent


class Join(NamedTuple):
    """To a worker, first of all: the processes of one server name the same server."""

    server: str


class Speak(NamedTuple):
    """To a worker: speak one segment. Most fields are those of ``interface.Segment`` and ``interface.Style``.

    Attributes:
        place: the segment's ``index``.
        wishes: start, end, kind and value each.
        written_in: the segment's ``language``.
        begun: what that other worker's engine noted, if this one's is of the same kind.
        from_sample: what lies before it is not sent: the listener has it from another worker.
        dry_in_s: how soon the listener runs dry, negative if that was before; None: never.
    """

    key: int
    place: int
    spoken: str
    is_last: bool
    wishes: list[tuple[int, int, str, str]]
    written_in: str | None
    voice: str
    language: str | None
    instructions: str | None
    speed: float
    seed: int | None
    allow_markup: bool
    utterance: str | None
    begun: list[str]
    from_sample: int
    dry_in_s: float | None


class Pull(NamedTuple):
    """To a worker: the last chunk was taken, and the listener runs dry so soon."""

    key: int
    dry_in_s: float | None


class Cancel(NamedTuple):
    """To a worker: this stream has no listener any more."""

    key: int


class VoiceFacts(NamedTuple):
    """One voice, as ``interface.Voice`` has it; a list of these on the wire."""

    name: str
    description: str
    languages: list[str]
    obeys: list[StyleWish]
    has_word_times: bool
    alphabets: list[Alphabet]


class Ready(NamedTuple):
    """From a worker: its engine can speak; sent again whenever its voices change."""

    engine: str
    sample_rate_hz: int
    voices: list[VoiceFacts]


class State(NamedTuple):
    """From a worker: how its engine is; sent whenever it changes.

    Attributes:
        requests: contexts that the engine keeps in real time.
        others: streams of other servers.
        is_leaving: it ends: it finishes what it speaks and takes no new stream.
    """

    state: Literal["loading", "ready", "failed"]
    detail: str
    requests: int
    others: int
    gpu_memory_bytes: int | None
    pressure: str
    speeches_cut: int
    is_leaving: bool


class Sound(NamedTuple):
    """From a worker: a chunk of a stream.

    Attributes:
        words: start and end in ``Speak.spoken``, and the sample, counted from the segment's first.
        stages: times in ms.
        notes: what another engine must know to go on behind it (``interface.PcmChunk.note``).
    """

    key: int
    words: list[tuple[int, int, int]]
    stages: dict[str, float]
    notes: list[str]
    tail: bytes


class Ended(NamedTuple):
    """From a worker: a stream's last chunk was sent."""

    key: int


class Failed(NamedTuple):
    """From a worker: a stream ends without the rest of its sound.

    Attributes:
        fault: what is at fault: the name of the voice, the text, or the engine itself.
    """

    key: int
    fault: Literal["voice", "text", "engine"]
    message: str


ToWorker = Join | Speak | Pull | Cancel
FromWorker = Ready | State | Sound | Ended | Failed

VOCABULARY: Final = Vocabulary("sayline worker", 2, Join, Speak, Pull, Cancel, Ready, State, Sound, Ended, Failed)
