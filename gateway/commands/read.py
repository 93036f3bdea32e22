"""``sayline read``: how a server with these settings would read a text, without sound.

The engine is started and asked. All of a text is read at once, as a client sends it that has it. Exit status 2 is for
what cannot be read.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from typing import TYPE_CHECKING, Any, Final

from ...synthesis.interface import EngineUnavailable, Style, Telling, UnsupportedRequest
from ...synthesis.reading.stage import Reading
from .. import settings as all_settings
from ..errors import BadSettings, GatewayError
from ..exit_status import FAILED, UNUSABLE, complain
from ..text.accumulator import SentenceAccumulator
from ..text.silent import silences
from ..text.words import find_words
from ..wiring import chunking_settings, new_lexicon, new_synthesizer
from . import text_in

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from ...synthesis.alignment import Alignment
    from ...synthesis.interface import Segment, Synthesizer, Voice
    from ..settings import Settings

MAX_CHARS: Final = 100_000  # two hours of speech, which nobody looks through


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags: those of ``serve``, and its own."""
    parser.add_argument("text", nargs="*", metavar="TEXT", help="text to read; - or nothing is standard input")
    parser.add_argument("--voice", help="voice that would speak (default: the server's)")
    parser.add_argument("--language", help="BCP 47 tag such as en or de-AT (default: as the text's script tells)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines for people")
    all_settings.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Read; returns the exit status."""
    settings = all_settings.load(arguments)
    try:
        told = asyncio.run(_told(arguments, settings))
    except BadSettings:
        raise
    except (GatewayError, EngineUnavailable) as exc:
        return complain(str(exc), FAILED)
    except UnsupportedRequest as exc:
        return complain(str(exc), UNUSABLE)
    written = json.dumps(told, ensure_ascii=False, indent=2) if arguments.json else "\n".join(_lines(told))
    sys.stdout.write(f"{written}\n")
    return 0


async def _told(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:  # Any: JSON
    text = await _text(arguments.text)
    lexicon = new_lexicon(settings)
    engine = new_synthesizer(settings)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(engine.close)
        await engine.start()
        voice = _voice(engine, arguments.voice or settings.default_voice)
        style = Style(voice.name, arguments.language)
        if style.language is not None and not voice.speaks(style.language):
            raise UnsupportedRequest(f"the voice {voice.name!r} does not speak {style.language!r}")
        stage = Reading(engine, lexicon)
        segments = _segments(text, settings, style.language)
        return {
            "voice": voice.name,
            "language": style.language,
            "segments": [await _segment(segment, stage, engine, style) for segment in segments],
            "silent": [
                {"start": start, "end": end, "text": text[start:end], "why": why}
                for start, end, why in silences(text, frozenset(settings.also_spoken))
            ],
        }


async def _text(words: Sequence[str]) -> str:
    """Take the text from the command line, or all of standard input.

    Raises:
        BadSettings: there is none, or too much.
    """
    if words and list(words) != ["-"]:
        deltas = text_in.whole(" ".join(words))
    elif sys.stdin is None or sys.stdin.isatty():
        raise BadSettings('what to read? `sayline read "Hello."`, or text on standard input')
    else:
        deltas = text_in.read_as_it_arrives(sys.stdin.fileno())
    text = ""
    async for delta in deltas:
        text += delta
        if len(text) > MAX_CHARS:
            raise BadSettings(f"the text is longer than {MAX_CHARS} characters")
    if not text.strip():
        raise BadSettings("there is nothing to read: the text is blank")
    return text


def _voice(engine: Synthesizer, name: str | None) -> Voice:
    """Find a voice, the first one if none is named.

    Raises:
        UnsupportedRequest: there is none.
    """
    voices = engine.voices()
    found = next((voice for voice in voices if name in (None, voice.name)), None)
    if found is None:
        raise UnsupportedRequest(f"there is no voice {name!r}; there are {', '.join(voice.name for voice in voices)}")
    return found


def _segments(text: str, settings: Settings, language: str | None) -> list[Segment]:
    accumulator = SentenceAccumulator(
        "sentence", chunking_settings(settings), language=language, also_spoken=frozenset(settings.also_spoken)
    )
    return [*accumulator.push(text, 0.0), *accumulator.end(0.0)]


async def _segment(segment: Segment, stage: Reading, engine: Synthesizer, style: Style) -> dict[str, Any]:  # Any: JSON
    said, alignment = stage.read(segment, style)
    back = alignment.inverse()
    told: dict[str, Any] = {
        "start": segment.char_start,
        "end": segment.char_end,
        "text": segment.text,
        "spoken": said.spoken,
        "words": [],
        "runs": [],
        "wishes": [
            {"text": said.spoken[wish.start : wish.end], "kind": wish.kind, "value": wish.value} for wish in said.wishes
        ],
        "pause_ms": segment.pause_ms,
    }
    for start_here, end_here in _read_together(segment.spoken, back):
        start, end = segment.alignment.span(start_here, end_here)
        first, last = back.span(start_here, end_here)
        told["words"].append(
            {
                "start": segment.char_start + start,
                "end": segment.char_start + end,
                "text": segment.text[start:end],
                "written": segment.spoken[start_here:end_here],
                "spoken": said.spoken[first:last].strip(),
            }
        )
    if said.is_silent or not said.spoken.strip():
        return told
    if isinstance(engine, Telling):
        try:
            runs = await engine.tell(said, style)
        except UnsupportedRequest as exc:
            told["refused"] = str(exc)
            return told
        for run in runs:
            told["runs"].append(
                {
                    "spoken": said.spoken[run.start : run.end],
                    "language": run.language,
                    "speaker": run.speaker,
                    "given": run.text,
                    "phonemes": run.phonemes,
                }
            )
    return told


def _read_together(spoken: str, back: Alignment) -> Iterator[tuple[int, int]]:
    """Find the words of a text; those that are said as one ("15 min") are one."""
    start = end = 0
    for word in find_words(spoken):
        if end and back.span(start, end) == back.span(word.start, word.end):
            end = word.end
            continue
        if end:
            yield start, end
        start, end = word.start, word.end
    if end:
        yield start, end


def _lines(told: dict[str, Any]) -> list[str]:  # Any: JSON
    """Write what was found for people."""
    lines = [f"voice {told['voice']}, language {told['language'] or 'by script'}"]
    for number, segment in enumerate(told["segments"], 1):
        lines += ["", f"segment {number}, characters {segment['start']} to {segment['end']}"]
        if segment["spoken"].strip():
            lines.append(f"  spoken    {_shown(segment['spoken'])}")
            changed = [word for word in segment["words"] if word["written"] != word["spoken"]]
            lines += [f"  reads     {_shown(word['written'])} as {_shown(word['spoken'])}" for word in changed]
        lines += [
            f"  wish      {wish['kind']} {wish['value']} for {_shown(wish['text'])}".rstrip()
            for wish in segment["wishes"]
        ]
        for run in segment["runs"]:
            lines.append(f"  by        {run['speaker']} ({run['language'] or 'any language'}): {_shown(run['spoken'])}")
            if run["given"] != run["spoken"]:
                lines.append(f"  given     {_shown(run['given'])}")
            if run["phonemes"]:
                lines.append(f"  phonemes  {run['phonemes']}")
        if "refused" in segment:
            lines.append(f"  refused   {segment['refused']}")
        if segment["pause_ms"]:
            lines.append(f"  pause     {segment['pause_ms']} ms")
    if told["silent"]:
        lines += ["", "not spoken"]
        lines += [
            f"  {each['start']} to {each['end']}  {_shown(each['text'])}: {each['why']}" for each in told["silent"]
        ]
    return lines


_SHOWN_CHARS: Final = 200


def _shown(text: str) -> str:
    """Write a text on one line."""
    one_line = text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
    return json.dumps(one_line, ensure_ascii=False)
