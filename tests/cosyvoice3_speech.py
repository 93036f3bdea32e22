"""What tests of the speech language model share: the reference's prompt, and how the reference's random numbers run."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import numpy as np
import torch
from cosyvoice3_checkpoint import reference

from sayline.synthesis.cosyvoice3.lm.sampling import NO_TOKEN, WINDOW, rule_out, sample
from sayline.synthesis.cosyvoice3.lm.speech_tokens import TokenRequest
from sayline.synthesis.cosyvoice3.release.model_facts import SOS, SPEECH_ROWS, STOP_IDS, TASK, TEXT_ID_OFFSET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch import Tensor

    from sayline.synthesis.cosyvoice3.lm.network import SpeechLm
    from sayline.synthesis.cosyvoice3.lm.sampling import Draw
    from sayline.synthesis.cosyvoice3.lm.speech_tokens import SpeechTokenRunner

# Tests share a machine's cores with other tests; threads that wait for each other would then wait long.
torch.set_num_threads(1)

# What the reference program masks instead of what ends the speech (docs/COSYVOICE3.md, sampling).
SOS_ONLY = range(SOS, SOS + 1)


def reference_prompt(*, speech: bool = True) -> tuple[int, ...]:
    """The prompt of the reference data, with or without the voice's speech tokens."""
    arrays = reference("tiny0_lm")
    text = [TEXT_ID_OFFSET + int(i) for name in ("prompt_text", "text") for i in arrays[name]]
    return (SOS, *text, TASK, *(int(i) for i in arrays["prompt_speech"] if speech))


def ras_table() -> tuple[Tensor, Tensor]:
    """The reference's logits (64, 6761), by the recipe in its meta, and the uniform numbers drawn after them."""
    rows, ruled_out_rows = 64, 8
    generator = np.random.Generator(np.random.PCG64(4000))
    logits = generator.random((rows, SPEECH_ROWS), np.float32)
    for _ in range(9):
        logits = logits * logits
    spread = np.linspace(5, 20, rows, dtype=np.float32)[:, None]
    logits = logits * spread
    logits[21:, 5:17] += np.float32(0.8) * spread[21:]
    logits[:, 6565:] -= 20
    shares = generator.random((rows, 2))
    arrays = reference("ras_table")
    assert np.array_equal(logits[0, : len(arrays["logits_row0_head"])], arrays["logits_row0_head"])
    assert np.array_equal(shares, arrays["uniforms"])
    masked = torch.from_numpy(logits)
    rule_out(masked, torch.arange(rows) < ruled_out_rows, SOS_ONLY)
    return masked, torch.from_numpy(shares)


def request(**wishes: object) -> TokenRequest:
    """A request for what the reference says, unless it wishes otherwise."""
    ours = {"prompt_ids": reference_prompt(), "min_tokens": 36, "max_tokens": 72, "seed": 1}
    return TokenRequest(secrets.token_hex(4), **{**ours, **wishes})


async def collect(runner: SpeechTokenRunner, request: TokenRequest) -> list[int]:
    """All that is said."""
    return [token async for tokens in runner.generate(request) for token in tokens]


class GeneratorDraw:
    """Draws as ``torch.Tensor.multinomial`` does on one row, as the reference program does."""

    def __init__(self, generator: torch.Generator) -> None:
        self._generator = generator

    def from_nucleus(self, kept: Tensor) -> Tensor:
        """Draw from the kept only: how many there are decides how many random numbers are used up."""
        return kept[:, : int((kept > 0).sum())].multinomial(1, replacement=True, generator=self._generator)[:, 0]

    def from_all(self, probabilities: Tensor, needed: Tensor) -> Tensor:
        """Draw only where needed: otherwise no random number is used up."""
        if not needed:
            return torch.zeros(1, dtype=torch.int64)
        return probabilities.multinomial(1, replacement=True, generator=self._generator)[:, 0]


def speak(
    lm: SpeechLm,
    prompt: Sequence[int],
    draw: Callable[[int], Draw],
    *,
    min_tokens: int,
    max_tokens: int,
    masked: range = STOP_IDS,
) -> Iterator[int]:
    """Generate as the reference program does: one id at a time, ``draw(step)`` being each step's randomness."""
    cache = lm.new_cache(len(prompt) + max_tokens)
    sampled: list[int] = []
    ids = torch.tensor(prompt)
    for step in range(max_tokens):
        logits = lm.logits(lm.hidden(ids, cache)[-1:]).clone()
        rule_out(logits, torch.tensor([step < min_tokens]), masked)
        token = int(sample(logits, history(sampled), draw(step)))
        if token in STOP_IDS:
            return
        yield token
        sampled.append(token)
        ids = torch.tensor([token])


def history(sampled: Sequence[int]) -> Tensor:
    """One row's window: the last ids, fewer if there were fewer."""
    window = [NO_TOKEN] * WINDOW + list(sampled)
    return torch.tensor([window[-WINDOW:]])
