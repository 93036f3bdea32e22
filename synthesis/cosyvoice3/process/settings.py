"""What the gateway tells the engine process; knows nothing of torch, so that the gateway need not."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from ...declaration import BARE_NAME
from ..release.model_facts import SOLVER_STEPS

Precision = Literal["float32", "bfloat16", "float16"]

DEFAULT_STREAMS: Final = 4  # contexts at once unless the operator says otherwise: what any GPU of 8 GB serves
# The longest hop there is a vocoder shape for is 100 tokens, and the next boundary may lie 24 behind the least length.
MAX_TOKEN_HOP_LEN: Final = 76


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How the engine runs. A field that has a description is a setting of the server (``declaration.Engine``).

    Attributes:
        max_streams: how many segments may be spoken at once.

    Raises:
        ValueError: two settings contradict each other.
    """

    model_dir: Annotated[Path, Field(description="CosyVoice3 model directory"), BARE_NAME]
    max_streams: int = DEFAULT_STREAMS
    load_vllm: Annotated[bool, Field(description="run CosyVoice3's language model on vLLM"), BARE_NAME] = False
    precision: Annotated[
        Precision | None,
        Field(description="what CosyVoice3's flow computes in; unset: `bfloat16` on a GPU, `float32` on a CPU"),
    ] = None
    # Deployments of this model usually share the GPU with a language model.
    gpu_memory_utilization: Annotated[
        float,
        Field(gt=0, le=1, description="share of the GPU's memory that CosyVoice3 may take, vLLM included"),
        BARE_NAME,
    ] = 0.4
    # 10 is the smallest first hop that is exact for a registered voice (240 ms of sound).
    token_hop_len: Annotated[
        int,
        Field(
            ge=1,
            le=MAX_TOKEN_HOP_LEN,
            description="speech tokens in a segment's first hop, at least; the next exact length is taken",
        ),
        BARE_NAME,
    ] = 10
    trt_concurrent: Annotated[
        int | None,
        Field(
            ge=1,
            le=1_000_000,
            description="solve CosyVoice3's flow with TensorRT, in so many execution contexts; unset: in CUDA graphs",
        ),
        BARE_NAME,
    ] = None
    # 8 is a fifth less work. How it sounds was not heard: the released weights were never at hand. With 3 the last step
    # alone would pass over half of the way.
    min_solver_steps: Annotated[
        int,
        Field(
            ge=4,
            le=SOLVER_STEPS,
            description="solver steps of CosyVoice3's flow that speeches get which begin while the GPU is short of "
            f"time; otherwise, and with {SOLVER_STEPS} always, they get {SOLVER_STEPS}",
        ),
    ] = 8
    rtf_guard: Annotated[
        bool,
        Field(
            description="measure what CosyVoice3 can keep in real time, let no more begin, and under pressure take "
            "longer hops, then fewer solver steps"
        ),
    ] = True
    fixed_tokens_per_character: Annotated[
        float | None,
        Field(
            gt=0,
            le=100,
            description="for benchmarks with random weights, which rarely end: speech tokens per character of text, "
            "whatever the model would say; English is read at about 1.7",
        ),
    ] = None
    mps: Annotated[
        bool,
        Field(
            description="let CosyVoice3's language model and acoustic model run beside each other, by NVIDIA's "
            "Multi-Process Service, instead of in turns; only for a GPU that nobody else uses"
        ),
    ] = False
    fp16: Annotated[bool, Field(description="the same as `precision` `float16`"), BARE_NAME] = False

    def __post_init__(self) -> None:
        """Judge what no single value shows."""
        if self.fp16 and self.precision not in (None, "float16"):
            raise ValueError(f"fp16: contradicts precision {self.precision!r}")

    def to_json(self) -> str:
        """Write them down for the engine process's command line."""
        return json.dumps(asdict(self) | {"model_dir": str(self.model_dir)})

    @classmethod
    def from_json(cls, text: str) -> EngineSettings:
        """Read what ``to_json`` wrote."""
        fields = json.loads(text)
        return cls(**fields | {"model_dir": Path(fields["model_dir"])})
