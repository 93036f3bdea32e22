"""How first sound, holes and the GPU's work grow with load: the real acoustic engine on a simulated clock.

    python benchmarks/scheduling.py [--slow 1.5] [--pages 1100] [--guard] [--graphs] [--rate 16]

The engine is the real one, with its scheduler, hops, pages and guard. Stand-ins replace flow and vocoder and take as
long as these take on one H200 (docs/BENCHMARKS.md), times ``--slow``: the part of the GPU that the language model and
any neighbour take meanwhile. Speech tokens come at the pace of a batch whose step takes longer the more requests are in
it. Listeners are the gateway's: two seconds ahead at most, with the texts of ``sayline bench`` in the gateway's
segments. Each listener gets the next text a tenth of a second after it has heard the last. With ``--rate``, that many
new listeners come each second instead, however the earlier ones fare, and each hears one text. With ``--guard`` no
listener begins while as many speak as the guard forecasts, and listeners that come while too many wait are refused.

Networks, encoders, stalls of the GPU and a busy interpreter are not simulated. So the figures tell where the engine
alone gives way, and what a change of its numbers does; they do not tell what a listener hears.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
import statistics
from bisect import bisect_left
from collections import Counter, deque
from dataclasses import dataclass, field

import numpy as np
import torch

from sayline.gateway.capacity.admission import Load, refuse_connection
from sayline.gateway.commands.bench.texts import CORPUS
from sayline.gateway.conversation.session import SHORT_START_S, SPEAK_AHEAD_S
from sayline.gateway.text.accumulator import ChunkingSettings, SentenceAccumulator
from sayline.synthesis.cosyvoice3.acoustic.engine import AcousticEngine, AcousticVoice
from sayline.synthesis.cosyvoice3.acoustic.page_pool import PagePool
from sayline.synthesis.cosyvoice3.acoustic.rtf_guard import RtfGuard
from sayline.synthesis.cosyvoice3.flow.dit import Linear
from sayline.synthesis.cosyvoice3.flow.flow import Flow
from sayline.synthesis.cosyvoice3.flow.graph_solver import BATCH_SIZES
from sayline.synthesis.cosyvoice3.flow.solver_grids import SolverGrids
from sayline.synthesis.cosyvoice3.lm.token_pacing import PassRest
from sayline.synthesis.cosyvoice3.lm.vllm.runner import TOKENS_AT_ONCE
from sayline.synthesis.cosyvoice3.process.pipeline import FIRST_HOPS_AT_ONCE
from sayline.synthesis.cosyvoice3.release.model_facts import CHUNK_FRAMES, MEL_BINS, SPEAKER_DIM
from sayline.synthesis.cosyvoice3.vocoder.batches import ROWS, SHAPES
from sayline.synthesis.cosyvoice3.vocoder.vocoder import LOOKAHEAD_FRAMES
from sayline.synthesis.rates import MEL_HOP_SAMPLES, MODEL_SAMPLE_RATE_HZ, TOKENS_PER_SECOND

# A solver step on one H200, ms, by chunks in it; a size in between is filled up to the next captured one.
STEP_MS = (1.14, 1.17, 1.27, 1.45, 1.60, 2.10, 2.65, 3.50, 4.40, 6.00, 7.61, 11.0, 14.3)
VOCODER_MS = 1.1  # one call ...
VOCODER_MS_PER_ROW = 0.23  # ... and for each row of 50 new frames
BEGIN_MS = 0.15  # preparing new chunks, however many
PROMPT_MS = 6.0  # from a segment's text to its first token, beside the decoding step
# A decoding step, and the addition for each request in it. With these, tokens come as observed on an H100 under load,
# where a step takes about three times what it takes by itself (docs/PERFORMANCE.md).
TOKEN_MS = (1.2, 0.04)
# The same with --graphs (lm_graphs), as measured on one H200: a prompt took 1.4 ms, eight of them 3.7, and a pass
# samples so many tokens for each request.
GRAPH_PROMPT_MS = 2.0
GRAPH_TOKEN_MS = (3.3, 0.006)
GRAPH_TOKENS = 3
AWAITED_TOKENS = 38  # two hops and the look-ahead, behind a prompt of 65: until then passes do not rest
STREAMS = (1, 16, 64, 96, 128, 160, 192, 224, 256)
LEAD_S = 2.0
PAUSE_S = 0.1
TOKENS_PER_CHARACTER = 1.7  # the value in the measurements on a GPU (docs/BENCHMARKS.md)
MOST = 400  # speeches at once, with --rate: max_concurrent_requests, as there
WAIT_S = 0.05  # until a waiting listener checks again
WARM_UP_S = 10.0
GUARD_SIZES = (1, 8, 32, 64)  # as in process/assembly.py


def step_ms(chunks: int) -> float:
    """Tell how long a solver step of so many chunks takes."""
    return STEP_MS[bisect_left(BATCH_SIZES, chunks)]


def segments(text: str) -> list[int]:
    """Tell how many speech tokens each segment of a text has."""
    accumulator = SentenceAccumulator("sentence", ChunkingSettings())
    found = accumulator.push(text, 0.0) + accumulator.end(0.0)
    return [round(TOKENS_PER_CHARACTER * len(segment.spoken)) for segment in found]


SPEECHES = [segments(text) for text in CORPUS]


class Costs:
    """Stands in for solver and vocoder: computes nothing, and adds up the time that these would have taken."""

    largest_batch = BATCH_SIZES[-1]

    def __init__(self, slots: int) -> None:
        self.frames = torch.zeros(slots, CHUNK_FRAMES, MEL_BINS)
        self.ms = 0.0
        self.batches: list[int] = []

    def begin(self, _starts: object) -> None:
        """Prepare new chunks."""
        self.ms += BEGIN_MS

    def step(self, steps: list[object]) -> None:
        """Do a solver step."""
        self.batches.append(len(steps))
        self.ms += step_ms(len(steps))

    def allocate(self) -> list[int]:
        """Begin a stream in the vocoder, with the count of its frames that wait for later ones."""
        return [0]

    def free(self, _state: object) -> None:
        """End it."""

    def launch(self, jobs: list[tuple[list[int], list[int], bool]]) -> list[tuple[None, list[tuple[int, int]]]]:
        """Turn hops into sound."""
        shapes = Counter(
            next(shape.new_frames for shape in SHAPES if len(rows) <= shape.new_frames) for _, rows, _ in jobs
        )
        for frames, count in shapes.items():
            self.ms += -(-count // ROWS[-1]) * VOCODER_MS + count * VOCODER_MS_PER_ROW * max(1, frames / CHUNK_FRAMES)
        sounding = []
        for index, (waiting, rows, is_last) in enumerate(jobs):
            frames = waiting[0] + len(rows)
            waiting[0] = 0 if is_last else LOOKAHEAD_FRAMES
            sounding.append((index, MEL_HOP_SAMPLES * (frames - waiting[0])))
        return [(None, sounding)]


@dataclass
class Speech:
    """One segment: its listener, its tokens, and how many of them were handed over."""

    listener: int
    segment: int
    tokens: int
    asked_at: float
    given: int = 0
    pushed: int = 0
    made_s: float = 0.0
    has_successor: bool = False

    @property
    def unmade_s(self) -> float:
        """Sound that is still to come of it."""
        return self.tokens / TOKENS_PER_SECOND - self.made_s


@dataclass
class Figures:
    """What became of the listeners."""

    ttfa_s: list[float] = field(default_factory=list)
    holes: int = 0
    hole_s: float = 0.0
    busy_s: float = 0.0
    audio_s: float = 0.0
    most_pages: int = 0
    most_speaking: int = 0
    refused: int = 0
    decoding_s: float = 0.0


class Simulation:
    """A number of listeners at once, or a number of new ones each second, for a while."""

    def __init__(
        self,
        streams: int,
        *,
        rate: float | None,
        seed: int,
        slow: float,
        pages: int,
        has_guard: bool,
        has_graphs: bool,
    ) -> None:
        self._prompt_s = (GRAPH_PROMPT_MS if has_graphs else PROMPT_MS) / 1000
        self._token_ms = GRAPH_TOKEN_MS if has_graphs else TOKEN_MS
        self._at_once = GRAPH_TOKENS if has_graphs else 1
        self._rest = PassRest() if has_graphs else None
        self._random = random.Random(seed + streams)  # noqa: S311 - repeatable on purpose
        self._rate = rate
        self._slow = slow
        self._costs = Costs(2 * (streams + 8))
        guard = RtfGuard({size: step_ms(size) / 1000 for size in GUARD_SIZES}, is_on=has_guard)
        nothing = Linear(torch.zeros(MEL_BINS, SPEAKER_DIM), torch.zeros(MEL_BINS))
        flow = Flow(torch.zeros(1, MEL_BINS), nothing, nothing, nothing, None, SolverGrids(8))
        self._engine = AcousticEngine(flow, self._costs, PagePool(pages), self._costs, 10, guard, SolverGrids(8))
        self._voice = AcousticVoice(
            "simulated", (0,) * 65, np.zeros((130, MEL_BINS), np.float32), np.ones(SPEAKER_DIM, np.float32)
        )
        # (when, listener, segment) to be spoken, and (when, key, samples) to be taken.
        begins = [0.0] if rate else [self._random.uniform(0, 0.7 * WARM_UP_S) for _ in range(streams)]
        self._starts = [(at, listener, 0) for listener, at in enumerate(begins)]
        heapq.heapify(self._starts)
        self._waiting: deque[tuple[float, int]] = deque()  # since when, and the listener
        self._plans: dict[int, list[int]] = {}  # tokens of each segment of what a listener hears
        self._takes: list[tuple[float, int, int]] = []
        self._speeches: dict[int, Speech] = {}
        self._speaking: set[int] = set()  # listeners in the middle of a speech
        self._dry_at: dict[int, float] = {}  # of listeners that have heard a part of their speech
        self._turn: dict[int, int] = {}  # the segment that a listener hears
        self._early: dict[int, list[tuple[int, int, bool]]] = {}  # sound of the next, which waits for its turn
        self._decoded_at = 0.0  # the language model's last step ended
        self._decoded_next_at = math.inf
        self._keys = 0
        self.figures = Figures()

    def run(self, seconds: float) -> Figures:
        """Run the simulation until all listeners are done."""
        now = 0.0
        while now < seconds:
            self._begin_speeches(now)
            self._decode(now)
            while self._takes and self._takes[0][0] <= now:
                _, key, taken = heapq.heappop(self._takes)
                if key in self._speeches:
                    self._engine.pull(key, taken, self._dry_at[self._speeches[key].listener])
            self._costs.ms = 0.0
            sounds = self._engine.advance(now)
            if sounds is None:
                now = max(now + 1e-5, self._next_event(now))
                continue
            took_s = self._slow * self._costs.ms / 1000
            self._engine.guard.worked(self._engine.chunks_stepped, took_s)
            now += took_s
            if now > WARM_UP_S:
                self.figures.busy_s += took_s
            self.figures.most_pages = max(self.figures.most_pages, self._engine.pages_taken)
            for sound in sounds:
                for part in sound.parts:
                    self._hear(part.key, part.samples, now, is_last=part.is_last)
        return self.figures

    @property
    def mean_batch(self) -> float:
        """Chunks in a step, on average."""
        return statistics.fmean(self._costs.batches)

    def _begin_speeches(self, now: float) -> None:
        while self._starts and self._starts[0][0] <= now:
            at, listener, segment = heapq.heappop(self._starts)
            if segment:
                self._speak(listener, segment, now)
                continue
            if self._rate:
                heapq.heappush(self._starts, (at + self._random.expovariate(self._rate), listener + 1, 0))
            if self._rate and self._is_refused():
                self.figures.refused += now > WARM_UP_S
            else:
                self._waiting.append((at, listener))
        while self._waiting and self._may_begin():
            at, listener = self._waiting.popleft()
            self._plans[listener], self._turn[listener] = self._random.choice(SPEECHES), 0
            self._speaking.add(listener)
            self.figures.most_speaking = max(self.figures.most_speaking, len(self._speaking))
            speech = self._speak(listener, 0, at)
            if len(self._plans[listener]) > 1 and speech.unmade_s < SHORT_START_S:
                speech.has_successor = True
                self._speak(listener, 1, now)

    def _is_refused(self) -> bool:
        load = Load(
            connections=0,
            max_connections=1,
            requests=len(self._speaking) + len(self._waiting),
            max_concurrent_requests=MOST,
            sustainable_requests=self._engine.guard.sustainable,
        )
        return refuse_connection(load) is not None

    def _may_begin(self) -> bool:
        sustainable = self._engine.guard.sustainable
        if sustainable is not None and len(self._speaking) >= max(1, sustainable):
            return False
        return len(self._speaking - self._dry_at.keys()) < FIRST_HOPS_AT_ONCE

    def _speak(self, listener: int, segment: int, asked_at: float) -> Speech:
        self._keys += 1
        speech = self._speeches[self._keys] = Speech(listener, segment, self._plans[listener][segment], asked_at)
        return speech

    def _decode(self, now: float) -> None:
        """Let the language model have done what it could by now."""
        unfinished = [speech for speech in self._speeches.values() if speech.given < speech.tokens]
        self._decoded_next_at = math.inf
        while unfinished:
            begins_at = self._pass_begins_at(unfinished)
            running = [speech for speech in unfinished if speech.asked_at + self._prompt_s <= begins_at]
            a_pass_ms, a_request_ms = self._token_ms
            took_s = self._slow * (a_pass_ms + a_request_ms * len(running)) / 1000
            if begins_at + took_s > now:
                self._decoded_next_at = begins_at + took_s
                break
            self._decoded_at = begins_at + took_s
            if begins_at > WARM_UP_S:
                self.figures.decoding_s += took_s
            if self._rest is not None:
                self._rest.passed(begins_at, self._decoded_at)
            for speech in running:
                speech.given = min(speech.tokens, speech.given + self._at_once)
            unfinished = [speech for speech in unfinished if speech.given < speech.tokens]
        else:
            self._decoded_at = now
        for key, speech in self._speeches.items():
            held_back = 1 if speech.pushed == 0 else TOKENS_AT_ONCE
            if speech.given >= min(speech.pushed + held_back, speech.tokens) > speech.pushed:
                if speech.pushed == 0:
                    self._engine.open(key, self._voice, now, self._dry_with(speech))
                tokens = [1] * (speech.given - speech.pushed)
                speech.pushed = speech.given
                self._engine.push(key, tokens, now, is_complete=speech.given == speech.tokens)

    def _pass_begins_at(self, unfinished: list[Speech]) -> float:
        """Tell when the language model's next pass begins."""
        begins_at = max(self._decoded_at, min(speech.asked_at for speech in unfinished) + self._prompt_s)
        if self._rest is None:
            return begins_at
        silent = (each for each in unfinished if each.segment == 0 and each.given < AWAITED_TOKENS)
        awaited_from = min((each.asked_at + self._prompt_s for each in silent), default=math.inf)
        return max(begins_at, min(awaited_from, self._rest.over_at(())))

    def _next_event(self, now: float) -> float:
        times = [queue[0][0] for queue in (self._starts, self._takes) if queue]
        looks = [now + WAIT_S] if self._waiting else []
        return min(self._engine.idle_until, self._decoded_next_at, *times, *looks)

    def _dry_with(self, speech: Speech) -> float | None:
        """Tell when a listener runs dry with all that comes before a segment."""
        if speech.segment == 0:
            return None
        return self._dry_at.get(speech.listener, speech.asked_at) + sum(
            each.unmade_s
            for each in self._speeches.values()
            if each.listener == speech.listener and each.segment < speech.segment
        )

    def _hear(self, key: int, samples: int, now: float, *, is_last: bool) -> None:
        speech, seconds = self._speeches[key], samples / MODEL_SAMPLE_RATE_HZ
        if speech.segment > self._turn[speech.listener]:
            self._early.setdefault(speech.listener, []).append((key, samples, is_last))
            return
        speech.made_s += seconds
        dry_at = self._dry_at.get(speech.listener)
        if now > WARM_UP_S:
            self.figures.audio_s += seconds
            if dry_at is None:
                self.figures.ttfa_s.append(now - speech.asked_at)
            elif dry_at < now:
                self.figures.holes += 1
                self.figures.hole_s += now - dry_at
        dry_at = self._dry_at[speech.listener] = max(now, dry_at or now) + seconds
        is_last_segment = speech.segment + 1 == len(self._plans[speech.listener])
        if not speech.has_successor and not is_last_segment:
            speech.has_successor = True
            begun_until = dry_at + (0.0 if is_last else speech.unmade_s)
            heapq.heappush(self._starts, (max(now, begun_until - SPEAK_AHEAD_S), speech.listener, speech.segment + 1))
        if not is_last:
            heapq.heappush(self._takes, (max(now, dry_at - LEAD_S - seconds), key, samples))
            return
        self._engine.close(key)
        del self._speeches[key]
        self._turn[speech.listener] += 1
        if is_last_segment:
            self._speaking.discard(speech.listener)
            del self._dry_at[speech.listener], self._turn[speech.listener], self._plans[speech.listener]
            if not self._rate:
                heapq.heappush(self._starts, (dry_at + PAUSE_S, speech.listener, 0))
        for early in self._early.pop(speech.listener, ()):
            self._hear(early[0], early[1], now, is_last=early[2])


def main() -> None:
    """Print a row for each load."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slow", type=float, default=1.5, help="how many times longer all takes than alone")
    parser.add_argument("--pages", type=int, default=1100, help="a second of one stream's past each")
    parser.add_argument("--guard", action="store_true", help="with the guard")
    parser.add_argument("--graphs", action="store_true", help="speech tokens as lm_graphs samples them, not vLLM")
    parser.add_argument("--seconds", type=float, default=30.0, help="simulated")
    parser.add_argument("--streams", type=int, nargs="+", default=STREAMS)
    parser.add_argument("--rate", type=float, help="listeners who come each second, instead of --streams")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    load = " a second" if arguments.rate else "streams"
    columns = "TTFA p50   p95 ms   holes  hole s  GPU busy  LM busy  audio s/s  mean batch  most pages"
    columns += "  most speaking  refused"
    print(f"{load:9} {columns}")
    for streams in [MOST] if arguments.rate else arguments.streams:
        simulation = Simulation(
            streams,
            rate=arguments.rate,
            seed=arguments.seed,
            slow=arguments.slow,
            pages=arguments.pages,
            has_guard=arguments.guard,
            has_graphs=arguments.graphs,
        )
        with torch.inference_mode():
            found = simulation.run(arguments.seconds)
        measured_s = arguments.seconds - WARM_UP_S
        ttfa_ms = sorted(1000 * seconds for seconds in found.ttfa_s) or [float("nan")]
        print(
            f"{arguments.rate or streams:9} {ttfa_ms[len(ttfa_ms) // 2]:9.0f} {ttfa_ms[int(0.95 * len(ttfa_ms))]:8.0f}"
            f" {found.holes:7} {found.hole_s:7.1f} {found.busy_s / measured_s:9.2f}"
            f" {found.decoding_s / measured_s:8.2f} {found.audio_s / measured_s:10.0f}"
            f" {simulation.mean_batch:11.1f} {found.most_pages:11} {found.most_speaking:14} {found.refused:8}",
            flush=True,
        )


if __name__ == "__main__":
    main()
