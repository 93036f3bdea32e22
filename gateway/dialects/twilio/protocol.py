"""The server's side of a phone call: Twilio hears the sound and reports by marks; writers write in ``tts.v1``.

The conversation is the call's and lasts as long as it. Writers come and go: each is told what becomes of its own
contexts, and gets no sound. A call has one ear, so contexts are heard one after the other, in the order in which they
began, and a context is over when its caller has heard it: until then a cancel can still empty Twilio's queue.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final, Unpack

from ...conversation import events
from ...conversation import messages as wishes
from ...conversation.actions import Close, PauseReading, ResumeReading
from ...conversation.playout_clock import SAMPLES_PER_MS
from ...errors import BadMessage, CannotResume, CloseCode
from ..actions import SendText
from ..socket_protocol import SocketProtocol
from ..tts_v1 import messages as wire
from ..tts_v1.protocol import server_message, wish_of
from . import messages
from .writer import Digit, Writer

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable

    from ...conversation.actions import SendPackets
    from ...conversation.session import SessionSettings
    from ..actions import Action
    from ..socket_protocol import Facts

# Twilio's own frame.
_FRAME_MS: Final = 20
# A mark behind each stretch of this length: as often as other clients report (docs/PROTOCOL.md, `playback`).
_MARK_EVERY: Final = 250 * SAMPLES_PER_MS
# Twilio lets no call last longer, and a caller may listen to a person on the other line for all of it.
_LONGEST_CALL_S: Final = 86_400.0
_TOKEN: Final = "token"  # noqa: S105 - the parameter's name


class TwilioProtocol(SocketProtocol):
    """One phone call; its arguments are every dialect's.

    Attributes:
        call: what Twilio said when the stream began; None until then, and as long as no valid token was shown.
        began: called when ``call`` is known.
        wants_text: writers may write on; otherwise much of what they wrote has still to be spoken.
    """

    def __init__(self, session_id: str, settings: SessionSettings, **facts: Unpack[Facts]) -> None:
        settings = dataclasses.replace(
            settings,
            default_audio=dataclasses.replace(
                settings.default_audio, format="mulaw", sample_rate_hz=messages.SAMPLE_RATE_HZ, frame_ms=_FRAME_MS
            ),
            in_turn=True,
            done_when_heard=True,
            quiet_s=_LONGEST_CALL_S,
        )
        super().__init__(session_id, settings, **facts)
        self.peer_gone = self._call_over
        self.call: messages.Started | None = None
        self.began: Callable[[], None] = _nothing
        self.wants_text = True
        self._ready: events.Ready | None = None
        self._writers: dict[int, Writer] = {}
        self._writers_so_far = 0
        self._live: dict[int, str] = {}  # contexts that are not over: number -> the conversation's name for it
        self._untimed: set[str] = set()  # those whose writers want no times
        self._heard = -1  # the number of the context that is heard
        self._sent = 0  # of its sound, in 48 kHz samples
        self._marked = 0  # up to here marks were sent

    # -- in: Twilio ----------------------------------------------------------------------------------------------------

    def text_received(self, message: str | bytes, now: float, *, most_chars: int | None = None) -> None:
        """Take a message of Twilio's."""
        try:
            said = messages.read(message)
        except BadMessage as fault:
            self.conversation.close(Close(CloseCode.POLICY, str(fault)))
            return
        match said:
            case messages.Other():
                self.conversation.pong_received(now)  # the caller's sound: twenty milliseconds in which the call lives
            case messages.Started():
                self._start(said)
            case messages.Marked(name):
                self._report(name, now, most_chars)
            case messages.Pressed(digit):
                for writer in self._writers.values():
                    writer.tell(Digit(digit=digit))
            case messages.Stopped():
                self.cancel_all(now)
                self.conversation.close(Close(CloseCode.NORMAL, "the call is over"))

    def binary_received(self, now: float) -> None:
        """Give up a peer that is not Twilio."""
        del now
        self.conversation.close(Close(CloseCode.POLICY, "Twilio sends text messages"))

    def _start(self, said: messages.Started) -> None:
        if self.call is not None:
            return
        if self.awaits_key and not self.key_shown(said.parameters.get(_TOKEN, ""), call_sid=said.call_sid):
            return
        self.call = said
        self.began()

    def _report(self, name: str, now: float, most_chars: int | None) -> None:
        """Take a mark that came back; those of contexts that are over came back because the queue was emptied."""
        number, _, sent = name.partition(":")
        context = self._live.get(int(number)) if number.isdecimal() and sent.isdecimal() else None
        if context is not None:
            played = wishes.Played(context, int(sent) / SAMPLES_PER_MS)
            self.conversation.message_received(played, now, most_chars=most_chars)

    def cancel_all(self, now: float) -> None:
        """Interrupt all that is spoken, and all that waits to be."""
        for name in list(self._live.values()):
            self.conversation.message_received(wishes.Cancel(name), now)

    def _call_over(self, now: float) -> None:
        """Tell the writers what was heard, and that there is nobody left to write for."""
        self.cancel_all(now)
        self.conversation.peer_gone(now)
        for writer in self._writers.values():
            writer.end()

    # -- in: writers ---------------------------------------------------------------------------------------------------

    def writer_joined(self, writer: Writer) -> None:
        """Greet a writer."""
        writer.number = self._writers_so_far
        self._writers_so_far += 1
        self._writers[writer.number] = writer
        self._greet(writer)

    def writer_wrote(self, writer: Writer, message: str | bytes, now: float, *, most_chars: int | None = None) -> None:
        """Take a message of ``tts.v1``; a call's format is Twilio's, and its listener is the phone."""
        heard = wire.hear_client_message(message)
        if heard.fault is not None:
            writer.tell(server_message(events.Fault(heard.fault, heard.context_id)))
        match heard.message:
            case None | wire.Playback():
                pass
            case wire.SessionUpdate():
                self._greet(writer)
            case wire.SessionResume():  # whoever writes for a call comes back as another writer
                writer.tell(server_message(events.Fault(CannotResume("a call's writer has nothing to resume"))))
            case wire.Ping():
                writer.tell(wire.Pong(id=heard.message.id))
            case _:
                wish = wish_of(heard.message)
                assert not isinstance(wish, wishes.Configure | wishes.AreYouThere)  # noqa: S101 - they stand above
                self.wish(writer, wish, now, most_chars=most_chars)

    def wish(self, writer: Writer, wish: wishes.ContextMessage, now: float, *, most_chars: int | None = None) -> None:
        """Take what a writer wants of one of its contexts."""
        name = f"{writer.number}/{wish.context_id}"
        if isinstance(wish, wishes.Open) and wish.timestamps == "none":
            self._untimed.add(name)
            wish = dataclasses.replace(wish, timestamps="segment")  # a mark stands behind each segment
        self.conversation.message_received(dataclasses.replace(wish, context_id=name), now, most_chars=most_chars)

    def writer_left(self, writer: Writer, now: float) -> None:
        """End the contexts of a writer that is gone: what it wrote is spoken, for the caller is still there."""
        del self._writers[writer.number]
        for name in list(writer.contexts):
            self.wish(writer, wishes.End(name), now)

    def _greet(self, writer: Writer) -> None:
        assert self._ready is not None  # noqa: S101 - the conversation's first event
        writer.tell(server_message(self._ready))

    # -- out -----------------------------------------------------------------------------------------------------------

    def write_event(self, event: events.Event) -> str | None:
        """Tell the writer that an event concerns; Twilio learns only that its queue is to be emptied."""
        match event:
            case events.Ready():
                self._ready = event
                return None
            case events.GoingAway():
                for writer in self._writers.values():
                    writer.tell(server_message(event))
                return None
            case events.StillHere():
                return None
        if event.context_id is None:
            return None
        self._tell(event, event.context_id)
        match event:
            case events.Opened():
                self._live[event.number] = event.context_id
            case events.SegmentDone() if self._live.get(self._heard) == event.context_id and self._sent > self._marked:
                return self._mark()
            case events.Done():
                self._live = {number: name for number, name in self._live.items() if name != event.context_id}
                self._untimed.discard(event.context_id)
                if event.reason == "cancel" and event.audio_ms > 0:
                    return messages.clear(self._stream_sid)
        return None

    def _tell(self, event: Any, name: str) -> None:  # noqa: ANN401 - any event that names a context
        number, _, own_name = name.partition("/")
        writer = self._writers.get(int(number))
        if writer is None:
            return
        if isinstance(event, events.Opened):
            writer.contexts[own_name] = None
        elif isinstance(event, events.Done):
            writer.contexts.pop(own_name, None)
        elif isinstance(event, events.SegmentStarted | events.SegmentDone) and name in self._untimed:
            return
        writer.tell(server_message(dataclasses.replace(event, context_id=own_name)))

    def write_audio(self, run: SendPackets) -> SendText:
        """Write packets as one message, and a mark behind it if there was none for a while."""
        if run.number != self._heard:
            self._heard, self._marked = run.number, 0
        self._sent = run.pts + sum(packet.duration for packet in run.packets)
        sound = messages.media(self._stream_sid, b"".join(packet.payload for packet in run.packets))
        if self._sent - self._marked < _MARK_EVERY and not run.ends_context:
            return SendText(sound, run.context_id)
        self._actions.append(SendText(sound, run.context_id))
        return SendText(self._mark(), run.context_id)

    def _mark(self) -> str:
        """Ask to be told when all that was sent has been heard."""
        self._marked = self._sent
        return messages.mark(self._stream_sid, f"{self._heard}:{self._sent}")

    @property
    def _stream_sid(self) -> str:
        assert self.call is not None  # noqa: S101 - nobody writes for a call that has not begun
        return self.call.stream_sid

    def actions(self) -> deque[Action]:
        """Hand over what is to be done. If much waits to be spoken, the writers are to wait, and not Twilio."""
        todo = super().actions()
        if any(isinstance(action, PauseReading | ResumeReading) for action in todo):
            for action in [action for action in todo if isinstance(action, PauseReading | ResumeReading)]:
                todo.remove(action)
                self.wants_text = isinstance(action, ResumeReading)
            for writer in self._writers.values():
                writer.changed()
        return todo


def _nothing() -> None:
    """Nobody follows."""
