"""The server's side of ``tts.v1``: a peer's messages become the conversation's, its events and packets become bytes.

``socket_protocol`` holds what all dialects share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from ...conversation import events
from ...conversation import messages as wishes
from ...errors import WIRE_ERRORS, BadMessage, OutOfTurn, OverQuota
from ..actions import KeepSent, Resume, SendAudio
from ..socket_protocol import SocketProtocol
from . import messages as wire
from .frames import Flags, pack_frame

if TYPE_CHECKING:
    from ...conversation.actions import SendPackets

# What was added to ``tts.v1`` after it was first written, by name: a client looks for a feature here and nowhere else.
FEATURES: Final = ("unsupported", "volume", "provenance", "ssml", "lexicon", "usage")
_PROVENANCE: Final = wire.Provenance()

# What the conversation's messages are called here.
NAMES: Final[dict[type[wishes.Message], str]] = {
    wishes.Configure: "session.update",
    wishes.Open: "context.start",
    wishes.Write: "text",
    wishes.Flush: "flush",
    wishes.End: "context.end",
    wishes.Cancel: "context.cancel",
    wishes.Played: "playback",
    wishes.AreYouThere: "ping",
}


class TtsV1Protocol(SocketProtocol):
    """One conversation with a peer that speaks ``tts.v1``."""

    _codec_id = 0  # from the first context on
    _resumption: wire.Resumption | None = None  # once the client asked for it

    # -- in ------------------------------------------------------------------------------------------------------------

    def text_received(self, message: str | bytes, now: float, *, most_chars: int | None = None) -> None:
        """Take a JSON message from the client; see ``SocketProtocol``."""
        heard = wire.hear_client_message(message)
        if heard.fault is not None:
            self.conversation.fault_received(heard.fault, now, heard.context_id)
        wish = heard.message
        if isinstance(wish, wire.SessionResume):
            self._resume(wish, now)
        elif wish is not None:
            if isinstance(wish, wire.SessionUpdate) and wish.resume:
                self._keep_what_leaves()
            self.conversation.message_received(wish_of(wish), now, most_chars=most_chars)

    def binary_received(self, now: float) -> None:
        """Take a binary message: clients have none to send."""
        self.conversation.fault_received(BadMessage("clients send JSON text messages, never binary ones"), now)

    def _keep_what_leaves(self) -> None:
        """Grant the wish to outlive the socket, if it can be granted; the ``session.ready`` that follows says so."""
        if self._resume_offer is not None and self._resumption is None and not self.conversation.has_begun:
            self._resumption = wire.Resumption(token=self._resume_offer.token, seconds=self._resume_offer.seconds)
            self._actions.append(KeepSent())

    def _resume(self, message: wire.SessionResume, now: float) -> None:
        if self.conversation.has_begun:
            fault = BadMessage("session.resume comes before the first context")
            self.conversation.fault_received(fault, now)
        else:
            self._actions.append(Resume(message.session_id, message.token, message.received))

    # -- out -----------------------------------------------------------------------------------------------------------

    def tell_resumed(self, received: int) -> str:
        """Tell a client that is back how many of its messages have come."""
        return wire.encode(wire.SessionResumed(session_id=self.id, received=received))

    def write_event(self, event: events.Event) -> str:
        """Write an event as JSON, and note what the header of its context's frames will say."""
        if isinstance(event, events.Opened):
            self._codec_id = event.facts.codec_id
        message = server_message(event)
        if isinstance(message, wire.SessionReady) and self._resume_offer is not None:
            message = message.model_copy(update={"features": (*message.features, "resume"), "resume": self._resumption})
        return wire.encode(message)

    def write_audio(self, run: SendPackets) -> SendAudio:
        """Put a header before each packet."""
        packets, sequence, pts = run.packets, run.sequence, run.pts
        channel = run.number & 0xFFFF
        last = len(packets) - 1
        flags = Flags.FIRST_OF_CONTEXT if sequence == 0 else Flags.DISCONTINUITY if run.follows_hole else 0
        frames = []
        for place, packet in enumerate(packets):
            if place == last:
                if run.ends_segment:
                    flags |= Flags.LAST_OF_SEGMENT
                if run.ends_context:
                    flags |= Flags.LAST_OF_CONTEXT
            duration = packet.duration
            frames.append(pack_frame(self._codec_id, channel, sequence + place, pts, duration, flags, packet.payload))
            pts += duration
            flags = 0
        return SendAudio(run.context_id, frames)


def wish_of(message: wire.Wish) -> wishes.Message:
    """Say to the conversation what the client wants."""
    match message:
        case wire.Text():
            return wishes.Write(message.context_id, message.text)
        case wire.Playback():
            return wishes.Played(message.context_id, message.played_ms)
        case wire.Flush():
            return wishes.Flush(message.context_id)
        case wire.ContextStart():
            return wishes.Open(
                message.context_id,
                voice=message.voice,
                language=message.language,
                instructions=message.instructions,
                speed=message.speed,
                volume=1.0 if message.volume is None else message.volume,
                seed=message.seed,
                allow_markup=message.allow_markup,
                chunking=message.chunking,
                timestamps=message.timestamps,
                lexicon=message.lexicon or (),
            )
        case wire.ContextEnd():
            return wishes.End(message.context_id)
        case wire.ContextCancel():
            return wishes.Cancel(message.context_id, message.played_ms)
        case wire.SessionUpdate():
            return wishes.Configure(
                format=message.format,
                sample_rate_hz=message.sample_rate,
                frame_ms=message.frame_ms,
                bitrate=message.bitrate,
                max_lead_ms=message.max_lead_ms,
            )
        case wire.Ping():
            return wishes.AreYouThere(message.id)
        case _:
            assert_never(message)


def _error(event: events.Fault) -> wire.Error:
    answer, fault = WIRE_ERRORS[type(event.error)], event.error
    text = f"{NAMES[fault.kind]} {fault.why}" if isinstance(fault, OutOfTurn) else str(fault)
    return wire.Error(
        code=answer.code,
        message=text,
        context_id=event.context_id,
        retryable=answer.retryable,
        retry_after_ms=fault.retry_after_s * 1000 if isinstance(fault, OverQuota) else None,
    )


def server_message(event: events.Event) -> wire.ServerMessage:
    """Say to the client what happened."""
    match event:
        case events.SegmentStarted():
            segment = event.segment
            return wire.SegmentStarted(
                context_id=event.context_id,
                segment_id=segment.index,
                text=segment.text,
                char_start=segment.char_start,
                char_end=segment.char_end,
                start_ms=round(event.start_ms),
            )
        case events.Words():
            return wire.Words(
                context_id=event.context_id,
                segment_id=event.segment_index,
                words=tuple(
                    wire.WordTime(text=text, start_ms=round(start_ms), end_ms=round(end_ms))
                    for text, start_ms, end_ms in event.words
                ),
                approximate=event.is_guessed,
            )
        case events.SegmentDone():
            return wire.SegmentDone(
                context_id=event.context_id, segment_id=event.segment_index, end_ms=round(event.end_ms)
            )
        case events.Opened():
            return wire.ContextStarted(
                context_id=event.context_id,
                channel=event.number & 0xFFFF,
                format=event.audio.format,
                sample_rate=event.facts.sample_rate_hz,
                preskip=event.facts.preskip,
                provenance=_PROVENANCE,
            )
        case events.Done():
            return wire.ContextDone(
                context_id=event.context_id,
                reason=event.reason,
                audio_ms=round(event.audio_ms),
                text_spoken=event.text_spoken,
                text_remaining=event.text_remaining,
                characters=event.characters,
            )
        case events.Fault():
            return _error(event)
        case events.StillHere():
            return wire.Pong(id=event.token)
        case events.GoingAway():
            return wire.GoAway(drain_ms=round(event.drain_s * 1000))
        case events.Ready():
            return wire.SessionReady(
                session_id=event.conversation_id,
                voices=tuple(event.voices),
                limits=wire.Limits(
                    max_contexts=event.max_contexts,
                    max_text_bytes=event.max_text_bytes,
                    max_lead_ms=event.max_lead_ms,
                    idle_s=event.idle_s,
                ),
                features=FEATURES,
            )
        case events.Flushed():
            raise AssertionError("tts.v1 flushes without a token")
        case _:
            assert_never(event)
