"""A tool ``speak`` for assistants that speak the Model Context Protocol; ``sayline mcp`` runs it.

The speech is heard on this machine. Without an audio device the assistant gets it as Ogg Opus instead. If the assistant
cancels the call, the gateway stops at once. Speeches of several calls are heard one after the other.
"""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Annotated, Final

from mcp.server import MCPServer
from mcp.server.mcpserver import Audio, Context
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from ... import __version__
from ..client.audio_out import LoudspeakerSink
from ..client.connecting import connect
from ..client.errors import BadArgument, SpeechError
from ..client.wire.messages import SegmentStarted
from ..dialects.tts_v1.frames import AudioFrame
from ..errors import GatewayError

if TYPE_CHECKING:
    import ssl

    from ..client.connecting import Connection

_GUIDE: Final = (
    "Speaks a text aloud to the person at this machine. Write it as it is to be heard: whole sentences, no lists, no "
    "code, no links. The call returns when the last word was heard."
)

_Text = Annotated[str, Field(description="what to say; numbers and abbreviations are read out, Markdown is left out")]
_Voice = Annotated[str | None, Field(description="one of the gateway's voices; left out: its default")]
_Language = Annotated[
    str | None, Field(description="BCP 47 tag such as en or de-AT; left out: detected from the script")
]
_Speed = Annotated[float, Field(description="speed of the voice", ge=0.5, le=2)]


def new_server(url: str, key: str | None, ssl_context: ssl.SSLContext | None, player: str | None) -> MCPServer:
    """Make the server with its one tool.

    Args:
        url: the gateway's address.
        key: its API key, if it wants one.
        ssl_context: for ``wss://`` with something else than the system's certificate authorities.
        player: a command that plays here (``audio_out.find_player``); None: the assistant gets the sound.
    """
    server = MCPServer("sayline", title="Sayline", instructions=_GUIDE, version=__version__, log_level="WARNING")
    voice_box = _VoiceBox(url, key, ssl_context, player)

    @server.tool(title="Speak aloud", description=_GUIDE, structured_output=False)
    async def speak(
        context: Context, text: _Text, voice: _Voice = None, language: _Language = None, speed: _Speed = 1.0
    ) -> list[str | Audio]:
        # The package cancels a call by cancelling each of its awaits anew. A task of its own is cancelled once, so that
        # it can tell the gateway.
        async with asyncio.TaskGroup() as tasks:
            speaking = tasks.create_task(voice_box.speak(context, text, voice, language, speed))
        spoken = speaking.result()
        if isinstance(spoken, GatewayError):
            raise ToolError(str(spoken)) from spoken
        return spoken

    return server


class _VoiceBox:
    """Speaks one text after another."""

    def __init__(self, url: str, key: str | None, ssl_context: ssl.SSLContext | None, player: str | None) -> None:
        self._player = player
        self._connect = functools.partial(
            connect,
            url,
            key=key,
            format="opus" if player else "ogg_opus",
            max_lead_ms=None if player else 0,  # an assistant keeps the sound; a loudspeaker plays it as it comes
            reconnect=True,
            ssl_context=ssl_context,
        )
        self._turn = asyncio.Lock()  # two speeches at once are none

    async def speak(
        self, context: Context, text: str, voice: str | None, language: str | None, speed: float
    ) -> list[str | Audio] | GatewayError:
        """Speak a text; returns what to tell the assistant, or why it could not be spoken."""
        try:
            async with self._turn, self._connect() as connection:
                return await self._hear(context, connection, text, voice, language, speed)
        except GatewayError as exc:
            return exc

    async def _hear(
        self,
        context: Context,
        connection: Connection,
        text: str,
        voice: str | None,
        language: str | None,
        speed: float,
    ) -> list[str | Audio]:
        sink = LoudspeakerSink(self._player) if self._player else None
        pages: list[bytes] = []
        is_whole = False
        try:
            async with connection.speak(text, voice=voice, language=language, speed=speed) as speech:
                async for event in speech:
                    if isinstance(event, SegmentStarted):
                        await context.report_progress(event.char_end, len(text), event.text.strip())
                    elif isinstance(event, AudioFrame):
                        if sink is not None:
                            if not pages and speech.started is not None:
                                await sink.begin(speech.started)
                            await sink.write(event)
                        pages.append(event.payload)
            if sink is not None:
                await sink.close(abort=False)
            is_whole = True
        except SpeechError as exc:
            if exc.code != "unknown_voice":
                raise
            raise BadArgument(f"{exc}; the voices are {', '.join(connection.voices)}") from exc
        finally:
            if sink is not None and not is_whole:
                await sink.close(abort=True)
        if speech.done is None or not pages:
            raise GatewayError("nothing was spoken: the text has nothing to pronounce")
        said = f"Spoken in {speech.done.audio_ms / 1000:.1f} s of sound."
        return [said] if sink is not None else [said, Audio(data=b"".join(pages), format="ogg")]
