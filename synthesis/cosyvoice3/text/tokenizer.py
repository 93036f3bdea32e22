"""Text to ids, as the model was trained: Qwen2's byte-level BPE with the tokens that CosyVoice3 added to it.

Added tokens come in two kinds. *Control* tokens (``<|endofprompt|>``) separate what the model is told from what it is
to say. They are never found in text; ``prompts.py`` puts them between pieces of it as ids. *Markup* (``[laughter]``,
``<strong>``, phonemes such as ``[j]``) changes how something is said. It is found in text only if the caller allows it,
because in other texts ``[s]`` is a footnote. All other text is read as plain characters.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Final

from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from ..release.checkpoint import BadCheckpoint
from ..release.model_facts import END_OF_PROMPT, TEXT_IDS

if TYPE_CHECKING:
    from pathlib import Path

FOLDER: Final = "CosyVoice-BlankEN"
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
_MARKUP: Final = re.compile("(" + "|".join(re.escape(token) for token in sorted(MARKUP, key=len, reverse=True)) + ")")

# How Qwen2 cuts text into words before it merges bytes inside each: English clitics, letters with the one character
# before them, single digits, runs of other signs, line ends, blanks.
_WORDS: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def split_markup(text: str) -> list[str]:
    """Cut text at markup: plain stretches at even places (possibly empty), markup tokens at odd ones."""
    return _MARKUP.split(text)


class TextTokenizer:
    """The tokenizer of one model directory; immutable, so all streams may share it."""

    def __init__(self, model_dir: Path) -> None:
        """Read the vocabulary.

        Raises:
            BadCheckpoint: its files are missing, truncated or belong to another model.
        """
        self._plain = _read(model_dir / FOLDER)

    def encode(self, text: str, *, allow_markup: bool) -> list[int]:
        """Turn text into ids below ``TEXT_IDS``; control tokens are never among them.

        Args:
            text: any text; brought into Unicode's normal form C first, as the model's vocabulary is.
            allow_markup: find markup tokens; otherwise they are plain characters like all others.
        """
        text = unicodedata.normalize("NFC", text)
        pieces = split_markup(text) if allow_markup else [text]
        ids: list[int] = []
        for place, piece in enumerate(pieces):
            if place % 2:
                ids.append(ADDED_IDS[piece])
            elif piece:
                ids.extend(self._plain.encode(piece, add_special_tokens=False).ids)
        return ids


def _read(folder: Path) -> Tokenizer:
    vocab_path, merges_path = folder / "vocab.json", folder / "merges.txt"
    try:
        vocab = json.loads(vocab_path.read_text(encoding="utf-8"))
        lines = merges_path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise BadCheckpoint(f"{folder} holds no readable tokenizer: {error}") from error
    if not isinstance(vocab, dict) or sorted(vocab.values(), key=_as_id) != list(range(BASE_IDS)):
        raise BadCheckpoint(f"{vocab_path} is not the vocabulary of Qwen2: {BASE_IDS} tokens, ids from 0")
    if not set(pre_tokenizers.ByteLevel.alphabet()) <= vocab.keys():
        raise BadCheckpoint(f"{vocab_path} lacks some of the 256 bytes")
    merges = [line.partition(" ")[::2] for line in lines if line and not line.startswith("#version")]
    unknown = next((f"{left} {right}" for left, right in merges if not right or left + right not in vocab), None)
    if unknown or not merges:
        raise BadCheckpoint(f"{merges_path} does not fit vocab.json: {unknown or 'it is empty'}")
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return tokenizer


def _as_id(value: object) -> int:
    return value if isinstance(value, int) else -1
