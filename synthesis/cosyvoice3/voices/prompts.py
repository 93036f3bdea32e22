"""What the language model is given for a text in a voice, as ids of its one vocabulary.

Every prompt is ``start, text, task, speech``: speech ids as they are, text ids shifted behind them
(``model_facts.TEXT_ID_OFFSET``). Text begins with the system phrase, an instruction perhaps, and ``<|endofprompt|>``;
only ids that were built here ever hold that token. The modes differ in what stands around it:

============== ============================================= =======================
mode           before the text                               speech
============== ============================================= =======================
zero-shot      phrase, end of prompt, the voice's transcript the voice's tokens
cross-lingual  phrase, end of prompt                         none
instruct       phrase and instruction, end of prompt         none
============== ============================================= =======================

Between ``before the text`` and the text, and behind the speech, may stand what was said before, text and speech: the
model then speaks on where it stopped.

A voice without a recording (one that has an embedding only) is spoken as cross-lingual.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ..release.model_facts import END_OF_PROMPT, SOS, TASK, TEXT_ID_OFFSET
from ..text.markup import ADDED_IDS
from ..text.normalizer import guess_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..text.tokenizer import TextTokenizer
    from .prompt import VoicePrompt

Mode = Literal["zero-shot", "cross-lingual", "instruct"]

SYSTEM_PHRASE: Final = "You are a helpful assistant."  # the one the model was trained with
# Speech tokens per text token. 25 tokens are a second: no speaker takes less than 80 ms or more than 800 for a text
# token.
MIN_TOKENS_PER_TEXT_TOKEN: Final = 2
MAX_TOKENS_PER_TEXT_TOKEN: Final = 20

_CONTROL_IDS: Final = frozenset(number for token, number in ADDED_IDS.items() if token.startswith("<|"))
# The languages of the model that are not written in Latin script, for which a guess by script is informative.
_OWN_SCRIPT: Final = frozenset({"zh", "ja", "ko", "ru"})


@dataclass(frozen=True, slots=True)
class LmPrompt:
    """What one segment asks of the language model.

    Attributes:
        ids: the prompt, in the one vocabulary.
        min_tokens: speech may not end before this many; the number follows from the text to be said alone.
        max_tokens: speech ends here at the latest.
    """

    ids: tuple[int, ...]
    min_tokens: int
    max_tokens: int


@dataclass(frozen=True, slots=True)
class Said:
    """A segment that was said in full: the context of the next.

    Attributes:
        mode: in which it was said.
        text_ids: its text.
        speech_tokens: its speech, as it was sampled.
    """

    mode: Mode
    text_ids: tuple[int, ...]
    speech_tokens: tuple[int, ...]


def choose_mode(voice: VoicePrompt, text: str, language: str | None, instructions: str | None) -> Mode:
    """Choose how a voice says a text.

    With instructions the mode is ``instruct``. Without them it is ``zero-shot``, which keeps most of the voice's
    manner. There are two exceptions: the voice has no transcript, or its recording is known to be in another language
    than the text and would lend the text its accent. Then the mode is ``cross-lingual``.

    Args:
        voice: the voice that speaks.
        text: what is said.
        language: its BCP 47 tag; None guesses by script, which cannot tell languages in Latin script apart.
        instructions: how to say it; None or blank for none.
    """
    if instructions and instructions.strip():
        return "instruct"
    if not voice.prompt_text_ids or not voice.lm_speech_tokens:
        return "cross-lingual"
    recorded = {_primary(tag) for tag in voice.languages}
    if language:
        return "zero-shot" if not recorded or _primary(language) in recorded else "cross-lingual"
    guess = guess_language(text)
    written = _primary(guess) if guess else None
    if not recorded or written is None or written in recorded:
        return "zero-shot"
    if written not in _OWN_SCRIPT and not recorded <= _OWN_SCRIPT:  # both Latin
        return "zero-shot"
    return "cross-lingual"


def build_prompt(
    tokenizer: TextTokenizer,
    voice: VoicePrompt,
    text_ids: Sequence[int],
    mode: Mode,
    instructions: str | None = None,
    said: Said | None = None,
) -> LmPrompt:
    """Build the prompt for a text in a voice.

    Args:
        tokenizer: reads phrase and instructions; markup in instructions is plain text, since it means nothing there.
        voice: the voice that speaks.
        text_ids: what is to be said, by ``TextTokenizer.encode``; at least one.
        mode: by ``choose_mode``.
        instructions: needed for ``instruct``; the other modes ignore them.
        said: what was said just before in this mode and this voice; the caller bounds its length.

    Raises:
        ValueError: the caller broke a rule above; no client's request can cause it.
    """
    if not text_ids or _CONTROL_IDS.intersection(text_ids):
        raise ValueError("a text is at least one id, and none of a control token")
    if mode == "instruct" and not (instructions and instructions.strip()):
        raise ValueError("instruct needs instructions")
    if mode == "zero-shot":
        before, speech = voice.prompt_text_ids, voice.lm_speech_tokens
    else:
        phrase = f"{SYSTEM_PHRASE} {instructions}" if mode == "instruct" else SYSTEM_PHRASE
        before, speech = (*tokenizer.encode(phrase, allow_markup=False), END_OF_PROMPT), ()
    # Without this token the model takes the system phrase for text and says it.
    if END_OF_PROMPT not in before:
        raise ValueError(f"the prompt of voice {voice.name!r} lacks <|endofprompt|>")
    said_text, said_speech = (said.text_ids, said.speech_tokens) if said else ((), ())
    shifted = (TEXT_ID_OFFSET + number for number in (*before, *said_text, *text_ids))
    return LmPrompt(
        ids=(SOS, *shifted, TASK, *speech, *said_speech),
        min_tokens=MIN_TOKENS_PER_TEXT_TOKEN * len(text_ids),
        max_tokens=MAX_TOKENS_PER_TEXT_TOKEN * len(text_ids),
    )


def transcript_ids(tokenizer: TextTokenizer, transcript: str) -> tuple[int, ...]:
    """Build a voice's ``prompt_text_ids``; markup is obeyed, because the operator wrote the transcript."""
    phrase = tokenizer.encode(SYSTEM_PHRASE, allow_markup=False)
    return (*phrase, END_OF_PROMPT, *tokenizer.encode(transcript, allow_markup=True))


def _primary(tag: str) -> str:
    """Reduce a tag to its language; the Chinese languages share a script and a prompt."""
    primary = tag.lower().replace("_", "-").partition("-")[0]
    return "zh" if primary in ("cmn", "yue") else primary
