"""The vocoder as streams: mel frames in as they come, sound out as soon as it is certain (HiFT).

Sound is certain LOOKAHEAD_FRAMES mel frames behind the last known one. The state that a stream keeps between calls is
bounded and lies in a slot on the device. Finished sound is never made again, except for the network's own context of
DECODE_CONTEXT mel frames.

``Vocoder.step`` is all of this as one tensor program of fixed shape. First, middle and last calls of different streams
are rows side by side; only the integers of each row's ``RowPlan`` tell them apart. So a CUDA graph of one shape serves
any mixture, and the program reads nothing back to the host.

A row's window of mel frames begins at its stream's start, or MEL_TAIL frames before the new frames. Everything is
aligned to the window's first frame, so that the zeros before it are correct exactly where they matter. Along a stream::

    start                sounded                  known            end
      |-- DECODE_CONTEXT --|-- LOOKAHEAD_FRAMES --|---- new ----|
                           |----- sounds now -----|              up to LOOKAHEAD_FRAMES before end, or in the last
                                                                 call up to end

Letters: B rows, T new mel frames that fit in the program's shape, D mel frames that are decoded, M = MEL_BINS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import torch

from ...interface import SynthesisFailed
from ...rates import MEL_HOP_SAMPLES
from ..release.checkpoint import fold_weight_norm, load_state
from ..release.model_facts import MAX_FRAMES, MEL_BINS
from ..release.noise import HARMONICS
from ..release.variant import file_of
from .decoder import (
    DECODE_CONTEXT,
    FRAME_HOPS,
    PRE_LOOKAHEAD,
    Decoder,
    PlainActivation,
    decode,
    decoder_shapes,
    load_decoder,
)
from .source import (
    EXCITATION,
    F0_CONTEXT,
    F0_LOOKAHEAD,
    Source,
    excitation,
    f0_hz,
    load_source,
    sines,
    source_samples,
    source_shapes,
    turns_per_sample,
)
from .spectrum import HALF, Spectrum, istft, spectrum, stft

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from torch import Tensor

    from ..release.dimensions import VocoderDimensions
    from .decoder import Activation

VOCODER_NAME: Final = "hift.pt"

_OVERLAP_LOOKAHEAD: Final = 1  # mel frames: the inverse transform's overlap reaches into the next one
LOOKAHEAD_FRAMES: Final = F0_LOOKAHEAD + PRE_LOOKAHEAD + _OVERLAP_LOOKAHEAD  # 8 mel frames, 160 ms
MEL_TAIL: Final = DECODE_CONTEXT + LOOKAHEAD_FRAMES  # mel frames that a stream leaves for its next call
EXCITATION_TAIL: Final = MEL_TAIL - F0_LOOKAHEAD  # the same frames, as far as their pitch is known
_F0_TAIL: Final = F0_CONTEXT + F0_LOOKAHEAD  # of MEL_TAIL, what the next pitches need
MAX_SAMPLE: Final = 0.99  # cosyvoice3.yaml, audio_limit


class NoFreeSlot(SynthesisFailed):
    """More streams were started than there are slots; admission should keep that from happening."""


@dataclass(slots=True)
class VocoderState:
    """One stream: how far it has come, and which slot holds its state.

    Attributes:
        slot: its row in the tensors of ``VocoderSlots``.
        known_frames: mel frames it has been given.
        is_finished: its last call was made.
    """

    slot: int
    known_frames: int = 0
    is_finished: bool = False

    def advance(self, new_frames: int, *, is_last: bool) -> RowPlan:
        """Count ``new_frames`` more mel frames as given, and plan the call that brings them.

        Raises:
            ValueError: the stream is finished.
        """
        if self.is_finished:
            raise ValueError(f"stream in slot {self.slot} has had its last call")
        plan = RowPlan(self.slot, self.known_frames, new_frames, is_last)
        self.known_frames += new_frames
        self.is_finished = is_last
        return plan


class RowPlan(NamedTuple):
    """What one call does for one stream, in mel frames; a row of the integers that ``Vocoder.step`` takes."""

    slot: int
    known_frames: int
    new_frames: int
    is_last: bool

    @property
    def start_frame(self) -> int:
        """First frame of the window."""
        return max(0, self.known_frames - MEL_TAIL)

    @property
    def end_frame(self) -> int:
        """Just past the last frame known."""
        return self.known_frames + self.new_frames

    @property
    def sounding_frames(self) -> int:
        """How many frames of sound the call yields."""
        return _sounded(self.end_frame, is_last=self.is_last) - _sounded(self.known_frames, is_last=False)

    @property
    def decoded_frames(self) -> int:
        """How many frames of the window must be decoded for this call; a shape of ``Vocoder.step`` must hold them."""
        if not self.sounding_frames:
            return 1
        end = self.end_frame if self.is_last else self.end_frame - LOOKAHEAD_FRAMES + _OVERLAP_LOOKAHEAD
        return end - self.start_frame

    @property
    def samples(self) -> int:
        """How many samples of sound the call yields."""
        return self.sounding_frames * MEL_HOP_SAMPLES


class VocoderRow(NamedTuple):
    """One stream's call.

    Attributes:
        state: the call moves it on.
        mel: (M, n) float32 natural-log mel, new frames only; n may be 0.
        is_last: no frames follow, so all sound that is held back comes out too.
    """

    state: VocoderState
    mel: Tensor
    is_last: bool


class VocoderSlots:
    """What streams leave for their next calls: a fixed number of slots on the device, and which of them are taken.

    A slot that is given back is not wiped: a new stream has no known frames, and so reads none.

    Attributes:
        mel: (slots + 1, MEL_TAIL, M) float32: the last known mel frames, aligned to the stream's first while there are
            fewer.
        excitation: (slots + 1, EXCITATION_TAIL, EXCITATION) float32: that of the same frames, aligned likewise.
        turns: (slots + 1, HARMONICS) float64: turns per sample, summed over all frames whose pitch is known.
        spare: the slot beyond all streams, for rows that only fill a batch.
    """

    def __init__(self, slots: int, device: torch.device) -> None:
        self.mel = torch.zeros(slots + 1, MEL_TAIL, MEL_BINS, device=device)
        self.excitation = torch.zeros(slots + 1, EXCITATION_TAIL, EXCITATION, device=device)
        self.turns = torch.zeros(slots + 1, HARMONICS, dtype=torch.float64, device=device)
        self.spare = slots
        self._free = list(reversed(range(slots)))

    @property
    def free_count(self) -> int:
        """How many more streams may start."""
        return len(self._free)

    def allocate(self) -> VocoderState:
        """Start a stream.

        Raises:
            NoFreeSlot: all slots are taken.
        """
        if not self._free:
            raise NoFreeSlot(f"all {self.spare} vocoder slots are taken")
        return VocoderState(self._free.pop())

    def free(self, state: VocoderState) -> None:
        """End a stream, finished or not.

        Raises:
            ValueError: it was ended before.
        """
        if state.slot in self._free:
            raise ValueError(f"slot {state.slot} is free already")
        state.is_finished = True
        self._free.append(state.slot)


@dataclass(frozen=True, slots=True)
class Vocoder:
    """The vocoder's weights; shared by all streams and never written after loading.

    Convolutions run in the dtype of loading, pitch in float64, and phase, source and transforms in float32. On a GPU,
    float32 is exact only while ``torch.backends.cudnn.allow_tf32`` is off. ``torch.backends.cuda.matmul.allow_tf32``
    must be off with any dtype, because transforms are matrix products.
    """

    source: Source
    decoder: Decoder
    spectrum: Spectrum

    @classmethod
    def load(
        cls,
        model_dir: Path,
        dimensions: VocoderDimensions,
        device: torch.device,
        dtype: torch.dtype,
        noise_frames: int = MAX_FRAMES,
        *,
        variant: str | None = None,
    ) -> Self:
        """Load it from a model directory.

        Args:
            model_dir: holds ``hift.pt``.
            dimensions: from its description.
            device: where it runs.
            dtype: of convolutions: float32, float16 or bfloat16.
            noise_frames: length of the source noise in mel frames, after which it repeats; 1.9 KB of device memory
                each (28.8 MB by default). Shorter than the default is for tests: drawing takes about a second.
            variant: see ``release/variant.py``.

        Raises:
            BadCheckpoint: the file cannot be read, or is not what the description says.
        """
        path = file_of(model_dir, VOCODER_NAME, variant)
        state = load_state(path, vocoder_shapes(dimensions), strip="generator.")
        return cls.from_state(state, device, dtype, noise_frames)

    @classmethod
    def from_state(
        cls, state: Mapping[str, Tensor], device: torch.device, dtype: torch.dtype, noise_frames: int = MAX_FRAMES
    ) -> Self:
        """Take it from a state dict with the keys and shapes of ``vocoder_shapes``; arguments as in ``load``."""
        weights = fold_weight_norm(state)
        return cls(
            load_source(weights, device, noise_frames),
            load_decoder(weights, device, dtype, _activation(device)),
            spectrum(device),
        )

    def vocode(self, slots: VocoderSlots, rows: Sequence[VocoderRow]) -> list[Tensor]:
        """Turn each stream's new mel frames into the sound that they make certain.

        This convenience calls ``step`` with a shape that just fits; one row per stream.

        Returns:
            Per row (samples,) float32 at MODEL_SAMPLE_RATE_HZ within +-MAX_SAMPLE, on the device; perhaps none.
        """
        mel = self.source.mixing.new_zeros(len(rows), max(1, *(row.mel.shape[1] for row in rows)), MEL_BINS)
        for index, row in enumerate(rows):
            mel[index, : row.mel.shape[1]] = row.mel.T
        plans = [row.state.advance(row.mel.shape[1], is_last=row.is_last) for row in rows]
        sound = self.step(slots, plan_tensor(plans).to(mel.device), mel, max(plan.decoded_frames for plan in plans))
        return [row_sound[: plan.samples] for row_sound, plan in zip(sound, plans, strict=True)]

    def step(self, slots: VocoderSlots, plans: Tensor, mel: Tensor, decoded_frames: int) -> Tensor:
        """Run one call for each row: a program of fixed shape, which a CUDA graph can hold.

        Args:
            slots: the rows' states; the program reads and replaces them.
            plans: (B, 4) int64: a ``RowPlan`` a row, see ``plan_tensor``; on the device.
            mel: (B, T, M) float32: each row's new frames first, then anything; T at least 1.
            decoded_frames: D, at least every row's ``RowPlan.decoded_frames`` and at most T + MEL_TAIL.

        Returns:
            (B, min(D, T + LOOKAHEAD_FRAMES) * MEL_HOP_SAMPLES) float32: each row's ``RowPlan.samples`` first, then
            anything.
        """
        slot, known, new, last = plans.unbind(1)
        is_last = last.bool()
        end = known + new
        start = (known - MEL_TAIL).clamp_min(0)
        next_start = (end - MEL_TAIL).clamp_min(0)
        capacity = mel.shape[1]

        # After a stream's end, pitch and first convolution must see zeros behind the last frame.
        window = _joined(slots.mel[slot], known - start, mel, new, MEL_TAIL + capacity + PRE_LOOKAHEAD)
        excited = self._excite(slots, slot, known, end, is_last, window, start)
        slots.mel[slot] = _cut(window, next_start - start, MEL_TAIL)
        slots.excitation[slot] = _cut(excited, next_start - start, EXCITATION_TAIL)

        # Behind the last sample of a stream that ends there is neither source (mirrored there) nor a spectral frame.
        no_end = decoded_frames + 1
        end_in_window = torch.where(is_last, end - start, no_end)[:, None]
        source = source_samples(
            self.source,
            excited,
            _mirrored(decoded_frames * MEL_HOP_SAMPLES, end_in_window * MEL_HOP_SAMPLES),
            start * MEL_HOP_SAMPLES,
        )
        heard = decode(self.decoder, window[:, : decoded_frames + PRE_LOOKAHEAD], stft(self.spectrum, source))
        spectral_frames = torch.arange(heard.shape[1], device=heard.device)
        sound = istft(self.spectrum, heard, spectral_frames <= end_in_window * FRAME_HOPS).clamp(
            -MAX_SAMPLE, MAX_SAMPLE
        )

        sounded = (known - LOOKAHEAD_FRAMES).clamp_min(0)
        by_frame = sound.reshape(len(sound), -1, MEL_HOP_SAMPLES)
        return _cut(by_frame, sounded - start, min(decoded_frames, capacity + LOOKAHEAD_FRAMES)).flatten(1)

    def _excite(
        self,
        slots: VocoderSlots,
        slot: Tensor,
        known: Tensor,
        end: Tensor,
        is_last: Tensor,
        window: Tensor,
        start: Tensor,
    ) -> Tensor:
        """Excitation of the window's frames, (B, T + MEL_TAIL, EXCITATION); sums up the turns in the slots."""
        capacity = window.shape[1] - MEL_TAIL - PRE_LOOKAHEAD
        excited_before = (known - F0_LOOKAHEAD).clamp_min(0)
        excited_after = torch.where(is_last, end, (end - F0_LOOKAHEAD).clamp_min(0))
        f0_start = (known - _F0_TAIL).clamp_min(0)
        fresh = capacity + F0_LOOKAHEAD  # a last call adds the frames that waited for their look-ahead

        f0 = f0_hz(self.source, _cut(window, f0_start - start, F0_CONTEXT + fresh + F0_LOOKAHEAD)).float()
        f0 = _cut(f0[..., None], excited_before - f0_start, fresh)[..., 0]
        is_fresh = torch.arange(fresh, device=f0.device) < (excited_after - excited_before)[:, None]
        turns = torch.where(is_fresh[..., None], turns_per_sample(self.source, f0).double(), 0.0)
        turns_before = torch.where((known > 0)[:, None], slots.turns[slot], 0.0)
        # In float64, as torch sums float32 on a CPU. Rounded once, the sum is the same however a stream is cut.
        turns = turns_before[:, None] + turns.cumsum(1)
        slots.turns[slot] = turns[:, -1]

        return _joined(
            slots.excitation[slot],
            excited_before - start,
            excitation(self.source, f0, sines(turns)),
            excited_after - excited_before,
            MEL_TAIL + capacity,
        )


def vocoder_shapes(dimensions: VocoderDimensions) -> dict[str, tuple[int, ...]]:
    """Tell every key of ``hift.pt`` and its shape."""
    shapes: dict[str, tuple[int, ...]] = {}
    for key, shape in (source_shapes(dimensions) | decoder_shapes(dimensions)).items():
        name = key.removesuffix(".weight")
        if name != key and not name.startswith(_PLAIN_WEIGHTS):
            shapes[f"{name}.parametrizations.weight.original0"] = (shape[0], 1, 1)
            shapes[f"{name}.parametrizations.weight.original1"] = shape
        else:
            shapes[key] = shape
    return shapes


_PLAIN_WEIGHTS: Final = ("m_source.", "source_downs.", "f0_predictor.classifier")  # without weight norm


def plan_tensor(plans: Iterable[RowPlan]) -> Tensor:
    """Write plans as the tensor that ``Vocoder.step`` takes: (B, 4) int64, on the CPU."""
    return torch.tensor([list(plan) for plan in plans], dtype=torch.int64)


def _activation(device: torch.device) -> Activation:
    if device.type != "cuda":
        return PlainActivation()
    from .kernels import FusedActivation  # noqa: PLC0415 - Triton comes with torch for GPUs only

    return FusedActivation()


def _sounded(frames: int, *, is_last: bool) -> int:
    return frames if is_last else max(0, frames - LOOKAHEAD_FRAMES)


def _joined(tail: Tensor, kept: Tensor, fresh: Tensor, count: Tensor, length: int) -> Tensor:
    """Per row, the first ``kept`` frames of ``tail``, then the first ``count`` of ``fresh``, then zeros.

    Args:
        tail: (B, R, C).
        kept: (B,) int64.
        fresh: (B, T, C).
        count: (B,) int64.
        length: of what is returned.

    Returns:
        (B, length, C).
    """
    zero = tail.new_zeros(tail.shape[0], 1, tail.shape[2])
    frames = torch.cat([tail, fresh, zero], dim=1)
    position = torch.arange(length, device=tail.device)[None]
    after = position - kept[:, None]
    index = torch.where(after < 0, position, tail.shape[1] + after)
    index = torch.where(after < count[:, None], index, frames.shape[1] - 1)
    return frames.gather(1, index[..., None].expand(-1, -1, frames.shape[2]))


def _cut(frames: Tensor, first: Tensor, length: int) -> Tensor:
    """Per row, ``length`` frames of (B, R, C) from ``first`` (B,) on; behind the end the last frame repeats."""
    index = (first[:, None] + torch.arange(length, device=frames.device)).clamp_max(frames.shape[1] - 1)
    return frames.gather(1, index[..., None].expand(-1, -1, frames.shape[2]))


def _mirrored(samples: int, end: Tensor) -> Tensor:
    """Numbers of the samples that the transform sees: HALF more on either side, mirrored at 0 and at ``end`` (B, 1).

    Returns:
        (B, HALF + samples + HALF) int64, none negative.
    """
    number = torch.arange(-HALF, samples + HALF, device=end.device).abs()[None]
    return torch.where(number < end, number, 2 * (end - 1) - number).clamp_min(0)
