"""The interface of engines that evaluate the velocity network on whole sequences, in plain torch or in TensorRT.

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
    """Evaluates the velocity network; shared by all streams, keeps no state of any stream."""

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
            x: (R, T, M) float32 noise; on the engine's device, as are all tensors here.
            mu: (R, T, M) float32 token conditioning.
            cond: (R, T, M) float32 prompt mel, zero elsewhere.
            speaker: (R, M) float32 projected speaker embedding.
            t: (R,) float32 times in [0, 1].
            lengths: how many frames of each row count, 1 to T. Output behind them means nothing.
            is_chunked: each frame sees up to the end of its own chunk; without it, all frames see all.

        Returns:
            (R, T, M) float32.

        Raises:
            ValueError: the engine was not made for this many rows or frames.
            SynthesisFailed: the device refused the work.
        """
        ...


class EagerVelocity:
    """The network in plain torch, on any device and of any shape; the other engines are compared with it."""

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
