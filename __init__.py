"""Sayline, a real-time voice gateway: text streams in while it is being written, Opus frames stream out.

This is what a caller needs: ``sayline.connect`` opens a connection to a running gateway, on which speeches are spoken;
``sayline.speak`` speaks one text from a script. Everything else here is what these take, give and raise (see
``sayline.gateway.client``). Nothing is imported before it is asked for: ``import sayline`` costs no more than this
file, and ``sayline.gateway.conversation`` can be imported without asyncio and websockets.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    # ``X as X`` is what tells a type checker that a name is exported (PEP 484).
    from .gateway.call_tokens import call_token as call_token
    from .gateway.client.connecting import Connection as Connection
    from .gateway.client.connecting import Speech as Speech
    from .gateway.client.connecting import connect as connect
    from .gateway.client.errors import BadAddress as BadAddress
    from .gateway.client.errors import BadArgument as BadArgument
    from .gateway.client.errors import BadKey as BadKey
    from .gateway.client.errors import ConnectionFailed as ConnectionFailed
    from .gateway.client.errors import GatewayError as GatewayError
    from .gateway.client.errors import Misuse as Misuse
    from .gateway.client.errors import SpeechError as SpeechError
    from .gateway.client.script import Recording as Recording
    from .gateway.client.script import speak as speak
    from .gateway.client.wire.messages import ContextDone as ContextDone
    from .gateway.client.wire.messages import ContextStarted as ContextStarted
    from .gateway.client.wire.messages import GoAway as GoAway
    from .gateway.client.wire.messages import Limits as Limits
    from .gateway.client.wire.messages import SegmentDone as SegmentDone
    from .gateway.client.wire.messages import SegmentStarted as SegmentStarted
    from .gateway.client.wire.messages import Words as Words
    from .gateway.client.wire.messages import WordTime as WordTime
    from .gateway.dialects.tts_v1.frames import AudioFrame as AudioFrame
    from .gateway.dialects.tts_v1.frames import Codec as Codec
    from .gateway.dialects.tts_v1.frames import Flags as Flags

__version__ = "0.1.0"

# Where each name lives; imported when it is first asked for (PEP 562).
_HOMES: Final = {
    "call_token": "call_tokens",
    **dict.fromkeys(("AudioFrame", "Codec", "Flags"), "dialects.tts_v1.frames"),
    **dict.fromkeys(("Connection", "Speech", "connect"), "client.connecting"),
    **dict.fromkeys(
        ("BadAddress", "BadArgument", "BadKey", "ConnectionFailed", "GatewayError", "Misuse", "SpeechError"),
        "client.errors",
    ),
    **dict.fromkeys(("Recording", "speak"), "client.script"),
    **dict.fromkeys(
        ("ContextDone", "ContextStarted", "GoAway", "Limits", "SegmentDone", "SegmentStarted", "WordTime", "Words"),
        "client.wire.messages",
    ),
}

__all__ = [  # noqa: RUF022 - by what a caller reaches for first
    "__version__",
    "connect",
    "speak",
    "call_token",
    "Connection",
    "Speech",
    "Recording",
    "AudioFrame",
    "Codec",
    "Flags",
    "ContextStarted",
    "SegmentStarted",
    "Words",
    "WordTime",
    "SegmentDone",
    "ContextDone",
    "GoAway",
    "Limits",
    "GatewayError",
    "ConnectionFailed",
    "BadAddress",
    "BadKey",
    "SpeechError",
    "BadArgument",
    "Misuse",
]

if not TYPE_CHECKING:  # or every misspelt name would have a type

    def __getattr__(name: str) -> object:
        if name in _HOMES:
            value = getattr(import_module(f".gateway.{_HOMES[name]}", __name__), name)
            globals()[name] = value  # found without us from now on
            return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
