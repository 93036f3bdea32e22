"""The embedded default voice: espeak-ng, through the library and data that the ``espeakng-loader`` wheel carries.

This is the only file that touches it. espeak-ng keeps its state in C globals, so one thread per process owns it, and
every utterance takes turns in that thread's queue::

    speak() ──asks──► queue ──► owner thread: espeak ──callback──► chunks ──► speak() yields
       ▲                          │ about a second of sound, then abort at the end of the clause
       └──── the next ask ◄───────┘ and go on later from that position of the text

A turn ends at a clause because espeak-ng never makes the same sound twice (its timing jitters by a few samples): a
clause cannot be resumed in its middle, whereas clauses are independent of each other. That an asker gets its turn back
only by asking is what bounds memory: an utterance nobody reads holds one turn's sound and no more.

espeak-ng runs in this process, and its faults are the process's: see ``_OVERRUNS`` for those that are known.
"""

from __future__ import annotations

import asyncio
import ctypes
import difflib
import functools
import queue
import re
import threading
import unicodedata
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from .interface import (
    EngineStatus,
    EngineUnavailable,
    PcmChunk,
    SynthesisError,
    SynthesisFailed,
    UnsupportedRequest,
    Voice,
    WordMark,
)
from .language import detect

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from .interface import Segment, Style

SAMPLE_RATE_HZ: Final = 22_050  # what espeak-ng's data is made for; checked when it starts
BUFFER_MS: Final = 100  # sound per callback: 0.2 ms of work, which is also how long a cancel takes
TURN_SAMPLES: Final = SAMPLE_RATE_HZ  # 1 s: a turn ends with the first clause that reaches this
BATCH_SAMPLES: Final = SAMPLE_RATE_HZ * 2 // 5  # 400 ms: after the first sound, wake the consumer this rarely
NORMAL_WPM: Final = 175  # espeak-ng's own default pace, words per minute
SPEEDS: Final = (0.5, 2.0)  # 88 to 350 words per minute; espeak-ng takes 80 to 450

# A text without punctuation is cut at a word after this many characters: 5 s of English, 225 kB of sound, so that a
# listener who stops reading costs less than 256 KiB. A reader takes a breath about as often.
CLAUSE_CHARACTERS: Final = 80
WIDE_CHARACTERS: Final = 4  # what one Han, Kana or Hangul character counts for in that: a syllable, not a letter
TEXT_WINDOW: Final = 1_000  # most characters handed to espeak-ng at once: it copies and decodes all of them, each turn

DEFAULT_VOICE: Final = "espeak"
DEFAULT_LANGUAGE: Final = "en-us"  # for text without letters, and for Latin script: the voice's own language
VARIANTS: Final = {  # voice name -> espeak-ng's voice variant, a file under voices/!v; free: it only shifts formants
    DEFAULT_VOICE: "",
    "espeak-female": "+f3",
    "espeak-male": "+m3",
}
# Tags people use that espeak-ng's own list lacks or answers differently.
ALIASES: Final = {
    "en": DEFAULT_LANGUAGE,
    "zh-hk": "yue",
    "zh-mo": "yue",
    "zh-hant-hk": "yue",
    "nn": "nb",
    "iw": "he",
    "in": "id",
    **{f"es-{region}": "es-419" for region in ("ar", "bo", "cl", "co", "cr", "ec", "gt", "pe", "us", "uy", "ve")},
}
# Languages whose pronunciation dictionary goes by another name; the wheel lacks a few dictionaries, and espeak-ng then
# accepts the voice but says nothing.
_DICTIONARIES: Final = {"hyw": "hy", "ltg": "lv", "nb": "no"}

# speak_lib.h of espeak-ng 1.52
_OUTPUT_SYNCHRONOUS: Final = 2
_INITIALIZE_DONT_EXIT: Final = 0x8000  # or it calls exit() where its data is missing
_POSITION_CHARACTER: Final = 1
_CHARS_UTF8: Final = 1  # and neither espeakSSML (0x10) nor espeakPHONEMES (0x100): markup is read, not obeyed
_END_PAUSE: Final = 0x1000
_PARAMETER_RATE: Final = 1
_EVENT_LIST_TERMINATED: Final = 0
_EVENT_WORD: Final = 1
_EVENT_END: Final = 5
_CONTINUE: Final = 0
_ABORT: Final = 1

# Letters in a circle, a square, a script or fullwidth are folded to the letters they are: espeak-ng 1.52 names each of
# them at length otherwise, and in some Indic voices overruns a buffer on the name, which ends the process.
_FOLDED: Final = frozenset({"<circle>", "<square>", "<font>", "<wide>", "<narrow>"})

# Single characters on which espeak-ng 1.52 overruns a fixed buffer in these voices and the process ends: alone, or in
# a clause of some length. Found by trying every character of Latin, of punctuation and of symbols in every voice.
_OVERRUNS: Final = {
    "aav/vi": "`ॠૠ",
    "aav/vi-VN-x-central": "`ॠૠ",
    "aav/vi-VN-x-south": "`ॠૠ",
    "inc/si": "]",
    "roa/pt": "©",
}

# Control characters (U+0001 begins espeak-ng's embedded commands), private-use ones (espeak-ng's internal marks) and
# lone surrogates (no UTF-8): each becomes a space, so that positions stay.
_UNSPEAKABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ue000-\uf8ff]")
_CLAUSE_END: Final = re.compile(r"[.,;:!?…]+[\"'”’)\]]*\s|[。、，；：！？।॥؟،؛—\n]")
_WIDE: Final = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U00031fff]")
# Written without spaces: a word there is what espeak-ng says it is, not what lies between two spaces.
_UNSPACED: Final = re.compile(r"[\s—–\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    """``espeak_EVENT``: positions and lengths are in characters, positions from 1."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


class _VoiceRecord(ctypes.Structure):
    """``espeak_VOICE``."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


class EspeakSynthesizer:
    """Speaks a hundred languages on any processor; ``instructions`` and ``seed`` change nothing.

    Several may exist in a process; they share its one engine.
    """

    def __init__(self) -> None:
        self._engine: _Engine | None = None  # set while started
        self._failure = ""  # why the last start failed
        self._utterances: set[_Utterance] = set()  # being spoken, for close() to end

    @property
    def sample_rate_hz(self) -> int:
        """Rate of every ``PcmChunk``."""
        return SAMPLE_RATE_HZ

    @property
    def default_max_concurrent_requests(self) -> int:
        """How many contexts fit.

        A second of speech takes 1 to 1.8 ms of one core, so some 550 would fill it; half of that leaves room for
        voice changes (0.1 to 10 ms) and for the encoders, which want the same cores and two to three times the time.
        """
        return 256

    def voices(self) -> Sequence[Voice]:
        """List the voice and its variants; languages are known once started."""
        languages = tuple(sorted(self._engine.languages)) if self._engine else (DEFAULT_LANGUAGE,)
        descriptions = ("The embedded voice", "The embedded voice, higher", "The embedded voice, lower")
        return tuple(
            Voice(name, f"{description} (espeak-ng)", languages)
            for name, description in zip(VARIANTS, descriptions, strict=True)
        )

    def status(self) -> EngineStatus:
        """Tell whether the engine is up."""
        if self._engine:
            return EngineStatus("espeak", "ready", self._engine.version)
        return EngineStatus("espeak", "failed" if self._failure else "loading", self._failure)

    async def start(self) -> None:
        """Load the library and start its thread.

        Raises:
            EngineUnavailable: the wheel, its library or its data is missing.
        """
        if self._engine:
            return
        try:
            engine = await asyncio.to_thread(_Engine.of_process)
        except EngineUnavailable as exc:
            self._failure = str(exc)
            raise
        engine.enter()
        self._engine = engine

    async def speak(self, segment: Segment, style: Style) -> AsyncGenerator[PcmChunk, None]:
        """Speak one segment, about a second ahead of what is asked for; see ``Synthesizer.speak``."""
        if not self._engine:
            raise EngineUnavailable("the espeak engine is not started")
        if not segment.spoken.strip():
            return
        voice, wpm = self._engine.voice_for(style, segment.spoken), _words_per_minute(style.speed)
        # The pause between sentences belongs to the one before, where another one follows.
        utterance = _Utterance(segment.spoken, voice, wpm, pause_at_end=not segment.is_last)
        self._utterances.add(utterance)
        try:
            while chunk := await utterance.next_chunk(self._engine):
                yield chunk
        finally:
            utterance.cancelled = True
            self._utterances.discard(utterance)

    async def close(self) -> None:
        """End what is being spoken and let go of the engine; its thread ends with the last user."""
        engine, self._engine = self._engine, None
        for utterance in self._utterances:
            utterance.fail(EngineUnavailable("the espeak engine was closed"))
        if engine:
            await asyncio.to_thread(engine.leave)


class _Utterance:
    """One segment being spoken. Fields have one writer each: the consumer's event loop or the owner thread."""

    def __init__(self, text: str, voice: str, wpm: int, *, pause_at_end: bool) -> None:
        self.text = _speakable(text, voice)
        self.voice = voice
        self.wpm = wpm
        self.pause_at_end = pause_at_end
        # the consumer's; the owner thread reads it at every callback
        self.cancelled = False
        # the owner thread's
        self.position = 0  # characters of text spoken
        self.window_end = 0  # end of the stretch of text handed over together, see _window
        self.samples = 0  # made so far
        self.word_end = 0  # end of the last word marked
        # the consumer's, the owner thread writing through call_soon_threadsafe
        self._loop = asyncio.get_running_loop()
        self._chunks: deque[PcmChunk] = deque()
        self._has_turn = False  # queued or running in the owner thread
        self._ended: SynthesisError | bool = False  # True: all was said
        self._news = asyncio.Event()

    async def next_chunk(self, engine: _Engine) -> PcmChunk | None:
        """Wait for the next chunk, asking for a turn where none is under way; None at the end.

        Raises:
            SynthesisError: why there is no more.
        """
        while not self._chunks:
            if isinstance(self._ended, SynthesisError):
                raise self._ended
            if self._ended:
                return None
            if not self._has_turn:
                self._has_turn = True
                engine.ask(self)
            self._news.clear()
            await self._news.wait()
        return self._chunks.popleft()

    def fail(self, error: SynthesisError) -> None:
        """End here, from the consumer's loop: what is not yet spoken never will be."""
        self.cancelled = True
        self._ended = error
        self._news.set()

    def deliver(self, chunk: PcmChunk | None, *, ends_turn: bool = False, ended: SynthesisError | bool = False) -> None:
        """Hand sound to the consumer, from the owner thread."""
        try:
            self._loop.call_soon_threadsafe(self._receive, chunk, ends_turn, ended)
        except RuntimeError:  # its loop is closed: nobody listens any more
            self.cancelled = True

    def _receive(self, chunk: PcmChunk | None, ends_turn: bool, ended: SynthesisError | bool) -> None:
        if self.cancelled:  # what was under way when the consumer left
            return
        if chunk is not None:
            self._chunks.append(chunk)
        self._has_turn = self._has_turn and not ends_turn
        self._ended = ended
        self._news.set()


class _Engine:
    """espeak-ng, loaded once per process, and the thread that owns it while anybody uses it.

    Attributes:
        version: for people.
        languages: BCP 47 tag in lower case -> espeak-ng's voice identifier.
    """

    _of_process: ClassVar[_Engine | None] = None  # the library cannot be loaded twice: its globals are the process's
    _lock: ClassVar = threading.Lock()  # over _of_process, _users and _thread

    def __init__(self, library: ctypes.CDLL, data: Path) -> None:
        self._library = library
        self._users = 0
        self._thread: threading.Thread | None = None
        self._turns: queue.SimpleQueue[_Utterance | None] = queue.SimpleQueue()  # first come, first served; None: stop
        self.version = f"espeak-ng {library.espeak_Info(None).decode()}"
        self.languages = _languages(library, data)
        # the owner thread's
        self._selected: tuple[str, int] | None = None  # voice and pace that espeak-ng is set to
        self._turn: _Turn | None = None  # whose sound the callbacks bring
        self._callback = _Callback(self._on_sound)  # kept: C holds a bare pointer to it
        library.espeak_SetSynthCallback(self._callback)

    @classmethod
    def of_process(cls) -> _Engine:
        """Get the process's engine, loading it the first time.

        Raises:
            EngineUnavailable: it does not load.
        """
        with cls._lock:
            cls._of_process = cls._of_process or cls(*_load_library())
            return cls._of_process

    def enter(self) -> None:
        """Begin to use it; the first user starts the thread."""
        with self._lock:
            self._users += 1
            if self._users == 1:
                # A daemon, so that a user who forgets to leave does not keep the process from ending.
                self._thread = threading.Thread(target=self._take_turns, name="espeak", daemon=True)
                self._thread.start()

    def leave(self) -> None:
        """Use it no more; the last user waits for the thread to end, at most until the next callback."""
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._thread:
                self._turns.put(None)
                self._thread.join()
                self._thread = None

    def ask(self, utterance: _Utterance) -> None:
        """Queue an utterance for its next turn."""
        self._turns.put(utterance)

    def voice_for(self, style: Style, text: str) -> str:
        """Name espeak-ng's voice for a style.

        Raises:
            UnsupportedRequest: it has no such voice or language.
        """
        if style.voice not in VARIANTS:
            raise UnsupportedRequest(f"there is no voice {style.voice!r}; espeak has {', '.join(VARIANTS)}")
        tag = (style.language or detect(text) or DEFAULT_LANGUAGE).lower().replace("_", "-")
        wanted = tag
        while tag:  # RFC 4647, 3.4, lookup: drop subtags from the end until something fits
            if identifier := self.languages.get(tag):
                return identifier + VARIANTS[style.voice]
            tag = tag.rpartition("-")[0]
        close = difflib.get_close_matches(wanted, self.languages, n=3, cutoff=0.4)
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        raise UnsupportedRequest(f"espeak does not speak {wanted!r} (leave it out to go by the text's script){hint}")

    def _take_turns(self) -> None:
        while utterance := self._turns.get():
            if utterance.cancelled:
                continue
            turn = _Turn(utterance)
            try:
                self._speak(turn)
            except SynthesisError as exc:
                utterance.deliver(None, ends_turn=True, ended=exc)
            except Exception as exc:  # noqa: BLE001 - the thread serves everybody and must outlive any one fault
                failure = SynthesisFailed(f"espeak broke: {exc!r}")
                failure.__cause__ = exc
                utterance.deliver(None, ends_turn=True, ended=failure)
            else:
                turn.close()

    def _speak(self, turn: _Turn) -> None:
        """Run espeak-ng until the turn is full, the text is said, or nobody wants it any more."""
        utterance = turn.utterance
        self._select(utterance.voice, utterance.wpm)
        self._turn = turn
        while not (turn.is_full or utterance.cancelled) and (window := _window(utterance)):
            encoded = window.encode()
            goes_on = utterance.window_end < len(utterance.text)
            flags = _CHARS_UTF8 | (_END_PAUSE if goes_on or utterance.pause_at_end else 0)
            turn.begin_call()
            status = self._library.espeak_Synth(encoded, len(encoded) + 1, 0, _POSITION_CHARACTER, 0, flags, None, None)
            if turn.fault:
                raise turn.fault
            if status:
                raise SynthesisFailed(f"espeak_Synth answered {status}")
            turn.end_call()

    def _select(self, voice: str, wpm: int) -> None:
        if self._selected == (voice, wpm):
            return
        self._selected = None
        if status := self._library.espeak_SetVoiceByName(voice.encode()):
            raise SynthesisFailed(f"espeak_SetVoiceByName answered {status} for {voice}")
        self._library.espeak_SetParameter(_PARAMETER_RATE, wpm, 0)  # after the voice, which sets its own
        self._selected = (voice, wpm)

    def _on_sound(self, wave: int | None, samples: int, events: Any) -> int:  # noqa: ANN401 - a ctypes pointer
        turn = self._turn
        if turn is None:
            return _ABORT
        try:
            return turn.on_sound(wave, samples, events)
        except BaseException as exc:  # noqa: BLE001 - ctypes would print it and go on; raised again when C returns
            turn.fault = exc
            return _ABORT


class _Turn:
    """One turn of one utterance, in the owner thread: gathers what callbacks bring and decides when it is enough."""

    def __init__(self, utterance: _Utterance) -> None:
        self.utterance = utterance
        self.fault: BaseException | None = None  # what went wrong inside a callback
        self._samples = 0  # made in this turn
        self._call_start = 0  # utterance.samples when espeak_Synth was called: its events count from there
        self._resume_at: int | None = None  # characters of the window spoken, where it was aborted
        self._pending: list[np.ndarray[tuple[int], np.dtype[np.int16]]] = []  # not handed over yet
        self._pending_samples = 0
        self._pending_words: list[WordMark] = []
        # The utterance's first sound goes out as soon as it exists: somebody waits for it in silence.
        self._batch_samples = BATCH_SAMPLES if utterance.samples else 1

    @property
    def is_full(self) -> bool:
        """Whether the consumer has enough for now."""
        return self._samples >= TURN_SAMPLES

    def begin_call(self) -> None:
        """Note where the utterance stands."""
        self._call_start = self.utterance.samples
        self._resume_at = None

    def end_call(self) -> None:
        """Advance in the text: to the clause that was aborted after, or past the whole window."""
        utterance = self.utterance
        if self._resume_at is None:
            utterance.position = utterance.window_end
        else:
            utterance.position = min(utterance.position + self._resume_at, utterance.window_end)

    def on_sound(self, wave: int | None, samples: int, events: Any) -> int:  # noqa: ANN401 - a ctypes pointer
        """Take one callback's sound and events; answer whether espeak-ng shall go on."""
        utterance = self.utterance
        if utterance.cancelled:
            return _ABORT
        if wave and samples > 0:
            self._pending.append(np.frombuffer(ctypes.string_at(wave, 2 * samples), np.int16))
            self._pending_samples += samples
            self._samples += samples
            utterance.samples += samples
        index = 0
        while (event := events[index]).type != _EVENT_LIST_TERMINATED:
            if event.type == _EVENT_WORD:
                self._mark_word(event.text_position - 1, event.length, event.sample)
            elif event.type == _EVENT_END and self.is_full and event.text_position > 0:
                # The clause and its pause end exactly with this callback's sound: the next clause is not begun before
                # the last sample of this one is out (speech.c, Synthesize).
                self._resume_at = event.text_position
            index += 1
        if self._pending_samples >= self._batch_samples:
            self._hand_over()
        return _CONTINUE if self._resume_at is None else _ABORT

    def close(self) -> None:
        """Hand over the rest, and say whether there is more to ask for."""
        self._hand_over(ends_turn=True, ended=not _window(self.utterance))

    def _hand_over(self, *, ends_turn: bool = False, ended: bool = False) -> None:
        chunk = None
        if self._pending:
            samples = self._pending[0] if len(self._pending) == 1 else np.concatenate(self._pending)
            chunk = PcmChunk(samples, tuple(self._pending_words))
        self._pending, self._pending_words, self._pending_samples = [], [], 0
        self._batch_samples = BATCH_SAMPLES
        if chunk or ends_turn:
            self.utterance.deliver(chunk, ends_turn=ends_turn, ended=ended)

    def _mark_word(self, offset: int, length: int, sample: int) -> None:
        utterance = self.utterance
        word = _word_at(utterance.text, utterance.position, utterance.window_end, offset, length)
        # espeak-ng says "3,000" in several events, and a stretch of Kana in many: the first is the word's start.
        if word and word[0] >= utterance.word_end:
            utterance.word_end = word[1]
            self._pending_words.append(WordMark(*word, self._call_start + sample))


def _speakable(text: str, voice: str) -> str:
    """Replace what espeak-ng must not see or reads badly, character by character: offsets stay."""
    text = _UNSPEAKABLE.sub(" ", text)
    for character in _OVERRUNS.get(voice.partition("+")[0], ""):
        text = text.replace(character, " ")
    return text if text.isascii() else "".join(map(_fold, text))


@functools.lru_cache(maxsize=4_096)
def _fold(character: str) -> str:
    if unicodedata.decomposition(character).partition(" ")[0] not in _FOLDED:
        return character
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 and plain.isalnum() else character  # punctuation keeps its width: it means pauses


def _window(utterance: _Utterance) -> str:
    """Choose the text to hand to espeak-ng next, from the utterance's position on; empty at the end."""
    while utterance.position < len(utterance.text):
        if utterance.position >= utterance.window_end:
            utterance.window_end = _window_end(utterance.text, utterance.position)
        window = utterance.text[utterance.position : utterance.window_end]
        if spoken := window.rstrip():
            # Cut inside a clause: a comma keeps the voice up instead of letting it fall as at a sentence's end.
            cut_in_clause = utterance.window_end < len(utterance.text) and spoken[-1].isalnum()
            return spoken + "," if cut_in_clause else window
        utterance.position = utterance.window_end
    return ""


def _window_end(text: str, start: int) -> int:
    """Find how far text may be handed over at once: whole clauses, unless one is too long to be held as sound."""
    limit = min(len(text), start + TEXT_WINDOW)
    clause_start = start
    for boundary in (*(match.end() for match in _CLAUSE_END.finditer(text, start, limit)), limit):
        if _weight(text[clause_start:boundary]) > CLAUSE_CHARACTERS:
            return _cut_clause(text, clause_start)
        if boundary < limit or limit == len(text):
            clause_start = boundary
    return clause_start


def _cut_clause(text: str, start: int) -> int:
    """Find the last word boundary within the weight that a clause may have; without any, cut where it is used up."""
    weight, end = 0, start
    while weight < CLAUSE_CHARACTERS:
        weight += _weight(text[end])
        end += 1
    space = next((index for index in range(end - 1, start, -1) if text[index].isspace()), end - 1)
    return space + 1


def _weight(text: str) -> int:
    return len(text) + (WIDE_CHARACTERS - 1) * len(_WIDE.findall(text))


def _word_at(text: str, window_start: int, window_end: int, offset: int, length: int) -> tuple[int, int] | None:
    """Turn a word event into the word a reader sees: from space to space, without the punctuation around it."""
    start = window_start + offset
    if start < 0 or start >= window_end or text[start].isspace():
        return None
    end = min(start + max(length, 1), window_end)
    if not _UNSPACED.match(text[start]):
        while start > window_start and not _UNSPACED.match(text[start - 1]):
            start -= 1
        while end < window_end and not _UNSPACED.match(text[end]):
            end += 1
    while start < end and unicodedata.category(text[start])[0] in "PZ":
        start += 1
    while end > start and unicodedata.category(text[end - 1])[0] in "PZ":
        end -= 1
    return (start, end) if start < end else None


def _words_per_minute(speed: float) -> int:
    slowest, fastest = SPEEDS
    if not slowest <= speed <= fastest:
        raise UnsupportedRequest(f"speed must be {slowest} to {fastest}, not {speed}")
    return round(NORMAL_WPM * speed)


def _load_library() -> tuple[ctypes.CDLL, Path]:
    """Load and initialize espeak-ng; returns it and its data folder.

    Raises:
        EngineUnavailable: with what to install.
    """
    try:
        import espeakng_loader  # noqa: PLC0415 - its absence is an answer of start(), not of the import of this module

        path, data = espeakng_loader.get_library_path(), espeakng_loader.get_data_path()
        library = ctypes.CDLL(path)
    except ImportError as exc:
        raise EngineUnavailable("the embedded voice is missing: install it with `pip install espeakng-loader`") from exc
    except (OSError, RuntimeError) as exc:
        raise EngineUnavailable(
            f"the embedded voice does not load ({exc}): try `pip install --force-reinstall espeakng-loader`"
        ) from exc
    library.espeak_Initialize.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int)
    library.espeak_Info.argtypes = (ctypes.POINTER(ctypes.c_char_p),)
    library.espeak_Info.restype = ctypes.c_char_p
    library.espeak_ListVoices.argtypes = (ctypes.c_void_p,)
    library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_VoiceRecord))
    library.espeak_SetSynthCallback.argtypes = (_Callback,)
    library.espeak_SetSynthCallback.restype = None
    library.espeak_SetVoiceByName.argtypes = (ctypes.c_char_p,)
    library.espeak_SetParameter.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int)
    library.espeak_Synth.argtypes = (
        ctypes.c_char_p,  # text
        ctypes.c_size_t,  # its size, with the final NUL
        ctypes.c_uint,  # start position
        ctypes.c_int,  # ... and what it counts
        ctypes.c_uint,  # end position, 0 for none
        ctypes.c_uint,  # flags
        ctypes.POINTER(ctypes.c_uint),  # identifier, returned
        ctypes.c_void_p,  # user data
    )
    rate = library.espeak_Initialize(_OUTPUT_SYNCHRONOUS, BUFFER_MS, data.encode(), _INITIALIZE_DONT_EXIT)
    if rate != SAMPLE_RATE_HZ:
        raise EngineUnavailable(f"the embedded voice does not start: espeak_Initialize answered {rate} for its rate")
    return library, Path(data)


def _languages(library: ctypes.CDLL, data: Path) -> dict[str, str]:
    """List what espeak-ng speaks: BCP 47 tag in lower case -> voice identifier, by its own priorities."""
    ranked: list[tuple[int, int, str, str]] = []
    records = library.espeak_ListVoices(None)
    rank = 0
    while record := records[rank]:
        identifier = record.contents.identifier.decode()
        tags = _tags(record.contents.languages)
        base = tags[0][1].partition("-")[0]
        if (data / f"{_DICTIONARIES.get(base, base)}_dict").exists():
            ranked += [(priority, rank, tag, identifier) for priority, tag in tags]
        rank += 1
    # Lowest priority number first, then espeak-ng's own order: later entries do not replace earlier ones.
    languages = {tag: identifier for _, _, tag, identifier in sorted(ranked, reverse=True)}
    return languages | {alias: languages[tag] for alias, tag in ALIASES.items() if tag in languages}


def _tags(languages: int) -> list[tuple[int, str]]:
    """Read ``espeak_VOICE.languages``: pairs of a priority byte and a NUL-terminated tag, ended by a zero byte."""
    tags = []
    while priority := ctypes.string_at(languages, 1)[0]:
        tag = ctypes.string_at(languages + 1)
        tags.append((priority, tag.decode().lower()))
        languages += len(tag) + 2
    return tags
