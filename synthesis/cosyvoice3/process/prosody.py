"""What each utterance said last, kept for its next segment: bounded in number and in length.

The next segment waits for the tokens of the one before. These come faster than they are heard, and the next segment
cannot be heard earlier anyway. If the segment before was cancelled, failed, or is too long, the next begins without it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..voices.prompts import Said

# Twelve seconds of speech, and more text than is said in them. A longer segment is no context: speech without its own
# text would be, and which part of the text belongs to which part of the speech is not known.
MOST_SPEECH_TOKENS: Final = 300
MOST_TEXT_IDS: Final = 150
# Utterances that are remembered. An engine is not told when one ends, so the one that was silent for the longest is
# forgotten; each takes 4 KB.
MOST_UTTERANCES: Final = 1024


class Prosody:
    """The last segments of the utterances that are under way."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, asyncio.Future[Said | None]] = OrderedDict()

    def next_of(self, utterance: str | None) -> tuple[asyncio.Future[Said | None] | None, Telling]:
        """Take what comes before the utterance's next segment, and begin to remember that one."""
        telling = Telling()
        if utterance is None:
            return None, telling
        before = self._last.pop(utterance, None)
        self._last[utterance] = telling.said
        if len(self._last) > MOST_UTTERANCES:
            self._last.popitem(last=False)
        return before, telling

    def again(self, utterance: str | None) -> Telling:
        """Begin to remember a segment that another engine has begun, unless a later one was begun here before."""
        telling = Telling()
        if utterance is not None:
            self._last.setdefault(utterance, telling.said)
            if len(self._last) > MOST_UTTERANCES:
                self._last.popitem(last=False)
        return telling


class Telling:
    """A segment that is being said; what comes next waits for ``said``, which is None if there is nothing to go on."""

    def __init__(self) -> None:
        self.said: asyncio.Future[Said | None] = asyncio.get_running_loop().create_future()

    def ends(self, said: Said | None = None) -> None:
        """Tell what was said; only the first call counts."""
        if not self.said.done():
            is_short = said and len(said.speech_tokens) <= MOST_SPEECH_TOKENS and len(said.text_ids) <= MOST_TEXT_IDS
            self.said.set_result(said if is_short else None)
