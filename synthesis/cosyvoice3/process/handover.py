"""What another engine needs to go on with a segment that was begun here: the speech tokens so far.

Tokens, and not the seed alone: a seed gives the same tokens only if the logits are the same, and in bfloat16 these
depend on the company in a batch. The prompt, too, holds what this engine said before in the same utterance, which
another engine does not know. The flow and the vocoder make the same sound of the same tokens, so an engine that has
them goes on behind the last of them, whatever it samples from there on.

The notes of one segment follow each other; each is a text that only engines of this kind read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, get_args

from ..release.model_facts import SPEECH_CODES, TEXT_IDS
from ..voices.prompts import Mode, Said

if TYPE_CHECKING:
    from collections.abc import Sequence

_encode: Final = json.JSONEncoder(separators=(",", ":")).encode


class BadNotes(ValueError):
    """Nobody of ours has written these notes."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A segment that another engine has begun.

    Attributes:
        most_leading: as of ``SilentFilter``.
        said: what stands before it in its prompt.
        tokens: its speech so far, as it was sampled.
        is_complete: all of its speech.
    """

    most_leading: int
    said: Said | None
    tokens: tuple[int, ...]
    is_complete: bool

    @classmethod
    def read(cls, notes: Sequence[str]) -> Begun | None:
        """Read all notes of a segment; None if there are none.

        Raises:
            BadNotes: they are no such notes, or none of this model.
        """
        if not notes:
            return None
        try:
            first, *others = map(json.loads, notes)
            parts = [first, *others]
            tokens = tuple(token for part in parts for token in part["tokens"])
            begun = cls(int(first["leading"]), _said(first["said"]), tokens, any(part["ends"] for part in parts))
        except (ValueError, TypeError, KeyError) as error:
            raise BadNotes(f"these are no notes of an engine like this one: {error!r}") from error
        said_speech, said_text = (begun.said.speech_tokens, begun.said.text_ids) if begun.said else ((), ())
        if not (_are_within(SPEECH_CODES, (*tokens, *said_speech)) and _are_within(TEXT_IDS, said_text)):
            raise BadNotes("these notes hold ids that the model has not")
        return begun


class Notes:
    """Writes what becomes of a segment here.

    Args:
        most_leading: as of ``SilentFilter``.
        said: what stands before it in its prompt.

    Attributes:
        tokens: all that was sampled, or taken over; its owner adds to it.
        is_complete: nothing will be added.
    """

    def __init__(self, most_leading: int, said: Said | None) -> None:
        self._most_leading = most_leading
        self._said = said
        self._noted: int | None = None  # how many tokens; None: nothing was written
        self._is_end_noted = False
        self.tokens: list[int] = []
        self.is_complete = False

    def next(self) -> str:
        """Write what is new since the last call; empty if nothing is."""
        new, noted = self.tokens[self._noted or 0 :], self._noted
        is_end_new = self.is_complete and not self._is_end_noted
        if noted is not None and not new and not is_end_new:
            return ""
        self._noted, self._is_end_noted = len(self.tokens), self.is_complete
        part: dict[str, object] = {"tokens": new, "ends": self.is_complete}
        if noted is None:
            said = self._said
            part |= {
                "leading": self._most_leading,
                "said": None if said is None else (said.mode, said.text_ids, said.speech_tokens),
            }
        return _encode(part)


def _said(written: Any) -> Said | None:  # noqa: ANN401 - JSON
    if written is None:
        return None
    mode, text_ids, speech_tokens = written
    if mode not in get_args(Mode):
        raise ValueError(mode)
    return Said(mode, tuple(text_ids), tuple(speech_tokens))


def _are_within(count: int, ids: Sequence[int]) -> bool:
    return all(type(each) is int and 0 <= each < count for each in ids)
