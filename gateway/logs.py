"""Structured logs: one event a line, as text for people or as JSON for machines."""

from __future__ import annotations

import dataclasses
import json
import logging
import time
from typing import Any, Final

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure(level: str, log_format: str) -> None:
    """Send the ``sayline`` loggers to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    logger = logging.getLogger("sayline")
    logger.handlers[:] = [handler]
    logger.setLevel(level.upper())
    logger.propagate = False
    # The library reports every connection twice; what matters of a connection is in our own events.
    logging.getLogger("sayline.websockets").setLevel(max(logging.WARNING, logger.level))


class TextLines(logging.Formatter):
    """``21:05:31.204 info context over context_id=a1 reason=end first_audio_s=0.008 ...``."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one event."""
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        facts = " ".join(f"{name}={_brief(value)}" for name, value in _facts(record).items() if value is not None)
        line = f"{clock}.{int(record.msecs):03d} {record.levelname.lower()} {record.getMessage()} {facts}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonLines(logging.Formatter):
    """One JSON object a line; durations in seconds, as their names say."""

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
            event["exception"] = self.formatException(record.exc_info)
        return json.dumps(event, default=str, ensure_ascii=False)


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    """What the event carries besides its text; a dataclass is laid out flat."""
    facts: dict[str, Any] = {}
    for name, value in vars(record).items():
        if name in _STANDARD:
            continue
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            facts.update(dataclasses.asdict(value))
        else:
            facts[name] = value
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in facts.items()}


def _brief(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if " " in text or not text else text
