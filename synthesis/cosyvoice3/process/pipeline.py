"""From a segment's text to its sound: normalised text, prompt, speech tokens, acoustic stream.

One pipeline serves all streams of a process. A request is a task that feeds speech tokens into its acoustic stream as
they are sampled; sound leaves by callback when the GPU has it. Ending the task ends both: the language model's request
is aborted, the acoustic stream closed.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch

from ...interface import SynthesisFailed, UnsupportedRequest
from ...rates import TOKENS_PER_SECOND
from ..acoustic.engine import AcousticVoice
from ..acoustic.thread import AcousticThread
from ..acoustic.token_chunker import first_hop_tokens
from ..lm.silent_filter import MAX_SILENT_TOKENS, SilentFilter
from ..lm.speech_tokens import TokenRequest
from ..release.dimensions import ModelDimensions
from ..release.model_facts import CHUNK_TOKENS
from ..text.reader import TextReader
from ..voices.casting import Casting
from ..voices.prompts import Said, build_prompt, choose_mode
from ..voices.store import VoiceStore
from .assembly import MAX_CHUNKS, GpuBudget, new_acoustic_engine, new_runner
from .handover import Begun, Notes
from .prosody import Prosody

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import numpy.typing as npt

    from ..acoustic.thread import OnCapacity
    from ..voices.prompt import VoicePrompt
    from .prosody import Telling
    from .settings import EngineSettings

    OnSound = Callable[[int, npt.NDArray[np.int16], bool, dict[str, float], str], None]
    OnFailure = Callable[[int, Exception], None]
    OnLimit = Callable[[int], None]


# Listeners who are begun with at once; more wait for one of these turns. A hundred who come together would have their
# first sound no sooner if all were begun, and who is being spoken to would run dry behind so full a batch. A turn ends
# with the second hop, which is made whether the first is taken or not: until then a listener costs three times what it
# does later, and has little in hand. With eight, 400 listeners on an H200, of whom 38 begin a second, would take up all
# turns of 0.2 s each.
FIRST_HOPS_AT_ONCE: Final = 12


@dataclass(slots=True)
class SpeakRequest:
    """One segment to be spoken; fields as in ``interface.Style``.

    Attributes:
        speed: how many seconds of sound its listener hears in a second.
        dry_at: when its listener runs dry with what it has (monotonic clock, s); None if it waits in silence.
        notes: what another engine noted that has begun it (``handover.Notes``).
    """

    key: int
    text: str
    voice: str
    language: str | None
    instructions: str | None
    allow_markup: bool
    seed: int | None
    speed: float = 1.0
    utterance: str | None = None
    dry_at: float | None = None
    notes: Sequence[str] = ()


@dataclass(slots=True)
class _Utterance:
    """A request under way: its task, whether it has one of the turns, and when stages were reached (monotonic, s)."""

    asked_at: float
    notes: Notes | None = None  # for another engine, once there is something to note
    task: asyncio.Task[None] | None = None
    has_turn: bool = False
    has_sounded: bool = False
    first_token_at: float | None = None
    hop_tokens_at: float | None = None  # all that the first hop takes


class Pipeline:
    """See the module.

    Args:
        settings: all of them.
        on_sound: called with stream, samples, whether they are the last, stage times (ms since it was asked for), and
            what another engine must know to go on behind them, as far as it was not told before.
        on_failure: called with the stream and what ended it.
        on_limit: called with a stream whose speech was as long as a text of its length may be; its end is cut off.
        on_capacity: see ``AcousticThread``.
    """

    def __init__(
        self,
        settings: EngineSettings,
        on_sound: OnSound,
        on_failure: OnFailure,
        on_limit: OnLimit,
        on_capacity: OnCapacity,
    ) -> None:
        self._settings = settings
        self._on_sound = on_sound
        self._on_failure = on_failure
        self._on_limit = on_limit
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._dimensions = ModelDimensions.read(settings.model_dir, settings.model_variant)
        self._reader = TextReader(settings.model_dir)
        budget = GpuBudget.measure(settings.gpu_memory_utilization) if self._device.type == "cuda" else None
        self._acoustic = AcousticThread(
            lambda: new_acoustic_engine(settings, self._dimensions, self._device, budget),
            self._sounded,
            self._acoustic_failed,
            on_capacity,
        )
        self._runner = new_runner(settings, self._dimensions, self._device)
        self._utterances: dict[int, _Utterance] = {}
        self._turns = asyncio.Semaphore(FIRST_HOPS_AT_ONCE)
        self._prosody = Prosody()
        self.voices = VoiceStore(settings.model_dir)
        self._casting = Casting(self.voices)

    async def start(self) -> None:
        """Load everything; returns when the first request would be as fast as any.

        Raises:
            EngineUnavailable: the model directory, the GPU or a library is not as it must be.
        """
        await self._reader.start()
        await self._runner.start()
        await self._acoustic.start()

    async def wait_until_dead(self) -> str:
        """Return why a stage died, once one has."""
        async with asyncio.TaskGroup() as tasks:
            runner = tasks.create_task(self._runner.wait_until_dead())
            done, _ = await asyncio.wait((runner, self._acoustic.died), return_when=asyncio.FIRST_COMPLETED)
            runner.cancel()
        if runner in done:
            return f"speech tokens: {runner.result()}"
        return f"acoustic engine: {self._acoustic.died.result()!r}"

    async def answer(self) -> None:
        """Return when the language model's process and the thread that owns the GPU have come round to this call."""
        await self._runner.answer()
        await self._acoustic.answer()

    def speak(self, request: SpeakRequest, tasks: asyncio.TaskGroup) -> None:
        """Begin to speak; what comes of it is reported by the callbacks."""
        utterance = self._utterances[request.key] = _Utterance(time.monotonic())
        named = request.utterance if self._settings.carry_prosody else None
        before, telling = (None, self._prosody.again(named)) if request.notes else self._prosody.next_of(named)
        utterance.task = tasks.create_task(self._generate(request, utterance, before, telling))
        utterance.task.add_done_callback(lambda _: telling.ends())

    def pull(self, key: int, taken: int, dry_at: float) -> None:
        """Note that a listener took so many samples, and when it runs dry (monotonic clock, s)."""
        self._acoustic.pull(key, taken, dry_at)

    def cancel(self, key: int) -> None:
        """End a stream; nothing more is generated or computed for it."""
        utterance = self._utterances.pop(key, None)
        if utterance is not None:
            self._pass_turn_on(utterance)
            self._acoustic.close(key)
            if utterance.task is not None:
                utterance.task.cancel()

    async def close(self) -> None:
        """End every stream, stop and release everything."""
        for key in list(self._utterances):
            self.cancel(key)
        self._reader.close()
        try:
            await self._runner.close()
        finally:
            await self._acoustic.stop()

    async def _generate(
        self,
        request: SpeakRequest,
        utterance: _Utterance,
        before: asyncio.Future[Said | None] | None,
        telling: Telling,
    ) -> None:
        """Feed one segment's speech tokens into its acoustic stream."""
        try:
            begun = Begun.read(request.notes)
            voice = self._casting.voice_of(request.voice, request.utterance)
            text, text_ids = await self._reader.read(request.text, request.language, allow_markup=request.allow_markup)
            if not text_ids:
                self._end_without_sound(request.key)
                return
            mode = choose_mode(voice, text, request.language, request.instructions)
            said = None if begun is None else begun.said
            if before is not None:
                said = await asyncio.shield(before)  # it is another segment's to settle
            if said is not None and said.mode != mode:  # another language: its accent would be carried on
                said = None
            prompt = build_prompt(self._reader.tokenizer, voice, text_ids, mode, request.instructions, said)
            least, most = prompt.min_tokens, prompt.max_tokens
            if self._settings.fixed_tokens_per_character:
                least = most = max(1, round(self._settings.fixed_tokens_per_character * len(request.text)))
            room = (min(MAX_CHUNKS, self._acoustic.most_chunks) - 1) * CHUNK_TOKENS - len(voice.flow_speech_tokens)
            if room < 1:
                self._failed(request.key, SynthesisFailed(f"too little memory to speak with the voice {voice.name!r}"))
                return
            missing = first_hop_tokens(len(voice.flow_speech_tokens), self._settings.token_hop_len)
            is_first = request.dry_at is None and begun is None
            wanted = TokenRequest(
                str(request.key),
                prompt.ids,
                min(least, room),
                min(most, room),
                request.seed,
                awaited_tokens=missing if is_first else 0,
                begun=() if begun is None else begun.tokens[: min(most, room)],
            )
            if is_first:
                await self._turns.acquire()
                utterance.has_turn = True
            most_leading = self._most_leading(request) if begun is None else begun.most_leading
            heard, is_open = SilentFilter(most_leading), False
            notes = utterance.notes = Notes(most_leading, said)

            def feed(delta: Sequence[int]) -> None:
                nonlocal is_open, missing
                if utterance.first_token_at is None:
                    utterance.first_token_at = time.monotonic()
                notes.tokens += delta
                if tokens := heard.pass_on(delta):
                    if not is_open:
                        self._acoustic.open(request.key, acoustic_voice(voice), request.dry_at, request.speed)
                        is_open = True
                    missing -= len(tokens)
                    if missing <= 0 and utterance.hop_tokens_at is None:
                        utterance.hop_tokens_at = time.monotonic()
                    self._acoustic.push(request.key, tokens, is_complete=False)

            if wanted.begun:
                feed(wanted.begun)
            if not (begun and begun.is_complete) and len(wanted.begun) < wanted.max_tokens:
                async with aclosing(self._runner.generate(wanted)) as deltas:
                    async for delta in deltas:
                        feed(delta)
            notes.is_complete = True
            if len(notes.tokens) >= wanted.max_tokens and not self._settings.fixed_tokens_per_character:
                self._on_limit(request.key)
            telling.ends(Said(mode, tuple(text_ids), tuple(notes.tokens)))
            if is_open:
                utterance.hop_tokens_at = utterance.hop_tokens_at or time.monotonic()
                self._acoustic.push(request.key, (), is_complete=True)
            else:
                self._end_without_sound(request.key)
        except (SynthesisFailed, UnsupportedRequest) as error:
            self._failed(request.key, error)
        except Exception as error:  # noqa: BLE001 - the request's border: it fails alone, and is told
            self._failed(request.key, SynthesisFailed(f"{type(error).__name__}: {error}"))

    def _most_leading(self, request: SpeakRequest) -> int:
        """Tell how many silent tokens may stand first; fewer where a listener waits for the first sound."""
        bound_ms = self._settings.max_leading_silence_ms
        if bound_ms is None or request.dry_at is not None:
            return MAX_SILENT_TOKENS
        return bound_ms * TOKENS_PER_SECOND // 1000

    def _sounded(self, key: int, samples: npt.NDArray[np.int16], is_last: bool, launched_at: float) -> None:
        utterance = self._utterances.get(key)
        if utterance is None:
            return  # cancelled meanwhile
        if utterance.has_sounded or is_last:
            self._pass_turn_on(utterance)
        utterance.has_sounded = True
        if is_last:
            del self._utterances[key]
            self._acoustic.close(key)
        reached = {
            "first_token": utterance.first_token_at,
            "hop_tokens": utterance.hop_tokens_at,
            "mel": launched_at,
            "pcm": time.monotonic(),
        }
        stages = {name: 1000 * (at - utterance.asked_at) for name, at in reached.items() if at is not None}
        self._on_sound(key, samples, is_last, stages, "" if utterance.notes is None else utterance.notes.next())

    def _failed(self, key: int, error: Exception) -> None:
        if (utterance := self._utterances.pop(key, None)) is not None:
            self._pass_turn_on(utterance)
            self._acoustic.close(key)
            self._on_failure(key, error)

    def _acoustic_failed(self, key: int, error: Exception) -> None:
        utterance = self._utterances.get(key)
        self._failed(key, error)
        if utterance is not None and utterance.task is not None:
            utterance.task.cancel()  # no stream would take its tokens

    def _end_without_sound(self, key: int) -> None:
        if (utterance := self._utterances.pop(key, None)) is not None:
            self._pass_turn_on(utterance)
            self._on_sound(key, torch.zeros(0, dtype=torch.int16).numpy(), True, {}, "")

    def _pass_turn_on(self, utterance: _Utterance) -> None:
        """Let the next listener be begun with; idempotent."""
        if utterance.has_turn:
            utterance.has_turn = False
            self._turns.release()


def acoustic_voice(voice: VoicePrompt) -> AcousticVoice:
    """Take the acoustic model's part of a voice."""
    return AcousticVoice(voice.digest, voice.flow_speech_tokens, voice.flow_mel, voice.embedding)
