"""What must be settled before any test is imported."""

import gc
import os
from pathlib import Path

from hypothesis import HealthCheck, settings

# By itself hypothesis fails an example that takes 200 ms, and a test whose examples are slow to make: both judge who
# else uses this machine.
settings.register_profile("sayline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sayline")

# Without a GPU Triton's kernels are tested in its interpreter. Triton asks for it when its own library is imported,
# and torch or vLLM may be what imports it first.
if not Path("/dev/nvidiactl").exists():
    os.environ.setdefault("TRITON_INTERPRET", "1")


def pytest_collection_finish():
    """The tests and what they imported stay until the end. The garbage collector is told not to look through them again
    and again: a fifth of the time of `make core`."""
    gc.freeze()
