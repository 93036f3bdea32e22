"""One owner for all acoustic work: turns the tokens of many streams into sound, a solver step at a time.

``AcousticEngine`` decides and launches; it neither waits nor reads a clock (``acoustic/thread.py`` does). A stream's
life::

    open ── push tokens ──► hop chosen ──► chunks begin (slot, page) ──► ten solver steps, batched with other streams'
                               ▲                                                     │
                  pull: the listener wants more                       hop complete: vocoder, batched ──► Sound

Streams share the weights and the pages of prompts. Each stream owns its tokens, its own pages, its slots and its place
in the vocoder; ``close`` gives all of them back. If pages run out, a stream that rests, because its listener has much
left to hear, loses its own pages. The engine computes them again at the stream's next turn and gets the same sound,
because the flow's noise is fixed. This is rare, because begun streams are finished first: a speech gives back its pages
when its last chunk is done, and while any speech is at work the streams that lack pages wait for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import torch
from torch.nn import functional as F  # noqa: N812 - torch's own idiom

from ...interface import SynthesisFailed
from ...rates import MEL_FRAMES_PER_TOKEN, MEL_HOP_SAMPLES, MODEL_SAMPLE_RATE_HZ
from ..flow.chunk_solver import ChunkStart, ChunkStep, chunk_tokens
from ..flow.flow import project_speaker
from ..flow.solver_grids import ONLY_FULL
from ..release.model_facts import CHUNK_FRAMES, CHUNK_TOKENS
from .rtf_guard import Pressure
from .scheduler import PATIENT_BATCH, Candidate, choose, may_sound_later
from .streams import Prompt, Rank, Solve, Stream, Track
from .token_chunker import first_hop_end, next_hop_end, solvable_chunks, whole_prompt_chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt
    from torch import Tensor

    from ..flow.flow import Flow
    from ..flow.solver_grids import SolverGrids
    from ..vocoder.batches import Launch, VocoderBatches
    from .page_pool import PagePool
    from .rtf_guard import RtfGuard

# Sound that may lie ready without being asked for. While a segment is unfinished, its past takes 92 MB of the GPU for
# each second of speech, its sound only 48 KB. So it pays to finish early. The limit is what may be made in vain: a
# listener that stops asking costs 384 KB, and one that interrupts costs 10 ms of a busy GPU. Few segments are longer.
AHEAD_S: Final = 8
_AHEAD_SAMPLES: Final = AHEAD_S * MODEL_SAMPLE_RATE_HZ

# Below the first share of free pages the engine begins nothing ahead of its time and finishes begun streams first.
# Below the second it finishes them in full batches, because other streams would wait for pages. By
# benchmarks/scheduling.py.
_SCARCE: Final = 0.5
_STARVED: Final = 0.25
# A resting stream loses its pages to another only if this much of its sound lies ready, or if its listener has this
# much more left to hear. Otherwise streams whose listeners run dry at nearly the same time would take from each other
# in turn.
_RICHER_S: Final = 1.5
_RICHER_SAMPLES: Final = int(_RICHER_S * MODEL_SAMPLE_RATE_HZ)

# Ease (``rtf_guard.py``) while pages are missing, before any listener runs dry because of them. It is the level of
# fewer solver steps, because a stream that is done sooner gives its pages back sooner. By benchmarks/scheduling.py
# --slow 2.5 --pages 560 --guard --seconds 130, 256 listeners get 194 s of sound a second with it, and 181 without.
_EASE_WITHOUT_PAGES: Final = 0.3

# So long after a listener ran dry behind its first hop, first hops are a chunk longer: as long as short hops stay given
# up after a moment of pressure (``rtf_guard.py``). Pressure by itself lengthens them only where solver steps are given
# up too. It did so earlier, at each moment in which one of 224 listeners had half of its lead left, and then 95 % of
# first sounds took 109 ms in the engine without it and 124 with it.
_TOKENS_SLOW_S: Final = 4.0

_CHUNK_SAMPLES: Final = CHUNK_FRAMES * MEL_HOP_SAMPLES  # a second

_NO_MORE: Final = 1 << 30  # the goal of a stream that has ended: no chunk lies beyond it


@dataclass(frozen=True, slots=True)
class AcousticVoice:
    """What the acoustic model needs of a voice.

    Attributes:
        digest: identifies the voice by all of its content.
        tokens: P speech ids.
        mel: (2 P, M) float32 natural-log mel.
        embedding: (SPEAKER_DIM,) float32 speaker embedding.
    """

    digest: str
    tokens: tuple[int, ...]
    mel: npt.NDArray[np.float32]
    embedding: npt.NDArray[np.float32]


class Solver(Protocol):
    """Advances chunks; either ``chunk_solver.ChunkSolver`` or ``graph_solver.GraphSolver``."""

    @property
    def largest_batch(self) -> int:
        """How many chunks one step can advance."""
        ...

    @property
    def frames(self) -> Tensor:
        """All slots' state: (slots, CHUNK_FRAMES, M) float32."""
        ...

    def begin(self, starts: Sequence[ChunkStart]) -> None:
        """Prepare the slots of new chunks."""
        ...

    def step(self, steps: Sequence[ChunkStep]) -> None:
        """Do one solver step of each."""
        ...


@dataclass(frozen=True, slots=True)
class Sounding:
    """One stream's part of a launched batch: its row, its number of samples, and whether its sound ends there."""

    key: int
    row: int
    samples: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class Sound:
    """Sound that was launched, perhaps not yet computed. ``launch`` waits for it; ``parts`` name its streams."""

    launch: Launch
    parts: tuple[Sounding, ...]


class Work(NamedTuple):
    """A track short of its goal, how urgent it is (``scheduler.Candidate``), and the pages it needs."""

    track: Track
    prompt: Prompt  # the prompt whose pages the track continues, or the prompt that it is
    rank: Rank
    is_first: bool
    is_wanted: bool
    pages_to_begin: int = 0  # if it has not begun: all pages that it will need, as far as its tokens are known


class AcousticEngine:
    """Decides and launches all acoustic work; see the module. Not thread-safe: one thread calls it.

    Args:
        flow: the weights, for speakers.
        solver: advances chunks.
        pool: hands out the solver's pages.
        vocoder: turns finished mel into sound.
        token_hop_len: the first hop's least length, tokens.
        guard: tells what the engine must give up for real time.
        grids: the solver's.
        measure: tells how long a solver step takes with nothing else to do, seconds, by chunks in it.

    Attributes:
        guard: the same guard; the thread that owns the engine tells it how long work took.
        chunks_stepped: in the last ``advance``.
        idle_until: after an ``advance`` that found no work, the time (s) at which there will be work again although no
            method was called; inf for never.
    """

    def __init__(
        self,
        flow: Flow,
        solver: Solver,
        pool: PagePool,
        vocoder: VocoderBatches,
        token_hop_len: int,
        guard: RtfGuard,
        grids: SolverGrids = ONLY_FULL,
        measure: Callable[[], Mapping[int, float]] | None = None,
    ) -> None:
        self._measure = measure
        self._flow = flow
        self._solver = solver
        self._pool = pool
        self._free_slots = list(range(len(solver.frames) - 1, 0, -1))  # slot 0 only fills batches
        self._vocoder = vocoder
        self._token_hop_len = token_hop_len
        self._grids = grids
        self._prompts: dict[tuple[str, int], Prompt] = {}  # by voice and solver steps, the longest unused first
        self._streams: dict[int, Stream] = {}
        self._tokens_slow_until = -math.inf
        self.guard = guard
        self.chunks_stepped = 0
        self.idle_until = math.inf

    @property
    def is_asynchronous(self) -> bool:
        """``advance`` only launches work, which a GPU does later."""
        return self._solver.frames.is_cuda

    @property
    def most_chunks(self) -> int:
        """How long a stream can become, its prompt included. A longer stream would wait for pages forever."""
        return self._pool.count - 1  # page 0 only fills batches

    @property
    def stream_count(self) -> int:
        """How many streams are open."""
        return len(self._streams)

    @property
    def pages_taken(self) -> int:
        """How many pages are in use."""
        return self._pool.count - 1 - self._pool.free_count

    @property
    def sustainable(self) -> int | None:
        """How many listeners the engine keeps in real time; see ``RtfGuard.sustainable``.

        The guard counts listeners who hear a second of sound in a second. Who hears faster counts for more.
        """
        count = self.guard.sustainable
        beyond = sum(max(0.0, stream.speed - 1) for stream in self._streams.values())
        return count if count is None else max(0, count - math.ceil(beyond))

    def open(self, key: int, voice: AcousticVoice, now: float, dry_at: float | None = None, speed: float = 1.0) -> None:
        """Begin a stream; if its voice's prompt is missing, the prompt is computed first.

        Args:
            key: names the stream.
            voice: the voice that speaks.
            now: s.
            dry_at: when its listener runs dry, s; None if the listener waits in silence.
            speed: how many seconds of its sound the listener hears in a second.

        Raises:
            SynthesisFailed: the voice needs more pages than there are, or the vocoder has no place left.
        """
        steps = self._grids.fewest if self.guard.pressure >= Pressure.FEWER_STEPS else self._grids.full
        prompt = self._prompts.pop((voice.digest, steps), None) or self._new_prompt(voice, steps)
        self._prompts[voice.digest, steps] = prompt
        tokens = list(prompt.track.tokens)
        is_late = self.guard.pressure >= Pressure.FEWER_STEPS or now < self._tokens_slow_until
        longer = CHUNK_TOKENS if dry_at is None and is_late else 0
        self._streams[key] = Stream(
            key,
            prompt,
            Track(tokens, prompt.track.mel, prompt.track.speaker, steps),
            self._vocoder.allocate(),
            prompt_frames=len(tokens) * MEL_FRAMES_PER_TOKEN,
            first_end=first_hop_end(len(tokens), self._token_hop_len + longer),
            sounded=prompt.track.goal,
            opened_at=now,
            dry_at=dry_at,
            speed=speed,
        )
        prompt.users += 1

    def push(self, key: int, tokens: Sequence[int], now: float, *, is_complete: bool) -> None:
        """Add a stream's next tokens, perhaps its last."""
        stream = self._streams.get(key)
        if stream is not None:
            stream.track.tokens.extend(tokens)
            stream.told_at = now
            stream.is_complete = is_complete

    def pull(self, key: int, taken: int, dry_at: float) -> None:
        """Note that a listener took this many samples, and when it runs dry with them."""
        stream = self._streams.get(key)
        if stream is not None:
            stream.untaken -= taken
            stream.dry_at = dry_at

    def close(self, key: int) -> None:
        """End a stream, finished or not; the engine computes nothing more for it."""
        stream = self._streams.pop(key, None)
        if stream is not None:
            self._drop(stream.track)
            self._vocoder.free(stream.vocoder)
            if stream.sounded == _NO_MORE:
                return  # it left its prompt with its last sound
            stream.prompt.users -= 1
            if not stream.prompt.users and not stream.prompt.track.is_at_goal:
                self._take_back(stream.prompt)  # no other stream waits for the rest of it

    def measure_steps(self) -> None:
        """Measure steps once more for the guard; call this while no stream is open."""
        if self._measure is not None:
            self.guard.measured(self._measure())

    def advance(self, now: float) -> list[Sound] | None:
        """Launch the next piece of work. On a GPU the caller limits how many are unfinished (``GraphSolver.step``).

        Args:
            now: s, on the clock of ``open`` and ``pull``.

        Returns:
            The sound that this launched, or None if there is nothing to do until ``idle_until`` or a call.
        """
        for stream in self._streams.values():
            self._choose_hop(stream, now)
        at_work = self._at_work(now)
        is_page_missing = self._begin_chunks(at_work)
        ease = min((s.ease(now) for s in self._streams.values()), default=1.0)
        self.guard.judge(min(ease, _EASE_WITHOUT_PAGES) if is_page_missing else ease, now)
        if any(stream.is_dry_behind_first_hop(now) for stream in self._streams.values()):
            self._tokens_slow_until = now + _TOKENS_SLOW_S
        if not self._free_slots:
            self._shorten_hops()
        may_wait = bool(self._free_slots) and not is_page_missing
        stepping = self._choose_chunks(at_work, now, may_wait=may_wait)
        self.chunks_stepped = len(stepping)
        if stepping:
            self._solver.step([self._next_step(track, solve) for track, solve in stepping])
            for _, solve in stepping:
                solve.left -= 1
        self._release_finished()
        sounds = self._sound_finished_hops(now, is_stepping=bool(stepping))
        if stepping or sounds:
            return sounds
        calm = [s.wanted_from for s in self._streams.values() if s.wanted_from > now]
        early = [self._leaves_at(s) for s in self._streams.values() if s.is_hop_done]
        self.idle_until = min(calm + early, default=math.inf)
        return None

    def _leaves_at(self, stream: Stream) -> float:
        """Tell until when a first sound should wait for the next hop; see ``Stream.leaves_at``.

        A step may soon take as long as recent steps, or as long as one with all streams in it; the longer time counts.
        If no slot is free to lengthen the hop, the sound leaves at once: other streams wait for the slots it holds.
        """
        if not self._free_slots and stream.solvable > stream.first_end:
            return -math.inf
        step_s = max(self.guard.step_s, self.guard.step_s_with(min(PATIENT_BATCH, len(self._streams))))
        return stream.leaves_at(step_s)

    @property
    def _free_pages(self) -> int:
        """How many pages are free, or held for voices that no stream speaks with."""
        return self._pool.free_count + sum(len(each.track.pages) for each in self._prompts.values() if not each.users)

    @property
    def _free_share(self) -> float:
        """Share of all pages that ``_free_pages`` counts."""
        return self._free_pages / (self._pool.count - 1)

    def _new_prompt(self, voice: AcousticVoice, steps: int) -> Prompt:
        goal = whole_prompt_chunks(len(voice.tokens))
        if goal >= self._pool.count - 1:
            raise SynthesisFailed(f"the prompt of this voice takes {goal} pages of {self._pool.count - 1}")
        device = self._flow.embedding.device
        speaker = project_speaker(self._flow, _uploaded(voice.embedding, device))
        return Prompt(Track(list(voice.tokens), _uploaded(voice.mel, device), speaker, steps, goal=goal))

    def _choose_hop(self, stream: Stream, now: float) -> None:
        """Set the next hop as the stream's goal, if the last hop has sounded and the listener wants more."""
        track, prompt = stream.track, stream.prompt.track
        if stream.wanted_at is None and stream.dry_at is not None and stream.is_wanted(now):
            stream.wanted_at = now
        if stream.is_hop_done and stream.solvable > stream.first_end and now < self._leaves_at(stream):
            # The next chunk is there already, so the first hop takes it in.
            stream.first_end = track.goal = stream.first_end + 1
        if stream.sounded == _NO_MORE:
            return
        if not track.pages and prompt.is_at_goal:
            track.pages, track.borrowed = list(prompt.pages), len(prompt.pages)
        if not stream.is_resting or stream.untaken >= _AHEAD_SAMPLES:
            return
        lead_s = 0.0 if stream.dry_at is None else stream.deadline - now
        end = next_hop_end(
            stream.sounded,
            stream.solvable,
            stream.first_end,
            lead_s,
            is_complete=stream.is_complete,
            is_pressed=self.guard.pressure >= Pressure.LONG_HOPS,
        )
        if end is not None:
            room = max(1, (_AHEAD_SAMPLES - stream.untaken) // _CHUNK_SAMPLES)
            track.goal = min(end, max(stream.first_end, stream.sounded + room))

    def _at_work(self, now: float) -> list[Work]:
        """List tracks short of their goal: first prompts for which there are pages, then the rest by urgency.

        A prompt for which there are no pages is as urgent as the stream that waits for it.
        """
        is_scarce = self._free_share < _SCARCE
        work: list[Work] = []
        prompts: list[Work] = []
        awaited: set[Prompt] = set()
        for stream in sorted(filter(_is_needy, self._streams.values()), key=lambda stream: stream.rank):
            track, prompt = stream.track, stream.prompt
            is_first, is_wanted = stream.dry_at is None, stream.is_wanted(now)
            if not prompt.track.is_at_goal:
                missing = prompt.track.goal - len(prompt.track.pages)
                has_pages = self._pool.free_count >= missing
                # Only a stream that then goes on at once has other voices' pages taken for its prompt. Otherwise the
                # other voices' streams would take them back, in turn, forever. A prompt that has begun goes on.
                would_go_on = not stream.is_resting and (is_first or is_wanted)
                if not (has_pages or would_go_on or prompt.track.pages):
                    continue
                if prompt not in awaited:
                    awaited.add(prompt)
                    pages = 0 if has_pages or prompt.track.pages else missing
                    (prompts if has_pages else work).append(
                        Work(prompt.track, prompt, stream.rank, is_first=True, is_wanted=True, pages_to_begin=pages)
                    )
                continue
            if is_scarce and not is_first and not is_wanted:
                if not stream.has_begun:
                    continue
                is_wanted = True
            pages = 0 if stream.has_begun else stream.pages_to_come
            work.append(Work(track, prompt, stream.rank, is_first, is_wanted, pages))
        return prompts + work

    def _begin_chunks(self, at_work: list[Work]) -> bool:
        """Give slots and pages to the chunks of goals, as far as there are any. Return whether a page was missing.

        Begun streams must find the pages for their rest, so another stream begins only with pages beyond those.
        Otherwise all streams would hold a few pages and wait for more, few chunks would be under way, and a step of few
        chunks costs as much as a step of many.
        """
        begun, is_page_missing = [], False
        under_way = [stream for stream in self._streams.values() if stream.has_begun]
        room = self._free_pages - sum(stream.pages_to_come for stream in under_way)
        is_another_begun = False
        for track, prompt, rank, _, _, pages_to_begin in at_work:
            if track is not prompt.track and not prompt.track.is_at_goal:
                continue  # its prompt has just given up its pages
            if pages_to_begin:
                room = self._with_room_made(room - pages_to_begin, rank)
                # The stream that made room may have been the last begun one. Then this stream begins, or none ever
                # would.
                if room < 0 and (is_another_begun or any(stream.has_begun for stream in under_way)):
                    is_page_missing = True
                    continue
                is_another_begun = True
            while len(track.pages) < track.goal and len(track.solves) < track.steps and self._free_slots:
                page = self._pool.take() or self._make_room(track, prompt, rank)
                if page is None:
                    is_page_missing = True
                    break
                solve = Solve(len(track.pages), self._free_slots.pop(), track.steps)
                track.pages.append(page)
                track.solves.append(solve)
                begun.append((track, solve))
        # A prompt for which no stream waits any more may have begun and then lost slot and pages to a stream.
        starts = [_start(track, solve) for track, solve in begun if solve in track.solves]
        if starts:
            self._solver.begin(starts)
        return is_page_missing

    def _with_room_made(self, room: int, rank: Rank) -> int:
        """Take pages from resting streams while the room is below zero; return the room that there is then."""
        while room < 0 and (resting := self._resting(rank)):
            room += resting.own_pages + resting.pages_to_come
            self._drop(resting.track)
        return room

    def _shorten_hops(self) -> None:
        """End hops that found no slot for all their chunks at the chunks that they have: any boundary will do.

        Otherwise streams that each hold a part of their hop's slots would wait for each other forever. First hops count
        too, since they grow while they wait. A first hop ends early only if all its chunks are done, and no shorter
        than its intended length, because the vocoder keeps the last frames back.
        """
        for stream in self._streams.values():
            track, begun = stream.track, len(stream.track.pages)
            is_first = stream.sounded < stream.first_end
            if is_first:
                least = first_hop_end(stream.prompt_frames // MEL_FRAMES_PER_TOKEN, self._token_hop_len)
                if begun < least or not all(solve.is_done for solve in track.solves):
                    continue
            if stream.sounded < begun < track.goal:
                track.goal = begun
                stream.first_end = min(stream.first_end, begun)

    def _make_room(self, needy: Track, own: Prompt, rank: Rank) -> int | None:
        """Take a page from a voice that no stream speaks with, or from a stream whose listener has more left to hear.

        A stream at work keeps its pages while any stream makes progress: the GPU would have to compute them again, and
        that delays the streams that are about to give pages back. If no stream makes progress, voices that streams only
        wait for lose pages too. Each voice in use holds pages, and together they could hold all.
        """
        idle = self._idle_prompt(own, is_awaited=False)
        rich = None if idle else self._resting(rank)
        if not idle and not rich and not self._is_anything_under_way():
            idle = self._idle_prompt(own, is_awaited=True)
            richer = (s for s in self._streams.values() if s.has_begun and s.track is not needy and s.rank > rank)
            rich = max(richer, key=lambda stream: stream.rank, default=None)
        if idle:
            self._take_back(idle)
        elif rich:
            self._drop(rich.track)
        return self._pool.take()

    def _idle_prompt(self, own: Prompt, *, is_awaited: bool) -> Prompt | None:
        """Find a prompt with pages that no stream continues, the longest unused first.

        Args:
            own: the prompt that the asking stream needs; it is never chosen.
            is_awaited: choose among prompts that streams wait for but have not begun to continue.
        """
        read = {stream.prompt for stream in self._streams.values() if stream.has_begun} | {own}
        idle = (p for p in self._prompts.values() if p.track.pages and p not in read and bool(p.users) is is_awaited)
        return next(idle, None)

    def _take_back(self, prompt: Prompt) -> None:
        """Give back the pages of a prompt that no stream continues; streams that wait for it have it computed again."""
        self._drop(prompt.track)
        if not prompt.users:
            self._prompts = {key: each for key, each in self._prompts.items() if each is not prompt}
        for stream in self._streams.values():
            if stream.prompt is prompt:
                stream.track.pages.clear()
                stream.track.borrowed = 0

    def _resting(self, rank: Rank) -> Stream | None:
        """Find the stream that needs its pages least: no more of it is wanted, and its listener has enough to hear.

        Args:
            rank: of the stream that asks for pages.
        """
        resting = (
            stream
            for stream in self._streams.values()
            if stream.has_begun
            and stream.is_resting
            and (stream.untaken >= _RICHER_SAMPLES or stream.deadline >= rank[0] + _RICHER_S)
        )
        return max(resting, key=lambda stream: (stream.untaken, stream.rank), default=None)

    def _is_anything_under_way(self) -> bool:
        """Tell whether a chunk is being solved or a hop is about to sound: pages may then come back by themselves."""
        streams, prompts = self._streams.values(), self._prompts.values()
        tracks = [*(stream.track for stream in streams), *(prompt.track for prompt in prompts)]
        is_solved = any(not solve.is_done for track in tracks for solve in track.solves)
        return is_solved or any(stream.is_hop_done for stream in streams)

    def _choose_chunks(self, at_work: list[Work], now: float, *, may_wait: bool) -> list[tuple[Track, Solve]]:
        """Choose the chunks of the next solver step."""
        steppable = [(work, solve) for work in at_work for solve in work.track.steppable()]
        candidates = [
            Candidate(
                index,
                work.rank[0],
                work.is_first,
                work.is_wanted,
                steps_left=work.track.goal - solve.chunk - 1 + solve.left,
            )
            for index, (work, solve) in enumerate(steppable)
        ]
        chosen = choose(
            candidates,
            now,
            self.guard.step_s,
            self._solver.largest_batch,
            self.guard.step_s_with,
            may_wait=may_wait,
            is_hurried=self._free_share < _STARVED,
        )
        return [(steppable[each.key][0].track, steppable[each.key][1]) for each in chosen]

    def _next_step(self, track: Track, solve: Solve) -> ChunkStep:
        done, first_phase = track.steps - solve.left, self._grids.first_phase(track.steps)
        return ChunkStep(solve.slot, done, solve.chunk, track.frames_in(solve.chunk), track.pages, first_phase)

    def _release_finished(self) -> None:
        """Free the slots of chunks whose mel no stream waits for: chunks of prompts, and chunks computed again."""
        tracks = [(prompt.track, prompt.track.goal) for prompt in self._prompts.values() if prompt.track.solves]
        tracks += [(stream.track, stream.sounded) for stream in self._streams.values() if stream.track.solves]
        for track, unheard in tracks:
            while track.solves and track.solves[0].is_done and track.solves[0].chunk < unheard:
                self._free_slots.append(track.solves.popleft().slot)

    def _sound_finished_hops(self, now: float, *, is_stepping: bool) -> list[Sound]:
        """Launch the vocoder for every stream whose hop is complete, if there are enough or one of them is urgent."""
        finished = [s for s in self._streams.values() if s.is_hop_done and now >= self._leaves_at(s)]
        finished.sort(key=lambda stream: stream.rank)  # sound that is launched first is ready first
        if is_stepping and self._free_slots and may_sound_later([s.deadline for s in finished], now):
            return []
        jobs = []
        for stream in finished:
            chunks = solvable_chunks(len(stream.track.tokens), is_complete=True)
            is_last = stream.is_complete and stream.track.goal == chunks
            jobs.append((stream.vocoder, stream.new_rows(), is_last))
        sounds = []
        for launch, members in self._vocoder.launch(jobs) if jobs else ():
            parts = tuple(
                Sounding(finished[job].key, row, samples, is_last=jobs[job][2])
                for row, (job, samples) in enumerate(members)
            )
            sounds.append(Sound(launch, parts))
            for part in parts:
                stream = self._streams[part.key]
                stream.untaken += part.samples
                stream.wanted_at = None
        for stream, (_, _, is_last) in zip(finished, jobs, strict=True):
            stream.sounded = stream.track.goal
            if is_last:
                self._drop(stream.track)  # no later chunk will look back at it
                stream.prompt.users -= 1
                stream.sounded = stream.track.goal = _NO_MORE
            else:
                self._free_slots.extend(solve.slot for solve in stream.track.solves)
                stream.track.solves.clear()
        return sounds

    def _drop(self, track: Track) -> None:
        """Give back a track's own pages and slots; the engine computes again what the track still needs of them."""
        self._pool.give_back(track.pages[track.borrowed :])
        del track.pages[track.borrowed :]
        self._free_slots.extend(solve.slot for solve in track.solves)
        track.solves.clear()


def _is_needy(stream: Stream) -> bool:
    """Tell whether something is to be computed for a stream, its prompt included."""
    if stream.sounded == _NO_MORE:
        return False  # it only waits to be taken, and needs its prompt no more
    return not (stream.prompt.track.is_at_goal and (stream.is_resting or stream.track.is_at_goal))


def _uploaded(array: npt.NDArray[np.float32], device: torch.device) -> Tensor:
    """Copy to the device, without waiting for the device's present work."""
    tensor = torch.from_numpy(array)
    return (tensor.pin_memory() if device.type == "cuda" else tensor).to(device, non_blocking=True)


def _start(track: Track, solve: Solve) -> ChunkStart:
    first = solve.chunk * CHUNK_FRAMES
    cond = None
    if first < len(track.mel):
        given = track.mel[first : first + CHUNK_FRAMES]
        cond = F.pad(given, (0, 0, 0, CHUNK_FRAMES - len(given)))
    return ChunkStart(solve.slot, solve.chunk, chunk_tokens(track.tokens, solve.chunk), cond, track.speaker)
