"""The server's side of ``/v1/audio/speech/stream``.

An utterance is the text up to ``input.done``, and a context of the conversation. Its segments are the sentences that
the client is told of: the binary messages between ``audio.start`` and ``audio.done`` are that sentence's sound. With
``stream_audio`` sound leaves as it comes; without it each sentence is a file, and what is no sequence of independent
frames (FLAC, Ogg Opus) is one file for the whole utterance. Utterances are heard one after the other.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from ....codecs.wav import wav_header
from ...conversation import events
from ...conversation.actions import Close
from ...conversation.messages import Cancel, Configure, End, Open, Write
from ...conversation.playout_clock import SAMPLES_PER_MS
from ...errors import FATAL, NEVER_BEGAN, BadMessage, CloseCode, Unsupported
from ..actions import SendAudio, SendText
from ..json_protocol import JsonProtocol, base64_of, read_text
from .messages import SAMPLE_RATE_HZ, Config, read_config

if TYPE_CHECKING:
    from typing import Unpack

    from ...conversation.actions import SendPackets
    from ...conversation.session import SessionSettings
    from ..json_protocol import Fields
    from ..socket_protocol import Facts

# The largest file that is kept until it is whole: half an hour of Opus, or ten minutes of FLAC.
_MOST_FILE_BYTES: Final = 16 * 1024 * 1024


@dataclass(slots=True)
class _Utterance:
    """The text up to ``input.done``.

    Attributes:
        index: counts the connection's utterances from 0.
        peer_s_id: the ``context_id`` that the client gave it; None if it gave none.
        config: the configuration when it began.
        context_id: the conversation's; empty if the context is over, or never began.
        is_ended: no more of its text comes.
        texts: the sentences that are not sent to their end, in order: number of the segment, text.
        is_under_way: the first of them was announced.
        sentences_done: how many were sent.
        kept: sound that is to be a whole file.
        kept_bytes: how much that is.
        sent_bytes: how much was sent of the sentence that is under way.
        chunks: how many messages of sound were sent.
        sent_ms: how much sound.
    """

    index: int
    peer_s_id: str | None
    config: Config
    context_id: str
    is_ended: bool = False
    texts: deque[tuple[int, str]] = field(default_factory=deque)
    is_under_way: bool = False
    sentences_done: int = 0
    kept: list[bytes] = field(default_factory=list)
    kept_bytes: int = 0
    sent_bytes: int = 0
    chunks: int = 0
    sent_ms: float = 0.0


class VllmOmniProtocol(JsonProtocol):
    """One conversation with a peer that speaks vLLM-Omni's protocol."""

    def __init__(self, session_id: str, settings: SessionSettings, **facts: Unpack[Facts]) -> None:
        super().__init__(session_id, replace(settings, in_turn=True), **facts)
        self._config = Config()
        self._utterances: dict[str, _Utterance] = {}  # that are to be heard, by the conversation's ids
        self._open: dict[str | None, _Utterance] = {}  # that text is added to, by the peer's ids
        self._begun = 0

    # -- in ------------------------------------------------------------------------------------------------------------

    def fields_received(self, fields: Fields, now: float, most_chars: int | None) -> None:
        """Take a message; see ``JsonProtocol``."""
        match fields.get("type"):
            case "session.config":
                self._config = read_config(fields)
            case "input.text":
                text = read_text(fields, "text")
                if text is None:
                    raise BadMessage("text: input.text needs one")
                utterance = self._utterance(_context_id(fields), now)
                if utterance.context_id:
                    self.conversation.message_received(Write(utterance.context_id, text), now, most_chars=most_chars)
            case "input.done":
                self._end(_context_id(fields), now)
            case "input.cancel":
                self._cancel(_context_id(fields), now)
            case "session.close":
                self.conversation.close(Close(CloseCode.NORMAL, ""))
            case _:
                kinds = "session.config, input.text, input.done, input.cancel, session.close"
                raise BadMessage(f"type: must be one of {kinds}")

    def unreadable(self, fault: BadMessage) -> None:
        """Answer a message that has no meaning; the connection goes on."""
        self.say(json.dumps({"type": "error", "message": str(fault)}))

    def _utterance(self, peer_s_id: str | None, now: float) -> _Utterance:
        """Find the utterance that takes text under this id, or begin one."""
        if (utterance := self._open.get(peer_s_id)) is not None:
            return utterance
        config, context_id = self._config, f"utterance-{self._begun}"
        utterance = _Utterance(self._begun, peer_s_id, config, context_id)
        if not self._begun and not config.stream_audio:  # nobody listens to a file while it is made
            self.conversation.message_received(Configure(max_lead_ms=0), now)
        self._begun += 1
        self._utterances[context_id] = self._open[peer_s_id] = utterance
        self.conversation.message_received(
            Open(
                context_id,
                voice=config.voice or config.speaker,
                or_default=True,
                language=config.language,
                instructions=config.instructions,
                speed=config.speed or 1.0,
                seed=config.seed,
                chunking=config.split_granularity,
                timestamps="word" if config.word_timestamps else "segment",
                takes_guesses=False,
                audio=config.audio,
            ),
            now,
        )
        if not self.conversation.is_live(context_id):
            utterance.context_id = ""
        return utterance

    def _end(self, peer_s_id: str | None, now: float) -> None:
        utterance = self._utterance(peer_s_id, now)
        del self._open[peer_s_id]
        utterance.is_ended = True
        if utterance.context_id:
            self.conversation.message_received(End(utterance.context_id), now)
        else:
            self.say(_session_done(utterance))

    def _cancel(self, peer_s_id: str | None, now: float) -> None:
        """Stop an utterance, or without an id all of them. A cancel that comes too late is no fault."""
        for utterance in list(self._utterances.values()):
            if peer_s_id is None or utterance.peer_s_id == peer_s_id:
                utterance.is_ended = True
                self.conversation.message_received(Cancel(utterance.context_id), now)

    # -- out -----------------------------------------------------------------------------------------------------------

    def write_event(self, event: events.Event) -> str | None:
        """Write an event as JSON; what takes several messages is said here, in order."""
        match event:
            case events.SegmentStarted():
                if event.segment.spoken.strip():
                    utterance = self._utterances[event.context_id]
                    utterance.texts.append((event.segment.index, event.segment.text))
                    if utterance.config.stream_audio:
                        self._announce_next(utterance)
            case events.SegmentDone():
                self._segment_done(self._utterances[event.context_id], event.segment_index)
            case events.Words():
                return _words(self._utterances[event.context_id], event)
            case events.Done():
                self._utterance_done(event)
            case events.Fault():
                return self._write_fault(event)
        return None

    def write_audio(self, run: SendPackets) -> SendAudio | SendText:
        """Send sound, or keep it until it is a whole file."""
        utterance = self._utterances[run.context_id]
        payloads = [packet.payload for packet in run.packets]
        size_bytes = sum(map(len, payloads))
        if not utterance.config.stream_audio:
            utterance.kept_bytes += size_bytes
            if utterance.kept_bytes <= _MOST_FILE_BYTES:
                utterance.kept += payloads
            return SendAudio(run.context_id, ())
        utterance.sent_bytes += size_bytes
        if utterance.config.word_timestamps:
            duration_ms = sum(packet.duration for packet in run.packets) / SAMPLES_PER_MS
            return SendText(_chunk(utterance, base64_of(run.packets), duration_ms, []), run.context_id)
        return SendAudio(run.context_id, (b"".join(payloads),))

    def _segment_done(self, utterance: _Utterance, number: int) -> None:
        if not utterance.texts or utterance.texts[0][0] != number:  # a segment without sound
            return
        if utterance.config.stream_audio:
            self._sentence_done(utterance)
            self._announce_next(utterance)
        elif utterance.config.is_cut_by_sentence:
            self._send_file(utterance)

    def _announce_next(self, utterance: _Utterance) -> None:
        """Announce the next sentence, if the one before it was sent."""
        if utterance.is_under_way or not utterance.texts:
            return
        utterance.is_under_way = True
        self.say(
            _message(
                "audio.start",
                utterance,
                sentence_index=utterance.sentences_done,
                sentence_text=utterance.texts[0][1],
                format=utterance.config.response_format,
                sample_rate=SAMPLE_RATE_HZ,
            )
        )

    def _sentence_done(self, utterance: _Utterance, *, is_broken: bool = False) -> None:
        utterance.texts.popleft()
        utterance.is_under_way = False
        total_bytes, utterance.sent_bytes = utterance.sent_bytes, 0
        index, utterance.sentences_done = utterance.sentences_done, utterance.sentences_done + 1
        fields = {"sentence_index": index, "total_bytes": total_bytes, "error": is_broken}
        self.say(_message("audio.done", utterance, **fields))

    def _send_file(self, utterance: _Utterance) -> None:
        self._announce_next(utterance)
        content = b"".join(utterance.kept)
        is_broken = utterance.kept_bytes > _MOST_FILE_BYTES
        utterance.kept, utterance.kept_bytes = [], 0
        if is_broken:
            limit = _MOST_FILE_BYTES // 1024 // 1024
            self.say(_error(utterance, f"a file holds at most {limit} MiB: ask for stream_audio"))
            content = b""
        elif utterance.config.response_format == "wav":
            content = wav_header(SAMPLE_RATE_HZ, len(content)) + content
        utterance.sent_bytes = len(content)
        self._actions.append(SendAudio(utterance.context_id, (content,)))
        self._sentence_done(utterance, is_broken=is_broken)

    def _utterance_done(self, event: events.Done) -> None:
        utterance = self._utterances.pop(event.context_id)
        if event.reason == "end" and utterance.texts:  # a file for all of it
            utterance.texts = deque([(0, "".join(text for _, text in utterance.texts))])
            self._send_file(utterance)
        elif utterance.is_under_way:  # its sound was cut short
            self._sentence_done(utterance, is_broken=event.reason == "error")
        if event.reason == "cancel":
            heard = {"text_spoken": event.text_spoken, "text_remaining": event.text_remaining}
            self.say(_message("audio.cancelled", utterance, **heard))
            if self._open.get(utterance.peer_s_id) is utterance:
                del self._open[utterance.peer_s_id]
        utterance.context_id = ""
        if utterance.is_ended:
            self.say(_session_done(utterance))

    def _write_fault(self, event: events.Fault) -> str | None:
        if isinstance(event.error, Unsupported):  # these clients wish for what their own models do
            return None
        utterance = self._utterances.get(event.context_id or "")
        if utterance is None or not isinstance(event.error, FATAL):
            return json.dumps({"type": "error", "message": str(event.error)})
        if isinstance(event.error, NEVER_BEGAN):
            del self._utterances[event.context_id or ""]
        return _error(utterance, str(event.error))


def _context_id(fields: Fields) -> str | None:
    context_id = fields.get("context_id")
    if context_id is None or (isinstance(context_id, str) and context_id):
        return context_id
    raise BadMessage("context_id: must be text")


def _words(utterance: _Utterance, event: events.Words) -> str:
    words = [
        {"word": word, "start_ms": round(start_ms, 1), "end_ms": round(end_ms, 1)}
        for word, start_ms, end_ms in event.words
    ]
    return _chunk(utterance, "", 0.0, words)


def _chunk(utterance: _Utterance, audio: str, duration_ms: float, words: list[dict[str, Any]]) -> str:
    number, start_ms = utterance.chunks, utterance.sent_ms
    utterance.chunks += 1
    utterance.sent_ms += duration_ms
    return _message(
        "audio.chunk",
        utterance,
        chunk_id=number,
        chunk_start_ms=round(start_ms, 1),
        chunk_end_ms=round(utterance.sent_ms, 1),
        sample_rate=SAMPLE_RATE_HZ,
        audio_b64=audio,
        timestamps=words,
    )


def _error(utterance: _Utterance, message: str) -> str:
    is_partial = utterance.is_under_way or utterance.sentences_done > 0
    return _message("error", utterance, message=message, partial_audio=is_partial, action="discard")


def _session_done(utterance: _Utterance) -> str:
    return _message("session.done", utterance, total_sentences=utterance.sentences_done)


def _message(kind: str, utterance: _Utterance, **fields: object) -> str:
    named = {} if utterance.peer_s_id is None else {"context_id": utterance.peer_s_id}
    return json.dumps({"type": kind, "utterance_index": utterance.index, **named, **fields})
