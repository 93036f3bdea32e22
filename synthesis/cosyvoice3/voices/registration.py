"""Makes a voice from a recording: its words as tokens, its sound as mel, and its speaker as an embedding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...hearing.judgement import speech_seconds
from ...hearing.transcripts import UnfitTranscript, check_by_ear, judge_transcript
from ...rates import MODEL_SAMPLE_RATE_HZ
from ..text.normalizer import guess_language
from .features import HEARING_RATE_HZ, align, log_mel, resample
from .prompt import BadVoice, VoicePrompt, make_prompt
from .prompts import transcript_ids
from .recording import read_recording
from .store import check_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ...hearing.recogniser import Recogniser
    from ..text.tokenizer import TextTokenizer
    from .features import VoiceNetworks

_TAG: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")  # BCP 47, as far as it matters here


@dataclass(frozen=True, slots=True)
class Registration:
    """A voice that was made, and what its owner should know.

    Attributes:
        warnings: what was mended in the recording, and what is doubtful; empty if all is well.
    """

    voice: VoicePrompt
    warnings: tuple[str, ...]


def register_voice(
    name: str,
    audio: Path,
    tokenizer: TextTokenizer,
    load_networks: Callable[[], VoiceNetworks],
    *,
    transcript: str | None = None,
    language: str | None = None,
    description: str = "",
    load_recogniser: Callable[[], Recogniser] | None = None,
) -> Registration:
    """Make a voice from a recording.

    Args:
        name: what clients will ask for.
        audio: a recording of one person speaking (``hearing/judgement.py`` says which recordings will do).
        tokenizer: the model's.
        load_networks: loads the model's, a gigabyte; called once the recording is found to be right.
        transcript: what the recording says, with its punctuation. Without one the voice speaks in cross-lingual mode
            only.
        language: BCP 47 tag of what the recording says; None guesses it from the transcript's script.
        description: one line for people.
        load_recogniser: loads what compares the transcript with what it hears; None: nothing listens.

    Raises:
        BadVoice: the name or the language is not valid, or recording or transcript will not do.
    """
    check_name(name)
    if language and not _TAG.fullmatch(language):
        raise BadVoice(f"{language!r} is no language tag; write one such as en, zh or pt-BR")
    transcript = (transcript or "").strip()
    judged, rate_hz = read_recording(audio)
    heard = resample(judged.samples, rate_hz, HEARING_RATE_HZ)
    languages = _languages(transcript, language)
    warnings = judged.warnings
    if transcript:
        try:
            warnings += tuple(judge_transcript(transcript, language, speech_seconds(heard, HEARING_RATE_HZ)))
            if load_recogniser is not None and languages:
                warnings += tuple(check_by_ear(transcript, languages[0], heard, load_recogniser()))
        except UnfitTranscript as fault:
            raise BadVoice(str(fault)) from None
    mel = log_mel(resample(judged.samples, rate_hz, MODEL_SAMPLE_RATE_HZ))
    networks = load_networks()
    tokens, mel = align(networks.speech_tokens(heard), mel)
    voice = make_prompt(
        name,
        description,
        languages,
        prompt_text_ids=transcript_ids(tokenizer, transcript) if transcript else (),
        lm_speech_tokens=tokens,
        flow_speech_tokens=tokens,
        flow_mel=mel,
        embedding=networks.speaker_embedding(heard),
        trim=True,
    )
    return Registration(voice, warnings)


def _languages(transcript: str, language: str | None) -> tuple[str, ...]:
    guess = language or guess_language(transcript)
    return () if guess is None else ("zh" if guess == "cmn" else guess,)
