"""A voice as the model gets it: what the recording says, how it sounds, and the speaker's embedding."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ...interface import NoSuchVoice
from ...rates import MEL_FRAMES_PER_TOKEN
from ..release.model_facts import CHUNK_TOKENS, END_OF_PROMPT, MEL_BINS, SPEAKER_DIM, SPEECH_CODES, TEXT_IDS

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

# A prompt that ends 15 tokens past a chunk boundary leaves a first hop of 10 tokens to the next one: the smallest that
# is exact and still worth a call (13 tokens with look-ahead, of which 240 ms are heard).
PROMPT_TAIL_TOKENS: Final = 15


class BadVoice(NoSuchVoice):
    """A voice cannot be made, stored, read or found. The message says why and what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class VoicePrompt:
    """One voice, ready for requests; P is the number of prompt tokens that the flow is given.

    Attributes:
        name: what a client asks for.
        description: one line for people.
        languages: BCP 47 tags of what the recording speaks; empty if that is not known.
        prompt_text_ids: text ids of system phrase, ``<|endofprompt|>`` and transcript; empty without a transcript.
        lm_speech_tokens: all speech tokens of the recording; empty if there is no recording.
        flow_speech_tokens: the last P of them.
        flow_mel: (2P, 80) their mel, natural logarithm.
        embedding: (192,) of the speaker; not normalised.
        digest: identifies the acoustic prompt, so that work on it is done only once.
    """

    name: str
    description: str
    languages: tuple[str, ...]
    prompt_text_ids: tuple[int, ...]
    lm_speech_tokens: tuple[int, ...]
    flow_speech_tokens: tuple[int, ...]
    flow_mel: Floats
    embedding: Floats
    digest: str


def make_prompt(
    name: str,
    description: str,
    languages: tuple[str, ...],
    *,
    prompt_text_ids: tuple[int, ...],
    lm_speech_tokens: tuple[int, ...],
    flow_speech_tokens: tuple[int, ...],
    flow_mel: Floats,
    embedding: Floats,
    trim: bool,
) -> VoicePrompt:
    """Check the parts of a voice and put them together; ``VoicePrompt`` describes the parts.

    With ``trim`` the oldest part of the flow's prompt is dropped; the rest ends ``PROMPT_TAIL_TOKENS`` past a boundary.

    Raises:
        BadVoice: the model cannot take a part's shape or values, or parts do not fit each other.
    """
    faults = (
        (any(not 0 <= number < TEXT_IDS for number in prompt_text_ids), "has unknown text ids"),
        (
            bool(prompt_text_ids) and prompt_text_ids.count(END_OF_PROMPT) != 1,
            "has a prompt text without <|endofprompt|> between system phrase and transcript, or with several",
        ),
        (any(not 0 <= code < SPEECH_CODES for code in lm_speech_tokens + flow_speech_tokens), "has unknown tokens"),
        (flow_mel.dtype != np.float32 or embedding.dtype != np.float32, "is not in float32"),
        (
            flow_mel.shape != (MEL_FRAMES_PER_TOKEN * len(flow_speech_tokens), MEL_BINS),
            f"has {len(flow_speech_tokens)} tokens and a mel of shape {flow_mel.shape}",
        ),
        (embedding.shape != (SPEAKER_DIM,), f"has an embedding of shape {embedding.shape}"),
        (not np.isfinite(flow_mel).all() or not np.isfinite(embedding).all(), "has values that are no numbers"),
        (not embedding.any(), "has an empty embedding"),
    )
    if fault := next((fault for wrong, fault in faults if wrong), None):
        raise BadVoice(f"the voice {name!r} {fault}")
    if trim:
        kept = aligned_length(len(flow_speech_tokens))
        flow_speech_tokens = flow_speech_tokens[len(flow_speech_tokens) - kept :]
        flow_mel = flow_mel[len(flow_mel) - MEL_FRAMES_PER_TOKEN * kept :]
    flow_mel = np.ascontiguousarray(flow_mel)
    return VoicePrompt(
        name=name,
        description=description,
        languages=languages,
        prompt_text_ids=prompt_text_ids,
        lm_speech_tokens=lm_speech_tokens,
        flow_speech_tokens=flow_speech_tokens,
        flow_mel=flow_mel,
        embedding=embedding,
        digest=_digest(flow_speech_tokens, flow_mel, embedding),
    )


def aligned_length(tokens: int) -> int:
    """Tell how many of a prompt's tokens are kept: the most that end ``PROMPT_TAIL_TOKENS`` past a chunk boundary.

    A prompt too short for that is kept whole. It stays exact; only its first hop is larger.
    """
    if tokens < PROMPT_TAIL_TOKENS:
        return tokens
    return tokens - (tokens - PROMPT_TAIL_TOKENS) % CHUNK_TOKENS


def _digest(tokens: tuple[int, ...], mel: Floats, embedding: Floats) -> str:
    digest = hashlib.sha256(np.asarray(tokens, "<i4").tobytes())
    digest.update(mel.astype("<f4").tobytes())
    digest.update(embedding.astype("<f4").tobytes())
    return digest.hexdigest()
