"""What the gateway tells the engine process; knows nothing of torch, so that the gateway need not."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from ...declaration import BARE_NAME
from ..release.model_facts import SOLVER_STEPS
from ..release.variant import NAME as VARIANT_NAME

Precision = Literal["float32", "bfloat16", "float16"]

DEFAULT_STREAMS: Final = 4  # contexts at once unless the operator says otherwise: what any GPU of 8 GB serves
# The longest hop there is a vocoder shape for is 100 tokens, and the next boundary may lie 24 behind the least length.
MAX_TOKEN_HOP_LEN: Final = 76


@dataclass(frozen=True, slots=True, kw_only=True)  # a new field stands among its like, and shifts no other
class EngineSettings:
    """How the engine runs. A field that has a description is a setting of the server (``declaration.Engine``).

    Attributes:
        max_streams: how many segments may be spoken at once.

    Raises:
        ValueError: two settings contradict each other.
    """

    model_dir: Annotated[Path, Field(description="directory of the CosyVoice3 model"), BARE_NAME]
    model_variant: Annotated[
        str | None,
        Field(
            pattern=f"^{VARIANT_NAME}$",
            description="take `llm.NAME.pt`, `flow.NAME.pt`, `hift.NAME.pt` and `cosyvoice3.NAME.yaml` of the model "
            "directory, as far as they are there, in place of the files without NAME; `rl` is the release's own",
        ),
    ] = None
    max_streams: int = DEFAULT_STREAMS
    load_vllm: Annotated[
        bool, Field(description="run CosyVoice3's language model on vLLM; without it, on plain torch"), BARE_NAME
    ] = False
    # Off until it was run with the released weights: its sums are rounded elsewhere than vLLM's. For 64
    # listeners vLLM had 57 to 62 ms on an H200 where this had 73, without mps (docs/PERFORMANCE.md).
    lm_graphs: Annotated[
        bool,
        Field(
            description="run CosyVoice3's language model as CUDA graphs of its own, in place of vLLM: a lone "
            "listener's first sound comes sooner, but many listeners' later; needs a GPU"
        ),
    ] = False
    precision: Annotated[
        Precision | None,
        Field(description="number format of CosyVoice3's flow; unset: `bfloat16` on a GPU, `float32` on a CPU"),
    ] = None
    # Deployments of this model usually share the GPU with a language model.
    gpu_memory_utilization: Annotated[
        float,
        Field(gt=0, le=1, description="share of the GPU's memory that CosyVoice3 may take, vLLM included"),
        BARE_NAME,
    ] = 0.4
    # Off until it was heard with the released weights. With random ones the mel is off by 6e-4, by bfloat16 by 3e-3.
    compact_past: Annotated[
        bool,
        Field(
            description="keep in 8 bits a value what CosyVoice3's flow remembers of a speech and of a voice's prompt: "
            "about half the memory for each, and a mel that is off by less than bfloat16's"
        ),
    ] = False
    # 10 is the smallest first hop that is exact for a registered voice (240 ms of sound).
    token_hop_len: Annotated[
        int,
        Field(
            ge=1,
            le=MAX_TOKEN_HOP_LEN,
            description="shortest first hop of a segment, in speech tokens; the engine takes the next exact length",
        ),
        BARE_NAME,
    ] = 10
    trt_concurrent: Annotated[
        int | None,
        Field(
            ge=1,
            le=1_000_000,
            description="number of TensorRT execution contexts for CosyVoice3's flow; unset: the flow runs as "
            "CUDA graphs instead",
        ),
        BARE_NAME,
    ] = None
    trt_engine: Annotated[
        Path | None,
        Field(
            description="file of a TensorRT engine for CosyVoice3's flow that another machine built, to run it with "
            "`trt_concurrent` contexts; only one of your own, for it is run like a program; unset: TensorRT builds "
            "its engine here; see docs/TENSORRT.md"
        ),
    ] = None
    # 8 is a fifth less work. How it sounds was not heard: the released weights were never at hand. With 3 the last step
    # alone would pass over half of the way.
    min_solver_steps: Annotated[
        int,
        Field(
            ge=4,
            le=SOLVER_STEPS,
            description="fewest flow steps for speech that starts while the GPU is overloaded (10: never reduced)",
        ),
    ] = 8
    rtf_guard: Annotated[
        bool,
        Field(
            description="measure how many contexts CosyVoice3 sustains in real time and admit no more; if the GPU "
            "is overloaded, make longer hops, then fewer flow steps"
        ),
    ] = True
    fixed_tokens_per_character: Annotated[
        float | None,
        Field(
            gt=0,
            le=100,
            description="for benchmarks with random weights, which rarely end a speech: end it after this many "
            "speech tokens per character of text; English is read at about 1.7",
        ),
    ] = None
    # Silence is counted in speech tokens that the release lists as silent. One that is dropped costs a decoding step,
    # and one that is heard 40 ms.
    max_leading_silence_ms: Annotated[
        int | None,
        Field(
            ge=0,
            le=200,
            description="longest silence with which CosyVoice3 may begin a speech, ms, in steps of 40; unset: as the "
            "model has it, 200 at most",
        ),
    ] = None
    # How it sounds was not heard: the released weights were never at hand.
    carry_prosody: Annotated[
        bool,
        Field(
            description="give CosyVoice3's language model the text and the speech tokens of the segment before as "
            "context of the next, so that its prosody goes on"
        ),
    ] = False
    mps: Annotated[
        bool,
        Field(
            description="run CosyVoice3's language model and acoustic model side by side by NVIDIA's "
            "Multi-Process Service instead of in turns; only for a GPU that no other program uses"
        ),
    ] = False
    fp16: Annotated[bool, Field(description="the same as `precision` `float16`"), BARE_NAME] = False

    def __post_init__(self) -> None:
        """Judge what no single value shows."""
        if self.fp16 and self.precision not in (None, "float16"):
            raise ValueError(f"fp16: contradicts precision {self.precision!r}")
        if self.compact_past and self.trt_concurrent:
            raise ValueError("compact_past: contradicts trt_concurrent, with which the flow keeps no past")
        if self.lm_graphs and self.load_vllm:
            raise ValueError("lm_graphs: contradicts load_vllm; either runs the language model")
        if self.trt_engine and not self.trt_concurrent:
            raise ValueError("trt_engine: needs trt_concurrent, the number of contexts that run it")

    def to_json(self) -> str:
        """Write them down for the engine process's command line."""
        return json.dumps(asdict(self), default=str)  # str: of paths

    @classmethod
    def from_json(cls, text: str) -> EngineSettings:
        """Read what ``to_json`` wrote."""
        fields = json.loads(text)
        paths = {name: Path(fields[name]) for name in ("model_dir", "trt_engine") if fields[name] is not None}
        return cls(**fields | paths)
