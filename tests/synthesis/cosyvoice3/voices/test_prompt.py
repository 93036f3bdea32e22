"""A voice's parts fit each other, and its flow prompt ends where a small first hop is exact."""

import numpy as np
import pytest

from sayline.synthesis.cosyvoice3.release.model_facts import CHUNK_TOKENS, END_OF_PROMPT
from sayline.synthesis.cosyvoice3.voices.prompt import (
    PROMPT_TAIL_TOKENS,
    BadVoice,
    aligned_length,
    make_prompt,
)

FRAMES = np.arange(87 * 2 * 80, dtype=np.float32).reshape(-1, 80)


def parts(**changed):
    tokens = tuple(range(87))
    return {
        "prompt_text_ids": (1, END_OF_PROMPT, 2),
        "lm_speech_tokens": tokens,
        "flow_speech_tokens": tokens,
        "flow_mel": FRAMES,
        "embedding": np.ones(192, np.float32),
        "trim": True,
        **changed,
    }


def voice(**changed):
    return make_prompt("anna", "", (), **parts(**changed))


def test_the_oldest_of_the_flow_prompt_is_dropped_and_the_lm_prompt_kept_whole():
    made = voice()
    assert made.flow_speech_tokens == tuple(range(22, 87))
    np.testing.assert_array_equal(made.flow_mel, FRAMES[44:])
    assert made.lm_speech_tokens == tuple(range(87))
    assert made.prompt_text_ids == (1, END_OF_PROMPT, 2)


def test_a_prompt_that_is_not_to_be_trimmed_is_kept_whole():
    assert len(voice(trim=False).flow_speech_tokens) == 87


@pytest.mark.parametrize("tokens", [*range(15, 130), 750])
def test_as_much_is_kept_as_leaves_a_first_hop_of_ten_tokens(tokens):
    kept = aligned_length(tokens)
    assert kept % CHUNK_TOKENS == PROMPT_TAIL_TOKENS
    assert tokens - CHUNK_TOKENS < kept <= tokens


def test_a_prompt_too_short_to_be_aligned_is_kept_whole():
    assert [aligned_length(tokens) for tokens in (0, 1, 14)] == [0, 1, 14]


def test_a_voice_may_have_no_recording_at_all():
    made = voice(prompt_text_ids=(), lm_speech_tokens=(), flow_speech_tokens=(), flow_mel=np.zeros((0, 80), np.float32))
    assert made.flow_mel.shape == (0, 80)


def test_the_digest_is_the_acoustic_prompts_and_of_nothing_else():
    louder = FRAMES + 1
    assert voice().digest == voice(prompt_text_ids=(), lm_speech_tokens=(5,)).digest
    assert len({voice().digest, voice(flow_mel=louder).digest, voice(trim=False).digest}) == 3
    assert voice(embedding=np.full(192, 2, np.float32)).digest != voice().digest


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"prompt_text_ids": (END_OF_PROMPT, 151_924)}, "unknown text ids"),
        ({"prompt_text_ids": (END_OF_PROMPT, -1)}, "unknown text ids"),
        ({"prompt_text_ids": (1, 2)}, r"without <\|endofprompt\|>"),
        ({"prompt_text_ids": (END_OF_PROMPT, END_OF_PROMPT)}, "or with several"),
        ({"lm_speech_tokens": (6561,)}, "unknown tokens"),
        ({"flow_speech_tokens": (-1,) * 87}, "unknown tokens"),
        ({"flow_mel": FRAMES[:-1]}, "87 tokens and a mel of shape"),
        ({"flow_mel": FRAMES.astype(np.float64)}, "not in float32"),
        ({"flow_mel": np.full_like(FRAMES, np.nan)}, "no numbers"),
        ({"embedding": np.ones(256, np.float32)}, "embedding of shape"),
        ({"embedding": np.zeros(192, np.float32)}, "empty embedding"),
        ({"embedding": np.full(192, np.inf, np.float32)}, "no numbers"),
    ],
)
def test_parts_that_the_model_cannot_take_are_refused_with_the_voices_name(changed, fault):
    with pytest.raises(BadVoice, match=f"'anna' .*{fault}"):
        voice(**changed)
