"""What evaluates the velocity network on whole sequences: one interface, in plain torch or in TensorRT.

The third engine evaluates chunks whose past lies in pages instead of whole sequences: see ``chunk_solver.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .dit import velocity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from .dit import Dit


class VelocityEngine(Protocol):
    """Evaluates the velocity network; shared by all streams, keeps nothing of any of them."""

    def velocity(
        self,
        x: Tensor,
        mu: Tensor,
        cond: Tensor,
        speaker: Tensor,
        t: Tensor,
        lengths: Sequence[int],
        *,
        is_chunked: bool,
    ) -> Tensor:
        """Evaluate the network, without waiting for the device.

        Args:
            x: (R, T, M) float32 noise, on the engine's device, as all tensors here.
            mu: (R, T, M) float32 token conditioning.
            cond: (R, T, M) float32 prompt mel, zero elsewhere.
            speaker: (R, M) float32 projected speaker embedding.
            t: (R,) float32 times in [0, 1].
            lengths: frames of each row that count, 1 to T. What comes out behind them means nothing.
            is_chunked: each frame sees up to the end of its own chunk; else all frames see all.

        Returns:
            (R, T, M) float32.

        Raises:
            ValueError: the engine was not made for so many rows or frames.
            SynthesisFailed: the device refused the work.
        """
        ...


class EagerVelocity:
    """The network in plain torch, on any device and of any shape: what the others are compared with."""

    def __init__(self, dit: Dit) -> None:
        self._dit = dit

    def velocity(
        self,
        x: Tensor,
        mu: Tensor,
        cond: Tensor,
        speaker: Tensor,
        t: Tensor,
        lengths: Sequence[int],
        *,
        is_chunked: bool,
    ) -> Tensor:
        """Evaluate the network; see ``VelocityEngine``."""
        return velocity(self._dit, x, mu, cond, speaker, t, lengths=lengths, is_chunked=is_chunked)
