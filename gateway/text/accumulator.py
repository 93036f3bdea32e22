"""When text is given to the voice: early enough that the listener never waits, late enough that it sounds natural.

Text that has been received but not released is in one of three states, in this order::

    | complete sentences, merged, held | the open sentence ... | held back by the markup reader |

The accumulator releases text by these rules, in the order in which it tries them:

1. The first segment of a context goes out at the first sentence or clause end past ``first_min_n`` tokens. A shorter
   sentence is joined by the next if both came at once: a "Yes!" is over before the next segment could be there.
2. Later segments are whole sentences, merged while they stay within ``token_max_n`` tokens. Text that would grow past
   that is cut at the best place there is: a clause, a word, a character.
3. A pause that the writer asks for (``<break/>``) ends the segment.
4. The accumulator waits for a better end only while the listener has audio left, of which the caller tells ``tick``.
   When it runs low, the complete sentences go out, then a clause, then text that looks like an end. What looks like one
   is first judged by the character after it, or by a silence clearly longer than this writer's own gaps: "example."
   may go on with "com". If the writer has stalled, or the listener has had nothing for ``most_wait_s``, whatever can be
   said goes out, but for what cannot be the last word: a title, a number whose digits may go on. That waits for what
   follows it, for a flush, for the end, or until the writer has been silent for ``_LONG_STALL_S``.

Rules 1 to 3 depend on nothing but the text; only ``tick`` and ``flush`` depend on the clock.
"""

from __future__ import annotations

import dataclasses
import enum
import math
import re
import unicodedata
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ...synthesis.alignment import Alignment, Tiling
from ...synthesis.interface import MAX_BEFORE_CHARS, Segment, Wish
from ...synthesis.language import of_sentence
from .boundaries import BEFORE_ANY_ORDINAL, BREAK, Rank, SentenceBoundaries, cannot_end, stands_alone
from .joints import DANGLING, ENDS_CLAUSES, FRACTIONS, LONGEST_UNIT_CHARS, OPERATORS, hangs_over, last_joint, leads_on
from .marks import OpenWishes, Pause
from .speakable import MarkupReader, VerbatimReader, is_pronounced, read_aloud
from .ssml import MAX_PAUSE_MS
from .words import WITHOUT_BLANKS, find_words, word_breaks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...synthesis.alignment import Rewriting
    from .asides import AsideKind
    from .boundaries import Boundary
    from .marks import Mark
    from .speakable import Piece, TextReader

_PIECE_CHARS: Final = 512  # the reader looks ahead through all of its text again for every address and mark
LETTERS_PER_TOKEN: Final = 4  # average of byte-pair vocabularies on running prose in alphabets
# Text with so few words for its length (rows of signs, of blanks) is cut by length instead.
MAX_CHARS_PER_TOKEN: Final = 16
# Of the last gaps between deltas the second longest is the writer's own: one outlier is a pause or a network's hiccup.
_GAPS: Final = 8
# A silence of so many gaps is clearly longer than one.
_CLEARLY_LONGER: Final = 2.0
# The same before any gap was measured: twice a usual one (20 tokens a second are 50 ms, a network adds some).
_UNKNOWN_SILENCE_S: Final = 0.12
# As little is worth saying to a listener who has nothing to hear: about a second of speech.
_LEAST_WORDS: Final = 4
_LEAST_TOKENS: Final = 8
# After such a silence even a number or a title counts as the end of what is written: who has neither gone on nor
# flushed by now has no more to say, and the listener must hear the number that ends it. A model that falls silent in
# mid-number, to search or to call a tool, goes on in less.
_LONG_STALL_S: Final = 15.0
CLOCK_TOLERANCE_S: Final = 1e-6  # a timer that fires at its deadline must find it passed, whatever float arithmetic did

# Scripts in which a character is a syllable or a word: one token each. Kana, CJK, Hangul, and the planes of rare
# ideographs.
_DENSE_SCRIPTS: Final = (
    ("\u3040", "\u30ff"), ("\u3400", "\u9fff"), ("\uac00", "\ud7a3"), ("\uf900", "\ufaff"), ("\uff66", "\uff9f"),
    ("\U00020000", "\U0003ffff"),
)  # fmt: skip
_LETTERS_PER_HALF: Final = 2  # of Thai, Lao, Khmer, Burmese: a word of four letters is two tokens


@dataclass(frozen=True, slots=True)
class ChunkingSettings:
    """How text is cut into segments. Token counts estimate what the speech model will count.

    Attributes:
        comma_split: whether later segments may also end at commas and other clause ends.
        token_max_n: tokens; sentences are merged while they stay within it, and no segment grows past it (except by
            ``merge_len``). 100 tokens are about 25 s of English speech, the length up to which CosyVoice keeps its
            prosody; its default.
        token_min_n: tokens; a segment of at least this length is released rather than merged past ``token_max_n``.
            CosyVoice's default.
        merge_len: tokens; a last piece shorter than this joins the piece before, if that is still held. CosyVoice's
            default is 15: a voice that starts afresh for two words sounds cut off.
        first_min_n: tokens; the least length of a clause as the first segment, and of a sentence if more text came
            with it. 8 tokens are about 2 s of speech: enough for the engine to have the next segment ready, and for an
            intonation that does not sound like a fragment's.
        first_max_n: tokens; the first segment is cut at a word here if no sentence or clause has ended before. 40
            tokens are a second and a half of fast writing, and Pipecat drops a turn whose audio starts later than
            2.5 s.
        idle_release_s: seconds without a new delta after which the writer counts as stalled. 0.6 s is ten times the
            usual distance between two deltas, and shorter than the pause at which a listener begins to wonder.
        most_wait_s: seconds for which a listener who has nothing to hear waits while words are in hand; then they are
            cut where it hurts least. Callers of voice agents give up at 2.5 s, and the voice needs some of it.
        burst_s: seconds within which the deltas of one network burst arrive. Text that ends in a full stop is not
            released at once, because the next packet often lies in the socket already. It may show that the stop ends
            no sentence, or bring company to a short first sentence.
        release_lead_s: seconds of audio left with the listener below which sentences are no longer held back. A
            loaded GPU engine needs up to half a second to its first sound; as much again is left for the network.
    """

    comma_split: bool = False
    token_max_n: int = 100
    token_min_n: int = 40
    merge_len: int = 15
    first_min_n: int = 8
    first_max_n: int = 40
    idle_release_s: float = 0.6
    most_wait_s: float = 1.5
    burst_s: float = 0.003
    release_lead_s: float = 1.0


Release = Literal["soon", "balanced", "natural"]
# One choice between a short wait and places at which a person would breathe. Callers of voice agents give up at 2.5 s:
# the longest wait leaves the voice, and the model before it, half a second of that.
RELEASES: Final[dict[Release, ChunkingSettings]] = {
    "soon": ChunkingSettings(first_min_n=4, first_max_n=24, idle_release_s=0.4, most_wait_s=0.8),
    "balanced": ChunkingSettings(),
    "natural": ChunkingSettings(first_min_n=16, first_max_n=60, idle_release_s=0.9, most_wait_s=2.0),
}


@dataclass(frozen=True, slots=True)
class _Cut:
    """A place at which the text in hand may be cut without further text.

    Attributes:
        position: where.
        lead_s: seconds of audio with the listener above which it waits.
        not_before: seconds on the caller's clock.
    """

    position: int
    lead_s: float
    not_before: float = 0.0

    def due_at(self, now: float, lead_s: float, falls_s: float) -> float:
        """Tell when it is due; infinity if the lead does not fall as far as it must; see ``next_deadline``."""
        above_s = lead_s - self.lead_s
        if above_s > falls_s + CLOCK_TOLERANCE_S:
            return math.inf
        return max(now + max(0.0, above_s), self.not_before)


class SentenceAccumulator:
    """Turns the deltas of one context into segments that tile them exactly.

    Positions inside are counted in *spoken characters* since the context began, as the reader emits them.
    ``_source_starts`` and ``_source_ends`` lead back to the source. Released text is forgotten.
    """

    def __init__(
        self,
        chunking: Literal["sentence", "clause", "none"],
        settings: ChunkingSettings,
        *,
        language: str | None = None,
        also_spoken: frozenset[AsideKind] = frozenset(),
    ) -> None:
        self._settings = settings
        self._told: str | None = None  # what the scripts of the segments so far tell of their language
        self._is_verbatim = chunking == "none"  # text as it stands, and only the client says where segments end
        self._is_clause_end_enough = chunking == "clause"
        self._reader: TextReader = VerbatimReader() if self._is_verbatim else MarkupReader(also_spoken=also_spoken)
        self._finder = SentenceBoundaries(language=language)
        self._source = _Source()
        # One entry per spoken character since the last segment: the character, where its source starts and ends, and
        # the tokens up to and including it.
        self._spoken: list[str] = []
        self._source_starts: list[int] = []
        self._source_ends: list[int] = []
        self._tokens: list[int] = []
        self._base = 0  # position of the first entry
        self._token_count = 0  # of the whole context
        self._base_tokens = 0  # of the released text
        self._word_letters = 0  # letters of the word being read
        self._wishes = OpenWishes()
        self._before = ""  # what was released of the sentence that goes on behind the last segment
        self._ended_at: list[int] = []  # where sentences end that the finder is sure of, past ``_base``
        self._paused_ms = 0  # silence since the last word of a released segment
        # Places to cut; all lie past ``_base``.
        self._sentence_ends: list[int] = []
        self._clause_end = 0
        self._word_end = 0
        self._index = 0
        # Sizes that the pending text may not exceed; the first segment has sizes of its own.
        self._max_n = settings.first_max_n
        self._max_chars = settings.first_max_n * MAX_CHARS_PER_TOKEN
        self._words = 0  # complete words since the last segment
        self._tokens_of_words = 0  # of the whole context, up to the last complete word
        # The clock.
        self._last_push = 0.0
        self._last_early_release = 0.0
        self._gaps: deque[float] = deque(maxlen=_GAPS)  # between deltas that no burst brought together
        self._writes_phrases = False  # the last delta was longer than any token
        # Nothing came since the reader gave what it held: all but an open formula, or, to a writer who stalled, all.
        self._has_given = self._has_settled = False
        self._waits_since: float | None = None  # since when something that can be said waits
        # What ``_find_cuts`` and ``_find_settling`` found; None if something has changed since. Callers ask with every
        # frame that they send.
        self._cuts: Sequence[_Cut] | None = None
        self._settling: Sequence[_Cut] = ()

    @property
    def pending_chars(self) -> int:
        """How many code points were received and not released."""
        return self._source.end - self._source.taken_end

    def push(self, delta: str, now: float) -> list[Segment]:
        """Take the next piece of text; return the segments that it completes."""
        self._cuts = None
        if delta:
            gap_s = now - self._last_push
            if self._settings.burst_s < gap_s <= self._settings.most_wait_s and self._source.end:
                self._gaps.append(gap_s)
            self._writes_phrases = len(delta) > _LEAST_WORDS and delta.count(" ") >= _LEAST_WORDS
            self._source.add(delta)
        self._last_push = now
        self._has_given = self._has_settled = False
        segments: list[Segment] = []
        if len(delta) <= _PIECE_CHARS:
            if pieces := self._reader.feed(delta):
                self._read(pieces, segments)
        else:
            for start in range(0, len(delta), _PIECE_CHARS):
                self._read(self._reader.feed(delta[start : start + _PIECE_CHARS]), segments)
        if self._waits_since is None and (self._token_count > self._base_tokens or self._reader.held.strip()):
            self._waits_since = now
        return segments

    def flush(self, now: float) -> list[Segment]:
        """Release everything that can be said, as one segment."""
        self._cuts = None
        segments = self._read_rest()
        is_over = self._finder.probable_end() is not None
        self._release(self._base + len(self._spoken), segments, source_end=self._source.end)
        self._source.forget_taken()
        self._restart_finder(is_over=is_over)
        self._last_push = now
        return segments

    def end(self, now: float) -> list[Segment]:
        """Release everything; no text follows. The last segment is marked as last, unless all was released before."""
        self._cuts = None
        segments = self._read_rest()
        self._last_push = now
        if self._sentence_ends:
            merged_end = self._merged_end()
            total = self._count(self._base + len(self._spoken))
            if total > self._settings.token_max_n and self._rest_is_long(merged_end):
                self._release(merged_end, segments)
        if self.pending_chars:
            self._release(self._base + len(self._spoken), segments, source_end=self._source.end, is_last=True)
        elif segments:
            segments[-1] = dataclasses.replace(segments[-1], is_last=True)
        self._source.forget_taken()
        return segments

    def tick(self, now: float, lead_s: float) -> list[Segment]:
        """Release the text for which the listener should not wait any longer.

        Args:
            now: seconds, on the caller's clock.
            lead_s: seconds of audio that the listener still has to hear.
        """
        segments: list[Segment] = []
        if self._held_until(now, lead_s, 0.0) <= now + CLOCK_TOLERANCE_S:
            self._cuts = None
            self._has_settled = now + CLOCK_TOLERANCE_S >= self._last_push + _LONG_STALL_S
            self._has_given = True
            self._read(self._reader.settle(keeps_formulas=not self._has_settled), segments)
        due = [cut.position for cut in self._cuts_now() if cut.due_at(now, lead_s, 0.0) <= now + CLOCK_TOLERANCE_S]
        if due:
            self._cuts = None
            self._release(max(due), segments)
            self._source.forget_taken()
            self._last_early_release = now
            if self._token_count > self._base_tokens:
                self._waits_since = now
        return segments

    def hold(self, seconds: float) -> None:
        """Leave a while out of the writer's time: the writer could not be heard, so its silence says nothing."""
        self._cuts = None
        self._last_push += seconds
        self._last_early_release += seconds
        if self._waits_since is not None:
            self._waits_since += seconds

    def next_deadline(self, now: float, lead_s: float, falls_s: float = math.inf) -> float:
        """Tell when ``tick`` will release text if nothing else happens; infinity if never.

        Args:
            now: seconds, on the caller's clock.
            lead_s: as for ``tick``.
            falls_s: seconds of the lead that will go by, infinity for all of it: none while the listener has paused,
                and never the sound that an engine still has to make. To wait for more than that would be to wake again
                and again for nothing.
        """
        due_at = min((cut.due_at(now, lead_s, falls_s) for cut in self._cuts_now()), default=math.inf)
        return min(due_at, self._held_until(now, lead_s, falls_s))

    def _held_until(self, now: float, lead_s: float, falls_s: float) -> float:
        """Tell when text that the reader holds back is taken for all there is: "It is $5" waits for no more."""
        self._cuts_now()
        return min((cut.due_at(now, lead_s, falls_s) for cut in self._settling), default=math.inf)

    def _cuts_now(self) -> Sequence[_Cut]:
        if self._cuts is None:
            self._cuts = self._find_cuts()
            self._settling = self._find_settling()
        return self._cuts

    def _find_settling(self) -> Sequence[_Cut]:
        """List when the reader shall hold nothing back: the writer has stalled, or the listener waits for its words."""
        held = self._reader.held
        if self._has_settled or not held.strip():
            return ()
        settings = self._settings
        cuts = [_Cut(self._base, settings.release_lead_s, self._last_push + _LONG_STALL_S)]
        if self._waits_since is not None and not self._has_given and self._best_end() is None:
            words = self._whole_words() + held.count(" ")
            tokens = self._token_count - self._base_tokens + len(WITHOUT_BLANKS.findall(held))
            if words >= _LEAST_WORDS or tokens >= _LEAST_TOKENS:
                cuts.append(_Cut(self._base, 0.0, self._waits_since + settings.most_wait_s))
        return cuts

    def _find_cuts(self) -> Sequence[_Cut]:
        """List where the text may be cut without further text."""
        if self._is_verbatim or not self._spoken:
            return ()
        settings = self._settings
        low_s = settings.release_lead_s
        idle_s = self._idle_s()
        idle_at = max(self._last_push, self._last_early_release) + idle_s
        cuts: list[_Cut] = []
        if self._sentence_ends:
            burst_over_at = self._last_push + settings.burst_s if self._index == 0 else 0.0
            cuts.append(_Cut(self._sentence_ends[-1], low_s, burst_over_at))
        if self._index and self._count(self._clause_end) >= settings.first_min_n:
            cuts.append(_Cut(self._clause_end, low_s))
        probable = self._finder.probable_end()
        if probable is not None and probable[1] and not self._leads_on(probable[0]):
            cuts.append(_Cut(probable[0], low_s, self._last_push + self._silence_s()))
        if (stalled := self._stalled_end(probable)) is not None:
            cuts.append(_Cut(stalled, low_s, idle_at))
        long_stalled = self._last_word_end(is_over=True) if probable is None else probable[0]
        if long_stalled not in (None, stalled):
            cuts.append(_Cut(long_stalled, low_s, idle_at + _LONG_STALL_S - idle_s))
        if self._waits_since is not None and (end := self._best_end()) is not None:
            cuts.append(_Cut(end, 0.0, self._waits_since + settings.most_wait_s))
        return [cut for cut in cuts if self._has_voice(cut.position)]

    def _silence_s(self) -> float:
        """Tell for how long nothing must come until what looks like an end counts as one.

        After a blank only the rest of a network's burst is waited for; an end without one may go on: "example.com".
        """
        settings = self._settings
        if _WEIGHT[self._spoken[-1]] is _BLANK or (not self._gaps and self._writes_phrases):
            return settings.burst_s
        clearly_longer_s = _CLEARLY_LONGER * self._own_gap_s() if self._gaps else _UNKNOWN_SILENCE_S
        return min(max(settings.burst_s, clearly_longer_s), self._idle_s())

    def _idle_s(self) -> float:
        """Tell how long a silence means that the writer has stalled: a slow one is silent between any two tokens."""
        settings = self._settings
        if not self._gaps:
            return settings.idle_release_s
        return max(settings.idle_release_s, min(_CLEARLY_LONGER * self._own_gap_s(), settings.most_wait_s))

    def _own_gap_s(self) -> float:
        gaps_s = sorted(self._gaps)
        return gaps_s[-2] if len(gaps_s) > 1 else gaps_s[0]

    def _stalled_end(self, probable: tuple[int, bool] | None) -> int | None:
        """Choose where to cut if the writer has stopped in mid-sentence."""
        if probable is not None:
            return self._before_what_cannot_end(probable[0])
        if self._clause_end and self._count(self._clause_end) >= self._settings.first_min_n:
            return self._clause_end
        return self._last_word_end() or self._clause_end or None

    def _best_end(self) -> int | None:
        """Choose where to cut for a listener who has nothing to hear; None if there is too little to say."""
        if not self._is_worth_saying():
            return None
        probable = self._finder.probable_end()
        # What goes on may show that a mark without a blank ends nothing: "example." may be followed by "com".
        if probable is not None and (_WEIGHT[self._spoken[-1]] is _BLANK or _is_wide(self._spoken[-1])):
            return self._before_what_cannot_end(probable[0])
        if self._count(self._clause_end) >= _LEAST_TOKENS:
            return self._clause_end
        if (end := self._last_word_end()) is not None:
            return end
        # A row of numbers: the listener is given them up to where they fall apart, or even a part of one.
        text = "".join(self._spoken)
        joint = last_joint(text, self._is_inside_formula) if _has_words_of_a_second(text) else 0
        if self._has_voice(self._base + joint):
            return self._base + joint
        return self._last_word_end(is_pressed=True) if _has_words_of_a_second(text, are_whole=True) else None

    def _is_worth_saying(self) -> bool:
        """Tell whether whole words are in hand of about a second of speech."""
        tokens = self._token_count - self._base_tokens
        if self._whole_words() >= _LEAST_WORDS or tokens >= _LEAST_TOKENS:
            return True
        if tokens < _LEAST_WORDS or not WITHOUT_BLANKS.search("".join(self._spoken)):
            return False
        return _has_words_of_a_second("".join(self._spoken))

    def _whole_words(self) -> int:
        """Count the words since the last segment, the last one too if a sign shows that it is over."""
        is_over = self._token_count > self._tokens_of_words and self._spoken[-1:] != [] and _ends_word(self._spoken[-1])
        return self._words + is_over

    # Reading.

    def _read_rest(self) -> list[Segment]:
        segments: list[Segment] = []
        self._read(self._reader.settle(), segments)
        self._take_boundaries(self._finder.finish(), segments)
        return segments

    def _read(self, pieces: Sequence[Piece], segments: list[Segment]) -> None:
        for text, start, end, mark in pieces:
            if not text:
                if self._source_ends and end > start:
                    self._source_ends[-1] = end
                if mark is not None:
                    self._take_mark(mark, end, segments)
            elif len(text) == 1 == end - start:  # the hot path of a writer of single characters
                self._read_char(text, start, end, segments)
            elif len(text) == end - start:
                for place, char in enumerate(text, start):
                    self._read_char(char, place, place + 1, segments)
            else:
                # A cut between these characters leaves their source to the last one.
                for char in text[:-1]:
                    self._read_char(char, _WITH_NEXT, start, segments)
                self._read_char(text[-1], start, end, segments)
        if segments:
            self._source.forget_taken()

    def _take_mark(self, mark: Mark, source_end: int, segments: list[Segment]) -> None:
        """Note what is asked for; a pause ends the segment."""
        here = self._base + len(self._spoken)
        if not isinstance(mark, Pause):
            self._wishes.take(mark, here)
            return
        self._take_boundaries(self._finder.finish(), segments)
        is_over = self._finder.probable_end() is not None
        pause_ms = mark.ms if self._has_voice(here) else min(mark.ms, MAX_PAUSE_MS - self._paused_ms)
        if pause_ms > 0:
            self._release(here, segments, source_end=source_end, pause_ms=pause_ms)
        self._restart_finder(is_over=is_over)

    def _restart_finder(self, *, is_over: bool) -> None:
        """Let the next character begin a sentence, or, if the one before it is not over, what looks like one."""
        self._finder.restart()
        if is_over:
            self._end_sentence(self._base + len(self._spoken))

    def _read_char(self, char: str, source_start: int, source_end: int, segments: list[Segment]) -> None:
        weight = _WEIGHT[char]
        spoken = self._spoken
        if weight is _LETTER:
            if self._word_letters % LETTERS_PER_TOKEN == 0:
                self._token_count += 1
            self._word_letters += 1
        elif weight is _HALF:
            if self._word_letters % _LETTERS_PER_HALF == 0:
                self._token_count += 1
            self._word_letters += 1
        elif weight is not _EXTENDS:
            self._word_letters = 0
            if weight is _WHOLE:
                self._token_count += 1
        spoken.append(char)
        self._source_starts.append(source_start)
        self._source_ends.append(source_end)
        self._tokens.append(self._token_count)
        if weight is _BLANK:
            self._word_end = self._base + len(spoken)
            if self._token_count > self._tokens_of_words:
                self._tokens_of_words = self._token_count
                self._words += 1
        if self._is_verbatim:
            return
        boundaries = self._finder.feed(char)
        if boundaries:
            self._take_boundaries(boundaries, segments)
        if self._token_count - self._base_tokens > self._max_n or len(spoken) > self._max_chars:
            self._make_room(segments)

    def _take_boundaries(self, boundaries: Sequence[Boundary], segments: list[Segment]) -> None:
        settings = self._settings
        for boundary in boundaries:
            position = boundary.position
            is_sentence_end = boundary.rank is Rank.SENTENCE
            if is_sentence_end:
                self._end_sentence(position)
            if not self._has_voice(position):
                continue
            if is_sentence_end:
                self._mark_line_end(position)
            is_long_enough = self._count(position) >= settings.first_min_n
            if self._index == 0:
                is_enough, is_merged = is_long_enough, is_sentence_end
            elif self._is_clause_end_enough:
                is_enough, is_merged = is_sentence_end or is_long_enough, False
            else:
                is_enough, is_merged = False, is_sentence_end or settings.comma_split
            if is_enough:
                self._release(position, segments)
            elif is_merged:
                if not self._sentence_ends or position > self._sentence_ends[-1]:
                    self._sentence_ends.append(position)
            else:
                self._clause_end = max(self._clause_end, position)

    def _end_sentence(self, position: int) -> None:
        """Note where a sentence ends: what is read behind it does not hang on what stood in front of it."""
        if position > self._base:
            self._ended_at.append(position)
        else:
            self._before = ""

    def _mark_line_end(self, position: int) -> None:
        """Turn a newline that ended a sentence into a break: without a full stop the voice would not fall."""
        for at in range(position - self._base - 1, -1, -1):
            if self._spoken[at] == "\n":
                self._spoken[at] = BREAK
            elif _WEIGHT[self._spoken[at]] is not _BLANK:
                return

    # Deciding where to cut.

    def _count(self, position: int) -> int:
        """Count the tokens between the last segment and the position."""
        return self._tokens[position - self._base - 1] - self._base_tokens if position > self._base else 0

    def _has_voice(self, position: int) -> bool:
        """Tell whether there is anything to say up to the position. Only pronounced characters have tokens."""
        return self._count(position) > 0

    def _merged_end(self) -> int:
        """Return the last of the held sentence ends up to which the sentences make one segment of proper size."""
        fitting = [end for end in self._sentence_ends if self._count(end) <= self._settings.token_max_n]
        return fitting[-1] if fitting else self._sentence_ends[0]

    def _rest_is_long(self, merged_end: int) -> bool:
        """Tell whether the text after the merged sentences is enough for a segment of its own."""
        return self._token_count - self._base_tokens - self._count(merged_end) >= self._settings.merge_len

    def _make_room(self, segments: list[Segment]) -> None:
        """Release part of a text that has grown past the size of a segment."""
        if self._token_count == self._base_tokens:  # no character in it is pronounced
            return
        settings = self._settings
        is_too_long = len(self._spoken) > self._max_chars
        if self._sentence_ends:
            merged_end = self._merged_end()
            if self._count(merged_end) > settings.token_min_n:
                if self._rest_is_long(merged_end) or is_too_long:
                    self._release(merged_end, segments)
                return
        long_clause_end = self._clause_end if self._count(self._clause_end) >= settings.token_min_n else 0
        sentence_end = self._sentence_ends[-1] if self._sentence_ends else 0
        here = self._base + len(self._spoken) if len(self._spoken) > 2 * self._max_chars else 0
        for position in (long_clause_end, sentence_end, self._clause_end):
            if self._has_voice(position):
                self._release(position, segments)
                return
        word_end = max(self._word_end, self._last_break(_ROUGHLY_UNBROKEN))
        for position in (word_end, self._last_character_end(), here):
            if self._has_voice(position):
                self._release(position, segments)
                return

    def _last_character_end(self) -> int:
        """Return where the last grapheme begins: no mark, joiner or modifier; 0 if it is longer than any."""
        spoken = self._spoken
        for at in range(len(spoken) - 1, max(0, len(spoken) - _CLUSTER_REACH), -1):
            if _WEIGHT[spoken[at]] is not _EXTENDS and spoken[at - 1] not in _JOINS_NEXT:
                return self._base + at
        return 0

    def _last_word_end(self, *, is_pressed: bool = False, is_over: bool = False) -> int | None:
        """Return where the last complete word ends that may end a segment; None if there is none.

        Args:
            is_pressed: numbers may end it, too, though their unit may follow.
            is_over: so may, if nothing else can, whatever stands there: nothing more is awaited.
        """
        last = self._spoken[-1]
        is_closed = is_pressed and len(self._spoken) > 1 and self._source_starts[-2] == _WITH_NEXT  # "$1 + 2$"
        is_number = last in _INSIDE_NUMBERS and _OPEN_NUMBER.search("".join(self._spoken[-_NUMBER_REACH:])) is not None
        is_complete = is_closed or (last in _AFTER_WORDS and not is_number)
        last_break = 0 if is_complete else self._last_break(is_pressed=is_pressed or is_over)
        end = self._base + len(self._spoken) if is_complete else max(self._word_end, last_break)
        found = self._before_what_cannot_end(end, is_pressed=is_pressed or is_over)
        return end if found is None and is_over else found

    def _last_break(self, reach: int = 0, *, is_pressed: bool = False) -> int:
        """Return where the last words begin of text without blanks, which may go on; 0 if the text has blanks.

        Args:
            reach: characters to look at, once, where that must be cheap; 0 for a careful look.
            is_pressed: numbers may end it, too.
        """
        start = len(self._spoken)
        first = max(0, len(self._spoken) - (reach or _MAX_UNBROKEN))
        while start > first and _WEIGHT[self._spoken[start - 1]] is not _BLANK:
            start -= 1
        text = "".join(self._spoken[start:])
        breaks = word_breaks(text)
        if not breaks:
            return 0
        if reach:
            settled = [at for at in breaks if at <= len(text) - _UNSETTLED]
        else:
            # What comes next may join the last characters to another word, as those before them did to what came first.
            earlier = set(word_breaks(text[:-_UNSETTLED])) & set(word_breaks(text[: -_UNSETTLED // 2]))
            settled = [at for at in breaks if at in earlier]
        fitting = (at for at in (*reversed(settled), breaks[0]) if _may_end_segment(text, at, is_pressed=is_pressed))
        return self._base + start + next(fitting, 0)

    def _before_what_cannot_end(self, position: int, *, is_pressed: bool = False) -> int | None:
        """Return the last position up to this one whose word can end a segment; None if there is nothing to say."""
        end, at_worst, behind = position - self._base, 0, ""
        while end > 0:
            last = end  # of the word, behind its last character
            while last > 0 and _WEIGHT[self._spoken[last - 1]] is _BLANK:
                last -= 1
            start = last
            while start > 0 and _WEIGHT[self._spoken[start - 1]] is not _BLANK and last - start <= _LONGEST_TITLE_CHARS:
                start -= 1
            word = "".join(self._spoken[start:last])
            while start > 0 and _is_inside_address(self._spoken[start - 1], self._spoken[start]):
                start -= 1  # of a longer one: no cut comes into the middle of it
            if not start and self._before[-1:].strip():  # "docs." was cut off, and "python." goes on with it
                word = self._before.split()[-1] + word
            # Neither the minus alone of "10 - 2" nor a sign of money: the "R$" of "R$ 20".
            is_sayable = is_pressed and any(map(str.isalnum, word)) and _MONEY.fullmatch(word) is None
            is_inside = self._is_inside_formula(end) and word not in DANGLING
            if not cannot_end(word) and not _NEVER_LAST.fullmatch(word) and not is_inside:
                is_part = behind[:1] in FRACTIONS or behind in _DIFFERENTIALS
                is_part = is_part or (word.isdigit() and _FRACTION.match(behind) is not None)  # "1 1/2"
                is_part = is_part or (word.isdigit() and self._spoken[max(0, start - 2)] == "→")  # "→ 2 Fe₂O₃"
                follows = "".join(self._spoken[end : end + _NUMBER_REACH]) if word[-1:].isdigit() else ""
                is_part = is_part or _OPEN_GROUP.match(follows) is not None or self._is_inside_groups(end, follows)
                is_sayable = is_sayable and behind not in OPERATORS and not is_part
                is_followed = leads_on(behind)  # the "1" of "1 c. à c."
                is_apart = is_sayable and not is_followed and not self._hangs_on(word, start)
                if is_apart or not self._may_go_on(word, start):
                    break
                if is_sayable and not self._is_in_abbreviation(word, start, behind):
                    at_worst = at_worst or end
            end, behind = start, word
        end = end or at_worst
        return self._base + end if self._has_voice(self._base + end) else None

    def _is_inside_groups(self, place: int, follows: str) -> bool:
        """Tell whether a place among the pending characters parts a number of a few groups: "138 0013 | 8000"."""
        before = "".join(self._spoken[max(0, place - _NUMBER_REACH) : place])
        return _GROUP.match(follows) is not None and _GROUPS.search(before) is not None

    def _is_inside_formula(self, place: int) -> bool:
        """Tell whether a place among the pending characters parts what stands for its source as a whole."""
        return place < len(self._spoken) and self._source_starts[place - 1] == _WITH_NEXT

    def _leads_on(self, position: int) -> bool:
        """Tell whether the word in front of a position is one behind which something follows: "Mo." before "–Fr."."""
        end = position - self._base
        words = "".join(self._spoken[max(0, end - _LONGEST_TITLE_CHARS) : end]).split()
        if words and self._is_factorial(words[-1], max(0, end - len(words[-1]))):
            return True
        if not words or words[-1][-1] != ".":
            return False
        if self._may_be_host(words[-1], max(0, end - len(words[-1]))):
            return True
        is_ordinal = words[-1][:-1].isdigit() and "".join(words[-2:-1]).lower() in BEFORE_ANY_ORDINAL
        return is_ordinal or leads_on(words[-1])

    def _is_factorial(self, word: str, start: int) -> bool:
        """Tell whether an exclamation mark may be a factorial's, "n!" before "= 6": something is reckoned before it."""
        if _FACTORIAL.fullmatch(word) is None:
            return False
        if word[0] in _VARIABLES:
            return True
        before = self._before + "".join(self._spoken[max(0, start - _NUMBER_REACH) : start])
        return _RECKONED.search(before[-_NUMBER_REACH:]) is not None

    def _may_be_host(self, word: str, start: int) -> bool:
        """Tell whether a name with a hyphen and a stop begins an address, "north-star.co": something tells of one."""
        if _HYPHENATED.search(word) is None:
            return False
        before = self._before + "".join(self._spoken[max(0, start - _NUMBER_REACH) : start])
        return _OF_ADDRESSES.search(before[-_NUMBER_REACH:]) is not None

    def _hangs_on(self, word: str, start: int) -> bool:
        """Tell whether a word stands between an abbreviation and the rest of it: the "a" of "seg. a sex."."""
        return leads_on(word) or leads_on(self._word_in_front_of(word, start))

    def _is_in_abbreviation(self, word: str, start: int, behind: str) -> bool:
        """Tell whether a cut behind a word parts an abbreviation, "3 c. à s.", even for a listener who waits."""
        if behind[-1:] == "." and leads_on(behind) and not stands_alone(behind):
            return True
        return any(one[-1:] == "." and leads_on(one) for one in (word, self._word_in_front_of(word, start)))

    def _word_in_front_of(self, word: str, start: int) -> str:
        """Return the word before one so short that it may be a part of the same abbreviation; else nothing."""
        if len(word) > LONGEST_UNIT_CHARS or not (word.isalpha() or _INITIAL.fullmatch(word)):
            return ""
        words = "".join(self._spoken[max(0, start - _LONGEST_TITLE_CHARS) : start]).split()
        return words[-1] if words else ""

    def _may_go_on(self, word: str, start: int) -> bool:
        """Tell whether what follows may change how a word is read: "5" before "km", "p" behind "5", "XIV", "€"."""
        if word[-1:] == "!" and self._is_factorial(word, start):
            return True
        if word[-1:] in ENDS_CLAUSES and not word[-2:-1].isdigit():
            return False
        if _ADDRESS.search(word) is not None or self._may_be_host(word, start) or self._hangs_on(word, start):
            return True
        if any(map(_is_part_of_number, word)) or not any(map(str.isalpha, word)):
            return True
        # "3 p.m", "8 h"; in a date one longer word as well: "12 March", "5 de mayo"; in an address: "at 221 Baker".
        text = "".join(self._spoken[max(0, start - _NUMBER_REACH) : start])
        if word.istitle() and _HOUSE.search(f"{self._before}{text}"[-_NUMBER_REACH:]) is not None:
            return True
        before = text.split()[-_NUMBER_WORDS:]
        long = int(len(word) > LONGEST_UNIT_CHARS)
        for earlier in reversed(before):
            if earlier[-1] in ENDS_CLAUSES or long > 1:
                return False
            if any(map(str.isdigit, earlier)):
                return not long or _DAY.fullmatch(earlier) is not None or word in _OF_DAYS
            long += len(earlier) > LONGEST_UNIT_CHARS
        return False

    # Releasing.

    def _release(
        self,
        position: int,
        segments: list[Segment],
        *,
        source_end: int | None = None,
        is_last: bool = False,
        pause_ms: int = 0,
    ) -> None:
        """Make a segment of everything up to the position, if it has any sound or nothing will follow."""
        has_voice = self._has_voice(position)
        if not has_voice and not is_last and not pause_ms:
            return
        length = position - self._base
        char_start = self._source.taken_end
        char_end = self._source_ends[length - 1] if source_end is None else source_end
        text = self._source.take(char_end)
        wishes: tuple[Wish, ...] = ()
        before = self._before
        if before[-1:].strip() and length and _WEIGHT[self._spoken[0]] is _BLANK:
            before += " "
        if self._is_verbatim:
            spoken, alignment = (text, Alignment.identity(len(text))) if has_voice else ("", Alignment())
        else:
            ends = [end - self._base for end in self._ended_at if end < position]
            said = read_aloud("".join(self._spoken[:length]), ends)
            spoken, alignment = said.text, said.alignment.then(self._way_back(length, char_start, char_end))
            wishes = self._take_wishes(position, said)
            self._before = self._open_sentence(before, position, said) if length else before
        self._told = of_sentence(before + spoken) or self._told
        made = (self._index, text, spoken, char_start, char_end, is_last, alignment, wishes, pause_ms, self._told)
        segments.append(Segment(*made, before))
        self._paused_ms = pause_ms if has_voice else self._paused_ms + pause_ms
        self._index += 1
        self._max_n = self._settings.token_max_n
        self._max_chars = self._max_n * MAX_CHARS_PER_TOKEN
        if length:
            self._base_tokens = self._tokens[length - 1]
        del self._spoken[:length], self._source_starts[:length], self._source_ends[:length], self._tokens[:length]
        self._base = position
        self._waits_since = None
        self._words = len("".join(self._spoken[: max(0, self._word_end - position)]).split())
        self._sentence_ends = [end for end in self._sentence_ends if end > position]

    def _open_sentence(self, before: str, position: int, said: Rewriting) -> str:
        """Return the end of what was spoken of the sentence that goes on behind the position; empty if none does."""
        spoken = said.text
        ended = [end for end in self._ended_at if end <= position]
        if ended:
            del self._ended_at[: len(ended)]
            before, spoken = "", spoken[said.alignment.inverse().until(ended[-1] - self._base) :].lstrip()
        blank = " " if _WEIGHT[self._spoken[position - self._base - 1]] is _BLANK else ""
        return f"{before}{spoken}{blank}"[-MAX_BEFORE_CHARS:].lstrip()

    def _take_wishes(self, position: int, said: Rewriting) -> tuple[Wish, ...]:
        """Take the wishes for the characters up to the position, placed over the words that are said for them."""
        wishes = []
        for first, last, kind, value in self._wishes.release(self._base, position):
            start, end = said.alignment.back(first, last)
            end = start + len(said.text[start:end].rstrip())
            start = end - len(said.text[start:end].lstrip())
            if start < end:
                wishes.append(Wish(start, end, kind, value))
        return tuple(wishes)

    def _way_back(self, length: int, char_start: int, char_end: int) -> Alignment:
        """Align the first spoken characters with the source: marks before a word are its first character's."""
        tiling = Tiling()
        plain = together = 0  # characters that are as they were written; those that stand for a stretch together
        at = char_start
        starts, ends = self._source_starts, self._source_ends
        for place, (start, end) in enumerate(zip(starts[:length], ends[:length], strict=True), 1):
            if not together and start == at == end - 1:
                plain += 1
                at = end
                continue
            if plain:
                tiling.exact(plain)
                plain = 0
            together += 1
            if start == _WITH_NEXT and place < length:
                continue
            behind = min(max(at, end), char_end)
            tiling.whole(together, behind - at)
            together, at = 0, behind
        return tiling.exact(plain).whole(0, char_end - at).alignment()


class _Source:
    """The source text that has not been released; text is added at its end and taken from its start."""

    def __init__(self) -> None:
        self._chunks: list[str] = []
        self._start = 0  # position of the first chunk's first character
        self.taken_end = 0
        self.end = 0

    def add(self, text: str) -> None:
        self._chunks.append(text)
        self.end += len(text)

    def take(self, end: int) -> str:
        """Return the text that was not taken yet, up to the position."""
        if len(self._chunks) != 1:
            self._chunks = ["".join(self._chunks)]
        text = self._chunks[0][self.taken_end - self._start : end - self._start]
        self.taken_end = end
        return text

    def forget_taken(self) -> None:
        """Free the taken text. Called once per delta, not per segment, so that a long delta is not copied for each."""
        if self.taken_end > self._start:
            self._chunks = [self._chunks[0][self.taken_end - self._start :]]
            self._start = self.taken_end


# Weighing characters.


class _Weight(enum.Enum):
    """What a character adds to the token count."""

    NOTHING = enum.auto()
    BLANK = enum.auto()
    LETTER = enum.auto()  # a part of a token
    HALF = enum.auto()  # a larger part: a letter of a script whose words tokenizers cut more finely
    WHOLE = enum.auto()  # a token: a dense script's character, a digit, a sign that is read
    EXTENDS = enum.auto()  # nothing, and no cut may come before it: it is part of the preceding character


_LETTER: Final = _Weight.LETTER
_HALF: Final = _Weight.HALF
_WHOLE: Final = _Weight.WHOLE
_BLANK: Final = _Weight.BLANK
_EXTENDS: Final = _Weight.EXTENDS


class _WeightTable(dict[str, _Weight]):
    """Weight of each character, computed at its first use; the basic plane is kept (at most 65,536 entries)."""

    def __missing__(self, char: str) -> _Weight:
        weight = _weigh(char)
        if char <= "\uffff":
            self[char] = weight
        return weight


_WEIGHT: Final = _WeightTable()


def _weigh(char: str) -> _Weight:
    category = unicodedata.category(char)
    if char.isspace() or char == BREAK:
        return _Weight.BLANK
    if category[0] == "M" or char in _JOINERS or "\U0001f3fb" <= char <= "\U0001f3ff":
        return _Weight.EXTENDS
    if "\U0001f1e6" <= char <= "\U0001f1ff" or "\u1160" <= char <= "\u11ff":  # halves of flags; Hangul's later jamo
        return _Weight.EXTENDS
    if not is_pronounced(char):
        return _Weight.NOTHING
    if not char.isalpha() or _is_dense(char):
        return _Weight.WHOLE
    return _Weight.HALF if WITHOUT_BLANKS.match(char) else _Weight.LETTER


_WITH_NEXT: Final = -1  # where a character starts that stands for its source together with the next one
_INSIDE_NUMBERS: Final = ",.:"  # "1,500", "10:30": between digits they end nothing
_MAX_UNBROKEN: Final = 48  # so much of a text without blanks shows its words; a dictionary has none longer
_ROUGHLY_UNBROKEN: Final = 24  # so much shows the last word nearly always, at a tenth of a millisecond
_UNSETTLED: Final = 4  # so many characters of such a text may yet become parts of another word
_LONGEST_TITLE_CHARS: Final = 24  # longer words are neither titles nor numbers, and are not read whole
_CLUSTER_REACH: Final = 64  # characters; no writing system has longer graphemes
_JOINERS: Final = "\u200c\u200d"
# No cut may come behind these: the joiner, and the signs that tie two consonants of an Indic script together.
_JOINS_NEXT: Final = frozenset("\u200d\u094d\u09cd\u0a4d\u0acd\u0b4d\u0c4d\u0ccd\u0d4d\u0dca\u1039\u17d2")
_AFTER_WORDS: Final = frozenset(',;:!?)]}"”»、，；：。！？」』）،؛؟।')


_ADDRESS: Final = re.compile(r"\w\w\.[\w-]{2,}\.\Z")  # "docs.example." before "com"
_HYPHENATED: Final = re.compile(r"(?<![\w-])[a-z0-9]+(?:-[a-z0-9]+)+\.\Z", re.ASCII)
# What tells of a web address, in the languages that the reader knows; without it "rendez-vous." ends its sentence.
_OF_ADDRESSES: Final = re.compile(
    r"@|\b(?:visit\w{0,2}|web\w*|sites?|sito|apps?|appli|url|portal\w?|online|download|besuch\w*|télécharg\w+|"
    r"descarg\w+|scaric\w+|baix\w+|acess\w+)\b|сайт|网站|官网|サイト|사이트",
    re.IGNORECASE,
)
_FACTORIAL: Final = re.compile(r"(?:[a-z]|[0-9]{1,3})!")
_VARIABLES: Final = frozenset("kmnrx")  # no sentence ends with one of these letters
_RECKONED: Final = re.compile(r"[=×·²³√^÷]")
_MONEY: Final = re.compile(r"[A-Z]{1,3}[$¥£]|S/\.?")  # in front of an amount: "R$", "US$", "CN¥", "S/"
_FRACTION: Final = re.compile(r"[1-9]/[0-9]{1,2}\Z")
_DIFFERENTIALS: Final = frozenset(("dx", "dy", "dt"))  # behind what is integrated: "∫2x dx"
# Never the last word: the "|x" of "|x − 3|", a function in front of its operand, centuries in front of "вв."
_NEVER_LAST: Final = re.compile(
    r"\|[^|]*|(?:sin|cos|tan|log|ln)(?:\^\S+|[²³₀-₉]+)?|lim(?:_\S+)?|[NSEW]\.|[IVXLCDM]+[-–][IVXLCDM]+"
)
_OPEN_NUMBER: Final = re.compile(r"[0-9][0-9A-Za-z:.,-]*\Z")  # "1,", "10:", "4D:"
_OPEN_GROUP: Final = re.compile(r"[0-9][0-9 -]*-\Z")  # of a telephone number, "555-30-" behind "+7 812"
_GROUP: Final = re.compile(r"[0-9]{3,4}(?![0-9])")
# Of a telephone number or thousands; five numbers in a row are a row of numbers.
_GROUPS: Final = re.compile(r"(?<![0-9] )(?<![0-9A-Za-z])[0-9]{1,4} (?:[0-9]{3,4} ){0,2}\Z")
_INITIAL: Final = re.compile(r"[^\W\d_]\.")  # the "J." of "av. J.-C."
# A house's number, which English reads in pairs in front of "St."
_HOUSE: Final = re.compile(r"\b(?:address|at|lives?|to)\b[^.?!]* [1-9][0-9]{2,4} \Z")
_OF_DAYS: Final = frozenset(("business", "calendar", "working"))  # "3-5 business days"
_DAY: Final = re.compile(r"\d{1,2}(st|nd|rd|th|er|[.ºª])?")
_NUMBER_WORDS: Final = 3  # so many words behind a number it may still be read with: "5 de mayo de"
_NUMBER_REACH: Final = 48  # characters that hold them


def _is_inside_address(before: str, char: str) -> bool:
    return before.isascii() and char.isascii() and _WEIGHT[before] is not _BLANK


def _is_part_of_number(char: str) -> bool:
    return char.isdigit() or char in _NUMBER_SIGNS or unicodedata.category(char) == "Sc"


def _may_end_segment(text: str, place: int, *, is_pressed: bool) -> bool:
    """Tell whether text without blanks may be cut at a place: no sign of what follows stands in front of it."""
    last = text[place - 1]
    if last in "#°" or unicodedata.category(last) == "Sc" or (not is_pressed and _is_part_of_number(last)):
        return False
    return not hangs_over(text, place)


_NUMBER_SIGNS: Final = frozenset("@/+−±×÷*=<>~≈°%‰–#§½¼¾")


def _has_words_of_a_second(text: str, *, are_whole: bool = False) -> bool:
    """Tell whether a text's words are worth saying; a dense character is a token, and any other word two.

    Args:
        text: what is in hand.
        are_whole: only words count behind which something stands.
    """
    whole = [word for word in find_words(text) if not are_whole or word.end < len(text)]
    return sum(_tokens_of_word(text, word.start, word.end) for word in whole) >= _LEAST_TOKENS


def _tokens_of_word(text: str, start: int, end: int) -> int:
    """Count a word's tokens; a letter with a stop behind a number is a part of one, of "2 c. à s."."""
    is_part = end - start == 1 and text[start].isalpha() and _UNIT_LETTER.match(text, max(0, start - 2))
    return sum(map(_is_dense, text[start:end])) or (1 if is_part else _LEAST_TOKENS // _LEAST_WORDS)


_UNIT_LETTER: Final = re.compile(r"[0-9] \w\.")


def _ends_word(char: str) -> bool:
    return _WEIGHT[char] is _BLANK or char in _AFTER_WORDS or char in ".…"


def _is_wide(char: str) -> bool:
    return "\u3000" <= char <= "\u303f" or "\uff01" <= char <= "\uff5e"  # marks that stand in no name or number


def _is_dense(char: str) -> bool:
    return any(first <= char <= last for first, last in _DENSE_SCRIPTS)
