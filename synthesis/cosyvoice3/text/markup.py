"""The tokens that CosyVoice3 added to its vocabulary, and phonemes written in them. Imports nothing that is large."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from ...phonemes import NEUTRAL, cmu_of, english_sounds, syllables
from ..release.model_facts import END_OF_PROMPT, TEXT_IDS

if TYPE_CHECKING:
    from ...phonemes import Phonemes

BASE_IDS: Final = 151_643  # Qwen2's own vocabulary, ids 0 to 151,642; added tokens follow

_CMU_PHONEMES: Final = (
    "AA AA0 AA1 AA2 AE AE0 AE1 AE2 AH AH0 AH1 AH2 AO AO0 AO1 AO2 AW AW0 AW1 AW2 AY AY0 AY1 AY2 B CH D DH EH EH0 EH1 "
    "EH2 ER ER0 ER1 ER2 EY EY0 EY1 EY2 F G HH IH IH0 IH1 IH2 IY IY0 IY1 IY2 JH K L M N NG OW OW0 OW1 OW2 OY OY0 OY1 "
    "OY2 P R S SH T TH UH UH0 UH1 UH2 UW UW0 UW1 UW2 V W Y Z ZH"
)
_PINYIN: Final = (
    "a ai an ang ao b c ch d e ei en eng f g h i ian in ing iu ià iàn iàng iào iá ián iáng iáo iè ié iòng ióng iù iú "
    "iā iān iāng iāo iē iě iōng iū iǎ iǎn iǎng iǎo iǒng iǔ j k l m n o ong ou p q r s sh t u uang ue un uo uà uài uàn "
    "uàng uá uái uán uáng uè ué uì uí uò uó uā uāi uān uāng uē uě uī uō uǎ uǎi uǎn uǎng uǐ uǒ vè w x y z zh à ài àn "
    "àng ào á ái án áng áo è èi èn èng èr é éi én éng ér ì ìn ìng í ín íng ò òng òu ó óng óu ù ùn ú ún ā āi ān āng āo "
    "ē ēi ēn ēng ě ěi ěn ěng ěr ī īn īng ō ōng ōu ū ūn ǎ ǎi ǎn ǎng ǎo ǐ ǐn ǐng ǒ ǒng ǒu ǔ ǔn ǘ ǚ ǜ"
)
# In the order of their ids (docs/COSYVOICE3.md, language model).
ADDED_TOKENS: Final = (
    *"<|endoftext|> <|im_start|> <|im_end|> <|endofprompt|> [breath] <strong> </strong> [noise] [laughter]".split(),
    *"[cough] [clucking] [accent] [quick_breath] <laughter> </laughter> [hissing] [sigh] [vocalized-noise]".split(),
    *"[lipsmack] [mn] <|endofsystem|>".split(),
    *(f"[{phoneme}]" for phoneme in _CMU_PHONEMES.split()),
    *(f"[{syllable}]" for syllable in _PINYIN.split()),
)
ADDED_IDS: Final = {token: BASE_IDS + place for place, token in enumerate(ADDED_TOKENS)}
assert ADDED_IDS["<|endofprompt|>"] == END_OF_PROMPT  # noqa: S101 - the table's order is what gives every id
assert BASE_IDS + len(ADDED_TOKENS) == TEXT_IDS  # noqa: S101 - the same
MARKUP: Final = tuple(token for token in ADDED_TOKENS if not token.startswith("<|"))
FOUND: Final = re.compile("(" + "|".join(re.escape(token) for token in sorted(MARKUP, key=len, reverse=True)) + ")")


def split_markup(text: str) -> list[str]:
    """Cut text at markup: plain stretches at even places (possibly empty), markup tokens at odd ones."""
    return FOUND.split(text)


def written(phonemes: Phonemes) -> str | None:
    """Write phonemes as tokens: ``[N][UW1]``, ``[ch][óng]``; None if the model has no token for one of them."""
    if phonemes.alphabet == "pinyin":
        tokens = [part for syllable in syllables(phonemes.value) for part in _pinyin(*syllable)]
    elif phonemes.alphabet == "cmu":
        tokens = phonemes.value.split(" ")
    else:
        tokens = cmu_of(english_sounds(phonemes.value).sounds).split(" ")
    marks = [f"[{token}]" for token in tokens]
    return "".join(marks) if all(mark in ADDED_IDS for mark in marks) else None


_TONES: Final = {"1": "\u0304", "2": "\u0301", "3": "\u030c", "4": "\u0300", NEUTRAL: ""}


def _pinyin(initial: str, final: str, tone: str) -> list[str]:
    """Write a syllable as it is spelled, with its tone's mark where pinyin has it."""
    if initial in ("j", "q", "x", "y"):
        final = final.replace("ü", "u")
    vowels = [at for at, letter in enumerate(final) if letter in "aeiouü"]
    open_ones = [at for at in vowels if final[at] in "ae"] or [at for at in vowels if final[at] == "o"] or vowels[-1:]
    end = open_ones[0] + 1 if open_ones else len(final)
    toned = unicodedata.normalize("NFC", final[:end] + _TONES[tone] + final[end:])
    toned = toned.replace("ü", "v") if final == "üe" else toned  # so the token is called
    return [initial, toned] if initial else [toned]
