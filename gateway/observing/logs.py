"""Structured logs: one event a line, as text for people or as JSON for machines.

A line never blocks the process (``log_output.py``), never holds a control character, and no peer can cause more than a
few lines a second of one kind. Events about a connection carry ``session_id`` and ``peer``; ``connected`` ties them to
``key``. A refused peer has no session. A key is named by its place among ``api_keys``, from 1, and is never shown.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from .log_output import Counts, RateLimits, take_over_stderr

if TYPE_CHECKING:
    from collections.abc import Callable

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# The longest of ours is a context id of 128. Headers of a refused handshake can be 8 KiB.
_MAX_VALUE_CHARS: Final = 256
_MAX_TRACEBACK_CHARS: Final = 8 * 1024
# A peer that tries 1,000 times a second for 25 s leaves 155 lines, of 250 bytes mostly. Each connection that lasts may
# cause as many a second. Contexts last for seconds, so a connection that speaks eight at once stays below it.
_PEER_BURST: Final = 30
_PEER_PER_S: Final = 5.0
# A traceback has about 2 KiB, and the tenth of the same kind says nothing new.
_TRACEBACK_BURST: Final = 10
_TRACEBACK_PER_S: Final = 0.2
# Of one kind, over all peers. 160 streams of CosyVoice3 leave 18 contexts and about 50 segments a second.
_KIND_BURST: Final = 400
_KIND_PER_S: Final = 100.0

counts: Final = Counts()


def configure(level: str, log_format: str) -> None:
    """Send all logs of this process to standard error; for the rest of its life nothing there blocks it."""
    formatter = JsonLines() if log_format == "json" else TextLines()

    def loss_line(lost: int) -> str:
        facts = {"name": "sayline.logs", "levelname": "WARNING", "msg": "log lines were lost", "count": lost}
        return formatter.format(logging.makeLogRecord(facts)) + "\n"

    handler = BoundedLines(take_over_stderr(counts, loss_line).offer)
    handler.setFormatter(formatter)
    # asyncio and other libraries log beside us, and without a handler of the root's they write by themselves.
    logging.getLogger().handlers[:] = [handler]
    logging.captureWarnings(capture=True)
    logger = logging.getLogger("sayline")
    logger.handlers[:] = []
    logger.setLevel(level.upper())
    # The library reports every connection twice; what matters of a connection is in our own events.
    logging.getLogger("sayline.websockets").setLevel(max(logging.WARNING, logger.level))


class BoundedLines(logging.Handler):
    """Renders events, and holds back what one source repeats too often.

    The next line of the kind that is let through says how many were ``held_back`` before it.

    Args:
        offer: takes each line.
        clock: seconds, for the limits.
    """

    def __init__(self, offer: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._offer = offer
        self._clock = clock
        self._of_peer = RateLimits(_PEER_BURST, _PEER_PER_S)
        self._of_traceback = RateLimits(_TRACEBACK_BURST, _TRACEBACK_PER_S)
        self._of_kind = RateLimits(_KIND_BURST, _KIND_PER_S)

    def emit(self, record: logging.LogRecord) -> None:
        """Hand one event on."""
        try:
            held_back = self._admit(record)
            if held_back is None:
                counts.held_back += 1
                return
            if held_back:
                record.held_back = held_back
            self._offer(self.format(record) + "\n")
        except Exception:  # noqa: BLE001 - as every handler: a line that cannot be rendered must not end its event
            self.handleError(record)

    def _admit(self, record: logging.LogRecord) -> int | None:
        """Say how many lines like this were held back before it; None: hold this one back too."""
        now, kind = self._clock(), f"{record.name} {record.msg}"
        held_back: int | None = 0
        if record.exc_info:
            held_back = self._of_traceback.admit(record.name, "", now)
        elif hasattr(record, "peer"):  # None: it left before it could be asked for; all such are one source
            peer = record.peer or "unknown"
            session_id = getattr(record, "session_id", None)
            held_back = self._of_peer.admit(kind, peer.rpartition(":")[0] or peer, now, part=session_id)
        if held_back is None:
            return None
        others = self._of_kind.admit(kind, "", now)
        return None if others is None else held_back + others


class TextLines(logging.Formatter):
    """``2026-03-01 21:05:31.204+01:00 info context over context_id=a1 reason=end first_audio_s=0.008 ...``.

    An event is one line whatever its fields hold: unprintable characters are escaped, and the lines of a traceback are
    indented, so no peer that chooses a name can write a line of ours.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Render one event."""
        at = datetime.fromtimestamp(record.created, UTC).astimezone().isoformat(sep=" ", timespec="milliseconds")
        facts = " ".join(f"{name}={_brief(value)}" for name, value in _facts(record).items() if value is not None)
        line = f"{at} {record.levelname.lower()} {printable(record.getMessage())} {facts}".rstrip()
        if record.exc_info:
            line += "".join(f"\n    {printable(part)}" for part in self._traceback(record).split("\n"))
        return line

    def _traceback(self, record: logging.LogRecord) -> str:
        assert record.exc_info  # noqa: S101 - looked at by the caller
        return self.formatException(record.exc_info)[-_MAX_TRACEBACK_CHARS:]


class JsonLines(logging.Formatter):
    """One JSON object a line, in ASCII; durations in seconds, as their names say."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one event."""
        event = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_facts(record),
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)[-_MAX_TRACEBACK_CHARS:]
        return json.dumps(event, default=str).replace("\x7f", "\\u007f")


def printable(text: str) -> str:
    r"""Escape every character that is not for the eye: control characters, separators of lines, changes of direction.

    A line feed becomes ``\n``, the right-to-left override ``\u202e``.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return short.get(char) or (f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}")


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    """The fields that the event carries besides its text; a dataclass is laid out flat."""
    facts: dict[str, Any] = {}
    for name, value in vars(record).items():
        if name in _STANDARD:
            continue
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            facts.update(dataclasses.asdict(value))
        else:
            facts[name] = value
    return {name: _bounded(value) for name, value in facts.items()}


def _bounded(value: Any) -> Any:  # noqa: ANN401 - whatever an event carries
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, str) and len(value) > _MAX_VALUE_CHARS:
        return f"{value[:_MAX_VALUE_CHARS]}… ({len(value)} characters)"
    return value


def _brief(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    text = str(value)
    if text and text.isprintable() and not any(char in text for char in ' "\\='):
        return text
    return '"' + printable(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'
