"""What the gateway tells the engine process; knows nothing of torch, so that the gateway need not."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from ..release.model_facts import SOLVER_STEPS

Precision = Literal["float32", "bfloat16", "float16"]

DEFAULT_TOKEN_HOP_LEN: Final = 10  # the smallest exact first hop of a registered voice: 240 ms of sound
DEFAULT_STREAMS: Final = 4  # contexts at once unless the operator says otherwise: what any GPU of 8 GB serves
MAX_SOLVER_STEPS: Final = SOLVER_STEPS
# A fifth less work. How it sounds was not heard: the released weights were never at hand.
DEFAULT_MIN_SOLVER_STEPS: Final = 8
# The longest hop there is a vocoder shape for is 100 tokens, and the next boundary may lie 24 behind the least length.
MAX_TOKEN_HOP_LEN: Final = 76


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How the engine runs.

    Attributes:
        model_dir: the release's directory.
        max_streams: how many segments may be spoken at once.
        load_vllm: speech tokens come from vLLM; else from plain torch.
        precision: of flow and vocoder; None takes bfloat16 on a GPU and float32 on a CPU.
        gpu_memory_utilization: share of the GPU's memory that all of it may take, vLLM and acoustic model together.
        token_hop_len: least length of a stream's first hop, tokens.
        trt_concurrent: solve the flow with TensorRT, in so many execution contexts; None solves it in CUDA graphs.
        min_solver_steps: under pressure, new speeches take so few solver steps.
        rtf_guard: forecast real time, admit by it, and give things up for it (``rtf_guard.py``).
        fixed_tokens_per_character: how long a speech is, whatever the model says; None lets it end by itself.
        mps: language model and acoustic model run beside each other (``gpu_sharing.py``), not in turns.
    """

    model_dir: Path
    max_streams: int
    load_vllm: bool
    precision: Precision | None
    gpu_memory_utilization: float
    token_hop_len: int
    trt_concurrent: int | None = None
    min_solver_steps: int = DEFAULT_MIN_SOLVER_STEPS
    rtf_guard: bool = True
    fixed_tokens_per_character: float | None = None
    mps: bool = False

    def to_json(self) -> str:
        """Write them down for the engine process's command line."""
        return json.dumps(asdict(self) | {"model_dir": str(self.model_dir)})

    @classmethod
    def from_json(cls, text: str) -> EngineSettings:
        """Read what ``to_json`` wrote."""
        fields = json.loads(text)
        return cls(**fields | {"model_dir": Path(fields["model_dir"])})
