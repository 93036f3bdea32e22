"""What a language model writes and does not mean for the ear: its reasoning, its calls of tools, hidden HTML.

Each family of models marks these in its own way: by tags, by tokens such as ``<|channel|>``, by words in brackets. An
aside is everything from such a mark to the one that closes it; a mark is recognised by its name alone. Reasoning and
calls that are never closed stay silent to their end, for to speak them is the worse mistake.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

# What is left out unless the operator has it spoken.
AsideKind = Literal["reasoning", "tools", "code", "front_matter"]

# Hidden HTML that is not closed within this much never is: style sheets in chat are short.
_MOST_HIDDEN_CHARS: Final = 4_000
_MOST_HEADER_CHARS: Final = 300  # between ``<|start|>`` and ``<|message|>`` stand a role, a channel and a recipient


@dataclass(frozen=True, slots=True)
class Aside:
    """A stretch that is not for the ear.

    Attributes:
        kind: None if nobody may want to hear it.
        closing: what ends it.
        is_kept: the closing mark is read again, because it opens something.
        most_chars: it ends after so many at the latest; 0: never.
    """

    kind: AsideKind | None
    closing: re.Pattern[str]
    is_kept: bool = False
    most_chars: int = 0


# No closing mark is longer: so much of an aside's end is held back.
MAX_CLOSING_CHARS: Final = 48
# How closing marks begin.
CLOSINGS_BEGIN: Final = "<[◁-"

_REASONING: Final = frozenset(
    "think thinking thought thoughts reasoning reflection scratchpad inner_monologue inner_thoughts "
    "antthinking thinking_process chain_of_thought cot internal_monologue analysis details".split()
)
_TOOLS: Final = frozenset(
    "tool_call tool_calls toolcall tool_use tool_code tool tool_response tool_responses tool_result tool_results "
    "tool_output tool_outputs function_call function_calls function function_response function_result "
    "function_results function_output invoke use_mcp_tool mcp_call longcat_tool_call action_input observation "
    "execute_code code_interpreter".split()
)
_HIDDEN: Final = frozenset("script style svg template head iframe canvas noscript".split())

# Tokens, without their bars, that open an aside, and what closes it.
_TOKENS: Final[dict[str, tuple[AsideKind, str]]] = {
    "begin_of_thought": ("reasoning", r"<\|end_of_thought\|>"),
    "START_THINKING": ("reasoning", r"<\|END_THINKING\|>"),
    "think": ("reasoning", r"<\|/think\|>"),
    "python_tag": ("tools", r"<\|eo[mt]_id\|>"),
    "plugin": ("tools", r"<\|action_end\|>"),
    "action_start": ("tools", r"<\|action_end\|>"),
    "START_ACTION": ("tools", r"<\|END_ACTION\|>"),
    "START_TOOL_RESULT": ("tools", r"<\|END_TOOL_RESULT\|>"),
    "tool_call": ("tools", r"<\|/tool_call\|>"),
    "tool_response": ("tools", r"<\|/tool_response\|>"),
    "tool_call_begin": ("tools", r"<\|tool_call_end\|>"),
    "tool_calls_section_begin": ("tools", r"<\|tool_calls_section_end\|>"),
    "tool▁calls▁begin": ("tools", "<｜tool▁calls▁end｜>"),
    "tool▁outputs▁begin": ("tools", "<｜tool▁outputs▁end｜>"),
}
# Words in brackets: Mistral's models write these.
_WORDS: Final[dict[str, tuple[AsideKind, str]]] = {
    "THINK": ("reasoning", r"\[/THINK\]"),
    "TOOL_RESULTS": ("tools", r"\[/TOOL_RESULTS\]"),
    "AVAILABLE_TOOLS": ("tools", r"\[/AVAILABLE_TOOLS\]"),
    "TOOL_CALLS": ("tools", r"\n|</s>"),
}
_SILENT_WORDS: Final = frozenset(("INST", "/INST", "/THINK", "/TOOL_RESULTS", "/AVAILABLE_TOOLS", "SYSTEM_PROMPT"))

# The header of a message, in which its channel stands: ``<|channel|>analysis<|message|>``, as by gpt-oss.
HEADER: Final = Aside(None, re.compile(r"<\|message\|>"), most_chars=_MOST_HEADER_CHARS)
_HEADERS: Final = frozenset(("start", "channel"))
_END_OF_MESSAGE: Final = r"<\|(?:end|call|return|start|channel)\|>"
_ROLE_LINE: Final = Aside(None, re.compile(r"\n|<\|(?:im_middle|end_header_id)\|>"), most_chars=_MOST_HEADER_CHARS)
_ROLE_LINES: Final = frozenset(("im_start", "start_header_id"))
COMMENT: Final = Aside(None, re.compile(r"-->"), most_chars=_MOST_HIDDEN_CHARS)
FANCY_THINK: Final = Aside("reasoning", re.compile("◁/think▷"))


def of_element(name: str) -> Aside | None:
    """Find the aside that an element is.

    Args:
        name: of its tag, in small letters.
    """
    bare = name.rpartition(":")[2]
    closing = re.compile(rf"</{re.escape(name)}\s{{0,8}}>", re.IGNORECASE)
    if bare in _REASONING:
        return Aside("reasoning", closing)
    if bare in _TOOLS:
        return Aside("tools", closing)
    if bare in _HIDDEN:
        return Aside(None, closing, most_chars=_MOST_HIDDEN_CHARS)
    return Aside("reasoning", re.compile(r"<unused95>")) if name == "unused94" else None


def is_aside(name: str) -> bool:
    """Tell whether an element of this name is an aside."""
    return name.rpartition(":")[2] in _REASONING | _TOOLS | _HIDDEN


def of_token(name: str) -> Aside | None:
    """Find the aside that a token opens, of which the name without bars is given."""
    if name in _HEADERS:
        return HEADER
    if name in _ROLE_LINES:
        return _ROLE_LINE
    found = _TOKENS.get(name)
    return Aside(found[0], re.compile(found[1])) if found else None


def of_message(header: str) -> Aside | None:
    """Find the aside that a message is, by its header; None if it is for the listener."""
    if "analysis" in header:
        return Aside("reasoning", re.compile(_END_OF_MESSAGE), is_kept=True)
    if " to=" in header:
        return Aside("tools", re.compile(_END_OF_MESSAGE), is_kept=True)
    return None


def of_word(word: str) -> Aside | None:
    """Find the aside that a word in brackets opens."""
    found = _WORDS.get(word)
    return Aside(found[0], re.compile(found[1])) if found else None


def is_silent_word(word: str) -> bool:
    """Tell whether a word in brackets is a mark that opens nothing and is not for the ear."""
    return word in _SILENT_WORDS


# -- calls of tools as bare JSON ---------------------------------------------------------------------------------------

# What a line of JSON begins with; prose does not.
JSON: Final = re.compile(r'(?:\[\s{0,8})?\{\s{0,8}"[^"\n]{1,64}"\s{0,8}:')
JSON_BEGINNING: Final = re.compile(r'(?:\[\s{0,8})?(?:\{\s{0,8}(?:"(?:[^"\n]{1,64}(?:"\s{0,8})?)?)?)?\Z')
# The same inside a line, where only a call is left out.
CALL: Final = re.compile(
    r'\{\s{0,8}"(?:name|tool|tool_name|tool_calls?|function|function_call|recipient_name|arguments|parameters)"\s{0,8}:'
)
CALL_BEGINNING: Final = re.compile(r'\{\s{0,8}(?:"(?:[a-z_]{0,16}(?:"\s{0,8})?)?)?\Z')
MAX_JSON_START_CHARS: Final = 96
_STRUCTURE: Final = re.compile(r'["\\{}\[\]]|\n[ \t]*\n|\n')


class JsonEnd:
    """Finds where a JSON value ends, as it comes. A blank line ends one that is not closed."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False

    def feed(self, text: str, at: int) -> tuple[int, bool]:
        """Read on; return up to where, and whether the value ends there."""
        while (mark := _STRUCTURE.search(text, at)) is not None:
            at = mark.end()
            char = mark.group()
            if len(char) > 1:
                return mark.start(), True
            if char == "\n":
                if at == len(text):
                    return mark.start(), False  # a blank line, perhaps
                self._in_string = False
            elif char == "\\":
                if at == len(text):
                    return mark.start(), False
                at += 1
            elif char == '"':
                self._in_string = not self._in_string
            elif not self._in_string:
                self._depth += 1 if char in "{[" else -1
                if self._depth <= 0:
                    return at, True
        return len(text), False


# -- front matter ------------------------------------------------------------------------------------------------------

MAX_FRONT_MATTER_CHARS: Final = 2_000
FRONT_MATTER: Final = re.compile(
    r"---[ \t]*\n[A-Za-z_][\w .-]{0,60}:[^\n]*\n(?:(?!---|\.\.\.)[^\n]*[^\s][^\n]*\n)*(?:---|\.\.\.)[ \t]*(?:\n|\Z)"
    r"|\+\+\+[ \t]*\n[A-Za-z_][\w.-]{0,60}[ \t]*=[^\n]*\n(?:(?!\+\+\+)[^\n]*[^\s][^\n]*\n)*\+\+\+[ \t]*(?:\n|\Z)"
)
FRONT_MATTER_BEGINNING: Final = re.compile(
    r"-{1,2}\Z|---[ \t]*\Z|---[ \t]*\n(?:[A-Za-z_][\w .-]{0,60})?\Z"
    r"|---[ \t]*\n[A-Za-z_][\w .-]{0,60}:[^\n]*(?:\n[^\n]*[^\s][^\n]*)*\n?[ \t]*\Z"
    r"|\+{1,2}\Z|\+\+\+[ \t]*\Z|\+\+\+[ \t]*\n(?:[A-Za-z_][\w.-]{0,60}[ \t]*)?\Z"
    r"|\+\+\+[ \t]*\n[A-Za-z_][\w.-]{0,60}[ \t]*=[^\n]*(?:\n[^\n]*[^\s][^\n]*)*\n?[ \t]*\Z"
)
