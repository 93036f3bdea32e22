"""From a chatbot's writing to what a person reading it aloud would say, while it is still being written.

The work is split by what it needs to know. ``MarkupReader`` does what must be done before sentences can be found. It
drops the marks of Markdown and HTML, and turns the ends of headings, list entries and table rows into ``BREAK``. For
every character that it passes on, it remembers the place in the source. It looks ahead a bounded number of characters,
so any cutting of the source gives the same characters. ``read_aloud`` does what can be done on a finished segment: it
closes up gaps.

These are said: the label of a link, the alternative text of an image, the content of inline code, the number of a list
entry, the cells of a table, the host of a URL. These are not: emphasis, bullets, rules, code blocks (which people skip
when they read aloud), footnote and citation marks, the marks around a formula, tags, emoji, the path of a URL, and what
is no text for a listener (``asides``). An arrow is a pause, and so is what stood where a sentence ended without a stop.
A formula is handed on in plain notation (``formulas``). What tags of SSML ask for is handed on beside the characters,
as marks (``marks``).
"""

from __future__ import annotations

import html
import re
import sys
import unicodedata
from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from ...synthesis.alignment import Edit, Rewriting
from . import asides, formulas, ssml
from .boundaries import BREAK
from .marks import MAX_OPEN, Begin, End, Pause
from .tags import MAX_TAG_CHARS, broken_tag, find_tag, may_become_tag, may_go_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .asides import Aside, AsideKind, JsonEnd
    from .marks import Mark
    from .tags import Tag

MAX_LABEL_CHARS: Final = 200  # a "[" not closed within this length opens no link; no writer makes a longer label
MAX_TARGET_CHARS: Final = 2048  # a "](" not closed within this much is no link either; browsers' limit for a URL
MAX_SUB_CHARS: Final = 200  # what ``<sub alias="…">`` stands in front of is a word or two
MAX_FORMULA_CHARS: Final = 200  # a "$" not closed within this length opens no formula
MAX_DISPLAY_CHARS: Final = 1000  # the same for "$$" and "\\["
MAX_ENTITY_CHARS: Final = 32  # the longest HTML entity has 31 letters
# Asterisks or backticks in a row that are one mark; emphasis is never nested deeper than 3.
MAX_MARK_RUN_CHARS: Final = 32
_LEAST_FENCE: Final = 3  # backticks
# A star in front of a figure is emphasis if another closes it within so many characters: nobody emphasises a sentence
# that begins with a figure, and a listener waits for them.
MAX_STARRED_CHARS: Final = 40
MAX_LINE_START_CHARS: Final = 160  # how much of a line may be needed to recognise a rule or a table's separator


class Piece(NamedTuple):
    """A run of characters to speak, and the stretch of source that they stand for.

    If there are as many characters as source characters, they map one to one. Otherwise all stand for the whole
    stretch.

    Attributes:
        text: what to speak. If it is empty, the source is silent and belongs to the piece before.
        start: position of the stretch in the source, in code points.
        end: position just past it.
        mark: what is asked for behind the text of all pieces before it; then ``text`` is empty.
    """

    text: str
    start: int
    end: int
    mark: Mark | None = None


class TextReader(Protocol):
    """Turns source text into pieces, in order, as it comes."""

    def feed(self, text: str) -> list[Piece]:
        """Read more of the source; return the pieces that are certain by now."""
        ...

    def settle(self, *, keeps_formulas: bool = False) -> list[Piece]:
        """Return the text that was held back, read as if the source ended here; reading may go on after it.

        Args:
            keeps_formulas: a command whose arguments are open is still held: half a fraction is no number.
        """
        ...

    @property
    def held(self) -> str:
        """The text that is held back and may have to be said."""
        ...


class VerbatimReader:
    """Passes the text on unchanged."""

    def __init__(self) -> None:
        self._position = 0

    def feed(self, text: str) -> list[Piece]:
        """Pass the text on."""
        start = self._position
        self._position += len(text)
        return [Piece(text, start, self._position)]

    def settle(self, *, keeps_formulas: bool = False) -> list[Piece]:
        """Return nothing: nothing is ever held back."""
        del keeps_formulas
        return []

    @property
    def held(self) -> str:
        """Nothing is ever held back."""
        return ""


# Characters that may begin markup; the text between them passes in one piece.
_PLAIN: Final = re.compile(
    r"[^\n\\*_~`\[\]!<&|$【{◁"
    r"\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029"  # control characters, lone surrogates
    r"\u200b\u200d\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"  # invisible
    r"•⁃◦▪‣●○■□▶►⦁∙"
    r"\u20e3\u2190-\u21ff\u231a-\u23ff\u25aa-\u25ff\u2600-\u266c\u266e\u2670-\u27bf\u2934-\u2935\u2b00-\u2bff\ufe0e\ufe0f"
    r"\U0001f000-\U0001faff\U000e0020-\U000e007f]+"
)
_BULLETS: Final = "•⁃◦▪‣●○■□▶►⦁∙"
_CHANGES: Final = "↑↓▲△▼"
_FIGURES: Final = frozenset("0123456789%‰℃")
_INVISIBLE: Final = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_LEADS_ON: Final = frozenset("→⇒➔➜➝➞")
_BEGINS_FIGURE: Final = re.compile(r"[vV+$€£¥₩−-]?\d|[+−-]?∞")
# What begins the products of a reaction: "2H₂O", "NaCl + ".
_CHEMICAL: Final = re.compile(r"\s?(?:\d{1,2}\s?)?[A-Z][A-Za-z]{0,5}(?:[\d₀-₉]|\s\+\s)")
_CHEMICAL_BEGINNING: Final = re.compile(r"\s?(?:\d{1,2}\s?)?(?:[A-Z][A-Za-z]{0,5}(?:\s\+?)?)?\Z")
# In front of its arrow: "O₂", "HCl", "+ Br"; and of one between equations, "= 20 →".
_REACTS: Final = re.compile(r"(?:[\d₀-₉)]|(?:[A-Z][a-z]?[\d₀-₉]*){2}|\+ (?:\d )?[A-Z][a-z]?)\s\Z")
_TAIL_CHARS: Final = 12  # characters that hold any of these
_ARROW: Final = re.compile("[\u2190-\u21ff\u2794-\u27be]")
_ZERO_WIDTH_JOINER: Final = "\u200d"
_EMOJI: Final = re.compile(
    "[\u20e3\u2190-\u21ff\u231a-\u23ff\u25aa-\u25ff\u2600-\u266c\u266e\u2670-\u27bf\u2934-\u2935\u2b00-\u2bff\ufe0e\ufe0f"
    "\U0001f000-\U0001faff\U000e0020-\U000e007f]"
)

_URL_START: Final = re.compile(
    r"(?<![^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3])(?:https?://(?:www\.)?|www\.)(?=[^\W_])", re.IGNORECASE
)
_BEGINS_URL: Final = frozenset("hHwW")


def _ascends(numbers: str) -> bool:
    """Tell whether numbers may be those of notes: nobody cites "[3, 1, 2]", which is a list."""
    values = [int(number) for number in re.findall(r"[0-9]+", numbers)]
    return all(one < other for one, other in pairwise(values))


class _Passes(dict[str, bool]):
    """Whether a character begins neither markup nor an address, and passes in plain text; the basic plane is kept."""

    def __missing__(self, char: str) -> bool:
        passes = char not in _BEGINS_URL and _PLAIN.match(char) is not None
        if char <= "\uffff":
            self[char] = passes
        return passes


_PASSES: Final = _Passes()
# The same, or a beginning of it at the end of the text so far, for which to wait: "h", "ht", … "https://www."
_URL_START_OR_BEGINNING: Final = re.compile(
    r"(?<![^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3])(?:(?P<beginning>(?:h(?:t(?:t(?:p(?:s?(?::(?:/(?:/(?:w(?:w(?:w\.?)?)?)?)?)?)?)?)?)?)?|w(?:w(?:w\.?)?)?)\Z)"
    r"|(?:https?://(?:www\.)?|www\.)(?=[^\W_]))",
    re.IGNORECASE,
)
# In Chinese, Japanese and Korean, words and particles follow an address without a blank.
_HOST: Final = re.compile(r"(?:[^\W\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff00-\uffef]|[.\-])+")
_OPEN_HOST: Final = re.compile(r"[.\-]{1,31}\Z")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z.+-]*://(?:www\.)?|mailto:", re.IGNORECASE)
_PATH: Final = re.compile(r"[^\s<>\"|\\^`{}.,;:!?'’”»)\]*_~\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff00-\uffef]+")
_PATH_PUNCTUATION: Final = re.compile(r"[.,;:!?'’”»)\]*_~]{1,31}")

_ENDS_LABEL: Final = re.compile(r"[\[\]\n]")
_LABEL: Final = re.compile(r"\[([^\[\]\n]*)\]")
_STOPS: Final = frozenset(".!?")
_OPERATES: Final = frozenset("∈∉=∪∩×(")
_BEFORE_INTERVAL: Final = frozenset("间間围圍域集为為在于於内內是从從到献獻第")
_LIST_BEFORE: Final = re.compile(r"(?:数组|數組|列表|向量|序列|配列|リスト|배열|리스트)\Z")
_INDEX: Final = re.compile(r"[ijkmn0-9]{1,2}(?:[+-][0-9])?")  # of an array, behind its name or another index
_CITATION: Final = re.compile(r"\^[^\]]+|\d{1,3}(?:\s*[,–-]\s*\d{1,3})*")
_CHECKBOX: Final = (" ", "x", "X")
# A citation as OpenAI's assistants write it: 【4:0†report.pdf】.
_SOURCE: Final = re.compile(r"【\d{1,3}(?::\d{1,3})?†[^【】\n]*】")
_SOURCE_BEGINNING: Final = re.compile(r"【[\d:]{0,7}(?:†[^【】\n]*)?\Z")
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_ENTITY_BEGINNING: Final = re.compile(r"&(?:#[xX]?[0-9a-fA-F]{0,7}|[A-Za-z][A-Za-z0-9]{0,30})?\Z")
_BLOCK_TAGS: Final = frozenset(
    (
        "address article aside blockquote body br caption center dd details div dl dt figcaption figure footer "
        "form h1 h2 h3 h4 h5 "
        "h6 header hr html li main nav ol p pre section summary table tbody td tfoot th thead title tr ul"
    ).split()
)
_INLINE_TAGS: Final = frozenset(
    (
        "a abbr acronym audio b bdi bdo big button cite code data del dfn em embed font i iframe img input ins "
        "kbd label link mark "
        "meta picture q s samp script select small source span strike strong style sub sup svg time tt u "
        "var video wbr"
    ).split()
)
# Elements that ask something of the voice, or group sentences.
_SPEECH_TAGS: Final = frozenset(
    "break emphasis say-as spell phoneme prosody sub lang speak voice express-as effect".split()
)
_SUB: Final = re.compile(r"[^<>\n]*</sub\s*>", re.IGNORECASE)
_SUB_BEGINNING: Final = re.compile(r"[^<>\n]*(?:<(?:/(?:s(?:u(?:b\s*)?)?)?)?)?\Z", re.IGNORECASE)

# A formula's end; what stands between is judged by ``formulas``.
_DOLLAR: Final = re.compile(r"(?:[^$\\\n]|\\[^\n])*\$")
_OPEN_DOLLAR: Final = re.compile(r"(?:[^$\\\n]|\\[^\n])*\\?\Z")
_DISPLAYS: Final = {
    "$$": re.compile(r"((?:(?!\n\s*\n)[^$])*)\$\$"),
    "\\(": re.compile(r"((?:(?!\n\s*\n|\\\)).)*)\\\)", re.DOTALL),
    "\\[": re.compile(r"((?:(?!\n\s*\n|\\\]).)*)\\\]", re.DOTALL),
}
# What begins a formula and no price ("$9.99/month", "$5 + $3") or name ("$HOME/bin").
_FORMULA_BEGINNING: Final = re.compile(
    r"[^\n]{0,40}[\\^{]|[A-Za-z](?:_\w)?\s*[=<>≤≥+-]|[A-Za-z]'{0,2}\(|-?\d+(?:[.,]\d+)?\s*[=<>≤≥]"
    r"|\d{1,3}[acnpqrtuvxyz](?![a-z])|\|[^|\n]{1,9}\|?\s?[=<>]|\|[^|\n]{0,9}(?:\|\s?)?\Z|-?[A-Za-z]{1,2}(?:_\w?)?\s?\Z|-\d[\d.,]*\s?\Z"
)
_OPEN_END: Final = re.compile(r"(?:\s|\*\*|[=+(<>×])\Z")  # no formula ends so: "$149 = **$298**"
_BLANK_LINE: Final = re.compile(r"\n[ \t]*\n")
_JUDGED_CHARS: Final = 80  # prose shows itself within so many
_PRICE: Final = re.compile(r"\d[\d.,]*(?:(?<=[.,])(?=\s)|(?![^\S\n]*[\\^_{=<>+*/$(-]|[a-zA-Z\d.,]))")
_PRICE_BEGINNING: Final = re.compile(r"\d[\d.,]*(?:(?<=\d)[^\S\n]+)?\Z")  # "$2 " may yet be "$2 \times 3$"

_GROUP: Final = re.compile(r"\{([^{}\n]{1,40})\}")  # "x^{2}" without marks around it
_GROUP_BEGINNING: Final = re.compile(r"\{[^{}\n]{0,40}\Z")

# Emoji that stand for a word rather than for the end of a sentence.
_HEARTS: Final = frozenset("❤♥♡💓💔💕💖💗💘💙💚💛💜💝💞💟🖤🤍🤎🧡🩵🩶🩷")
_STOPS_HERE: Final = frozenset(".!?…,;:\n。！？，；：、।؟،([{（「\"'“‘«-–—")
# Words with which stage directions begin: "*laughs*", "*clears throat*". Emphasis of other words is no pause.
_DIRECTIONS: Final = frozenset(
    (
        "beeps blinks blushes bows cackles chuckles claps clears coughs cries frowns gasps giggles grins "
        "groans gulps hums laughs laughing leans mumbles mutters nods pauses pouts raises scratches shivers "
        "shrugs sighs sighing sings smiles smiling smirks snickers sniffs sobs thinks waves whispers winks "
        "yawns grinst kichert lacht lächelt nickt räuspert seufzt zwinkert rit sourit soupire ríe sonríe "
        "suspira ride sorride sospira вздыхает смеётся смеется улыбается"
    ).split()
)
_LONGEST_DIRECTION: Final = 1 + max(map(len, _DIRECTIONS))
_FIRST_WORD: Final = re.compile(r"[^\W\d_]+")
_AFTER_BLANKS: Final = re.compile(r"\s*")

# What stands behind a star that is said: "*#06#", "*67"; and what closes emphasis.
_FIGURE_BEGINS: Final = re.compile(r"#?(?:\d|\Z)|[号號]|キー")
_STAR_CODE: Final = re.compile(r"#?\d{1,4}(?:[*#]\d{1,5}){0,3}#|[号號]键?|キー")
_DIALLED: Final = re.compile(r"\d{2,4}(?!\w|[.,]\d)")
_CLOSING_STAR: Final = re.compile(r"[^*]*(?:\*\d[^*]*)*(?<![\s，。、；,.;])\*(?!\d)")
_CLOSED: Final = frozenset(")]）")

_INDENT: Final = re.compile(r"[ \t]*")
_FENCE: Final = re.compile(r"(`{3,}|~{3,})([^\n]*)\n")
_HEADING: Final = re.compile(r"#{1,6}[ \t]+")
_QUOTE: Final = re.compile(r">[ \t]?")
_BULLET: Final = re.compile(r"[-+*][ \t]+")
_NUMBER: Final = re.compile(r"\d{1,9}[.)][ \t]")
_NUMBER_BEGINNING: Final = re.compile(r"\d{1,9}[.)]?\Z")
_KEYCAP: Final = re.compile(r"\d\ufe0f?\u20e3")  # "1️⃣", with which chatbots number steps
_KEYCAP_BEGINNING: Final = re.compile(r"\d\ufe0f?\Z")
_RULE: Final = re.compile(r"(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|={3,}[ \t]*)(?:\n|\Z)")
_RULE_BEGINNING: Final = re.compile(r"(?:[-\t ]+|[*\t ]+|[_\t ]+|[=\t ]+)\Z")
_TABLE_RULE: Final = re.compile(r"[|: \t-]*-[|: \t-]*(?:\n|\Z)")
_TABLE_RULE_BEGINNING: Final = re.compile(r"[|: \t-]*\Z")
# "|x-1| < 2" and "|x| + |y| = 3", which are no rows: a sign behind an upright line that is closed without blanks.
_BETWEEN_BARS: Final = r"[\w.²³()+*/−-]{1,16}(?:\s[+−-]\s[\w.²³()]{1,8})?"
_ABSOLUTE: Final = re.compile(rf"\|{_BETWEEN_BARS}\|(?:\s?[=<>≤≥≈]|\s[+×÷*/−-]\s\S)")
_ABSOLUTE_BEGINNING: Final = re.compile(
    r"\|(?:(?:[\w.²³()+*/−-]{1,16}(?:\s(?:[+−-](?:\s[\w.²³()]{0,8})?)?)?)?\Z"
    rf"|{_BETWEEN_BARS}\|(?:\s(?:[+×÷*/−-]\s?)?)?\Z)"
)
_PIPED_RULE: Final = re.compile(r"(?=[^\n|]*\|)" + _TABLE_RULE.pattern)  # of a table without outer pipes


class MarkupReader:
    """Reads chat markup incrementally.

    One method reads one construct: it gets the position in the buffer, emits pieces and returns the position after the
    construct, or None to wait for more text. It may wait only within a bound; past the bound the characters are plain
    text.
    """

    def __init__(self, *, also_spoken: frozenset[AsideKind] = frozenset()) -> None:
        self._also_spoken = also_spoken
        self._buffer = ""  # the text that is not read yet and, during ``feed``, the text that has been read
        self._offset = 0  # position of the buffer in the source
        self._settling = False  # waiting is over: read what is there
        self._keeps_formulas = False  # but for a command of mathematics whose arguments are open
        self._pieces: list[Piece] = []
        self._before = "\n"  # the source character before the current one, for "is this inside a word?"
        # The line being read.
        self._at_line_start = True
        self._ends_with_break = False  # the line is a heading, a list entry or a table row
        self._in_table_row = False
        self._newline: tuple[int, int] | None = None  # source range of a newline whose meaning the next line will tell
        self._code_fence = ""  # the mark that closes the code block that is being skipped
        self._fence_is_inside = False  # the block began inside a line, and may end behind one
        self._after_checkable_bullet = False
        self._is_keycap_entry = False  # the line begins with "1️⃣", whose box is read as a stop
        # Inside a line.
        self._code_ticks = 0  # length of the backtick run that closes the inline code being read; 0 outside
        self._label_end = -1  # source position of the "]" that ends the label being read
        self._index_end = -1  # source position behind the "]" of an index that another one follows
        self._is_image = False  # the label is an image's
        self._formula_until = 0  # how far the "$" may lie that closes a formula of which a part was said already
        self._target_chars = 0  # 1 + how many characters of a link's target have been skipped; 0 outside
        self._target_depth = 0
        self._url: Callable[[int], int | None] | None = None  # which part of a URL is being read
        self._last_of_feed = "\n"  # the last character that was read and is no blank
        # The characters that were read last, so many as tell a reaction's arrow from another.
        self._tail: deque[str] = deque(maxlen=_TAIL_CHARS)
        # An emoji, an image or a stage direction ("*laughs*") stands where a stop may be missing.
        self._pauses_before_capital = False
        self._is_direction = False  # one is being read
        # What is not for the ear.
        self._is_at_beginning = True  # nothing but blanks was read
        self._aside: Aside | None = None
        self._aside_chars = 0
        self._json: JsonEnd | None = None
        # Elements of SSML that are open: (name, number of its wish), the innermost last.
        self._elements: list[tuple[str, int]] = []
        self._wishes = 0

    def feed(self, text: str) -> list[Piece]:
        """Read more of the source; return the pieces that are certain by now."""
        if not self._buffer and len(text) == 1 and _PASSES[text] and self._is_in_plain_text():
            self._after_checkable_bullet = False  # the hot path of a writer of single characters
            self._before = text
            if text != " ":
                self._last_of_feed = text
            self._tail.append(text)
            offset = self._offset
            self._offset = offset + 1
            return [Piece(text, offset, offset + 1)]
        buffer = self._buffer = self._buffer + text
        pieces = self._pieces = []
        at = 0
        while at < len(buffer):
            after = self._read(at)
            if after is None:
                break
            if after > at:
                self._before = buffer[after - 1]
                at = after
        if at:
            last = buffer[at - 1]
            self._last_of_feed = self._last(at) if last in " \t" else last
            self._tail.extend(buffer[max(0, at - _TAIL_CHARS) : at])
        self._buffer = buffer[at:]
        self._offset += at
        return pieces

    def settle(self, *, keeps_formulas: bool = False) -> list[Piece]:
        """Return the text that was held back, read as if the source ended here; see ``TextReader``."""
        self._settling, self._keeps_formulas = True, keeps_formulas
        pieces = self.feed("")
        self._end_newline("\n")
        self._settling = self._keeps_formulas = False
        return pieces

    @property
    def held(self) -> str:
        """The text that is held back and may have to be said."""
        is_silent = self._aside is not None or self._json is not None or bool(self._code_fence)
        return "" if is_silent else self._buffer

    def _is_in_plain_text(self) -> bool:
        """Tell whether a plain character here is no part of a mark, an address, or what is left out."""
        return not (
            self._at_line_start
            or self._pauses_before_capital
            or self._target_chars
            or self._code_fence
            or self._url is not None
            or self._aside is not None
            or self._json is not None
        )

    def _read(self, at: int) -> int | None:
        if self._aside is not None:
            return self._read_aside(at, self._aside)
        if self._json is not None:
            return self._read_json(at, self._json)
        if self._code_fence:
            return self._read_code_block(at)
        if self._at_line_start:
            return self._read_line_start(at)
        if self._target_chars:
            return self._read_target(at)
        if self._url is not None:
            return self._url(at)
        plain = _PLAIN.match(self._buffer, at)
        if plain is not None:
            return self._read_plain(at, plain.end())
        char = self._buffer[at]
        if char == "\n":
            return self._read_newline(at)
        if self._code_ticks and char in "*_~[]!<&|$【\\{◁":
            return self._say(at, at + 1)
        return self._read_markup(at, char)

    def _read_markup(self, at: int, char: str) -> int | None:
        match char:
            case "*" | "_" | "~":
                return self._read_emphasis(at)
            case "`":
                return self._read_backticks(at)
            case "[":
                return self._read_label(at)
            case "]":
                return self._read_label_end(at)
            case "!":
                return self._read_image_mark(at)
            case "<":
                return self._read_tag(at)
            case "&":
                return self._read_entity(at)
            case "\\":
                return self._read_escape(at)
            case "|":
                return self._read_cell_end(at)
            case "$":
                return self._read_dollars(at)
            case "【":
                return self._read_source(at)
            case "{":
                return self._read_call(at)
            case "◁":
                return self._read_fancy_think(at)
            case _:
                return self._read_unspoken(at, char)

    # Emitting.

    def _emit(self, text: str, at: int, after: int) -> int:
        self._pieces.append(Piece(text, self._offset + at, self._offset + after))
        return after

    def _say(self, at: int, after: int) -> int:
        return self._emit(self._buffer[at:after], at, after)

    def _skip(self, at: int, after: int) -> int:
        """Leave out source text that belongs to the piece before it."""
        return self._emit("", at, after)

    def _skip_to_next(self, at: int, after: int) -> int:
        """Leave out source text that belongs to the next piece: the stretch of that piece begins here."""
        del at
        return after

    def _may_wait(self, at: int, bound: int) -> bool:
        return not self._settling and len(self._buffer) - at < bound

    # The start of a line.

    def _read_line_start(self, at: int) -> int | None:
        """Find out what kind of line begins here, and so what the newline before it meant."""
        buffer = self._buffer
        indent = _INDENT.match(buffer, at)
        start = indent.end() if indent is not None else at
        if start - at >= MAX_LINE_START_CHARS:
            return self._begin_line(at, at + MAX_LINE_START_CHARS, is_block=False)
        if start == len(buffer):
            return self._begin_line(at, start, is_block=False) if self._settling else None
        char = buffer[start]
        if char == "\n":
            return self._read_blank_line(at, start)
        if self._is_at_beginning:
            if char in "-+" and start == at and (after := self._read_front_matter(at)) != at:
                return after
            self._is_at_beginning = False
        if char in "{[" and "tools" not in self._also_spoken:
            if asides.JSON.match(buffer, start):
                self._json = asides.JsonEnd()
                return self._begin_line(at, start, is_block=True)
            if asides.JSON_BEGINNING.match(buffer, start) and self._may_wait(start, asides.MAX_JSON_START_CHARS):
                return None
        if char in "-*_=" and (at_end := self._read_rule(at, start, _RULE, _RULE_BEGINNING)) != start:
            return at_end
        if char in "-:" and (at_end := self._read_rule(at, start, _PIPED_RULE, _TABLE_RULE_BEGINNING)) != start:
            return at_end
        if char == "|":
            return self._read_table_line_start(at, start)
        if char in "`~":
            return self._read_fence(at, start)
        if char == "#":
            return self._read_block_mark(
                at, start, _HEADING, is_beginning=len(buffer) - start <= 6 and not buffer[start:].strip("#")
            )
        if char == ">":
            return self._read_quote_mark(at, start)
        if char in "-+*":
            return self._read_block_mark(at, start, _BULLET, is_beginning=len(buffer) - start == 1)
        if char.isdigit():
            return self._read_number(at, start)
        return self._begin_line(at, start, is_block=_EMOJI.match(char) is not None)  # "✅ Done": the emoji is a bullet

    def _begin_line(self, at: int, start: int, *, is_block: bool) -> int:
        """End the preceding newline, skip the indentation and go on inside the line."""
        self._end_newline(BREAK if is_block else "\n")
        self._at_line_start = False
        self._ends_with_break = is_block
        if start > at:
            self._skip(at, start)
            self._before = self._buffer[start - 1]
        return start

    def _end_newline(self, text: str) -> None:
        if self._newline is not None:
            self._pieces.append(Piece(text, *self._newline))
            self._newline = None

    def _read_blank_line(self, at: int, newline: int) -> int:
        had_newline = self._newline is not None
        self._end_newline(BREAK)
        if not had_newline:
            self._emit(" ", newline, newline + 1)
        else:
            self._skip(at, newline + 1)
        self._code_ticks = 0
        return newline + 1

    def _read_rule(self, at: int, start: int, rule: re.Pattern[str], beginning: re.Pattern[str]) -> int | None:
        """Skip a horizontal rule; return ``start`` if there is none."""
        match = rule.match(self._buffer, start, start + MAX_LINE_START_CHARS)
        if match is not None and (
            match.group().endswith("\n") or (self._settling and match.end() == len(self._buffer))
        ):
            self._end_newline(BREAK)
            return self._skip(at, match.end())
        if beginning.match(self._buffer, start) and self._may_wait(start, MAX_LINE_START_CHARS):
            return None
        return start

    def _read_table_line_start(self, at: int, start: int) -> int | None:
        after = self._read_rule(at, start, _TABLE_RULE, _TABLE_RULE_BEGINNING)
        if after != start:
            return after
        if _ABSOLUTE.match(self._buffer, start):
            return self._begin_line(at, start, is_block=False)
        if _ABSOLUTE_BEGINNING.match(self._buffer, start) and self._may_wait(start, MAX_LINE_START_CHARS):
            return None
        self._begin_line(at, start, is_block=True)
        self._in_table_row = True
        return self._skip_to_next(start, start + 1)

    def _read_fence(self, at: int, start: int) -> int | None:
        fence = _FENCE.match(self._buffer, start, start + MAX_LINE_START_CHARS)
        mark = self._buffer[start]
        if fence is not None and not (mark == "`" and "`" in fence.group(2)):
            self._end_newline(BREAK)
            self._code_fence = fence.group(1)
            return self._skip(at, fence.end())
        line = self._buffer[start : start + MAX_LINE_START_CHARS]
        is_beginning = not line.strip(mark) or (line.startswith(3 * mark) and "\n" not in line)
        if is_beginning and self._may_wait(start, MAX_LINE_START_CHARS):
            return None
        return self._begin_line(at, start, is_block=False)

    def _read_code_block(self, at: int) -> int | None:
        """Skip one line of a code block, or leave the block at its end."""
        newline = self._buffer.find("\n", at)
        if self._fence_is_inside:
            return self._read_inside_code_block(at, newline)
        rest = self._buffer[at : at + MAX_LINE_START_CHARS]
        may_close = self._before == "\n" and not rest.strip(self._code_fence[0] + " \t\r")
        if newline < 0 and may_close and self._may_wait(at, MAX_LINE_START_CHARS):
            return None  # the closing fence, perhaps
        if newline < 0:
            return self._pass_code(at, len(self._buffer))
        line = self._buffer[at:newline].strip()
        is_whole_line = self._before == "\n" and newline - at < MAX_LINE_START_CHARS
        if is_whole_line and len(line) >= len(self._code_fence) and not line.strip(self._code_fence[0]):
            self._code_fence = ""
            self._at_line_start = True
            return self._skip(at, newline + 1)
        return self._pass_code(at, newline + 1)

    def _read_inside_code_block(self, at: int, newline: int) -> int | None:
        """Skip one line of a code block that began inside a line: writers who begin so also end it behind a line."""
        end = len(self._buffer) if newline < 0 else newline
        line = self._buffer[at:end].rstrip()
        ticks = len(line) - len(line.rstrip("`"))
        if newline >= 0 and ticks >= len(self._code_fence):
            self._code_fence, self._fence_is_inside = "", False
            self._at_line_start = True
            self._pass_code(at, at + len(line) - ticks)
            return self._skip(at + len(line) - ticks, newline + 1)
        if newline >= 0:
            return self._pass_code(at, newline + 1)
        held = at + len(line) - ticks if ticks and self._may_wait(at + len(line) - ticks, MAX_LINE_START_CHARS) else end
        return self._pass_code(at, held) if held > at else None

    def _pass_code(self, at: int, after: int) -> int:
        """Leave code out, or say it as it stands."""
        if "code" not in self._also_spoken:
            return self._skip(at, after)
        return self._emit(_CONTROL.sub(" ", self._buffer[at:after]).replace(BREAK, " "), at, after)

    def _read_block_mark(self, at: int, start: int, mark: re.Pattern[str], *, is_beginning: bool) -> int | None:
        match = mark.match(self._buffer, start, start + MAX_LINE_START_CHARS)
        if match is None:
            if is_beginning and not self._settling:
                return None
            return self._begin_line(at, start, is_block=False)
        if match.end() == len(self._buffer) and self._may_wait(start, MAX_LINE_START_CHARS):
            return None  # all blanks of the line belong to it
        self._begin_line(at, start, is_block=True)
        self._after_checkable_bullet = mark is _BULLET
        self._before = " "
        return self._skip_to_next(start, match.end())

    def _read_quote_mark(self, at: int, start: int) -> int | None:
        match = _QUOTE.match(self._buffer, start)
        after = match.end() if match is not None else start + 1
        if after == len(self._buffer) and not self._settling:
            return None
        return self._skip(at, after) if self._newline is None else self._skip_to_next(at, after)

    def _read_number(self, at: int, start: int) -> int | None:
        """Begin a numbered entry: unlike a bullet, the number is said."""
        self._is_keycap_entry = _KEYCAP.match(self._buffer, start) is not None
        if self._is_keycap_entry or _NUMBER.match(self._buffer, start):
            return self._begin_line(at, start, is_block=True)
        if not self._settling and (
            _NUMBER_BEGINNING.match(self._buffer, start) or _KEYCAP_BEGINNING.match(self._buffer, start)
        ):
            return None
        return self._begin_line(at, start, is_block=False)

    # Inside a line.

    def _read_newline(self, at: int) -> int:
        if self._ends_with_break:
            self._emit(BREAK, at, at + 1)
        else:
            self._newline = (self._offset + at, self._offset + at + 1)
        self._at_line_start = True
        self._ends_with_break = self._in_table_row = False
        self._code_ticks = 0  # a backtick left open at the end of its line opened no code
        self._is_direction = False
        self._pauses_before_capital = False
        self._formula_until = 0
        self._label_end = -1
        return at + 1

    def _read_plain(self, at: int, end: int) -> int | None:
        """Pass plain text on, up to where a URL begins."""
        self._after_checkable_bullet = False
        if self._pauses_before_capital:
            return self._read_after_emoji(at, end)
        if end - at == 1 and self._buffer[at] not in _BEGINS_URL:  # the hot path of a writer of single characters
            self._pieces.append(Piece(self._buffer[at:end], self._offset + at, self._offset + end))
            return end
        before = self._before
        is_inside_word = before.isalnum() and self._buffer[at].isalnum()
        if is_inside_word and not before.isascii():
            is_inside_word = not _is_unparted(before)
        skipped = at + is_inside_word  # "http" inside a word begins nothing
        is_unfinished = end == len(self._buffer) and not self._settling
        url = (_URL_START_OR_BEGINNING if is_unfinished else _URL_START).search(self._buffer, skipped, end)
        if url is not None:
            if url.start() > at:
                return self._say(at, url.start())
            if is_unfinished and url["beginning"] is not None:
                return None
            self._url = self._read_host
            return self._skip_to_next(at, url.end())
        # The hot path: no calls of our own.
        self._pieces.append(Piece(self._buffer[at:end], self._offset + at, self._offset + end))
        return end

    def _read_after_emoji(self, at: int, end: int) -> int:
        """Pause between an emoji and what begins like a sentence: what would be a stop may be missing."""
        blanks = _AFTER_BLANKS.match(self._buffer, at, end)
        start = at if blanks is None else blanks.end()
        if start > at:
            return self._say(at, start)
        self._pauses_before_capital = False
        char = self._buffer[at]
        if char.isupper() or "\u3040" <= char <= "\u9fff":
            self._emit(", " if char.isupper() else "，", at, at)
        return at

    def _last(self, at: int) -> str:
        """Return the last source character before the position that is no blank; a line's end is none."""
        return self._buffer[:at].rstrip(" \t")[-1:] or self._last_of_feed

    def _read_host(self, at: int) -> int | None:
        host = _HOST.match(self._buffer, at)
        if host is not None:
            # A stop may part the host's labels or end the sentence: "https://service-public." before "fr".
            end = host.end()
            if end == len(self._buffer) and not self._settling and (mark := _OPEN_HOST.search(host.group())):
                end = at + mark.start()
            return self._say(at, end) if end > at else None
        char = self._buffer[at]
        if char == ":":
            if at + 1 == len(self._buffer) and not self._settling:
                return None
            self._url = self._read_path if self._buffer[at + 1 : at + 2].isdigit() else None
        else:
            self._url = self._read_path if char in "/?#" else None
        return at if self._url is None else self._skip(at, at + 1)

    def _read_path(self, at: int) -> int | None:
        path = _PATH.match(self._buffer, at)
        if path is not None:
            return self._skip(at, path.end())
        punctuation = _PATH_PUNCTUATION.match(self._buffer, at)
        if punctuation is not None:
            if punctuation.end() == len(self._buffer) and not self._settling:
                return None
            if _PATH.match(self._buffer, punctuation.end()):
                return self._skip(at, punctuation.end())
        self._url = None
        return at

    def _read_escape(self, at: int) -> int | None:
        if at + 1 == len(self._buffer) and not self._settling:
            return None
        following = self._buffer[at + 1 : at + 2]
        if following == "\n":
            self._ends_with_break = True
            return self._skip(at, at + 1)
        if following in ("(", "["):
            return self._read_display(at, f"\\{following}")
        if following and following.isascii() and unicodedata.category(following)[0] in "PS":
            return self._emit(following, at, at + 2)
        return self._read_bare_command(at)

    def _read_bare_command(self, at: int) -> int | None:
        r"""Read a "\" that may begin a formula without marks around it."""
        if self._before != ":" and not self._code_ticks:  # "C:\\alpha"
            command = formulas.bare_command(self._buffer, at, at + MAX_FORMULA_CHARS)
            if command is not None and (command.is_whole or (self._settling and command.is_sign)):
                return self._say_formula(command.latex, at, at + len(command.latex))
            is_open = command is not None and not command.is_sign
            is_short = len(self._buffer) - at < MAX_FORMULA_CHARS
            if command is not None and is_short and (not self._settling or (self._keeps_formulas and is_open)):
                return None
        return self._say(at, at + 1)

    def _read_emphasis(self, at: int) -> int | None:
        """Drop a run of emphasis marks, unless the run is arithmetic or part of a name."""
        buffer, mark = self._buffer, self._buffer[at]
        after = at + 1
        while after < len(buffer) and buffer[after] == mark and after - at < MAX_MARK_RUN_CHARS:
            after += 1
        if after == len(buffer) and not self._settling:
            return None
        following = buffer[after : after + 1]
        is_figure = self._is_star_of_figure(after) if mark == "*" and after == at + 1 else False
        if is_figure is None:
            return None
        if is_figure or not _is_emphasis(mark, after - at, self._before, following):
            return self._say(at, after)
        is_opening = not self._before.strip() or (not self._before.isalnum() and following.isalnum())
        if is_opening:
            first = _FIRST_WORD.match(buffer, after)
            if first is not None and first.end() == len(buffer) and self._may_wait(after, _LONGEST_DIRECTION):
                return None
            self._is_direction = after == at + 1 and first is not None and first[0] in _DIRECTIONS
            return self._skip_to_next(at, after)
        if self._is_direction:
            self._is_direction = False
            self._pauses_before_capital = self._before not in _STOPS_HERE
        return self._skip(at, after)

    def _is_star_of_figure(self, after: int) -> bool | None:
        """Tell whether a star is said with the figure behind it: "100抽*3包", "(2+3)*4", "dial *67"; None to wait."""
        rest, is_cut, _ = self._buffer[after : after + MAX_STARRED_CHARS].partition("\n")
        if not _FIGURE_BEGINS.match(rest):
            return False
        if _STAR_CODE.match(rest):
            return True
        if _CLOSING_STAR.match(rest):
            return False
        if not is_cut and self._may_wait(after, MAX_STARRED_CHARS):
            return None
        return _is_unparted(self._before) or self._before in _CLOSED or _DIALLED.match(rest) is not None

    def _read_backticks(self, at: int) -> int | None:
        after = at + 1
        while self._buffer[after : after + 1] == "`" and after - at < MAX_MARK_RUN_CHARS:
            after += 1
        if after == len(self._buffer) and not self._settling:
            return None
        if not self._code_ticks:
            if after - at >= _LEAST_FENCE and (past := self._read_fence_inside(at, after)) != after:
                return past
            self._code_ticks = after - at
            return self._skip_to_next(at, after)
        if after - at == self._code_ticks:
            self._code_ticks = 0
        return self._skip(at, after)

    def _read_fence_inside(self, at: int, after: int) -> int | None:
        """Read the fence of a code block that begins inside a line; the position behind the ticks if it is none."""
        newline = self._buffer.find("\n", after, at + MAX_LINE_START_CHARS)
        named = self._buffer[after : newline if newline >= 0 else at + MAX_LINE_START_CHARS]
        if "`" in named or len(named.split()) > 1:
            return after  # code inside the line
        if newline < 0:
            return None if self._may_wait(at, MAX_LINE_START_CHARS) else after
        self._emit(BREAK, at, at)
        self._code_fence, self._fence_is_inside = self._buffer[at:after], True
        return self._skip(at, newline + 1)

    def _read_image_mark(self, at: int) -> int | None:
        if self._before.strip():
            return self._say(at, at + 1)  # "Hello!" must not wait
        if at + 1 == len(self._buffer) and not self._settling:
            return None
        if self._buffer[at + 1 : at + 2] == "[":
            self._is_image = True
            return self._skip_to_next(at, at + 1)
        return self._say(at, at + 1)

    def _read_label(self, at: int) -> int | None:
        """Read the "[" of a link, an image, a footnote mark, a citation or a checkbox."""
        buffer = self._buffer
        label = _LABEL.match(buffer, at, at + MAX_LABEL_CHARS)
        if label is None:
            is_open = _ENDS_LABEL.search(buffer, at + 1) is None
            return None if is_open and self._may_wait(at, MAX_LABEL_CHARS) else self._say(at, at + 1)
        if label.end() == len(buffer) and not self._settling:
            return None
        text, following = label.group(1), buffer[label.end() : label.end() + 1]
        if (aside := asides.of_word(text)) is not None or asides.is_silent_word(text):
            return self._begin_aside(at, label.end(), aside)
        is_list = _LIST_BEFORE.search(buffer, max(0, at - len("数组")), at) is not None
        is_interval = is_list or self._before in _OPERATES or text.startswith("0")  # "数组[1,2]", "x∈[1,5]", "[0,1]"
        is_inside = self._before.isalnum() and (not _is_unparted(self._before) or self._before in _BEFORE_INTERVAL)
        is_behind_name = self._before.isascii() and self._before.isalnum()
        is_index = (is_behind_name or self._index_end == self._offset + at) and _INDEX.fullmatch(text) is not None
        if is_index and following == "[":
            self._index_end = self._offset + label.end()
            return self._say(at, at + 1)  # "a[2][3]"
        is_other = is_inside or is_interval or is_index
        is_citation = not is_other and _CITATION.fullmatch(text) is not None and _ascends(text)
        if text.startswith("^") or (is_citation and following != "("):
            if self._before == "\n" and following == ":":
                return self._skip_to_next(at, label.end() + 1)  # "[^1]: the note"
            return self._skip(at, label.end())
        if following and following in "([":
            self._label_end = self._offset + label.end() - 1
            if self._before in _STOPS:
                return self._emit(" ", at, at + 1)  # "It grew.[Source](…)"
            return self._skip_to_next(at, at + 1)
        if self._after_checkable_bullet and text in _CHECKBOX:
            return self._skip_to_next(at, label.end())
        return self._say(at, at + 1)

    def _read_label_end(self, at: int) -> int | None:
        if self._offset + at != self._label_end:
            return self._say(at, at + 1)
        if at + 1 == len(self._buffer) and not self._settling:
            return None
        self._label_end = -1
        self._pauses_before_capital = self._is_image
        self._is_image = False
        self._target_chars = 1
        return self._skip(at, at + 1)

    def _read_target(self, at: int) -> int:
        """Skip one stretch of the "(target)" or "[reference]" of a link."""
        buffer = self._buffer
        for after in range(at, len(buffer)):
            char = buffer[after]
            if char == "\n" or self._target_chars > MAX_TARGET_CHARS:
                self._target_chars = self._target_depth = 0
                return self._skip(at, after) if after > at else at
            self._target_chars += 1
            if char in "([":
                self._target_depth += 1
            elif char in ")]":
                self._target_depth -= 1
                if self._target_depth <= 0:
                    self._target_chars = self._target_depth = 0
                    return self._skip(at, after + 1)
        return self._skip(at, len(buffer))

    def _read_tag(self, at: int) -> int | None:
        tag = find_tag(self._buffer, at)
        if tag is None:
            if may_become_tag(self._buffer, at) and self._may_wait(at, MAX_TAG_CHARS):
                return None
            tag = broken_tag(self._buffer, at)
            if tag is None or not (tag.name in _SPEECH_TAGS or asides.is_aside(tag.name)):
                return self._say(at, at + 1)
            if may_go_on(self._buffer, tag.end) and self._may_wait(at, MAX_TAG_CHARS):
                return None
            return self._skip(at, tag.end)
        match tag.kind:
            case "address":
                return self._read_address(at, tag)
            case "comment":
                return self._begin_aside(at, tag.end, asides.COMMENT, breaks=False)
            case "token":
                return self._begin_aside(at, tag.end, asides.of_token(tag.name))
            case "other" | "broken":
                return self._skip(at, tag.end)
            case _:
                return self._read_element(at, tag)

    def _read_address(self, at: int, tag: Tag) -> int:
        """Say the host of "<https://…>", or what "<mailto:…>" and "<a@b.c>" hold, without the brackets."""
        end = tag.end - 1
        scheme = _SCHEME.match(self._buffer, at + 1, end)
        start = at + 1 if scheme is None else scheme.end()
        host = _HOST.match(self._buffer, start, end) if scheme is not None and "//" in scheme[0] else None
        said = end if host is None else host.end()
        self._say(self._skip_to_next(at, start), said)
        return self._skip(said, tag.end)

    def _read_element(self, at: int, tag: Tag) -> int | None:
        """Read the tag of an element, by its name."""
        name = tag.name.rpartition(":")[2]
        is_type = tag.kind == "open" and not tag.attributes and self._before.isalnum()  # "List<int>"
        aside = asides.of_element(tag.name)
        if aside is not None and not (is_type and name == "function"):
            return self._begin_aside(at, tag.end, aside if tag.kind == "open" else None)
        if name == "break":
            pause = Pause(ssml.pause_ms(ssml.attributes(tag.attributes))) if tag.kind != "close" else None
            return self._mark(pause, at, tag.end)
        if name == "sub" and tag.kind == "open" and "alias" in (asked := ssml.attributes(tag.attributes)):
            return self._read_sub(at, tag.end, asked["alias"])
        if name in _SPEECH_TAGS or (name == "sub" and tag.kind == "close"):
            return self._read_speech_tag(at, tag, name)
        if name in _BLOCK_TAGS:
            return self._emit(BREAK, at, tag.end)
        if is_type and name not in _INLINE_TAGS:  # nobody says "less than" here
            self._say(self._emit(" ", at, at + 1), tag.end - 1)
            return self._skip(tag.end - 1, tag.end)
        if name == "s" and tag.kind == "close" and self._before in _STOPS:  # the sentence ends, and a blank is missing
            return self._emit(" ", at, tag.end)
        return self._skip(at, tag.end) if tag.kind == "close" else self._skip_to_next(at, tag.end)

    def _read_speech_tag(self, at: int, tag: Tag, name: str) -> int:
        """Hand on what a tag asks of the voice; closing tags may come in any order, or never."""
        if tag.kind == "close":
            numbers = [number for open_name, number in self._elements if open_name == name]
            last = numbers[-1:]  # an element may have asked for several things, under one number
            self._elements = [element for element in self._elements if element[1] not in last]
            return self._mark(End(last[0]) if last else None, at, tag.end)
        if tag.kind == "empty" or len(self._elements) >= MAX_OPEN:
            return self._skip_to_next(at, tag.end)
        self._wishes += 1
        self._elements.append((name, self._wishes))
        place = self._offset + tag.end
        for kind, value in ssml.wishes(name, ssml.attributes(tag.attributes)):
            self._pieces.append(Piece("", place, place, Begin(self._wishes, kind, value)))
        return self._skip_to_next(at, tag.end)

    def _read_sub(self, at: int, start: int, alias: str) -> int | None:
        """Say what is to be said in the place of a word or two."""
        sub = _SUB.match(self._buffer, start, start + MAX_SUB_CHARS)
        if sub is not None:
            said = " ".join(_CONTROL.sub(" ", alias).replace(BREAK, " ").split())
            return self._emit_whole(said, at, sub.end())
        if _SUB_BEGINNING.match(self._buffer, start) and self._may_wait(start, MAX_SUB_CHARS):
            return None
        return self._skip_to_next(at, start)

    def _mark(self, mark: Mark | None, at: int, after: int) -> int:
        """Ask for something behind what was said so far; its tag belongs to that."""
        self._pieces.append(Piece("", self._offset + at, self._offset + after, mark))
        return after

    # What is not for the ear.

    def _begin_aside(self, at: int, after: int, aside: Aside | None, *, breaks: bool = True) -> int:
        """Begin to leave out, unless it is spoken after all; the mark itself is silent."""
        if aside is not None and aside.kind not in self._also_spoken:
            self._aside = aside
            self._aside_chars = 0
            self._header = ""
        return self._emit(BREAK, at, after) if breaks else self._skip(at, after)

    def _read_aside(self, at: int, aside: Aside) -> int | None:
        buffer = self._buffer
        limit = at + aside.most_chars - self._aside_chars if aside.most_chars else sys.maxsize
        closing = aside.closing.search(buffer, at)
        if closing is not None and closing.start() < limit:
            if aside is asides.HEADER:
                self._header += buffer[at : closing.start()]
            end = closing.start() if aside.is_kept else closing.end()
            self._end_aside(asides.of_message(self._header) if aside is asides.HEADER else None)
            return self._skip(at, end)
        end = len(buffer)
        # The beginning of a closing mark is kept even if the source seems to end: an aside is silent in any case.
        tail = max(at, end - asides.MAX_CLOSING_CHARS)
        begins = [place for place in range(tail, end) if buffer[place] in asides.CLOSINGS_BEGIN]
        end = min(begins[0] if begins else end, limit)
        if end == at and at < limit:
            return None
        if aside is asides.HEADER:
            self._header += buffer[at:end]
        self._aside_chars += end - at
        if end == limit:
            self._end_aside(None)
        return self._skip(at, end)

    def _end_aside(self, following: Aside | None) -> None:
        """Go on as at the start of a line, unless another aside follows."""
        self._aside = following if following is not None and following.kind not in self._also_spoken else None
        self._aside_chars = 0
        self._at_line_start = self._aside is None
        self._ends_with_break = self._in_table_row = False

    def _read_fancy_think(self, at: int) -> int | None:
        buffer = self._buffer
        for mark, aside in (("◁think▷", asides.FANCY_THINK), ("◁/think▷", None)):
            if buffer.startswith(mark, at):
                return self._begin_aside(at, at + len(mark), aside)
            if mark.startswith(buffer[at:]) and not self._settling:
                return None
        return self._say(at, at + 1)

    def _read_call(self, at: int) -> int | None:
        """Read a "{" inside a line."""
        if "tools" not in self._also_spoken:
            if asides.CALL.match(self._buffer, at):
                self._json = asides.JsonEnd()
                return self._emit(BREAK, at, at)
            if asides.CALL_BEGINNING.match(self._buffer, at) and self._may_wait(at, asides.MAX_JSON_START_CHARS):
                return None
        if self._before in ("^", "_"):
            group = _GROUP.match(self._buffer, at)
            if group is not None:
                return self._emit_whole(formulas.grouped(formulas.plain(group[1])), at, group.end())
            if _GROUP_BEGINNING.match(self._buffer, at) and not self._settling:
                return None
        return self._say(at, at + 1)

    def _read_json(self, at: int, json: JsonEnd) -> int | None:
        after, is_end = json.feed(self._buffer, at)
        if is_end or (self._settling and after == at):
            self._json = None
            self._at_line_start = False
            self._ends_with_break = True
        if after == at:
            return at if is_end or self._settling else None
        return self._skip(at, after)

    def _read_front_matter(self, at: int) -> int | None:
        """Leave out what a file says of itself before its text; return ``at`` if there is nothing of the kind."""
        if "front_matter" in self._also_spoken:
            return at
        match = asides.FRONT_MATTER.match(self._buffer, at, at + asides.MAX_FRONT_MATTER_CHARS)
        if match is not None and (match.group().endswith("\n") or self._settling):
            return self._skip(at, match.end())
        if asides.FRONT_MATTER_BEGINNING.match(self._buffer, at) and self._may_wait(at, asides.MAX_FRONT_MATTER_CHARS):
            return None
        return at

    def _read_entity(self, at: int) -> int | None:
        entity = _ENTITY.match(self._buffer, at)
        if entity is None:
            is_open = _ENTITY_BEGINNING.match(self._buffer, at) is not None
            return None if is_open and self._may_wait(at, MAX_ENTITY_CHARS) else self._say(at, at + 1)
        char = html.unescape(entity.group())
        if char == entity.group():
            return self._say(at, at + 1)
        return self._emit(_CONTROL.sub(" ", char).replace("\n", " "), at, entity.end())

    def _read_cell_end(self, at: int) -> int | None:
        if not self._in_table_row:
            if self._before.strip():
                return self._say(at, at + 1)
            if at + 1 == len(self._buffer) and not self._settling:
                return None
            if self._buffer[at + 1 : at + 2].strip():
                return self._say(at, at + 1)
        if at + 1 == len(self._buffer):
            return self._skip(at, at + 1) if self._settling else None  # the end of the row, unless more comes
        return self._emit(",", at, at + 1)

    def _read_dollars(self, at: int) -> int | None:
        """Read a formula ("$x^2$", "$$x^2$$"); a dollar of a price, or of a name such as "$HOME", is said."""
        buffer = self._buffer
        if self._offset + at < self._formula_until and self._before.strip():
            self._formula_until = 0
            return self._skip(at, at + 1)
        if buffer.startswith("$$", at):
            return self._read_display(at, "$$")
        is_held = not self._settling or self._keeps_formulas
        if at + 1 == len(buffer) and is_held:
            return None
        if is_held and _PRICE_BEGINNING.match(buffer, at + 1, at + MAX_FORMULA_CHARS):
            return None if len(buffer) - at < MAX_FORMULA_CHARS else self._say(at, at + 1)
        if _PRICE.match(buffer, at + 1, at + MAX_FORMULA_CHARS):
            return self._say(at, at + 1)
        end = _DOLLAR.match(buffer, at + 1, at + MAX_FORMULA_CHARS)
        inside = buffer[at + 1 : at + MAX_FORMULA_CHARS if end is None else end.end() - 1]
        is_unfinished = end is None and is_held
        is_inside_word = self._before.isalnum() and not _is_unparted(self._before)
        if is_inside_word or not inside[:1].strip() or formulas.is_prose(inside, is_unfinished=is_unfinished):
            return self._say(at, at + 1)
        if end is None:
            is_open = _OPEN_DOLLAR.match(buffer, at + 1) is not None
            is_formula = is_open and self._settling and _FORMULA_BEGINNING.match(inside) is not None
            if is_formula and self._keeps_formulas and len(buffer) - at < MAX_FORMULA_CHARS:
                return None
            if is_formula:
                self._formula_until = self._offset + at + MAX_FORMULA_CHARS
                return self._skip_to_next(at, at + 1)
            return None if is_open and self._may_wait(at, MAX_FORMULA_CHARS) else self._say(at, at + 1)
        if end.end() == len(buffer) and not self._settling:
            return None  # "$5$6"?
        following = buffer[end.end() : end.end() + 1]
        is_closed = not _OPEN_END.search(inside) and (not following.isalnum() or _is_unparted(following))
        if not is_closed or not (formulas.has_signs(inside) or inside.isalnum()):
            return self._say(at, at + 1)
        return self._say_formula(inside, at, end.end())

    def _read_display(self, at: int, opening: str) -> int | None:
        """Read a formula that stands between marks of its own."""
        buffer = self._buffer
        match = _DISPLAYS[opening].match(buffer, at + 2, at + MAX_DISPLAY_CHARS)
        start = (buffer[at + 2 :] if match is None else match[1])[:_JUDGED_CHARS]
        is_prose = len(start) == _JUDGED_CHARS and formulas.is_prose(start)
        if match is not None and not is_prose:
            return self._say_formula(match[1], at, match.end())
        is_open = not is_prose and _BLANK_LINE.search(buffer, at) is None
        is_short = len(buffer) - at < MAX_DISPLAY_CHARS
        if is_open and is_short and (not self._settling or self._keeps_formulas):
            return None
        if opening == "$$":
            return self._skip(at, at + 2) if self._before.strip() else self._skip_to_next(at, at + 2)
        return self._emit(opening[1], at, at + 2)

    def _say_formula(self, latex: str, at: int, after: int) -> int:
        said = _CONTROL.sub(" ", formulas.plain(latex)).replace(BREAK, " ")
        if not said.strip():
            return self._skip(at, after)
        return self._emit_whole(said, at, after)

    def _emit_whole(self, text: str, at: int, after: int) -> int:
        """Emit text that stands for its source as a whole, even if both have as many characters."""
        if len(text) != after - at or not text:
            return self._emit(text, at, after)
        self._emit(text[:1], at, at)
        return self._emit(text[1:], at, after)

    def _read_source(self, at: int) -> int | None:
        source = _SOURCE.match(self._buffer, at, at + MAX_LABEL_CHARS)
        if source is not None:
            return self._skip(at, source.end())
        is_open = _SOURCE_BEGINNING.match(self._buffer, at) is not None
        return None if is_open and self._may_wait(at, MAX_LABEL_CHARS) else self._say(at, at + 1)

    def _read_unspoken(self, at: int, char: str) -> int | None:
        """Read a character that is never markup, but is not said either; "▲2.1%" says which way a figure went."""
        if char in _CHANGES:
            if at + 1 == len(self._buffer) and not self._settling:
                return None
            following = self._buffer[at + 1 : at + 2]
            if char == "△" and following.isascii() and following.isupper():
                return self._say(at, at + 1)  # the triangle ABC
            if following.isdecimal() or (char in "↑↓" and self._before in _FIGURES):
                return self._say(at, at + 1)
        if char in _BULLETS:
            if self._before.isalnum():
                return self._emit(",", at, at + 1)
            self._emit(BREAK, at, at)  # the preceding entry ends in front of the bullet
            return self._skip_to_next(at, at + 1)
        if char == "\u20e3" and self._is_keycap_entry:
            self._is_keycap_entry = False
            return self._emit(". ", at, at + 1)
        if char in _LEADS_ON and not self._before.isspace():
            if at + 1 == len(self._buffer) and not self._settling:
                return None
            is_of_figures = self._before in _FIGURES or (self._before.isascii() and self._before.isalpha())
            if is_of_figures and _BEGINS_FIGURE.match(self._buffer, at + 1):
                return self._say(at, at + 1)  # "85%→92%", "x→0"
            if self._before.isalnum() or self._before in _CLOSED:
                return self._emit(",", at, at + 1)  # "设置→声音"
        if _ARROW.match(char) and not self._before.strip() and self._before != "\n":
            if _CHEMICAL.match(self._buffer, at + 1):
                return self._say(at, at + 1)  # "2H₂ + O₂ → 2H₂O"
            if _CHEMICAL_BEGINNING.match(self._buffer, at + 1):
                before = "".join(self._tail) + self._buffer[:at]
                is_reaction = _REACTS.search(before[-_TAIL_CHARS:]) is not None
                if not self._settling or (is_reaction and self._keeps_formulas):
                    return None
                if is_reaction:
                    return self._say(at, at + 1)  # its products are still to come
            return self._emit(",", at, at + 1)  # "Settings → Sound"
        if _CONTROL.match(char):
            return self._skip(at, at + 1) if char == "\r" else self._emit(" ", at, at + 1)
        if self._before.isascii() and self._before.isalnum() and _EMOJI.match(char):
            if at + 1 == len(self._buffer) and not self._settling:
                return None
            if self._buffer[at + 1 : at + 2].isdecimal():
                return self._emit(" ", at, at + 1)  # "20V⎓3.25A" are two amounts
        if char > "\u2300" and _EMOJI.match(char) and char not in _HEARTS and not _EMOJI.match(last := self._last(at)):
            self._pauses_before_capital = last not in _STOPS_HERE
        if char == _ZERO_WIDTH_JOINER and not _EMOJI.match(self._before):
            return self._say(at, at + 1)  # it shapes letters in Indic scripts
        return self._skip(at, at + 1)


def _is_emphasis(mark: str, length: int, before: str, following: str) -> bool:
    """Tell emphasis from arithmetic ("2 * 3"), names (snake_case) and approximations (~5)."""
    if not before.strip() and not following.strip():
        return False
    is_inside_word = before.isalnum() and following.isalnum() and not (_is_unparted(before) or _is_unparted(following))
    match mark:
        case "_":
            return not is_inside_word
        case "*":
            if length > 2 and before.isascii() and before.isalnum() and (following.isdecimal() or following == "@"):
                return False  # hidden digits: "138****5678"
            is_power = length == 2 and before.isascii() and before.isalnum() and following.isdigit()  # "2**10"
            return not is_power and (length > 1 or not is_inside_word)
        case _:
            return length > 1


def _is_unparted(char: str) -> bool:
    """Tell whether words and particles of this script follow each other without blanks, and so marks, too."""
    return "\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3"


# Reading a finished segment aloud.

_BLANKS: Final = re.compile(rf"[^\S{BREAK}]{{2,}}")
_CLAUSE_BEFORE_BREAK: Final = re.compile(rf"(?<![\s,;])[\s,;]+(?={BREAK})")
_BREAKS: Final = re.compile(rf"(?<!\s)\s*{BREAK}[\s{BREAK},;]*")
_LONG_RUN: Final = re.compile(r"([^\w\s])\1{3,}")  # beyond three, more of the same mark adds nothing
# Blanks that an unspoken part has left behind, and the second of two commas: "so [1]." "go 🙂, now", "go. → now"
_STRAY: Final = re.compile(r"(?<=[.!?:;])\s+,|\s+(?=,)|(?<=,)(?:\s*,)+|(?<=[^\W\d])\s+(?=[.:;!?](?:\s(?!\.\s*\.)|\Z))")
_MAY_BE_STRAY: Final = re.compile(r"[\s,][.,:;!?]")  # a quick test, by which most segments need no more work
_ANY_BLANKS: Final = re.compile(r"\s+")
# Marks that a cut has left at the start belong to what was said before; an engine would read their names. ".5" is a
# number.
_MARKS_AT_START: Final = re.compile(r"\A(?:[\s,;:!?…)\]}»”，。、！？；：؟،।]|\.(?!\d))+")
_WRITTEN_ARROW: Final = re.compile(r"(?:\A|\s)[-=]{1,2}>(?=\s)")
_SYMBOLS_READ: Final = frozenset("%&@#+=×÷±°©®™§")
_FULL_STOPS: Final = (
    ("\u3040", "\u9fff", "。"),
    ("\u0900", "\u097f", "।"),
)  # of scripts whose full stop is not "."


def is_pronounced(char: str) -> bool:
    """Tell whether a person reading aloud would say this character."""
    return char.isalnum() or char in _SYMBOLS_READ or unicodedata.category(char) == "Sc"


def read_aloud(text: str, sentence_ends: Sequence[int] = ()) -> Rewriting:
    """Finish what ``MarkupReader`` began, on the text of one segment.

    Args:
        text: characters as the reader emitted them.
        sentence_ends: where sentences end in it; a blank is said to be there that its writer has left out, because
            "world.Today" would be read as an address.

    Returns:
        What to say, empty if there is nothing to say, and the way back to the characters.
    """
    said = Rewriting(text)
    said.replace(
        Edit(at, at, " ") for at in sentence_ends if text[at - 1 : at] in _RUN_ON_STOPS and text[at : at + 1].isalpha()
    )
    if not any(map(is_pronounced, set(text))):  # a set, because a long row of signs has few different ones
        said.replace([Edit(0, len(said.text), "")])
        return said
    # The code below looks at each blank of a row again: a thousand would cost a million steps.
    said.sub(_BLANKS, " ")
    if BREAK in text:
        said.sub(_CLAUSE_BEFORE_BREAK, "")
        said.replace([_end_of_block(said.text, match) for match in _BREAKS.finditer(said.text)])
    said.replace(Edit(match.start() + 3, match.end(), "") for match in _LONG_RUN.finditer(said.text))
    if ">" in text:
        said.sub(_WRITTEN_ARROW, ",")
    if _MAY_BE_STRAY.search(said.text):
        said.sub(_STRAY, "")
    said.replace(_spare_blanks(said.text))
    said.sub(_MARKS_AT_START, "")
    return said


_RUN_ON_STOPS: Final = (".", "!", "?")


def _spare_blanks(text: str) -> Iterator[Edit]:
    """Find the blanks around a text, and those inside that are not one space."""
    for match in _ANY_BLANKS.finditer(text):
        start, end = match.span()
        yield Edit(start, end, " " if start > 0 and end < len(text) else "")


def _end_of_block(text: str, match: re.Match[str]) -> Edit:
    """End a heading, list entry or row with a full stop, without which the voice would not fall."""
    start, end = match.span()
    last = text[start - 1 : start]
    if not last.isalnum() and last not in _CLOSES_BLOCK:
        return Edit(start, end, " ")
    stop = next((stop for low, high, stop in _FULL_STOPS if low <= last <= high), ".")
    return Edit(start, end, f"{stop} ")


_CLOSES_BLOCK: Final = frozenset(")]}\"'’”»%°€$")
