"""A neighbour that saturates the GPU: matrix products, one after another, for a given time.

    python benchmarks/gpu_neighbour.py SECONDS

Run it beside a gateway under load (`sayline bench`); it prints its own share of the GPU.
"""

from __future__ import annotations

import sys
import time

import torch

SIZE = 8192  # 1.1 TFLOP a product: 1.4 ms alone on an H200, as long as a large model's layer
AHEAD = 4  # products launched before the first is waited for: the GPU never idles


def main() -> None:
    """Multiply until the time is over."""
    seconds = float(sys.argv[1])
    a = torch.randn(SIZE, SIZE, device="cuda", dtype=torch.bfloat16)
    b = torch.randn_like(a)
    done, begun = 0, time.monotonic()
    while time.monotonic() - begun < seconds:
        for _ in range(AHEAD):
            torch.matmul(a, b)
        torch.cuda.synchronize()
        done += AHEAD
    elapsed = time.monotonic() - begun
    print(f"neighbour: {2 * SIZE**3 * done / elapsed / 1e12:.0f} TFLOP/s over {elapsed:.1f} s")


if __name__ == "__main__":
    main()
