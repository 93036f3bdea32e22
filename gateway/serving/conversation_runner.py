"""Runs one conversation: feeds it, performs its actions, keeps its speakers, its slots and its timer.

The runner decides nothing and knows no socket. A peer attaches, takes what the conversation says, and detaches when its
socket is gone; the conversation may outlive it.

A peer may go in two ways. After ``detach`` the conversation goes on, and the runner keeps what it says for the next
peer. The kept amount is bounded as for a peer that reads nothing. Beyond a number of bytes no more sound is granted,
and the session's limits for a silent peer (``slow_client_s``, pings) close the conversation. After ``peer_lost`` the
conversation waits, and the next peer is first sent what the last one did not get.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, assert_never

from ...codecs.base import CodecError
from ...synthesis.interface import NoSuchVoice, SynthesisError, UnsupportedRequest
from ..capacity.admission import Slot
from ..conversation import actions
from ..conversation.actions import GrantFrames
from ..dialects.actions import KeepSent, Resume, SendAudio, SendText
from ..errors import CannotSpeak, CloseCode, GatewayError, SpeechFailed, UnknownVoice
from ..speaking.speaker import Speaker
from .reading_turns import PIECE_CHARS
from .resuming.kept_messages import KeptMessages, size_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from ...codecs.base import Packet
    from ...synthesis.interface import Segment, Synthesizer, WordMark
    from ..conversation.audio import AudioParameters
    from ..dialects.socket_protocol import SocketProtocol
    from ..observing.metrics import Metrics
    from ..speaking.encoder_pool import RemoteEncoder
    from ..tenants.guests import Guest
    from .timers import SharedTimers

log = logging.getLogger("sayline.connection")

# Entries that may wait for a client that writes and does not read; then the client is not read either.
_MAX_OUTBOX: Final = 256
# What is kept for the next peer before no more sound is granted: half a minute of Opus.
MAX_KEPT_BYTES: Final = 256 * 1024

# What the conversation has said and no peer has taken yet, in order.
Outbox = deque[SendText | SendAudio]


class Peer(Protocol):
    """The other end of a conversation while it is attached, as its runner sees it.

    A peer that can take no more for now calls ``ConversationRunner.blocked``, and later ``unblocked``.
    """

    def send(self, outbox: Outbox) -> None:
        """Take from the front of the outbox all that can leave now; what stays is offered again."""
        ...

    def read_again(self) -> None:
        """Look at ``ConversationRunner.wants_messages`` again: it may have changed."""
        ...

    def has_moved(self) -> bool:
        """Tell, of a peer that is blocked, whether enough has left since it was last asked."""
        ...

    def ping(self) -> None:
        """Ask the peer for a sign of life, and call ``ConversationRunner.pong_received`` when it comes."""
        ...

    def close(self, close: actions.Close) -> None:
        """Close the connection once all that was said has left, or at once. The conversation says nothing more."""
        ...

    def abort(self) -> None:
        """Cut the connection off."""
        ...


class SlotDesk(Protocol):
    """Where synthesis slots are asked for; answers come through ``ConversationRunner.slot_granted``."""

    def request_slot(self, slot: Slot, *, is_continuing: bool, is_live: bool) -> None: ...  # noqa: D102
    def release_slot(self, slot: Slot) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Services:
    """What all conversations of a server share."""

    synthesizer: Synthesizer
    new_encoder: Callable[[AudioParameters], RemoteEncoder]
    slots: SlotDesk
    metrics: Metrics
    timers: SharedTimers


@asynccontextmanager
async def running(
    session: SocketProtocol, services: Services, address: str | None, guest: Guest | None = None
) -> AsyncIterator[ConversationRunner]:
    """Run a conversation while the block runs. At its end the speakers are stopped and all that was kept is dropped."""
    async with asyncio.TaskGroup() as tasks:
        runner = ConversationRunner(session, services, tasks, address, guest)
        try:
            yield runner
        finally:
            runner.end()


class ConversationRunner:
    """Lives as long as its conversation.

    Args:
        session: the conversation's decisions; nobody else uses it.
        services: the server's.
        tasks: in which speakers run, one for each context that has one.
        address: of the client, for the log; None if it left before it could be asked for.
        guest: whom all of it is counted for; None: nobody.

    Attributes:
        hand_over: gives the peer's socket to the conversation that its client asks for; False if the client may not
            have that.
        when_closing: called when the conversation closes and has no peer.
    """

    def __init__(
        self,
        session: SocketProtocol,
        services: Services,
        tasks: asyncio.TaskGroup,
        address: str | None,
        guest: Guest | None = None,
    ) -> None:
        self._session = session
        self._guest = guest
        self._services = services
        self._tasks = tasks
        self._names = {"session_id": session.id, "peer": address}  # whom its lines in the log are about
        self._loop = asyncio.get_running_loop()
        self._peer: Peer | None = None
        self._outbox = Outbox()
        self._is_reading = True  # the session wants messages
        self._is_blocked = False  # the session was told that nothing more can leave
        self._kept: KeptMessages | None = None  # what has left, if the client may come back for it
        self._taken = 0  # messages of such a client
        self._is_away = False  # it lost its socket
        self.hand_over: Callable[[Resume], bool] = has_no_socket
        self.when_closing: Callable[[], None] = lambda: None
        self._owes_ping = False  # the session wanted a ping while no peer was attached
        self._close: actions.Close | None = None  # the session's last word: nothing is said or obeyed after it
        self._is_over = False
        self._speakers: dict[str, Speaker] = {}
        self._timer_at = math.inf  # when ``_tick`` is to be called
        self._perform()

    # -- peers ---------------------------------------------------------------------------------------------------------

    def attach(self, peer: Peer, received: int | None = None) -> None:
        """Hand this peer all that was kept, and whatever the conversation says from now on.

        Args:
            peer: the socket's.
            received: how many messages its client got over the socket that broke; None: there was none.
        """
        assert self._peer is None  # noqa: S101 - one after the other
        self._peer = peer
        if received is None:
            self._resume_writing()
        else:
            self._carry_on(peer, received)
        if self._owes_ping:
            self._owes_ping = False
            peer.ping()
        if self._close is not None:
            peer.close(self._close)

    def detach(self) -> None:
        """The peer is gone, the conversation goes on: what it says is kept."""
        self._peer = None
        self._session.read_on(self._loop.time())  # the last message, which no other peer will finish
        self._resume_writing()

    def peer_lost(self) -> None:
        """The peer's socket broke: the conversation waits for the next."""
        self._peer = None
        self._is_away = True
        self._session.peer_lost(self._loop.time())
        self._perform()

    @property
    def is_resumable(self) -> bool:
        """The client has asked that the conversation outlive its socket, and it is not over."""
        return self._kept is not None and self._close is None and not self._is_over

    def can_resume(self, received: int) -> bool:
        """Tell whether all is kept that follows the first so many messages."""
        return self._kept is not None and self._kept.reaches_back_to(received)

    def end(self) -> None:
        """The conversation is over, whatever still runs; idempotent."""
        self._session.peer_gone(self._loop.time())
        self._perform()
        self._is_over = True
        self._peer = None
        self._stop_timer()
        while self._speakers:
            self._speakers.popitem()[1].stop()

    @property
    def wants_messages(self) -> bool:
        """A peer may be read: the session takes messages, or drops them because the conversation is closing."""
        return self._close is not None or (self._is_reading and len(self._outbox) <= _MAX_OUTBOX)

    @property
    def is_closing(self) -> bool:
        """The conversation has said its last word."""
        return self._close is not None

    @property
    def speaking(self) -> int:
        """How many contexts have a speaker."""
        return len(self._speakers)

    @property
    def has_unread_text(self) -> bool:
        """Of the last message something is left to read."""
        return self._close is None and self._session.has_unread_text

    def text_received(self, message: str) -> None:
        """Take a text message from the peer; ``read_on`` reads what is left of a long one."""
        if self._close is None:
            if self._kept is not None:
                self._taken += 1
            self._session.text_received(message, self._loop.time(), most_chars=PIECE_CHARS)
            self._perform()

    def read_on(self) -> None:
        """Read the next piece of the last message."""
        self._session.read_on(self._loop.time(), most_chars=PIECE_CHARS)
        self._perform()

    def binary_received(self) -> None:
        """Take a binary message from the peer."""
        if self._close is None:
            if self._kept is not None:
                self._taken += 1
            self._session.binary_received(self._loop.time())
            self._perform()

    def take(self, receive: Callable[[float], None]) -> None:
        """Let the dialect take, at the present time, what came another way than as a message of a WebSocket."""
        if self._close is None and not self._is_over:
            receive(self._loop.time())
            self._perform()

    def pong_received(self) -> None:
        """The peer has answered a ping."""
        self._session.pong_received(self._loop.time())
        self._perform()

    def blocked(self) -> None:
        """The peer can take no more for now."""
        self._is_blocked = True
        self._session.write_blocked(self._loop.time())

    def unblocked(self) -> None:
        """The peer can take more again."""
        self._resume_writing()

    # -- the server ----------------------------------------------------------------------------------------------------

    def slot_granted(self, context_id: str) -> None:
        """A slot that this conversation asked for is its own."""
        self._session.slot_granted(context_id, self._loop.time())
        self._perform()

    def drain(self, drain_s: float) -> None:
        """The server is going away."""
        self._session.drain(self._loop.time(), drain_s)
        self._perform()

    def turn_out(self) -> None:
        """Close the conversation at once, because its client's key is revoked."""
        self._session.conversation.close(actions.Close(CloseCode.KEY_REVOKED, "the key was revoked", at_once=True))
        self._perform()

    def abort(self) -> None:
        """Cut the peer off."""
        if self._peer is not None:
            self._peer.abort()

    def sample_leads(self) -> None:
        """Put how much sound each listener has left into the metrics."""
        for lead_ms in self._session.leads_ms(self._loop.time()):
            self._services.metrics.lead.observe(lead_ms / 1000)

    # -- what speakers report ------------------------------------------------------------------------------------------

    def segment_wanted(self, context_id: str) -> None:  # noqa: D102 - see session.py
        self._session.segment_wanted(context_id, self._loop.time())
        self._perform()

    def segment_begun(self, context_id: str, segment: Segment, position: int) -> None:  # noqa: D102 - see session.py
        self._session.segment_begun(context_id, segment, position, self._loop.time())
        self._perform()

    def pcm_made(self, context_id: str, words: tuple[WordMark, ...], fed: int, waited_s: float) -> None:  # noqa: D102
        self._session.pcm_made(context_id, words, fed, waited_s, self._loop.time())
        self._perform()

    def segment_spoken(self, context_id: str, fed: int, waited_s: float) -> None:  # noqa: D102 - see session.py
        self._session.segment_spoken(context_id, fed, waited_s)
        self._perform()

    def frames_ready(self, context_id: str, frames: int) -> None:  # noqa: D102 - see session.py
        self._session.frames_ready(context_id, frames, self._loop.time())
        self._perform()

    def audio_encoded(  # noqa: D102 - see session.py
        self, context_id: str, packets: Sequence[Packet], frames_left: int, *, is_last: bool
    ) -> None:
        self._session.audio_encoded(context_id, packets, frames_left, self._loop.time(), is_last=is_last)
        self._perform()

    async def _speak(self, speaker: Speaker, context_id: str) -> None:
        """Run a speaker; its failure ends its context and nothing else."""
        fault: GatewayError
        try:
            await speaker.run()
        except NoSuchVoice as exc:
            fault = UnknownVoice(str(exc))
        except UnsupportedRequest as exc:
            fault = CannotSpeak(str(exc))
        except (SynthesisError, CodecError) as exc:
            log.warning("speech failed", extra={**self._names, "context_id": context_id, "error": str(exc)})
            fault = SpeechFailed("speech synthesis failed")
        except Exception:
            log.exception("a speaker broke", extra={**self._names, "context_id": context_id})
            fault = SpeechFailed("speech synthesis failed")
        else:
            self._speakers.pop(context_id, None)
            return
        self._speakers.pop(context_id, None)
        self._session.speech_failed(context_id, fault, self._loop.time())
        self._perform()

    # -- what the session wants ----------------------------------------------------------------------------------------

    def _perform(self) -> None:
        if self._is_over:  # the conversation is over, so no task may begin any more
            return
        todo = self._session.actions()
        while todo:
            action = todo.popleft()
            # These two come with every second frame, and a class pattern costs twice what isinstance does.
            if isinstance(action, SendAudio):
                if self._close is None:
                    self._outbox.append(action)
                continue
            if isinstance(action, GrantFrames):
                self._speakers[action.context_id].grant(action)
                continue
            match action:
                case SendText():
                    if self._close is None:
                        self._outbox.append(action)
                case actions.Speak() | actions.PadTail() | actions.FinishAudio():
                    self._speakers[action.context_id].order(action)
                case actions.StartSpeaker():
                    self._start_speaker(action)
                case actions.DropAudio():
                    self._drop_audio(action.context_id)
                case actions.RequestSlot():
                    self._services.slots.request_slot(
                        self._slot(action.context_id), is_continuing=action.is_continuing, is_live=action.is_live
                    )
                case actions.ReleaseSlot():
                    self._services.slots.release_slot(self._slot(action.context_id))
                case actions.PauseReading():
                    self._is_reading = False
                case actions.ResumeReading():
                    self._is_reading = True
                    if self._peer is not None:
                        self._peer.read_again()
                case actions.SendPing():
                    self._send_ping()
                case actions.Close():
                    self._begin_close(action)
                case KeepSent():
                    self._kept = KeptMessages()
                case Resume():
                    if not self.hand_over(action):
                        self._session.resume_refused(self._loop.time())
                        todo = self._session.actions()  # with the answer
                case actions.ReportContext():
                    self._services.metrics.context_over(action.report, self._session.tenant)
                    if self._guest is not None:
                        self._guest.note(self._session.id, action.report)
                    log.info("context over", extra={**self._names, "report": action.report})
                case actions.ReportUnderrun():
                    self._services.metrics.underruns.inc()
                    self._services.metrics.underrun_seconds.inc(action.dry_ms / 1000)
                case actions.ReportStandstill():
                    self._services.metrics.standstills.inc()
                    log.error("a context stood still", extra={**self._names, "standstill": action.standstill})
                case _:
                    assert_never(action)
        if self._outbox:
            if self._peer is not None:
                self._send(self._peer)
            elif not self._is_blocked and not self._is_away and sum(map(size_of, self._outbox)) > MAX_KEPT_BYTES:
                self.blocked()
        self._set_timer()

    def _send(self, peer: Peer) -> None:
        if self._kept is None:
            peer.send(self._outbox)
            return
        offered = list(self._outbox)
        peer.send(self._outbox)
        self._kept.add(offered[: len(offered) - len(self._outbox)], self._loop.time())

    def _carry_on(self, peer: Peer, received: int) -> None:
        """Send a client that is back what it did not get, and go on."""
        assert self._kept is not None  # noqa: S101 - ``can_resume`` was asked
        self._outbox.extendleft(reversed(self._kept.rewind(received)))
        peer.send(Outbox((SendText(self._session.tell_resumed(self._taken)),)))
        self._is_away = self._is_blocked = False
        log.info("resumed", extra=self._names)
        self._session.peer_back(self._loop.time())
        self._perform()

    def _resume_writing(self) -> None:
        """More can leave, or can be kept, than before."""
        if self._is_blocked:
            self._is_blocked = False
            self._session.write_resumed(self._loop.time())
        self._perform()

    def _start_speaker(self, action: actions.StartSpeaker) -> None:
        services = self._services
        speaker = Speaker(
            action.context_id,
            action.style,
            services.new_encoder(action.audio),
            services.synthesizer,
            self,
            self._tasks,
            is_live=action.is_live,
        )
        self._speakers[action.context_id] = speaker
        self._tasks.create_task(self._speak(speaker, action.context_id), name=f"speaker {action.context_id}")

    def _drop_audio(self, context_id: str) -> None:
        kept = [entry for entry in self._outbox if entry.context_id != context_id]
        self._outbox.clear()
        self._outbox.extend(kept)
        if speaker := self._speakers.pop(context_id, None):
            speaker.stop()

    def _slot(self, context_id: str) -> Slot:
        priority = 0 if self._guest is None else self._guest.priority
        return Slot(self._session.id, context_id, self._session.tenant, priority)

    def _send_ping(self) -> None:
        if self._peer is not None:
            self._peer.ping()
        else:
            self._owes_ping = True

    def _begin_close(self, action: actions.Close) -> None:
        self._close = action
        self._services.metrics.closes.labels(str(action.code)).inc()
        log.info("closing", extra={**self._names, "code": int(action.code), "why": action.reason})
        if action.at_once:
            self._outbox.clear()
        if self._peer is not None:
            self._peer.close(action)
        else:
            self.when_closing()

    # -- time ----------------------------------------------------------------------------------------------------------

    def _set_timer(self) -> None:
        at = self._session.next_deadline(self._loop.time())
        if at < self._timer_at:  # a tick that comes early does nothing, and costs less than moving the timer each time
            self._stop_timer()
            self._timer_at = at
            self._services.timers.call_at(at, self._tick)

    def _stop_timer(self) -> None:
        if self._timer_at < math.inf:
            self._services.timers.cancel(self._timer_at, self._tick)
            self._timer_at = math.inf

    def _tick(self) -> None:
        self._timer_at = math.inf
        if self._is_blocked and self._peer is not None and self._peer.has_moved():  # it reads, if slowly
            self._session.write_blocked(self._loop.time())
        self._session.tick(self._loop.time())
        self._perform()


def has_no_socket(_: Resume) -> bool:
    """Give nothing: no peer is attached, or one that keeps its socket."""
    return False
