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
from typing import TYPE_CHECKING

import torch

from ..interface import SynthesisFailed, UnsupportedRequest
from .acoustic_engine import AcousticEngine, AcousticVoice
from .acoustic_thread import AcousticThread
from .chunk_solver import ChunkSolver, EagerNetwork, Pages
from .dimensions import ModelDimensions
from .engine_cache import engine_folder
from .flow import load_flow
from .model_facts import CHUNK_FRAMES, CHUNK_TOKENS
from .page_pool import PagePool
from .prompts import build_prompt, choose_mode
from .scheduler import STEADY_BATCH
from .sequence_network import SequenceNetwork
from .silent_filter import SilentFilter
from .speech_tokens import TokenRequest
from .text_normalizer import TextNormalizer
from .text_tokenizer import TextTokenizer
from .vocoder import Vocoder
from .vocoder_batches import VocoderBatches
from .voices import VoiceStore

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    from .acoustic_engine import Solver
    from .engine_settings import EngineSettings, Precision
    from .flow import Flow
    from .speech_tokens import SpeechTokenRunner

    OnSound = Callable[[int, npt.NDArray[np.int16], bool, dict[str, float]], None]
    OnFailure = Callable[[int, Exception], None]

_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_LM_SHARE = 0.25  # of the memory we may take: 1 GB of weights and 12 KB a token; the flow's past takes the rest
_HELD_BACK_BYTES = 2 << 30  # for what graphs and cuBLAS take while running
_CPU_PAGES = 64  # 64 s of finished flow under way at once, for tests and trials
_SLOTS_PER_STREAM = 2  # chunks under way: one for each stream, and some for longer hops
_TENSORRT_PAGES = 4096  # 200 KB each, where whole sequences are evaluated and no keys are kept
_PLACES_TO_SPARE = 8  # a stream that has ended is closed a moment after the gateway may have begun another
_MAX_CHUNKS = 128  # of one stream: 128 s, its prompt included


@dataclass(slots=True)
class SpeakRequest:
    """One segment to be spoken; fields as in ``interface.Style``."""

    key: int
    text: str
    voice: str
    language: str | None
    instructions: str | None
    seed: int | None


@dataclass(slots=True)
class _Utterance:
    """A request under way: its task, and when its stages were reached (monotonic, s)."""

    asked_at: float
    task: asyncio.Task[None] | None = None
    first_token_at: float | None = None


class Pipeline:
    """See the module.

    Args:
        settings: all of them.
        on_sound: called with stream, samples, whether they are the last, and stage times (ms since it was asked for).
        on_failure: called with the stream and what ended it.
    """

    def __init__(self, settings: EngineSettings, on_sound: OnSound, on_failure: OnFailure) -> None:
        self._settings = settings
        self._on_sound = on_sound
        self._on_failure = on_failure
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._dimensions = ModelDimensions.read(settings.model_dir)
        self._tokenizer = TextTokenizer(settings.model_dir)
        self._normalizer = TextNormalizer()
        self._acoustic = AcousticThread(self._new_acoustic_engine, self._sounded, self._failed)
        self._runner = self._new_runner()
        self._utterances: dict[int, _Utterance] = {}
        self._places = settings.max_streams + _PLACES_TO_SPARE
        self.voices = VoiceStore(settings.model_dir)

    async def start(self) -> None:
        """Load everything; returns when the first request would be as fast as any.

        Raises:
            EngineUnavailable: the model directory, the GPU or a library is not as it must be.
        """
        await self._runner.start()
        await self._acoustic.start()

    async def wait_until_dead(self) -> str:
        """Return why a stage died, once one has."""
        runner = asyncio.ensure_future(self._runner.wait_until_dead())
        try:
            done, _ = await asyncio.wait((runner, self._acoustic.died), return_when=asyncio.FIRST_COMPLETED)
        finally:
            runner.cancel()
        if runner in done:
            return f"speech tokens: {runner.result()}"
        return f"acoustic engine: {self._acoustic.died.result()!r}"

    def speak(self, request: SpeakRequest, tasks: asyncio.TaskGroup) -> None:
        """Begin to speak; what comes of it is reported by the callbacks."""
        utterance = self._utterances[request.key] = _Utterance(time.monotonic())
        utterance.task = tasks.create_task(self._generate(request, utterance))

    def pull(self, key: int, taken_s: float, dry_at: float) -> None:
        """Note that a listener took sound, and when it runs dry (monotonic clock, s)."""
        self._acoustic.pull(key, taken_s, dry_at)

    def cancel(self, key: int) -> None:
        """End a stream; nothing more is generated or computed for it."""
        utterance = self._utterances.pop(key, None)
        if utterance is not None:
            self._acoustic.close(key)
            if utterance.task is not None:
                utterance.task.cancel()

    def cancel_all(self) -> None:
        """End every stream."""
        for key in list(self._utterances):
            self.cancel(key)

    async def close(self) -> None:
        """Stop and release everything."""
        await self._runner.close()
        await self._acoustic.stop()

    async def _generate(self, request: SpeakRequest, utterance: _Utterance) -> None:
        """Feed one segment's speech tokens into its acoustic stream."""
        try:
            voice = self.voices.get(request.voice)
            text = self._normalizer.normalize(request.text, request.language)
            text_ids = self._tokenizer.encode(text, allow_markup=False)
            if not text_ids:
                self._end_without_sound(request.key)
                return
            mode = choose_mode(voice, text, request.language, request.instructions)
            prompt = build_prompt(self._tokenizer, voice, text_ids, mode, request.instructions)
            least, most = prompt.min_tokens, prompt.max_tokens
            if self._settings.fixed_tokens_per_character:
                least = most = max(1, round(self._settings.fixed_tokens_per_character * len(request.text)))
            room = (_MAX_CHUNKS - 1) * CHUNK_TOKENS - len(voice.flow_speech_tokens)
            wanted = TokenRequest(str(request.key), prompt.ids, min(least, room), min(most, room), request.seed)
            heard, is_open = SilentFilter(), False
            async with aclosing(self._runner.generate(wanted)) as deltas:
                async for delta in deltas:
                    if utterance.first_token_at is None:
                        utterance.first_token_at = time.monotonic()
                    if tokens := heard.pass_on(delta):
                        if not is_open:
                            self._acoustic.open(
                                request.key,
                                AcousticVoice(voice.digest, voice.flow_speech_tokens, voice.flow_mel, voice.embedding),
                            )
                            is_open = True
                        self._acoustic.push(request.key, tokens, is_complete=False)
            if is_open:
                self._acoustic.push(request.key, (), is_complete=True)
            else:
                self._end_without_sound(request.key)
        except (SynthesisFailed, UnsupportedRequest) as error:
            self._failed(request.key, error)
        except Exception as error:  # noqa: BLE001 - the request's border: it fails alone, and is told
            self._failed(request.key, SynthesisFailed(f"{type(error).__name__}: {error}"))

    def _sounded(self, key: int, samples: npt.NDArray[np.int16], is_last: bool, launched_at: float) -> None:
        utterance = self._utterances.get(key)
        if utterance is None:
            return  # cancelled meanwhile
        if is_last:
            del self._utterances[key]
            self._acoustic.close(key)
        reached = {"first_token": utterance.first_token_at, "mel": launched_at, "pcm": time.monotonic()}
        stages = {name: 1000 * (at - utterance.asked_at) for name, at in reached.items() if at is not None}
        self._on_sound(key, samples, is_last, stages)

    def _failed(self, key: int, error: Exception) -> None:
        if self._utterances.pop(key, None) is not None:
            self._acoustic.close(key)
            self._on_failure(key, error)

    def _end_without_sound(self, key: int) -> None:
        if self._utterances.pop(key, None) is not None:
            self._on_sound(key, torch.zeros(0, dtype=torch.int16).numpy(), True, {})

    def _new_runner(self) -> SpeechTokenRunner:
        settings, lm = self._settings, self._dimensions.lm
        is_on_gpu = self._device.type == "cuda"
        precision: Precision = "bfloat16" if is_on_gpu and settings.precision != "float32" else "float32"
        if settings.load_vllm:
            from .vllm_runner import VllmRunner  # noqa: PLC0415 - vLLM takes seconds to import and may be absent

            return VllmRunner(
                settings.model_dir,
                lm,
                precision=precision,
                gpu_memory_utilization=settings.gpu_memory_utilization * _LM_SHARE,
                max_streams=settings.max_streams,
            )
        from .torch_runner import TorchRunner  # noqa: PLC0415 - the one that is used is loaded

        return TorchRunner(settings.model_dir, lm, precision=precision, device=self._device.type)

    def _new_acoustic_engine(self) -> AcousticEngine:
        settings, device, dimensions = self._settings, self._device, self._dimensions
        is_on_gpu = device.type == "cuda"
        precision: Precision = settings.precision or ("bfloat16" if is_on_gpu else "float32")
        flow = load_flow(settings.model_dir, dimensions.flow, device, _DTYPES[precision])
        # The vocoder's convolutions are five times more exact in float16 than in bfloat16, and its values stay small.
        vocoder_dtype = torch.float32 if precision == "float32" else torch.float16
        vocoder = Vocoder.load(settings.model_dir, dimensions.vocoder, device, vocoder_dtype)
        slots = _SLOTS_PER_STREAM * self._places
        if not is_on_gpu:
            solver = ChunkSolver(flow, EagerNetwork(flow.dit, Pages(flow.dit, _CPU_PAGES)), slots)
            batches = VocoderBatches(vocoder, self._places, solver.frames, uses_graphs=False)
            return AcousticEngine(flow, solver, PagePool(_CPU_PAGES), batches, settings.token_hop_len)
        return self._on_gpu(flow, vocoder, slots)

    def _on_gpu(self, flow: Flow, vocoder: Vocoder, slots: int) -> AcousticEngine:
        from .fused_network import FusedNetwork  # noqa: PLC0415 - Triton is there with a GPU only
        from .graph_solver import GraphSolver  # noqa: PLC0415 - as above

        torch.cuda.set_stream(torch.cuda.Stream(priority=-1))  # type: ignore[no-untyped-call] # torch's
        count = self._affordable_pages(flow)
        solver: Solver
        if self._settings.trt_concurrent:
            count = _TENSORRT_PAGES
            solver = ChunkSolver(flow, self._tensorrt_network(flow), slots)
        else:
            solver = GraphSolver(flow, FusedNetwork(flow.dit, Pages(flow.dit, count)), slots, _MAX_CHUNKS)
        batches = VocoderBatches(vocoder, self._places, solver.frames, uses_graphs=True)
        return AcousticEngine(flow, solver, PagePool(count), batches, self._settings.token_hop_len)

    def _tensorrt_network(self, flow: Flow) -> SequenceNetwork:
        from .tensorrt_engine import load_tensorrt  # noqa: PLC0415 - needs the extra of its own

        engine = load_tensorrt(
            flow.dit,
            engine_folder(self._settings.model_dir),
            max_streams=STEADY_BATCH,
            max_frames=_MAX_CHUNKS * CHUNK_FRAMES,
            concurrent=self._settings.trt_concurrent or 1,
        )
        return SequenceNetwork(engine, _TENSORRT_PAGES, self._device)

    def _affordable_pages(self, flow: Flow) -> int:
        """Count the pages that fit into what we may take and others left free."""
        free, total = torch.cuda.mem_get_info()
        own = torch.cuda.memory_reserved()
        budget = int(total * self._settings.gpu_memory_utilization * (1 - _LM_SHARE)) - own
        return max(0, min(budget, free) - _HELD_BACK_BYTES) // Pages.bytes_each(flow.dit)
