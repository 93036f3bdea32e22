"""One utterance's books, where the session's tests do not read them."""

from sayline.gateway.conversation.audio import AudioFacts, AudioParameters
from sayline.gateway.conversation.context import GUESSED_MS_PER_CHAR, Context
from sayline.gateway.conversation.playout_clock import PlayoutClock
from sayline.synthesis.interface import Segment, Style

AUDIO = AudioParameters("opus", 24_000, 20, 32_000)
FACTS = AudioFacts(1, 24_000, 0)


def test_text_that_waits_to_be_spoken_counts_as_lead_until_it_is_taken():
    context = Context("c", 1, Style("ada"), "none", None, PlayoutClock(2000.0), AUDIO, FACTS, 0.0)
    context.add_segments(
        [Segment(n, text, text, 0, len(text), is_last=False) for n, text in enumerate(["Ten chars.", "Four"])]
    )
    for chars in (14, 4, 0):
        assert context.lead_s(0.0) == chars * GUESSED_MS_PER_CHAR / 1000
        if chars:
            context.take_segment()
