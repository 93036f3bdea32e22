"""Text to ids, as the model was trained: Qwen2's byte-level BPE with the tokens that CosyVoice3 added to it.

Added tokens come in two kinds. *Control* tokens (``<|endofprompt|>``) separate what the model is told from what it is
to say. They are never found in text; ``prompts.py`` puts them between pieces of it as ids. *Markup* (``[laughter]``,
``<strong>``, phonemes such as ``[j]``) changes how something is said. It is found in text only if the caller allows it,
because in other texts ``[s]`` is a footnote. All other text is read as plain characters.
"""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Final

from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from ..release.checkpoint import BadCheckpoint
from .markup import ADDED_IDS, BASE_IDS, split_markup

if TYPE_CHECKING:
    from pathlib import Path

FOLDER: Final = "CosyVoice-BlankEN"

# How Qwen2 cuts text into words before it merges bytes inside each: English clitics, letters with the one character
# before them, single digits, runs of other signs, line ends, blanks.
_WORDS: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


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
