"""Whether a stream is the same in company as alone, and streamed as computed whole: the engine's mel and PCM compared.

    python benchmarks/company.py MODEL_DIR [--precision float32] [--streams 64] [--compared 8]

Streams of 1 to 6 s are spoken together, their tokens cut at random, on a simulated clock. The same engine then speaks
some of them again alone, cut otherwise, and plain torch computes them whole: in the engine's precision, and in float32.
Each comparison has a row with median and maximum over the compared streams: *mel*, the difference by the mel without
its mean; *PCM*, the difference by the sound, both as root mean square; and *steps*, the largest difference of two
samples in steps of 16 bits.

On a GPU a batch's size decides which kernels compute it, and so how it is rounded. Pitch adds up to phase, so that
rounding grows. With random weights a mel that is off by 1e-5 gives a sound that is off by 6e-3. A mel that is off by
3e-3, as bfloat16's is, gives a different sound of the same kind. So judge by PCM in float32, and by mel in bfloat16.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from sayline.synthesis.cosyvoice3.flow.flow import load_flow, project_speaker, solve
from sayline.synthesis.cosyvoice3.process.assembly import GpuBudget, new_acoustic_engine
from sayline.synthesis.cosyvoice3.process.pipeline import acoustic_voice
from sayline.synthesis.cosyvoice3.process.settings import EngineSettings
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.release.model_facts import SPEECH_CODES
from sayline.synthesis.cosyvoice3.vocoder.batches import as_int16
from sayline.synthesis.cosyvoice3.vocoder.vocoder import Vocoder, VocoderRow, VocoderSlots
from sayline.synthesis.cosyvoice3.voices.store import VoiceStore
from sayline.synthesis.rates import MODEL_SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from torch import Tensor

    from sayline.synthesis.cosyvoice3.acoustic.engine import AcousticEngine, AcousticVoice
    from sayline.synthesis.cosyvoice3.vocoder.batches import VocoderBatches

SHORTEST, LONGEST = 25, 150  # tokens of a stream
LARGEST_PIECE = 8  # tokens that come at once
PIECES_S = 0.008  # simulated time between two pieces

Spoken = dict[int, list[int]]  # tokens by stream


class Speech(NamedTuple):
    """What became of a stream: (frames, M) float32 mel, and (samples,) float32 sound in steps of 16 bits."""

    mel: Tensor
    sound: Tensor


class MelTap:
    """Stands between engine and vocoder, and keeps the mel that goes through."""

    def __init__(self, vocoder: VocoderBatches, frames: Tensor) -> None:
        self._vocoder = vocoder
        self._frames = frames
        # By place in the vocoder, which belongs to one stream while that is open.
        self._seen: dict[int, list[Tensor]] = {}

    def allocate(self) -> Any:  # noqa: ANN401 - the vocoder's own
        """Give a place."""
        place = self._vocoder.allocate()
        self._seen[id(place)] = []
        return place

    def free(self, place: Any) -> None:  # noqa: ANN401
        """Take it back."""
        self._vocoder.free(place)

    def launch(self, jobs: Sequence[tuple[Any, list[int], bool]]) -> Any:  # noqa: ANN401
        """Turn hops into sound, and keep their mel."""
        for place, rows, _ in jobs:
            self._seen[id(place)].append(self._frames.flatten(0, 1)[rows].float().cpu())
        return self._vocoder.launch(jobs)

    def take(self, place: Any) -> Tensor:  # noqa: ANN401
        """Return a stream's mel."""
        return torch.cat(self._seen.pop(id(place)))


def stream(engine: AcousticEngine, tap: MelTap, voice: AcousticVoice, spoken: Spoken, seed: int) -> dict[int, Speech]:
    """Speak the streams together; prints how many chunks a step had."""
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
    now = 0.0
    unsaid = {key: list(tokens) for key, tokens in spoken.items()}
    heard: dict[int, list[Tensor]] = {key: [] for key in spoken}
    mels: dict[int, Tensor] = {}
    dry_at: dict[int, float] = {}
    batches: list[int] = []
    for key in spoken:
        engine.open(key, voice, now)
    places = {key: engine._streams[key].vocoder for key in spoken}  # noqa: SLF001 - whose mel is whose
    while len(mels) < len(spoken):
        for key, tokens in list(unsaid.items()):
            piece = dice.randint(1, LARGEST_PIECE)
            engine.push(key, tokens[:piece], now, is_complete=len(tokens) <= piece)
            del tokens[:piece]
            if not tokens:
                del unsaid[key]
        sounds = engine.advance(now)
        if engine.is_asynchronous:
            torch.cuda.synchronize()  # the engine does not wait for the device, and may not be far ahead of it
        batches += [engine.chunks_stepped] if engine.chunks_stepped else []
        for sound in sounds or ():
            samples = torch.from_numpy(sound.launch.result().copy()).float()
            for part in sound.parts:
                heard[part.key].append(samples[part.row, : part.samples])
                length_s = part.samples / MODEL_SAMPLE_RATE_HZ
                dry_at[part.key] = max(now, dry_at.get(part.key, now)) + length_s
                engine.pull(part.key, part.samples, dry_at[part.key])
                if part.is_last:
                    mels[part.key] = tap.take(places[part.key])
                    engine.close(part.key)
        now += PIECES_S
        if sounds is None and not unsaid:
            if engine.idle_until == math.inf:
                raise SystemExit(f"the engine has nothing to do, and {len(spoken) - len(mels)} streams are unfinished")
            now = max(now, engine.idle_until)
    if len(spoken) > 1:
        print(f"{len(spoken)} streams: {statistics.fmean(batches):.1f} chunks in a step, {max(batches)} at most")
    return {key: Speech(mels[key], torch.cat(pieces)) for key, pieces in heard.items()}


def whole(
    model_dir: Path, voice: AcousticVoice, device: torch.device, *, is_half: bool
) -> Callable[[list[int]], Speech]:
    """Load plain torch's flow and vocoder; the result computes one speech at once, under the chunk mask."""
    dimensions = ModelDimensions.read(model_dir)
    flow = load_flow(model_dir, dimensions.flow, device, torch.bfloat16 if is_half else torch.float32)
    vocoder = Vocoder.load(model_dir, dimensions.vocoder, device, torch.float16 if is_half else torch.float32)

    def compute(tokens: list[int]) -> Speech:
        ids = torch.tensor([*voice.tokens, *tokens], device=device)
        speaker = project_speaker(flow, torch.from_numpy(voice.embedding).to(device))
        mel = solve(flow, ids, torch.from_numpy(voice.mel).to(device), speaker, is_chunked=True)
        slots = VocoderSlots(1, device)
        (sound,) = vocoder.vocode(slots, [VocoderRow(slots.allocate(), mel.T, is_last=True)])
        return Speech(mel.float().cpu(), as_int16(sound).float().cpu())

    return compute


def distances(ours: Speech, theirs: Speech) -> tuple[float, float, float]:
    """Measure how far two speeches are apart: mel, PCM and steps of the module."""
    if ours.sound.shape != theirs.sound.shape or ours.mel.shape != theirs.mel.shape:
        raise SystemExit(
            f"{len(ours.sound)} samples and {len(ours.mel)} frames by {len(theirs.sound)}, {len(theirs.mel)}"
        )
    mel = (ours.mel - theirs.mel).norm() / (theirs.mel - theirs.mel.mean()).norm()
    pcm = (ours.sound - theirs.sound).norm() / theirs.sound.norm()
    return mel.item(), pcm.item(), (ours.sound - theirs.sound).abs().max().item()


def compare(name: str, pairs: Iterable[tuple[Speech, Speech]]) -> None:
    """Print the row of one comparison."""
    mel, pcm, steps = zip(*(distances(ours, theirs) for ours, theirs in pairs), strict=True)
    columns = ((mel, "8.1e"), (pcm, "8.1e"), (steps, "7.0f"))
    figures = " ".join(f"{each:{form}}" for found, form in columns for each in (statistics.median(found), max(found)))
    print(f"{name:44} {figures}", flush=True)


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model_dir", type=Path)
    parser.add_argument("--streams", type=int, default=64)
    parser.add_argument("--compared", type=int, default=8, help="how many of them")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), help="of the engine (default: the server's)")
    parser.add_argument("--compact-past", action="store_true", help="keep the flow's past in 8 bits a value")
    parser.add_argument("--memory", type=float, default=0.4, help="share of the GPU's memory")
    arguments = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    settings = EngineSettings(
        model_dir=arguments.model_dir,
        max_streams=arguments.streams,
        load_vllm=False,
        precision=arguments.precision,
        compact_past=arguments.compact_past,
        gpu_memory_utilization=arguments.memory,
        token_hop_len=10,
        rtf_guard=False,  # fewer solver steps would be another sound, rightly
    )
    budget = GpuBudget.measure(arguments.memory) if device.type == "cuda" else None
    voice = acoustic_voice(VoiceStore(arguments.model_dir).voices()[0])
    dice = random.Random(0)  # noqa: S311 - repeatable on purpose
    spoken: Spoken = {
        key: dice.choices(range(SPEECH_CODES), k=dice.randint(SHORTEST, LONGEST)) for key in range(arguments.streams)
    }
    compared = range(0, arguments.streams, max(1, arguments.streams // arguments.compared))
    with torch.inference_mode():
        engine = new_acoustic_engine(settings, ModelDimensions.read(arguments.model_dir), device, budget)
        tap = MelTap(engine._vocoder, engine._solver.frames)  # noqa: SLF001 - mel leaves the engine nowhere else
        engine._vocoder = tap  # type: ignore[assignment]  # noqa: SLF001
        company = stream(engine, tap, voice, spoken, seed=1)
        alone, again = (
            {key: stream(engine, tap, voice, {key: spoken[key]}, seed)[key] for key in compared} for seed in (2, 3)
        )
        print(f"{len(compared)} compared; median and most of each        mel               PCM              steps")
        compare("alone, cut otherwise, by alone", ((again[key], alone[key]) for key in compared))
        compare("in company by alone", ((company[key], alone[key]) for key in compared))
        is_half = budget is not None and arguments.precision != "float32"
        for in_half in (True, False) if is_half else (False,):
            compute = whole(arguments.model_dir, voice, device, is_half=in_half)
            by = {key: compute(spoken[key]) for key in compared}
            name = "whole, as the engine computes" if in_half else "whole, in float32"
            for other, speeches in (("alone", alone), ("in company", company)):
                compare(f"{other} by {name}", ((speeches[key], by[key]) for key in compared))


if __name__ == "__main__":
    main()
