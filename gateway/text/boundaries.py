"""Where sentences and clauses end, found while the text is still being written.

Theory of operation. Text is read one character at a time and never again, so any cutting of it gives the same
boundaries. A character that may end something (a full stop, a question mark, a newline …) opens a *candidate*. The
candidate grows over the characters that belong to it (more stops, closing quotes, blanks) and is judged at the first
visible character after it. If that is not enough ("Pitt, Briggs & Co. It …") the candidate waits for the end of the
next word, never longer. Reading goes on meanwhile: the word for which one candidate waits may itself end in the next
candidate ("5 a.m. Mr. Smith").

The functions in the second half of this file make all judgements; they see a candidate, the text after it, and nothing
else.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .abbreviations import (
    ABBREVIATIONS,
    AFTER_ORDINALS,
    AFTER_TIMES,
    ALSO_A_WORD,
    BEFORE_DEGREES,
    BEFORE_ORDINALS,
    BEFORE_TIMES,
    CONJUNCTIONS,
    MEASURES,
    NAME_ENDINGS,
    NAMES_WITH_MARKS,
    PAIRS,
    SAYS_IN_ARABIC,
    SENTENCE_OPENERS,
    TIMES,
    VOWELLESS_WORDS,
    Role,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

BREAK: Final = "\x1e"  # ASCII record separator: "whatever stood here ended", as markup says at the end of a heading

MAX_WORD_CHARS: Final = 64  # how much of a word is remembered; longer words are neither abbreviations nor names
MAX_NEXT_WORD_CHARS: Final = 24  # how much of the next word a candidate waits for; the longest sentence opener has 8
MAX_BRACKET_CHARS: Final = 300  # a bracket or quote open for about 20 s of speech no longer holds sentences back
MAX_WIDE_BRACKET_CHARS: Final = 100  # the same in Chinese and Japanese, of which a second has five characters
MAX_BRACKETS: Final = 32  # depth of nesting that is remembered; only text that is no prose nests deeper
MAX_REFERENCE_CHARS: Final = 24  # of "[12, 14-16]"; a longer bracket is no list of notes
MAX_LIST_LINE_WORDS: Final = 3  # a line this short before a small letter is an entry of a list ("contact manager")
MIN_WRAPPED_LINE_CHARS: Final = 45  # a line at least this long before a capital may be prose wrapped by a PDF
MIN_WRAPPED_WIDE_CHARS: Final = 22  # the same if one character is as wide as two letters
MIN_ARABIC_CLAUSE_WORDS: Final = 5  # before the word with the comma; shorter clauses are no sentences of their own
MAX_TRAILING_WORDS: Final = 4  # so few words that trail off ("Well, I thought...") are rather taken up again
MAX_TIME_WORDS: Final = 5  # "On Monday morning at six p.m." is a beginning; a longer one has its verb in it already


class Rank(enum.IntEnum):
    """How much of an end a boundary is."""

    CLAUSE = 1
    SENTENCE = 2


@dataclass(frozen=True, slots=True)
class Boundary:
    """An end that has been confirmed.

    Attributes:
        position: how many characters of the text lie before it, trailing blanks included.
        rank: of a clause or of a sentence.
    """

    position: int
    rank: Rank


def split_sentences(text: str, *, language: str | None = None) -> list[str]:
    """Split a whole text into its sentences.

    Args:
        text: plain text of any language, or of several.
        language: a BCP 47 tag, if known; see ``SentenceBoundaries``.

    Returns:
        The sentences, without the blanks around them; none is empty.
    """
    finder = SentenceBoundaries(language=language)
    boundaries = [boundary for char in text for boundary in finder.feed(char)]
    boundaries += finder.finish()
    ends = sorted({b.position for b in boundaries if b.rank is Rank.SENTENCE} | {len(text)})
    sentences = (text[start:end].strip() for start, end in zip([0, *ends], ends, strict=False))
    return [sentence for sentence in sentences if sentence]


class _Kind(enum.Enum):
    """What effect a character has on boundaries."""

    WORD = enum.auto()
    ARABIC = enum.auto()  # a letter that exists in Arabic but not in Persian and Urdu
    PERSIAN = enum.auto()  # a letter that exists in Persian or Urdu but not in Arabic
    SPACE = enum.auto()
    NEWLINE = enum.auto()
    BREAK = enum.auto()
    DOT = enum.auto()  # ends sentences, abbreviations and much else
    ASK = enum.auto()  # question and exclamation marks
    HARD = enum.auto()  # full stops that have no other use
    CLAUSE = enum.auto()  # commas and the like; between digits or letters they mean nothing
    WIDE_CLAUSE = enum.auto()  # commas of scripts that write no space after them
    DASH = enum.auto()
    OPENER = enum.auto()
    CLOSER = enum.auto()
    QUOTE = enum.auto()  # the typewriter's double quote, which opens and closes
    APOSTROPHE = enum.auto()
    INVERTED = enum.auto()  # ¿ ¡
    BULLET = enum.auto()
    IGNORED = enum.auto()  # invisible format characters
    SYMBOL = enum.auto()


_WORD: Final = _Kind.WORD  # the kind for which the fast path asks

_CLOSER_OF: Final = {
    "(": ")", "[": "]", "{": "}", "（": "）", "「": "」", "『": "』", "《": "》", "〈": "〉",
    "【": "】", "〔": "〕", "［": "］",
    "“": "”", "„": "“", "«": "»", "‹": "›", "‚": "‘",
}  # fmt: skip

_KINDS_OF: Final[dict[_Kind, str]] = {
    _Kind.NEWLINE: "\n\u2028\u2029\x0b\x0c\x85",
    _Kind.BREAK: BREAK,
    _Kind.DOT: ".…．",
    _Kind.ASK: "!?‼⁇⁈⁉‽",
    # CJK; Devanagari; Urdu; Armenian; Ethiopic; Burmese; Khmer; Tibetan; Arabic, wide and Ethiopic question marks
    _Kind.HARD: "。｡।॥۔։።፨။၏។៕།؟！？፧",
    _Kind.CLAUSE: ",;:·\u0387",
    _Kind.WIDE_CLAUSE: "，、；：､،؛၊፣፤፥፡",
    _Kind.DASH: "—–―⸺",
    _Kind.OPENER: "".join(_CLOSER_OF),
    _Kind.CLOSER: ")]}）」』》〉】〕］”»›",
    _Kind.QUOTE: '"＂',
    _Kind.APOSTROPHE: "'’‘`",
    _Kind.INVERTED: "¿¡",
    _Kind.BULLET: "•⁃◦▪‣●○■□▶►⦁∙",
    _Kind.ARABIC: "ةىيكأإؤئ",
    _Kind.PERSIAN: "پچژگکیےہٹڈڑںھ",
    _Kind.WORD: "°ªº№_՞՛՜",  # "N°." is a word with a stop; Armenian writes ՞ ՛ ՜ inside the word that they ask about
}


class _KindTable(dict[str, _Kind]):
    """Kind of each character, computed at its first use; the basic plane is kept (at most 65,536 entries)."""

    def __missing__(self, char: str) -> _Kind:
        kind = _kind_by_category(char)
        if char <= "\uffff":
            self[char] = kind
        return kind


def _kind_by_category(char: str) -> _Kind:
    category = unicodedata.category(char)
    if category[0] in "LNM":
        return _Kind.WORD
    if char.isspace() or category == "Cc":
        return _Kind.SPACE
    if category == "Cf":
        return _Kind.IGNORED
    return _Kind.SYMBOL


_KIND: Final = _KindTable({char: kind for kind, chars in _KINDS_OF.items() for char in chars})


class _Mark(enum.Enum):
    """What opened a candidate."""

    STOP = enum.auto()
    ASK = enum.auto()
    HARD = enum.auto()
    NEWLINE = enum.auto()
    LIST_MARKER = enum.auto()  # the number of the next entry of a list that is written in one line
    ARABIC_COMMA = enum.auto()
    DECORATION = enum.auto()  # an emoji, "♪", "(笑)", ":)" in place of a full stop


_MARK_OF: Final = {_Kind.DOT: _Mark.STOP, _Kind.ASK: _Mark.ASK, _Kind.HARD: _Mark.HARD}


@dataclass(slots=True)
class _Candidate:
    """A place that may turn out to be a boundary, and what is known of it.

    The attributes are in three groups. The first is known when the candidate opens. The second grows until the next
    visible character. The third describes the text that follows.
    """

    mark: _Mark
    run: str  # the stops, question marks … themselves, with the blanks between spaced dots
    end: int  # position of the boundary, if it is one
    word: str  # the word that the mark is attached to; empty if a blank is before the mark
    before: str  # the visible character before the mark
    previous_word: str  # the word before ``word``
    words_before: int  # words of this sentence before ``word``
    first_word: str  # the sentence's first word
    began_small: bool  # the sentence began with a small letter: its writer may use no capitals at all
    depth: int  # brackets and quotes open after it
    line_words: int  # words of the line that a newline ends
    line_chars: int  # length of that line
    whole_line: bool  # the sentence consists of this line only
    opens_line: bool  # the sentence begins the line
    follows_ordinal: bool  # an ordinal stands two words before the mark's word: "1. und 3."
    has_stops: bool  # the text before has ended sentences with other marks than commas

    first_stop_end: int | None = None  # in ". . . .": position after the first dot and its blank
    spaced: bool = False
    newlines: int = 0
    closed: bool = False  # a quote or bracket was closed after the mark
    dashed: bool = False  # a dash follows
    is_passed: bool = False  # a dash or an opening quote follows: the next characters are past the boundary
    in_reference: bool = False  # inside the "[1]" of "martyr.[1]"
    reference_start: int = 0  # position after its bracket
    reference_first: str = ""  # its first digit
    has_stray_quote: bool = False  # the last character is a “ that may close a quote („…“) or open one
    opens: str = ""  # the bracket or quote that opens after the mark

    first: str = ""  # the next visible character, quotes, brackets and dashes not counted
    next_word: str = ""  # the word that begins with it, as far as it has been read
    delimiter: str = ""  # the character that ended that word; empty while the word goes on


@dataclass(slots=True)
class _OpenBracket:
    closer: str
    position: int


class SentenceBoundaries:
    """Finds the boundaries of one text, character by character.

    The language is only a hint for what the text itself cannot tell: whether Arabic script is Arabic, whose commas and
    colons separate what other languages would call sentences. All else is judged by script and by the words.
    """

    def __init__(self, *, language: str | None = None) -> None:
        self._position = 0
        self._candidate: _Candidate | None = None
        self._brackets: list[_OpenBracket] = []
        # The word being read (with its inner dots and signs) and the word before it.
        self._word = ""
        self._word_start = 0
        self._previous_word = ""
        self._last_visible = ""
        # The sentence being read.
        self._words = 0  # complete words
        self._first_word = ""
        self._ordinal_at = _NOWHERE  # how many words stand before the last number with a stop that ended nothing
        self._began_small: bool | None = None  # None until its first letter
        self._next_entry = (
            ""  # number or letter of the next entry, if the sentence is an entry of a list: "2" after "1."
        )
        # The line being read.
        self._line_start = 0
        self._line_words = 0
        self._sentence_start = 0
        self._has_stops = False
        self._blank_at = 0  # how many characters were read with the last blank
        self._turned_quote = (-1, "")  # where a » was read that closes nothing, and what would close it: »so«
        # A clause may end here once the next visible character is known; narrow commas need a blank first.
        self._clause_pending = False
        self._clause_ready = False
        self._number_at = _NOWHERE  # how many words stand before the last one with a digit at its start or near its end
        self._may_be_range = False  # the clause would end at a dash behind a number, which another may follow
        self._is_arabic = language is not None and language.lower().startswith("ar")
        self._language_is_given = language is not None

    def feed(self, char: str) -> Sequence[Boundary]:
        """Read the next character; return the boundaries that it confirms, none of them past it."""
        self._position += 1
        kind = _KIND[char]
        if kind is _WORD and self._candidate is None and not self._clause_ready:
            self._read_word_char(char)
            return ()
        found: list[Boundary] = []
        if self._candidate is not None and self._grow_candidate(self._candidate, char, kind, found):
            return found
        if self._clause_ready and kind not in _CLAUSE_TRAIL:
            self._end_clause(char, found)
        self._read(char, kind, found)
        return found

    def finish(self) -> Sequence[Boundary]:
        """Judge the waiting candidate as if a blank followed; the end of the text itself is not reported."""
        found: list[Boundary] = []
        candidate = self._candidate
        if candidate is not None and candidate.next_word:
            candidate.delimiter = " "
            self._judge(candidate, found)
        return found

    def probable_end(self) -> tuple[int, bool] | None:
        """Tell where the text just read ends, if it ends in what looks like an end.

        Returns:
            Its position, and whether the text that follows can hardly show that it is none. None if the last visible
            character ends nothing.
        """
        candidate = self._candidate
        if candidate is None or candidate.next_word or candidate.mark is _Mark.LIST_MARKER or candidate.in_reference:
            return None
        return candidate.end, candidate.depth == 0 and _hardly_ambiguous(candidate)

    def restart(self) -> None:
        """Forget the sentence being read; the next character begins a new one."""
        self._candidate = None
        self._brackets.clear()
        self._close_word()
        self._begin_sentence(self._position)

    # Reading.

    def _read_word_char(self, char: str) -> None:
        word = self._word
        if not word:
            self._begin_word(char)
        elif len(word) < MAX_WORD_CHARS:
            self._word = word + char
        self._last_visible = char
        self._clause_pending = False

    def _begin_word(self, char: str) -> None:
        self._word = char
        self._word_start = self._position - 1
        self._line_words += 1
        if self._turned_quote[0] == self._word_start and len(self._brackets) < MAX_BRACKETS:
            self._brackets.append(_OpenBracket(self._turned_quote[1], self._word_start))
        if self._began_small is None and char.isalpha():
            self._began_small = char.islower()

    def _is_dash(self) -> bool:
        """Whether hyphens stand alone between blanks and are a dash; behind a term one is a minus: "1 - 2", "x - 7"."""
        return self._word == "--" or (self._word == "-" and _TERM.search(self._previous_word) is None)

    def _close_word(self) -> None:
        if not self._word:
            return
        if not self._words:
            self._first_word = self._word
        if self._word[0].isdigit() or self._word[-1].isdigit() or self._word[-2:-1].isdigit():  # "5", "$5", "5日"
            self._number_at = self._words
        self._words += 1
        self._previous_word = self._word
        self._word = ""

    def _read(self, char: str, kind: _Kind, found: list[Boundary]) -> None:
        """Update what is being read by one character that no candidate has taken."""
        match kind:
            case _Kind.WORD:
                self._read_word_char(char)
            case _Kind.ARABIC | _Kind.PERSIAN:
                if not self._language_is_given:
                    self._is_arabic = kind is _Kind.ARABIC
                self._read_word_char(char)
            case _Kind.SPACE:
                self._blank_at = self._position
                self._clause_ready = self._clause_ready or self._clause_pending or self._is_dash()
                self._clause_pending = False
                self._close_word()
            case _Kind.NEWLINE:
                self._read_newline()
            case _Kind.BREAK:
                self._brackets.clear()
                self._close_word()
                self._end_sentence(self._position, found)
            case _Kind.DOT | _Kind.ASK | _Kind.HARD:
                self._open_candidate(_MARK_OF[kind], "..." if char == "…" else char)
                self._last_visible = char
            case _Kind.CLAUSE | _Kind.WIDE_CLAUSE:
                self._read_clause_mark(char, kind)
            case _Kind.DASH:
                self._read_dash(char)
            case _Kind.OPENER | _Kind.QUOTE | _Kind.CLOSER:
                self._read_bracket(char, kind)
            case _Kind.BULLET:
                self._read_bullet(char, found)
            case _Kind.INVERTED | _Kind.IGNORED:
                pass
            case _Kind.APOSTROPHE:
                if self._word:
                    self._read_word_char(char)
            case _Kind.SYMBOL if _is_decoration(char):
                self._open_candidate(_Mark.DECORATION, char)
                self._last_visible = char
            case _Kind.SYMBOL:
                self._read_word_char(char)

    def _read_dash(self, char: str) -> None:
        """Read a dash, at which a clause ends unless it stands between two amounts: "June 1 – June 14", "$5 — $8"."""
        self._close_word()
        self._clause_pending = char != "–" or not self._previous_word[-1:].isdigit()
        self._may_be_range = self._words - self._number_at <= len(("20", "kg"))
        self._last_visible = char

    def _read_newline(self) -> None:
        self._close_word()
        if self._position - 1 > self._line_start:
            self._open_candidate(_Mark.NEWLINE, "\n")
        self._begin_line()

    def _begin_line(self) -> None:
        self._line_start = self._position
        self._line_words = 0

    def _read_clause_mark(self, char: str, kind: _Kind) -> None:
        script = _script_mark(char, self._last_visible, is_arabic=self._is_arabic)
        self._last_visible = char
        if script is not None:
            self._open_candidate(script, char)
        elif kind is _Kind.WIDE_CLAUSE:
            self._close_word()
            self._clause_ready = True
        else:
            # "1,000" and "10:30" are one word; a blank after the sign would end the word.
            self._clause_pending = True
            if self._word and len(self._word) < MAX_WORD_CHARS:
                self._word += char

    def _read_bracket(self, char: str, kind: _Kind) -> None:
        if self._closes_bracket(char):
            is_decoration = char in ")）" and _FACE.fullmatch(self._word) is not None
            self._close_bracket(char)
            if is_decoration:
                self._open_candidate(_Mark.DECORATION, char)
            self._last_visible = char
            return
        if kind is _Kind.CLOSER:
            if char == ")" and (self._last_visible in (":", ";") or self._word == "-"):  # ":)", ":-)"
                self._open_candidate(_Mark.DECORATION, char)
            elif char == ")" and self._word and (self._word == self._next_entry or self._is_entry(self._word)):
                self._open_candidate(_Mark.STOP, char)
            elif char in _TURNED_QUOTES and not self._word:
                self._turned_quote = (self._position, _TURNED_QUOTES[char])
            self._last_visible = char
            return
        is_emoticon = char in "([" and self._last_visible in (":", ";")
        is_inch_mark = kind is _Kind.QUOTE and bool(self._word) and self._last_visible.isalnum()
        if not is_emoticon and not is_inch_mark and len(self._brackets) < MAX_BRACKETS:
            self._brackets.append(_OpenBracket(_CLOSER_OF.get(char, char), self._position))
        if not is_inch_mark:
            self._close_word()
        self._last_visible = char

    def _read_bullet(self, char: str, found: list[Boundary]) -> None:
        stands_free = not self._word
        self._close_word()
        if stands_free and self._words:
            self._end_sentence(self._position - 1, found)
        self._last_visible = char

    # Brackets.

    def _closes_bracket(self, char: str) -> bool:
        closers = {bracket.closer for bracket in self._brackets}
        if char in closers or _ALSO_CLOSED_BY.get(char) in closers:
            return True
        # “so": the two keys of a mixed pair; behind a blank, the second opens one more.
        is_behind_text = self._blank_at != self._position - 1
        return char == '"' and is_behind_text and bool(self._brackets) and self._brackets[-1].closer == "”"

    def _close_bracket(self, char: str) -> None:
        """Close the innermost bracket that the character closes, and every bracket left open inside it."""
        if char == '"' and self._brackets[-1].closer == "”":
            self._brackets.pop()
            return
        while not _is_closed_by(self._brackets.pop(), char):
            pass

    def _forget_old_brackets(self) -> None:
        longest = MAX_WIDE_BRACKET_CHARS if self._last_visible and _is_wide(self._last_visible) else MAX_BRACKET_CHARS
        while self._brackets and self._position - self._brackets[0].position > longest:
            del self._brackets[0]
        # ”so“。: what opens in front of a full stop has closed.
        if self._brackets and self._last_visible == "“" and self._brackets[-1].position == self._position - 1:
            self._brackets.pop()

    # Candidates.

    def _open_candidate(self, mark: _Mark, run: str) -> None:
        self._forget_old_brackets()
        word = self._word
        end = self._position
        previous_word = self._previous_word
        if word and word == self._next_entry and self._words and mark is _Mark.STOP:
            mark, end = _Mark.LIST_MARKER, self._word_start
        elif word and self._is_entry(word):
            self._next_entry = _successor(word)
        if mark is _Mark.NEWLINE:
            previous_word, word = "", previous_word
        elif mark is _Mark.STOP and word and len(word) < MAX_WORD_CHARS:
            self._word += run  # "U.S" goes on; a blank will close it
        else:
            self._close_word()
        self._clause_pending = self._clause_ready = False
        self._candidate = _Candidate(
            mark=mark,
            run=run,
            end=end,
            word=word,
            before=self._last_visible,
            previous_word=previous_word,
            words_before=self._words,
            first_word=self._first_word,
            began_small=bool(self._began_small),
            depth=len(self._brackets),
            line_words=self._line_words,
            line_chars=self._position - 1 - self._line_start,
            whole_line=self._sentence_start >= self._line_start,
            opens_line=self._sentence_start == self._line_start,
            follows_ordinal=self._words - self._ordinal_at == len(("1.", "und")),
            has_stops=self._has_stops,
        )

    def _is_entry(self, word: str) -> bool:
        """Tell whether the word can be the number of a list entry that begins with this sentence."""
        return not self._words and _ENTRY.fullmatch(word) is not None

    def _grow_candidate(self, candidate: _Candidate, char: str, kind: _Kind, found: list[Boundary]) -> bool:
        """Show the next character to the open candidate; return True if it took the character."""
        if candidate.next_word:
            if _continues_word(kind) and len(candidate.next_word) < MAX_NEXT_WORD_CHARS:
                candidate.next_word += char
                if len(candidate.next_word) == 2 and candidate.first in _PARTICLES:
                    self._judge(candidate, found)
                return False
            candidate.delimiter = char
            self._judge(candidate, found)
            return False
        if candidate.in_reference and self._grow_reference(candidate, char, found):
            return True
        if self._candidate is None:
            return False
        if candidate.has_stray_quote:
            self._settle_stray_quote(candidate, kind)
        may_close = candidate.mark is not _Mark.NEWLINE and not candidate.is_passed
        match kind:
            case _Kind.SPACE | _Kind.NEWLINE:
                self._grow_blank(candidate, kind, found)
                return True
            case _Kind.IGNORED:
                if not candidate.spaced:
                    self._move_end(candidate)
                return True
            case _Kind.BREAK:
                self._end_sentence(self._position, found)
                self._begin_line()
                return True
            case _Kind.DOT | _Kind.ASK | _Kind.HARD if self._extends_run(candidate, kind):
                self._grow_run(candidate, char, kind)
                return True
            case _Kind.WORD if char in _SUPERSCRIPTS and may_close and not candidate.spaced:
                self._move_end(candidate)  # the number of a note: "It rained.¹"
                return True
            case _Kind.OPENER if char == "[" and may_close and candidate.mark in _REFERENCED and not candidate.newlines:
                candidate.in_reference = True
                candidate.reference_start = self._position
                candidate.reference_first = ""
                return True
            case _Kind.CLOSER | _Kind.QUOTE | _Kind.OPENER if may_close and self._closes_bracket(char):
                self._close_bracket(char)
                candidate.depth = len(self._brackets)
                candidate.closed = True
                self._move_end(candidate)
                return True
            case _Kind.CLOSER | _Kind.APOSTROPHE | _Kind.QUOTE if may_close and not candidate.spaced:
                candidate.closed = candidate.closed or kind is not _Kind.CLOSER
                if kind is _Kind.CLOSER and len(candidate.run) < MAX_WORD_CHARS:
                    candidate.run += char
                self._move_end(candidate)
                return True
            case _Kind.OPENER if char == "“" and may_close and not candidate.spaced and not candidate.closed:
                candidate.has_stray_quote = True
                self._move_end(candidate)
                return True
            case _Kind.OPENER | _Kind.QUOTE | _Kind.INVERTED | _Kind.APOSTROPHE:
                candidate.is_passed = True
                candidate.opens = char
                return False  # the quote or bracket that it opens decides
            case _Kind.CLOSER if char in _TURNED_QUOTES:
                candidate.is_passed = True
                return False
            case _Kind.DASH | _Kind.SYMBOL if kind is _Kind.DASH or (char == "-" and self._follows_in_line(candidate)):
                candidate.dashed = candidate.is_passed = True
                return False
            case _:
                candidate.first = candidate.next_word = char
                candidate.delimiter = "" if _continues_word(kind) else char
                self._judge(candidate, found)
                return False

    def _grow_blank(self, candidate: _Candidate, kind: _Kind, found: list[Boundary]) -> None:
        self._close_word()
        self._blank_at = self._position
        candidate.spaced = True
        self._move_end(candidate)
        if kind is _Kind.NEWLINE:
            self._begin_line()
            candidate.newlines += 1
            if candidate.newlines == (1 if candidate.mark is _Mark.NEWLINE else 2):  # a blank line
                self._brackets.clear()
                self._end_sentence(candidate.end, found)

    def _move_end(self, candidate: _Candidate) -> None:
        if candidate.mark is not _Mark.LIST_MARKER and not candidate.is_passed:
            candidate.end = self._position

    @staticmethod
    def _follows_in_line(candidate: _Candidate) -> bool:
        """Tell whether a hyphen after the candidate would be a dash, and not part of a word or a list's bullet."""
        return candidate.spaced and candidate.mark is not _Mark.NEWLINE and not candidate.newlines

    @staticmethod
    def _extends_run(candidate: _Candidate, kind: _Kind) -> bool:
        if candidate.mark in (_Mark.NEWLINE, _Mark.LIST_MARKER) or candidate.is_passed:
            return False
        if not candidate.spaced:
            return True
        return kind is not _Kind.HARD and candidate.mark is not _Mark.HARD and not candidate.newlines  # ". . .", "! ?"

    def _grow_run(self, candidate: _Candidate, char: str, kind: _Kind) -> None:
        if candidate.closed and kind is _Kind.DOT:  # "«… complicato»." the stop after the quote is the one that counts
            candidate.word, candidate.mark, candidate.run = "", _Mark.HARD, char
        elif candidate.spaced:  # ". . ."
            if candidate.first_stop_end is None and candidate.run == "." and candidate.word:
                candidate.first_stop_end = candidate.end
            candidate.run += " "
            candidate.spaced = False
        if kind is not _Kind.DOT:
            candidate.mark = _MARK_OF[kind]
        if len(candidate.run) < MAX_WORD_CHARS:
            candidate.run += "..." if char == "…" else char
        self._move_end(candidate)
        self._last_visible = char

    def _grow_reference(self, candidate: _Candidate, char: str, found: list[Boundary]) -> bool:
        """Read on in what may be the "[1]" after a sentence; return True if it took the character."""
        is_short = self._position - candidate.reference_start <= MAX_REFERENCE_CHARS
        if char == "]" and candidate.reference_first and is_short:
            candidate.in_reference = False
            candidate.end = self._position
            return True
        if (char.isdigit() or char in ",-–^ ") and is_short:
            candidate.reference_first = candidate.reference_first or char
            return True
        candidate.in_reference = False
        candidate.is_passed = True
        if len(self._brackets) < MAX_BRACKETS:
            self._brackets.append(_OpenBracket("]", candidate.reference_start))
        if candidate.reference_first:
            candidate.first = candidate.next_word = candidate.reference_first
            candidate.delimiter = char
            self._judge(candidate, found)
        return False

    def _settle_stray_quote(self, candidate: _Candidate, kind: _Kind) -> None:
        """Tell by the next character whether the “ after a stop closes an earlier quote or opens the next sentence."""
        candidate.has_stray_quote = False
        if kind not in _BEGINS_WORDS:
            candidate.closed = True
            return
        candidate.end -= 1
        candidate.is_passed = True
        candidate.opens = "“"
        if len(self._brackets) < MAX_BRACKETS:
            self._brackets.append(_OpenBracket("”", self._position - 1))

    def _judge(self, candidate: _Candidate, found: list[Boundary]) -> None:
        """Decide on the candidate, unless its judgement needs more of the next word."""
        verdict = _is_sentence_end(candidate)
        if verdict is None:
            return
        end = candidate.end
        if verdict and candidate.first_stop_end is not None and _opens_with_ellipsis(candidate):
            end = candidate.first_stop_end
        if verdict and candidate.depth == 0:
            self._has_stops = self._has_stops or candidate.mark in _REFERENCED
            self._end_sentence(end, found)
            if candidate.mark is _Mark.LIST_MARKER:
                self._next_entry = _successor(candidate.word)
            return
        self._candidate = None
        if not verdict and candidate.mark is _Mark.STOP and candidate.word[-1:].isdigit():
            self._ordinal_at = candidate.words_before
        if verdict or candidate.mark in (_Mark.NEWLINE, _Mark.ARABIC_COMMA) or _is_pause(candidate):
            found.append(Boundary(end, Rank.CLAUSE))

    def _end_sentence(self, position: int, found: list[Boundary]) -> None:
        found.append(Boundary(position, Rank.SENTENCE))
        self._begin_sentence(position)

    def _begin_sentence(self, position: int) -> None:
        self._candidate = None
        self._clause_pending = self._clause_ready = False
        self._words = 0
        if self._word and self._word_start < position:  # "Tuesday.Mr": only the text past the boundary goes on
            length = self._position - 1 - position
            self._word = self._word[-length:] if length > 0 else ""
            self._word_start = position
        self._previous_word = self._first_word = ""
        self._ordinal_at = self._number_at = _NOWHERE
        self._began_small = self._word[0].islower() if self._word[:1].isalpha() else None
        self._sentence_start = position

    def _end_clause(self, char: str, found: list[Boundary]) -> None:
        is_division = self._last_visible == ":" and char.isdigit() and _TERM.search(self._previous_word) is not None
        is_range = self._may_be_range and _KIND[self._last_visible] is _Kind.DASH and _begins_amount(char)
        if not is_division and not is_range:  # "60 : 12 = 5", "9 a.m. – 5 p.m."
            found.append(Boundary(self._position - 1, Rank.CLAUSE))
        self._clause_pending = self._clause_ready = False


def _begins_amount(char: str) -> bool:
    return char.isdigit() or unicodedata.category(char) == "Sc"


_TERM: Final = re.compile(r"\d[a-z]?\Z|(?<![^\W\d_])[a-z]\Z|[²³₀-₉]\Z")  # "10", "2x", "x", "x²"
_CLAUSE_TRAIL: Final = frozenset(
    {_Kind.SPACE, _Kind.NEWLINE, _Kind.CLOSER, _Kind.IGNORED, _Kind.CLAUSE, _Kind.WIDE_CLAUSE}
)
_BEGINS_WORDS: Final = frozenset(
    {_Kind.WORD, _Kind.ARABIC, _Kind.PERSIAN, _Kind.OPENER, _Kind.QUOTE, _Kind.APOSTROPHE, _Kind.INVERTED, _Kind.SYMBOL}
)
_REFERENCED: Final = (_Mark.STOP, _Mark.ASK, _Mark.HARD)
_SUPERSCRIPTS: Final = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹")
# German books open with the marks that French ones close with; Swedish books do both.
_TURNED_QUOTES: Final = {"»": "«", "›": "‹"}


# „…“ and „…” are both in use, »…« and »…» as well.
_ALSO_CLOSED_BY: Final = {"”": "“", "»": "«", "›": "‹"}


def _is_closed_by(bracket: _OpenBracket, char: str) -> bool:
    return bracket.closer == char or bracket.closer == _ALSO_CLOSED_BY.get(char)


def _continues_word(kind: _Kind) -> bool:
    return kind is _Kind.WORD or kind is _Kind.ARABIC or kind is _Kind.PERSIAN or kind is _Kind.APOSTROPHE


def _script_mark(char: str, before: str, *, is_arabic: bool) -> _Mark | None:
    """Tell what a comma, colon or semicolon is in a script that ends sentences with it."""
    if char == ":" and ("\u0530" <= before <= "\u058f" or (is_arabic and "\u0600" <= before <= "\u06ff")):
        return _Mark.HARD  # the colon that Armenian keyboards have in place of ։
    if char == ";" and ("\u0370" <= before <= "\u03ff" or "\u1f00" <= before <= "\u1fff"):
        return _Mark.HARD  # the Greek question mark
    if char == "،" and is_arabic:
        return _Mark.ARABIC_COMMA
    return None


# Judgement.

_ENTRY: Final = re.compile(r"\d{1,3}|[a-z]|[ivx]{1,4}")
_TITLE_NUMBER: Final = re.compile(r"§?\d{1,3}(\.\d{1,3}){0,3}|[IVX]{1,6}")
_ROMAN: Final = re.compile(r"[IVXL]{2,}")
_ROMAN_NUMERALS: Final = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv".split()
_VOWELS: Final = frozenset("aeiouyàáâãäåæèéêëìíîïòóôõöøœùúûüýąęěůőűаеёиоуыэюяіїєѣъөүұәαεηιουωάέήίόύώ")


def _successor(entry: str) -> str:
    """Return the number or letter of the next list entry; empty if there is none."""
    if entry.isdigit():
        return str(int(entry) + 1)
    if len(entry) > 1 or entry == "i":
        at = _ROMAN_NUMERALS.index(entry) + 1 if entry in _ROMAN_NUMERALS else len(_ROMAN_NUMERALS)
        return _ROMAN_NUMERALS[at] if at < len(_ROMAN_NUMERALS) else ""
    return "" if entry == "z" else chr(ord(entry) + 1)


def _is_sentence_end(c: _Candidate) -> bool | None:
    """Judge a candidate by itself; None: the next word must be known first."""
    match c.mark:
        case _Mark.HARD:
            return _hard_stop_ends(c)
        case _Mark.ASK:
            return _question_ends(c)
        case _Mark.NEWLINE:
            return _line_ends(c)
        case _Mark.LIST_MARKER:
            return c.spaced
        case _Mark.ARABIC_COMMA:
            return _arabic_comma_ends(c)
        case _Mark.DECORATION:
            return _decoration_ends(c)
        case _Mark.STOP:
            return _full_stop_ends(c)


def _arabic_comma_ends(c: _Candidate) -> bool | None:
    """Judge a comma of a writer who has ended no sentence otherwise; some write whole texts with commas only."""
    if c.has_stops or c.words_before < MIN_ARABIC_CLAUSE_WORDS:
        return False
    # One word between two commas is an enumeration.
    return None if not c.delimiter else c.spaced and c.delimiter != "،" and _KIND[c.first] is not _Kind.PERSIAN


def _decoration_ends(c: _Candidate) -> bool | None:
    if _is_caseless(c.first) or (c.before and _is_wide(c.before) and c.first.isalnum()):
        if c.run not in ")）" and c.before not in _ENDS_PREDICATES:
            return False
        return None if _may_be_particle(c) else not _is_particle(c)
    return c.spaced and _is_capital(c.first) and bool(c.before) and (c.before.islower() or c.before in ".!?):;-")


def _may_be_particle(c: _Candidate) -> bool:
    return c.first in _PARTICLES and len(c.next_word) < 2 and not c.delimiter


def _is_particle(c: _Candidate) -> bool:
    """Tell whether a sentence of Japanese goes on: 組織？に属し, but そうですか？にんじんを."""
    if c.spaced or c.first not in _PARTICLES or not c.before or not _is_wide(c.before):
        return False
    following = c.next_word[1:2] or c.delimiter
    is_kana = "\u3041" <= following <= "\u309f"
    return c.next_word[:2] in _LONGER_PARTICLES or following in "、，" or (following.isalnum() and not is_kana)


# What a sentence of Japanese may go on with behind a mark. Most also begin words, whose second letter is kana.
_PARTICLES: Final = frozenset("とのをにがはもへで")
_LONGER_PARTICLES: Final = frozenset("とい とか のか には にも もあ もい".split())
_ENDS_PREDICATES: Final = frozenset("たすだねよいうるんわぞぜっー〜～えなくぐむぶつぬじし")
_FACE: Final = re.compile(r"[笑泣汗涙爆嬉]+|[^\w\s]{0,3}[\^*;><][^\s]{0,3}[\^*;><][^\w\s]{0,3}")
_DECORATIONS: Final = frozenset("♪♫☆★")


def _is_decoration(char: str) -> bool:
    return char in _DECORATIONS or "\U0001f300" <= char <= "\U0001faff"


def _hard_stop_ends(c: _Candidate) -> bool | None:
    # 「…。」と言った: the quotation is only a part of the sentence.
    is_quoted_part = c.closed and not c.spaced and c.first in "とってのをにがはもへ、，,"
    if _may_be_particle(c):
        return None
    if _is_particle(c):
        return False
    is_digit_colon = c.run == ":" and c.first.isdigit() and not c.spaced
    if c.run == ":" and not _is_armenian(c.word[-1:]) and (c.opens or _says(c.first_word) or _says(c.word)):
        return False  # what somebody says is a part of the sentence that says so
    return not is_quoted_part and not is_digit_colon and not (c.closed and c.first in ",;")


def _says(word: str) -> bool:
    return word in SAYS_IN_ARABIC or word[1:] in SAYS_IN_ARABIC  # "وقال", "فقال"


_BEHIND_FACTORIALS: Final = "=≈<>≤≥×·÷/+*^"


def _question_ends(c: _Candidate) -> bool | None:
    if _KIND[c.first] in (_Kind.CLAUSE, _Kind.WIDE_CLAUSE):
        return False  # "Leave me alone!, he said"
    if c.run == "!" and c.first in _BEHIND_FACTORIALS:
        return False  # "n! = 6"
    if c.closed and c.before in "([（［" and not c.word:
        return False  # "ein(!) Satz"
    if not c.spaced and not c.dashed:
        if not c.word and not c.closed and not _is_caseless(c.first):
            return False  # "!important" and "!Kung": the mark belongs to the word after it
        is_address = "." in c.word or "@" in c.word or "/" in c.word
        if _is_capital(c.first) and (is_address or (len(c.word) == 1 and c.word.isupper())):
            return False  # "story.asp?Id=1", "Y!J"
        if _may_be_particle(c):
            return None
        if _is_particle(c):
            return False
        return _is_capital(c.first) or _is_caseless(c.first) or (c.first in "*_#" and bool(c.word))
    if (c.word + c.run).lower() in NAMES_WITH_MARKS and not _is_capital(c.first):
        return False
    if not c.first.islower():
        return True
    if c.closed or c.dashed:
        return False
    if c.began_small or c.newlines:
        return True
    if not c.delimiter:
        return None
    if "." not in c.run and c.word.islower() and c.next_word in SENTENCE_OPENERS - CONJUNCTIONS:
        return True  # a writer who now and then leaves a capital out
    return "?" in c.run and c.delimiter == "?"  # "Who? me?"


def _line_ends(c: _Candidate) -> bool | None:
    """Tell a line of a list or of a poem from a line that a PDF has wrapped."""
    if c.depth or not c.word:
        return False
    if _KIND[c.first] is _Kind.BULLET or (c.first in "-*+#>|" and c.delimiter) or "①" <= c.first <= "⓿":
        return True
    if c.first.isdigit():
        return None if not c.delimiter else c.delimiter in (")" if c.opens else ".)") and len(c.next_word) <= 3
    last = c.word.rstrip(":")[-1:] if c.before in ":：" or _KIND[c.before] in _CLOSES else c.before
    if not (last.isalnum() or unicodedata.category(last)[0] == "M") or c.run != "\n":
        return False
    if c.first.islower():
        return c.whole_line and c.line_words <= MAX_LIST_LINE_WORDS and c.before == last
    if _is_wide(last):
        return _is_wide(c.first) and c.line_chars < MIN_WRAPPED_WIDE_CHARS and last not in _KANA_PARTICLES
    return (_is_capital(c.first) or _is_caseless(c.first)) and c.line_chars < MIN_WRAPPED_LINE_CHARS


_CLOSES: Final = (_Kind.CLOSER, _Kind.QUOTE)
_KANA_PARTICLES: Final = "のはがをにでとへもやかて"  # no line of a list ends in one


def _full_stop_ends(c: _Candidate) -> bool | None:
    if _KIND[c.first] in (_Kind.CLAUSE, _Kind.WIDE_CLAUSE) or _is_armenian(c.word[-1:]):
        return False
    if c.run.count(".") > 1:
        return _ellipsis_ends(c)
    if not c.spaced and not c.dashed:
        return _run_on_ends(c)
    if c.dashed and not c.spaced and (joins := _joins_abbreviations(c)) is not False:
        return None if joins is None else False  # "Mo.–Fr."
    if c.run.endswith(")") or (not c.words_before and _ENTRY.fullmatch(c.word)):
        return False  # the number of an entry
    if c.opens_line and not c.words_before and _TITLE_NUMBER.fullmatch(c.word):
        return False  # "8.1. Title", "§2. Title", "IV. Title"
    if (pair := PAIRS.get(_bare(c.word))) is not None and c.first:
        if not c.delimiter and len(c.next_word) < MAX_NEXT_WORD_CHARS:
            return None
        if c.next_word.lower() in pair:
            return False  # "n. Chr.", "av. J.-C."
    if c.previous_word.lower() == "т." and c.word in ("п", "д") and _is_capital(c.first):
        return True  # "и т. п. В общем"
    if c.closed or not c.word or _KIND[c.before] is _Kind.CLOSER:
        return not c.first.islower()
    if c.word[-1].isdigit():
        return _stop_after_number_ends(c)
    if c.previous_word.lower() in BEFORE_DEGREES and c.word.islower():
        return False  # "Dr. med. Holm"
    if c.previous_word.endswith(".") and _is_one_letter(c.word) and not c.word.isascii():
        return False  # after a title or an initial, one more initial: "പി. എ. നായർ"
    if len(c.word) == 1 or _is_acronym(c.word) or _is_abbreviation_like(c.word) or _is_measure(c):
        return _stop_after_abbreviation_ends(c)
    if _ROMAN.fullmatch(c.word):
        return _stop_after_roman_numeral_ends(c)
    if c.first.islower() and not c.began_small and not c.newlines and not c.opens:
        # A writer who uses capitals begins each sentence with one, so this is an unlisted abbreviation ("the admin.
        # staff").
        return None if not c.delimiter else c.next_word in SENTENCE_OPENERS
    return True


def _ellipsis_ends(c: _Candidate) -> bool | None:
    if _opens_with_ellipsis(c) and c.first_stop_end is not None:
        return True
    if not c.word and c.closed:
        return False  # "[...]"
    dots = c.run.count(".")
    if not c.spaced and not c.closed:
        return _is_capital(c.first) and bool(c.word) and dots >= 3
    if " " in c.run and dots == 3:
        return False
    if c.first == "I" and dots == 3 and c.word and not c.closed and 0 < c.words_before < MAX_TRAILING_WORDS:
        # It has a capital wherever it stands: "I thought... I"
        return None if not c.delimiter else c.next_word != "I" and not c.next_word.startswith(("I'", "I’"))
    return not c.first.islower()


def _opens_with_ellipsis(c: _Candidate) -> bool:
    """Tell whether the first of several dots ends a sentence and the others open the next ("raak. ...en toen")."""
    rest = c.run[1:].strip()
    if rest.replace(" ", "") != "..." or c.closed:
        return False
    return " " in rest or not c.spaced


def _run_on_ends(c: _Candidate) -> bool | None:
    """Judge a stop after which the next sentence follows without a blank ("Hello world.Today is Tuesday.")."""
    if c.closed:
        return _is_capital(c.first) and not c.run.endswith("'")
    if c.run == "．" and _is_caseless(c.first):
        return True  # "文1．文2"
    if _is_caseless(c.first) and _ends_caseless(c.word):
        return not _is_one_letter(c.word) and not _is_acronym(c.word)  # "ዓ.ም.", "बी.ए."
    if not _is_capital(c.first) or _is_known_abbreviation(c.word):
        return False
    before = c.word[-1:]
    is_plain = c.word.isalpha() or c.word.replace(",", "").replace("$", "").isdigit()
    is_spoken = before.islower() or before.isdigit()
    if not is_plain or not is_spoken or (len(c.word) == 1 and not before.isdigit()):
        return False
    if c.word.isdigit() and len(c.word) <= 2 and (not c.words_before or c.word == "1" or c.previous_word[-1:] in ",;:"):
        return False  # the number of an entry: "1.Milk, 2.Bread"
    if not c.delimiter:
        return None
    is_word = len(c.next_word) > 1 or (c.next_word in ("I", "A") and c.delimiter == " ")
    if c.word.isdigit() and not c.next_word.isalpha():
        return False  # "7.Bg5"
    if c.next_word.lower() in NAME_ENDINGS:
        return False  # "Socket.IO", "ASP.Net", "Example.Com"
    return is_word and c.delimiter in " .,!?'’:;-\n\t" + BREAK


_NOWHERE: Final = -9  # so many words in front of its sentence no word of it looks
_BETWEEN_ORDINALS: Final = frozenset("und u. oder bis bzw. og eller".split())

# German, and words of no other language.
BEFORE_ANY_ORDINAL: Final = frozenset(("beim", "zum", "vom", "zur"))


def _joins_abbreviations(c: _Candidate) -> bool | None:
    """Tell the dash of "Mo.–Fr." and "Okt.–Dez." from one that follows a sentence."""
    if not _is_capital(c.word[:1]) or len(c.word) > _LONGEST_JOINED_CHARS:
        return False
    return None if not c.delimiter else c.delimiter == "." and len(c.next_word) <= _LONGEST_JOINED_CHARS


_LONGEST_JOINED_CHARS: Final = 5  # of a weekday or month cut short, in any language that has them: "Sept"


_GROUPED: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+")


def _stop_after_number_ends(c: _Candidate) -> bool | None:
    if c.first.islower():
        return False  # an ordinal: "10. pokus", "20. marec"
    number = c.word.lstrip("-–")  # "1. -3. Jahrhundert"
    is_short = number.isdigit() and len(number) <= 2
    if number.isdigit() and c.previous_word.lower() in BEFORE_ANY_ORDINAL and _is_capital(c.first):
        return False  # "beim 125. Jubiläum"
    # "der 1.000. Besucher", "den 101. Geburtstag"
    is_grouped = _GROUPED.fullmatch(number) is not None or (number.isdigit() and len(number) == 3)
    if number.isdigit() and len(number) == len("2024") and c.first.isdigit() and _precedes_year(c.previous_word):
        return c.delimiter != "." if c.delimiter else None  # "2024. 11. 29."
    if not is_short and not (is_grouped and c.previous_word.lower() in BEFORE_ORDINALS):
        return True
    if c.previous_word.lower() in BEFORE_ORDINALS and _is_capital(c.first):
        return False
    if not c.delimiter:
        return None
    if c.follows_ordinal and c.previous_word.lower() in _BETWEEN_ORDINALS and _is_capital(c.first):
        return c.next_word.lower() in SENTENCE_OPENERS  # "am 1. und 3. Mittwoch"
    if c.previous_word[-1:] == "," and c.previous_word[:-1].isalpha() and _is_capital(c.first):
        is_ordinal = c.next_word.lower() in AFTER_ORDINALS or c.next_word.lower() not in SENTENCE_OPENERS
        return not is_ordinal  # "im 4. Stock, 3. Tür links"
    is_date = c.first.isdigit() and c.delimiter == "."  # "12. 6. 2014"
    return not is_date and c.next_word.lower() not in AFTER_ORDINALS


def _precedes_year(word: str) -> bool:
    """Tell whether a year with a stop may begin a Korean date behind a word, or behind none."""
    return not word or "\uac00" <= word[-1] <= "\ud7a3"


def _stop_after_roman_numeral_ends(c: _Candidate) -> bool | None:
    """Tell "World War II. The …" from "the XII. Regiment": a noun whose name includes a number has a capital itself."""
    if c.first.islower():
        return False
    if c.previous_word.lower() in BEFORE_ORDINALS:
        return None if not c.delimiter else c.next_word.lower() in SENTENCE_OPENERS  # "Im II. Weltkrieg"
    if c.next_word.lower() in AFTER_ORDINALS:
        return False  # "Im XIX. Jahrhundert"
    if not c.previous_word or not c.previous_word[0].islower():
        return True
    return None if not c.delimiter else c.next_word.lower() in SENTENCE_OPENERS


_SCALES: Final = frozenset("tsd mio mill mrd mld mln".split())


def _stop_after_abbreviation_ends(c: _Candidate) -> bool | None:
    if c.first in "&%‰€₽₴₺=≈+×":
        return False  # "3 uds. = 9 €", "1,5 Mio. €"; "$" and "£" may begin a sentence
    if c.first in "$£¥" and _bare(c.word) in _SCALES:
        return False  # "18 Mrd. $ wert"
    if len(c.word) == 1 and c.word.isupper() and not c.first.islower() and not c.first.isdigit():
        return _stop_after_letter_ends(c)
    word = _bare(c.word)
    role = ABBREVIATIONS.get(word, ABBREVIATIONS.get("str" if _is_street(word) else word.rpartition("'")[2]))
    if word == "st" and c.previous_word[:1].isupper():
        role = Role.NAME  # "Elm St.", not "St. James"
    # "Rep." before a name is a title, "rep." may be a word, as may "CD."; "No." may be one either way.
    is_also_a_word = word in ALSO_A_WORD and (
        c.word.islower() or role is Role.NUMBERED or (c.word.isupper() and role is not Role.TITLE)
    )
    if role in (Role.TITLE, Role.INNER) and not is_also_a_word:
        return False
    if c.first.islower() or c.first.isdigit():
        return False
    if len(c.word) == 1 and role is None:
        return _stop_after_letter_ends(c)
    if not _is_capital(c.first) and not _is_caseless(c.first):
        return True
    if role is Role.CLOSING:
        return _stop_after_time_ends(c) if word in TIMES else True
    if _is_measure(c):
        return True
    if role is Role.NUMBERED or is_also_a_word:
        if not c.delimiter:
            return None
        is_numeral = _is_numeral(c, is_told=not is_also_a_word)
        is_letter = len(c.next_word) == 1 and c.delimiter == "."
        return not is_numeral and (is_also_a_word or not is_letter)
    if not c.delimiter:
        return None
    if len(c.next_word) == 1 and c.delimiter == ".":
        return False  # "S. A.", "z. B.", "U.S. I. Smith"
    return c.next_word.lower() in SENTENCE_OPENERS


def _stop_after_time_ends(c: _Candidate) -> bool | None:
    """Tell "He left at 6 p.m. Anna stayed" from "At 6 p.m. Anna left" and "the 6 p.m. Sunday show"."""
    if not c.delimiter:
        return None
    following = c.next_word.lower()
    if following in AFTER_TIMES or _ZONE.fullmatch(c.next_word):
        return False
    first_word = c.first_word.lower()
    longest = MAX_TIME_WORDS if len(first_word) > 1 else 2  # "A man", but "A las 5"
    if first_word not in BEFORE_TIMES or c.words_before > longest:
        return True
    return following in SENTENCE_OPENERS and c.next_word != "I"


_ZONE: Final = re.compile(r"[A-Z]{1,3}T")  # "10 a. m. PT", "BRT"


def _is_measure(c: _Candidate) -> bool:
    """Tell whether the word is a unit after its number ("5 ft.", "5ft."); with a capital it is not ("Ft. Worth")."""
    word = c.word.lstrip(_DIGITS)
    return word in MEASURES and (len(word) < len(c.word) or c.previous_word[-1:].isdigit())


def _stop_after_letter_ends(c: _Candidate) -> bool | None:
    """Judge a stop after a single letter: an initial, unless it is the word "I" or a name such as "plan B"."""
    follows_small_word = c.previous_word[:1].islower()
    if c.word == "I" and follows_small_word and _is_capital(c.first):
        return True
    if not c.delimiter:
        return None
    if len(c.next_word) == 1 and c.delimiter == ".":
        return False
    if c.word == "m" and c.previous_word in ("a.", "p.") and _ZONE.fullmatch(c.next_word):
        return False  # "10 a. m. PT"
    if c.word.islower() and c.word.isascii():
        return _is_capital(c.first) and not _is_numeral(c)  # "solve for x. Then", but "t. II"
    return c.words_before > 0 and c.next_word.lower() in SENTENCE_OPENERS


def _is_numeral(c: _Candidate, *, is_told: bool = False) -> bool:
    """Tell whether a number follows, maybe a Roman one: a "V" begins no sentence, nor does the "X" of "cap. X,".

    Args:
        c: a candidate behind an abbreviation.
        is_told: the abbreviation is no word, so that a number is to follow it.
    """
    if len(c.next_word) == 1:
        is_apart = c.delimiter in ",;)" and (c.next_word != "I" or len(c.word) == 1)  # "t. I,", but "no. I, for one,"
        return c.next_word == "V" or (c.next_word in "IXL" and (is_told or is_apart))
    if is_told and any(map(str.isdigit, c.next_word)):
        return True  # "n. A7-40921"
    return _ROMAN.fullmatch(c.next_word) is not None


def _is_abbreviation_like(word: str) -> bool:
    return _is_known_abbreviation(word) or _has_no_vowel(word)


def _is_known_abbreviation(word: str) -> bool:
    word = _bare(word)
    return word in ABBREVIATIONS or word.rpartition("'")[2] in ABBREVIATIONS or _is_street(word)  # "l'av."


def _is_street(word: str) -> bool:
    """Tell whether a word is the name of a German street: "goethestr"."""
    return len(word) > _SHORTEST_STREET_CHARS and word.endswith("str")


_SHORTEST_STREET_CHARS: Final = 6


_DIGITS: Final = "0123456789.,:"


def _bare(word: str) -> str:
    """Return the word as the tables have it: in small letters, without quotes, without a number written before it.

    Of "Steuer-Nr", "Lt.-Gen", "lun.-sáb", "165-lb" and "$18/hr" that is the last part; of "sous-préf", "tel.-nr" all.
    """
    word = word.strip("'’-")
    if "-" in word:
        first, _, last = word.rpartition("-")
        is_apart = last[:1].isupper() or first.endswith(".")
        word = last if is_apart and word.lower() not in ABBREVIATIONS else word
    word = word.lower().lstrip(_DIGITS + "$€£")
    if "/" in word and word not in ABBREVIATIONS:
        word = word.rpartition("/")[2] or word
    return word.lstrip("-")


def _is_acronym(word: str) -> bool:
    """Tell whether the word is single letters with stops between them: "U.S", "т.д", "बी.ए"."""
    return "." in word and all(_is_one_letter(part) for part in word.split("."))


def _is_one_letter(word: str) -> bool:
    return word[:1].isalpha() and all(unicodedata.category(mark)[0] == "M" for mark in word[1:])


def _has_no_vowel(word: str) -> bool:
    """Tell whether a small Latin or Cyrillic word cannot be pronounced, and so abbreviates something."""
    if not word.isalpha() or _is_caseless(word[0]) or not word[1:].islower() or word.lower() in VOWELLESS_WORDS:
        return False
    return not any(unicodedata.normalize("NFD", letter)[0] in _VOWELS for letter in word.lower())


def _is_pause(c: _Candidate) -> bool:
    if c.run == "!" and c.first in _BEHIND_FACTORIALS:
        return False  # "n! = 6"
    return c.spaced and (c.mark is _Mark.ASK or c.run.count(".") > 2)


def _hardly_ambiguous(c: _Candidate) -> bool:
    """Tell whether the end counts whatever follows, as far as ordinary prose goes."""
    if c.mark is _Mark.HARD:
        return True
    if c.mark is _Mark.ASK:
        is_factorial = c.run == "!" and (c.word.isdigit() or (len(c.word) == 1 and c.word.isascii()))
        return not is_factorial and (c.word + c.run).lower() not in NAMES_WITH_MARKS
    if c.mark is not _Mark.STOP or c.run != "." or c.closed:
        return False
    letters = c.word.replace("-", "").replace("'", "").replace("’", "")
    return len(letters) > 1 and letters.isalpha() and not _is_abbreviation_like(c.word) and not _ROMAN.fullmatch(c.word)


def cannot_end(word: str) -> bool:
    """Tell whether a word with its stop is one that more should follow: a title ("Dr."), a number ("3.", "No.")."""
    if not word.endswith("."):
        return False
    inner = _CLOSE_TO_A_WORD.sub("", word[:-1].lstrip(_OPENERS))
    return inner[-1:].isdigit() or _is_abbreviation_like(inner)


def stands_alone(word: str) -> bool:
    """Tell whether an abbreviation is no part of what stands before it: "etc." and "bzw.", but not "p.m." and "c."."""
    word = _bare(word.removesuffix("."))
    return ABBREVIATIONS.get(word) in (Role.CLOSING, Role.INNER) and word not in TIMES and len(word) > 1


_OPENERS: Final = "".join(_CLOSER_OF)
# What stands without a blank in front of Latin letters: 受付 of "受付No.", and "第3章(" of "第3章(p.".
_CLOSE_TO_A_WORD: Final = re.compile(
    r"\A.*[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af][(（「『【、，：]?(?=[A-Za-z]{1,4}\Z)"
)


def _is_capital(char: str) -> bool:
    return char.isupper() or char.istitle()


def _is_caseless(char: str) -> bool:
    """Tell whether the character is a letter of a script without capitals."""
    return char.isalpha() and char.lower() == char.upper()


def _ends_caseless(word: str) -> bool:
    """Tell whether the word's last letter, without its marks, is of a script without capitals."""
    letters = word.rstrip("".join(char for char in word if unicodedata.category(char)[0] == "M"))
    return _is_caseless(letters[-1:])


def _is_wide(char: str) -> bool:
    # Hangul is written with blanks.
    return unicodedata.east_asian_width(char) == "W" and not "\uac00" <= char <= "\ud7a3"


def _is_armenian(char: str) -> bool:
    return "\u0530" <= char <= "\u058f"
