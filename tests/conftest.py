"""What must be settled before any test is imported."""

import os
from pathlib import Path

# Without a GPU Triton's kernels are tested in its interpreter. Triton asks for it when its own library is imported,
# and torch or vLLM may be what imports it first.
if not Path("/dev/nvidiactl").exists():
    os.environ.setdefault("TRITON_INTERPRET", "1")
