"""Which voice an utterance began with: it keeps that voice to its end, even if the voice is replaced or removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .prompt import VoicePrompt
    from .store import VoiceStore

# Utterances that are remembered, those that spoke last. Far more than any engine speaks at once. One that rests while
# so many others speak goes on with the voice that then has the name. Voices are shared: an entry takes 200 bytes.
KEPT_UTTERANCES: Final = 4096


class Casting:
    """The voices of an engine's utterances; belongs to the engine's event loop."""

    def __init__(self, store: VoiceStore) -> None:
        self._store = store
        self._begun: dict[str, VoicePrompt] = {}  # by utterance, the one that spoke last at the end

    def voice_of(self, name: str, utterance: str | None) -> VoicePrompt:
        """Tell with which voice a segment is spoken.

        Args:
            name: what the client asked for.
            utterance: names what the segment is part of; None: it stands alone.

        Raises:
            BadVoice: the utterance begins, and there is no such voice.
        """
        if utterance is None:
            return self._store.get(name)
        voice = self._begun.pop(utterance, None) or self._store.get(name)
        self._begun[utterance] = voice
        if len(self._begun) > KEPT_UTTERANCES:
            del self._begun[next(iter(self._begun))]
        return voice
