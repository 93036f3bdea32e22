"""Build the file that the setting ``trt_engine`` names, for servers without a builder of TensorRT (docs/TENSORRT.md).

    python -m sayline.synthesis.cosyvoice3.process.build_trt_engine MODEL_DIR FILE

``tensorrt`` builds on a GPU like those of the servers, ``tensorrt_rtx`` on any machine. It takes minutes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import torch

from ...interface import EngineUnavailable
from ..flow.flow import load_flow
from ..flow.tensorrt.engine_file import LEVELS, build_file
from ..flow.tensorrt.tensorrt_engine import shape_profiles
from ..release.dimensions import ModelDimensions
from ..release.model_facts import CHUNK_FRAMES
from .assembly import MAX_CHUNKS, TENSORRT_BATCH, refuse_distilled
from .settings import Precision

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Build one; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model_dir", type=Path, help="directory of the CosyVoice3 model that the servers have")
    parser.add_argument("file", type=Path, help="where the engine goes: 1 GB")
    parser.add_argument("--model-variant", help="the servers' model_variant")
    parser.add_argument("--precision", choices=get_args(Precision), default="bfloat16", help="the servers' precision")
    parser.add_argument(
        "--gpus",
        choices=LEVELS,
        default="model",
        help="the servers' GPUs: of this one's model, all of its compute capability, or all from Ampere on, which is "
        "slowest; tensorrt_rtx builds for all that it knows",
    )
    given = parser.parse_args(arguments)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        dimensions = ModelDimensions.read(given.model_dir, given.model_variant)
        dtype = getattr(torch, given.precision)
        flow = load_flow(given.model_dir, dimensions.flow, device, dtype, variant=given.model_variant)
        refuse_distilled(flow)
        profiles = shape_profiles(TENSORRT_BATCH, MAX_CHUNKS * CHUNK_FRAMES)
        key = build_file(flow.dit, given.file, profiles, given.gpus)
    except (EngineUnavailable, OSError) as error:
        print(f"no engine was built: {error}", file=sys.stderr)
        return 1
    print(f"{given.file}: {key.precision}, by {key.library}, for {key.gpu}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
