"""A second protocol, to show that the conversation serves any: lines of text, sound as lengths, words by blanks.

``speak ID TEXT``, ``flush ID``, ``end ID``, ``cancel ID``, ``heard ID MS`` and ``hello`` come in.
"""

from collections import deque

from sayline.gateway.conversation import events
from sayline.gateway.conversation.actions import SendPackets, Tell
from sayline.gateway.conversation.messages import AreYouThere, Cancel, End, Flush, Played, Write


class ToyDialect:
    """One conversation with a peer that speaks lines."""

    def __init__(self, conversation):
        self.conversation = conversation
        self.lines = deque()  # for the peer
        self._rest = ""  # of a line that has not ended

    def received(self, text, now):
        """Take what came, cut anywhere."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            message = self._message(*(line + "  ").split(" ", 2))
            if message is None:
                self.lines.append(f"what is {line!r}?")
            else:
                self.conversation.message_received(message, now)

    def actions(self):
        """Hand over what is left to do once the peer's lines are written."""
        todo, rest = self.conversation.actions(), deque()
        while todo:
            match todo.popleft():
                case Tell(event):
                    self.lines.append(self._line(event))
                case SendPackets() as run:
                    samples = sum(packet.duration for packet in run.packets)
                    self.lines.append(f"sound {run.context_id} {run.pts} {samples}" + " last" * run.ends_context)
                case action:
                    rest.append(action)
        return rest

    @staticmethod
    def _message(verb, name, rest):
        match verb:
            case "speak":
                return Write(name, rest.removesuffix("  "))
            case "flush":
                return Flush(name)
            case "end":
                return End(name)
            case "cancel":
                return Cancel(name)
            case "heard":
                return Played(name, float(rest))
            case "hello":
                return AreYouThere()
        return None

    @staticmethod
    def _line(event):
        match event:
            case events.Done():
                return f"done {event.context_id} {event.reason} [{event.text_spoken}|{event.text_remaining}]"
            case events.Fault():
                return f"fault {event.context_id} {type(event.error).__name__}"
            case events.GoingAway():
                return f"going away in {event.drain_s:g} s"
            case events.SegmentStarted():
                return f"segment {event.context_id} {event.segment.text}"
        return type(event).__name__.lower()
