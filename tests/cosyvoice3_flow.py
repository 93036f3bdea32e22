"""The tiny checkpoint's flow, and the reference utterance that tests solve with it in one way or another."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from cosyvoice3_checkpoint import reference, tiny_model_dir

from sayline.synthesis.cosyvoice3.flow.chunk_solver import ChunkStart, chunk_tokens
from sayline.synthesis.cosyvoice3.flow.flow import Flow, load_flow, project_speaker
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.release.model_facts import CHUNK_FRAMES

if TYPE_CHECKING:
    from torch import Tensor

# Errors are relative and centred (``relative_error``). Seen elsewhere (docs/COSYVOICE3.md, reference data): 1.6e-7 in
# float32, and 1e-4 for the exact GELU in place of the tanh form, which a bound must find; seen here: 6e-7.
EXACT = 2e-6
# For one call of the network: 1.6e-2 and 2e-3 were seen elsewhere, under torch's autocast; seen here: 6e-3, 8e-4.
CALL_BOUNDS = {torch.bfloat16: 1.2e-2, torch.float16: 1.6e-3}
# For a whole mel: elsewhere 1e-2 in bfloat16; seen here: 3e-3, 4e-4.
MEL_BOUNDS = {torch.bfloat16: 6e-3, torch.float16: 8e-4}


@cache
def flow(dtype: torch.dtype = torch.float32) -> Flow:
    """The tiny flow on the CPU."""
    return load_flow(tiny_model_dir(), ModelDimensions.read(tiny_model_dir()).flow, torch.device("cpu"), dtype)


class Speech(NamedTuple):
    """What a flow is given: a prompt and what is said after it.

    Attributes:
        tokens: (P + N,) speech ids.
        mel: (2 P, M) the prompt's.
        speaker: (M,) projected.
    """

    tokens: Tensor
    mel: Tensor
    speaker: Tensor

    def starts(self, slots: list[int]) -> list[ChunkStart]:
        """Its first chunks, in these slots."""
        starts = []
        for chunk, slot in enumerate(slots):
            cond = torch.zeros(CHUNK_FRAMES, self.mel.shape[1])
            given = self.mel[chunk * CHUNK_FRAMES :][:CHUNK_FRAMES]
            cond[: len(given)] = given
            starts.append(ChunkStart(slot, chunk, chunk_tokens(self.tokens.tolist(), chunk), cond, self.speaker))
        return starts

    def frames_in(self, chunk: int) -> int:
        """How many frames of a chunk exist."""
        return min(CHUNK_FRAMES, 2 * len(self.tokens) - chunk * CHUNK_FRAMES)


def reference_speech() -> Speech:
    """The utterance of tiny0_flow.npz: 87 prompt tokens and 110 more."""
    arrays = reference("tiny0_flow")
    tokens = torch.from_numpy(np.concatenate((arrays["prompt_token"], arrays["token"]))).long()
    speaker = project_speaker(flow(), torch.from_numpy(arrays["embedding"]))
    return Speech(tokens, torch.from_numpy(arrays["prompt_mel"]), speaker)
