"""Whether a stream sounds the same in company as alone, and streamed as computed whole: the engine's PCM compared.

    python benchmarks/company.py MODEL_DIR [--streams 64] [--compared 8]

Streams of 1 to 6 s are spoken together, their tokens cut at random, on a simulated clock. Some are then spoken again
alone, cut otherwise, by the same engine, and computed whole by plain torch: in what the engine computes in, and in
float32. A row for each comparison tells how far the sound is apart, median and most of the streams compared: *energy*,
the difference by the sound, both as root mean square; *steps*, the largest difference in steps of 16 bits; and
*spectrum*, the difference of short-time magnitudes, which does not count a shifted phase: pitch adds up, so the mel's
rounding moves the phase of all that follows.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from sayline.synthesis.cosyvoice3.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.engine_assembly import GpuBudget, new_acoustic_engine
from sayline.synthesis.cosyvoice3.engine_settings import EngineSettings
from sayline.synthesis.cosyvoice3.flow import load_flow, project_speaker, solve
from sayline.synthesis.cosyvoice3.model_facts import SPEECH_CODES
from sayline.synthesis.cosyvoice3.pipeline import acoustic_voice
from sayline.synthesis.cosyvoice3.vocoder import Vocoder, VocoderRow, VocoderSlots
from sayline.synthesis.cosyvoice3.voices import VoiceStore
from sayline.synthesis.rates import MODEL_SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from torch import Tensor

    from sayline.synthesis.cosyvoice3.acoustic_engine import AcousticEngine, AcousticVoice

SHORTEST, LONGEST = 25, 150  # tokens of a stream
LARGEST_PIECE = 8  # tokens that come at once
PIECES_S = 0.008  # simulated time between them
FULL_SCALE = 32767
WINDOW, HOP = 1024, 256  # of the spectrum, samples

Spoken = dict[int, list[int]]  # tokens by stream


def stream(engine: AcousticEngine, voice: AcousticVoice, spoken: Spoken, seed: int) -> dict[int, Tensor]:
    """Speak them together; returns each one's samples as float32 of 16-bit steps."""
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
    now = 0.0
    unsaid = {key: list(tokens) for key, tokens in spoken.items()}
    heard: dict[int, list[Tensor]] = {key: [] for key in spoken}
    dry_at: dict[int, float] = {}
    unfinished = set(spoken)
    for key in spoken:
        engine.open(key, voice, now)
    while unfinished:
        for key, tokens in list(unsaid.items()):
            piece = dice.randint(1, LARGEST_PIECE)
            engine.push(key, tokens[:piece], now, is_complete=len(tokens) <= piece)
            del tokens[:piece]
            if not tokens:
                del unsaid[key]
        sounds = engine.advance(now)
        for sound in sounds or ():
            samples = torch.from_numpy(sound.launch.result().copy()).float()
            for part in sound.parts:
                heard[part.key].append(samples[part.row, : part.samples])
                length_s = part.samples / MODEL_SAMPLE_RATE_HZ
                dry_at[part.key] = max(now, dry_at.get(part.key, now)) + length_s
                engine.pull(part.key, length_s, dry_at[part.key])
                if part.is_last:
                    engine.close(part.key)
                    unfinished.remove(part.key)
        now += PIECES_S
        if sounds is None and not unsaid:
            if engine.idle_until == math.inf:
                raise SystemExit(f"the engine has nothing to do, and {sorted(unfinished)} are unfinished")
            now = max(now, engine.idle_until)
    return {key: torch.cat(pieces) for key, pieces in heard.items()}


def whole(
    model_dir: Path, voice: AcousticVoice, device: torch.device, *, is_half: bool
) -> Callable[[list[int]], Tensor]:
    """Load plain torch's flow and vocoder; the result computes one speech at once, under the chunk mask."""
    dimensions = ModelDimensions.read(model_dir)
    flow = load_flow(model_dir, dimensions.flow, device, torch.bfloat16 if is_half else torch.float32)
    vocoder = Vocoder.load(model_dir, dimensions.vocoder, device, torch.float16 if is_half else torch.float32)

    def compute(tokens: list[int]) -> Tensor:
        ids = torch.tensor([*voice.tokens, *tokens], device=device)
        speaker = project_speaker(flow, torch.from_numpy(voice.embedding).to(device))
        mel = solve(flow, ids, torch.from_numpy(voice.mel).to(device), speaker, is_chunked=True)
        slots = VocoderSlots(1, device)
        (sound,) = vocoder.vocode(slots, [VocoderRow(slots.allocate(), mel.T, is_last=True)])
        return (sound * FULL_SCALE).round().float().cpu()

    return compute


def distances(ours: Tensor, theirs: Tensor) -> tuple[float, float, float]:
    """Measure how far two sounds are apart: energy, steps and spectrum of the module."""
    if ours.shape != theirs.shape:
        raise SystemExit(f"{len(ours)} samples by {len(theirs)}")
    window = torch.hann_window(WINDOW)
    near, far = (torch.stft(each, WINDOW, HOP, window=window, return_complex=True).abs() for each in (ours, theirs))
    energy = (ours - theirs).norm() / theirs.norm()
    return energy.item(), (ours - theirs).abs().max().item(), ((near - far).norm() / far.norm()).item()


def compare(name: str, pairs: Iterable[tuple[Tensor, Tensor]]) -> None:
    """Print a row."""
    energy, steps, spectrum = zip(*(distances(ours, theirs) for ours, theirs in pairs), strict=True)
    columns = ((energy, "8.1e"), (steps, "7.0f"), (spectrum, "8.1e"))
    figures = " ".join(f"{each:{form}}" for found, form in columns for each in (statistics.median(found), max(found)))
    print(f"{name:44} {figures}", flush=True)


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model_dir", type=Path)
    parser.add_argument("--streams", type=int, default=64)
    parser.add_argument("--compared", type=int, default=8, help="how many of them")
    parser.add_argument("--memory", type=float, default=0.4, help="share of the GPU's memory")
    arguments = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    settings = EngineSettings(
        arguments.model_dir,
        max_streams=arguments.streams,
        load_vllm=False,
        precision=None,
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
        company = stream(engine, voice, spoken, seed=1)
        alone, again = (
            {key: stream(engine, voice, {key: spoken[key]}, seed)[key] for key in compared} for seed in (2, 3)
        )
        print(f"{arguments.streams} streams, {len(compared)} compared          energy: median, most   steps   spectrum")
        compare("alone, cut otherwise, by alone", ((again[key], alone[key]) for key in compared))
        compare("in company by alone", ((company[key], alone[key]) for key in compared))
        for is_half in (True, False) if budget else (False,):
            compute = whole(arguments.model_dir, voice, device, is_half=is_half)
            by = {key: compute(spoken[key]) for key in compared}
            name = "whole, as the engine computes" if is_half else "whole, in float32"
            for other, sounds in (("alone", alone), ("in company", company)):
                compare(f"{other} by {name}", ((sounds[key], by[key]) for key in compared))


if __name__ == "__main__":
    main()
