"""What a test asks of every agent's client: a text in pieces, an interruption while it speaks, and a clean next turn.

A program gives two functions. ``speak(pieces, on_sound)`` writes the pieces, hands each piece of sound (16-bit mono)
on, and returns when the client takes the speech for complete. ``interrupt()`` stops it as this client does.
"""

import asyncio
import base64

from harness import asked, given, heard, tell

RATE_HZ = given.get("rate_hz", 24_000)


def pieces_of(text, size=9):
    """A text as a language model writes it: cut anywhere."""
    return [text[at : at + size] for at in range(0, len(text), size)]


async def take_turns(speak, interrupt):
    """Do what the test asks, in its order."""
    await speak(pieces_of(given["text"]), lambda sound: heard(sound, RATE_HZ))
    tell("spoken")

    begun = asyncio.Event()
    await asked("interrupt")
    speaking = asyncio.create_task(speak(pieces_of(given["long_text"]), lambda _: begun.set()))
    begins = asyncio.create_task(begun.wait())
    await asyncio.wait({speaking, begins}, return_when=asyncio.FIRST_COMPLETED)
    if speaking.done():
        speaking.result()
    tell("sounding")
    await asked("stop")
    tell("interrupting")
    await interrupt()
    tell("interrupted")
    await asyncio.wait({speaking}, timeout=5)
    speaking.cancel()
    await asyncio.gather(speaking, return_exceptions=True)

    await asked("go on")
    sound = bytearray()
    await speak(pieces_of(given["next_text"]), sound.extend)
    tell("next", sound=base64.b64encode(sound).decode(), rate=RATE_HZ)
