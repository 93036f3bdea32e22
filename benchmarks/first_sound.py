"""Where a millisecond goes, from the last byte of a text to the first byte of its sound, at several loads.

    sayline serve --model-dir MODEL_DIR --load-vllm --log-format json 2>gateway.log
    python benchmarks/first_sound.py ws://127.0.0.1:8080 gateway.log [--streams 1 16 64 128] [--seconds 15]

Runs ``sayline bench`` against a running gateway, with whole texts, and prints a row for each load: the median time
within each stage. The log of the gateway and of the engine gives the stages by their own clocks. The rest of the
listener's time to first audio is the way in and out: socket, sentence, encoder.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

STAGES = ("first_token", "hop_tokens", "mel", "pcm")  # as logged, each since the segment's text reached the engine
STAGE_MS = re.compile(r"segment 0: first sound (.*)")


def load(url: str, streams: int, seconds: float) -> dict[str, float]:
    """Put a gateway under load; returns median and 95th percentile of the time to first audio, ms, and underruns."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "sayline.gateway.cli", "bench", "--url", url, "--streams", str(streams)]
        command += ["--tokens-per-second", "0", "--duration", str(seconds), "--json", str(report)]
        # It fails on any underrun, which is counted here instead.
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command line
        run = json.loads(report.read_text())["runs"][0]
    ttfa = run["ttfa_ms"]["from_first_sentence"]
    return {"p50": ttfa["p50"], "p95": ttfa["p95"], "underruns": run["underruns"]}


def stages_in(lines: list[str]) -> list[dict[str, float]]:
    """Read the stage times that first segments left in the log."""
    found = [match[1] for line in lines if (match := STAGE_MS.search(line))]
    return [
        {name.removesuffix("_ms"): float(ms) for name, ms in re.findall(r"(\w+_ms)=([\d.]+)", text)} for text in found
    ]


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("log", type=Path)
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 16, 64, 128])
    parser.add_argument("--seconds", type=float, default=15.0)
    arguments = parser.parse_args()
    columns = ("first token", "hop's tokens", "flow", "vocoder", "the rest", "TTFA p50", "p95", "underruns")
    print("streams  " + "  ".join(f"{column:>12}" for column in columns) + "   (ms, medians)")
    for streams in arguments.streams:
        known = len(arguments.log.read_text().splitlines())
        heard = load(arguments.url, streams, arguments.seconds)
        reached = stages_in(arguments.log.read_text().splitlines()[known:])[1:]  # the first is the bench's warm-up
        medians = [statistics.median(times[stage] for times in reached) for stage in STAGES]
        within = [after - before for before, after in zip([0.0, *medians], medians, strict=False)]
        row = [*within, heard["p50"] - medians[-1], heard["p50"], heard["p95"], heard["underruns"]]
        print(f"{streams:7}  " + "  ".join(f"{value:12.1f}" for value in row), flush=True)


if __name__ == "__main__":
    main()
