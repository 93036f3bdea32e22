"""What the benchmark's writers type: answers as chatbots give them, cut into tokens as language models emit them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

_CJK: Final = "\u3000-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef"
# A word with its leading space, as byte-pair vocabularies have them; long words in pieces of about six letters;
# punctuation by itself; ideographs one or two at a time.
_TOKEN: Final = re.compile(rf"[{_CJK}]{{1,2}}| ?[^\W\d_{_CJK}]{{1,6}}|\d{{1,3}}|\s+|.", re.DOTALL)
# Enough to know where the first sentence of our own texts ends; the gateway's rules are the ones under test.
_SENTENCE_END: Final = re.compile(r"[.!?](?=\s|$)|[。！？]")

_ENGLISH: Final = (
    (
        "Good morning! Your train leaves from platform four in about twenty minutes. The walk takes five, so "
        "there is time for a coffee on the way. Would you like me to order one?"
    ),
    (
        "Yes, we can move that. The earliest free appointment is on Thursday at half past two, and there is "
        "another one on Friday morning. Which of the two suits you better?"
    ),
    (
        "It looks like rain this afternoon. I would take the umbrella, because the showers will last until the "
        "evening. Tomorrow stays dry, with a light wind from the west."
    ),
    (
        "The recipe needs three eggs, some flour and a little milk. Stir it until there are no lumps left, then "
        "let the dough rest. Ten minutes are enough. After that the pan should be hot, but not smoking."
    ),
    (
        "Let me check that for you. The parcel left the depot last night and is now on the van. It should be with"
        " you before noon; the driver will ring twice."
    ),
    (
        "That is a fair question. Both plans cover the same countries, but the smaller one has a limit on data. "
        "If you stream music every day, the larger plan costs less in the end."
    ),
    (
        "Take a slow breath. Put the phone on the table, sit down, and look out of the window for a moment. There"
        " is no hurry at all. We will go through the form together, line by line."
    ),
    (
        "Your balance is one hundred and twelve euros. The last payment was on Monday, to the bakery on the "
        "corner. Nothing else is waiting to be booked."
    ),
)
_GERMAN: Final = (
    (
        "Gern! Der nächste Zug nach Leipzig fährt um Viertel nach acht. Sie müssen einmal umsteigen, haben dafür "
        "aber genug Zeit. Soll ich einen Platz am Fenster buchen?"
    ),
    (
        "Das Paket liegt noch im Lager. Es wird heute Abend verladen und kommt morgen früh bei Ihnen an. Wenn "
        "niemand zu Hause ist, nimmt es der Nachbar entgegen."
    ),
)
_CHINESE: Final = (
    "您好！您的快递今天下午三点左右送到。如果您不在家，可以放在门口的柜子里。需要我现在帮您安排吗？",
    "明天的天气不错，早上有一点风，下午出太阳。出门的时候带一件薄外套就够了。祝您一路顺风！",
)
CORPUS: Final = _ENGLISH + _GERMAN + _CHINESE


@dataclass(frozen=True, slots=True)
class Script:
    """One text, ready to be typed without any further work.

    Attributes:
        tokens: the text's tokens, each as the JSON string that goes into a ``text`` message.
        ends: for each token, where in the text it ends, in code points; ascending.
        first_sentence_end: where the first sentence ends, in code points.
    """

    tokens: tuple[str, ...]
    ends: tuple[int, ...]
    first_sentence_end: int


def script(text: str) -> Script:
    """Prepare a text for typing."""
    tokens = _TOKEN.findall(text)
    end = _SENTENCE_END.search(text)
    return Script(tuple(map(json.dumps, tokens)), tuple(accumulate(map(len, tokens))), end.end() if end else len(text))
