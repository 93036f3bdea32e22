"""The packages of Cartesia and Deepgram, and Pipecat's and LiveKit's services for both, as people have installed them.

Each speaks a text in pieces, is interrupted as it does that, and speaks a next turn.
"""

import base64
import contextlib
import sys

import numpy as np
import pytest
from client_programs import Sound, Tap, assert_same_sound, spoken
from integrations import lines_of

SENTENCES = [
    "Hello there, this is the first sentence. ",
    "And here comes a second one, a little longer than that. ",
    "Bye!",
]
TEXT = "".join(SENTENCES)
NEXT_TEXT = "This is the next turn, and it is clean."
LONG_TEXT = "This is one of very many sentences that nobody will ever hear. " * 60
# The promise is 100 ms; a machine on which other tests run may take longer to pass it on.
LAST_BYTE_S = 0.5


async def assert_spoken(gateway, heard):
    """The sound is the synthesizer's of all sentences.

    Which sentences are spoken in one breath depends on how fast the client writes them, and each breath ends with a
    pause. So there are four right ways to speak three sentences.
    """
    ways = [(1, 1, 1), (1, 2), (2, 1), (3,)]
    for way in ways:
        rest, pieces = list(SENTENCES), []
        for count in way:
            pieces.append((await spoken(gateway, "".join(rest[:count]))).samples)
            del rest[:count]
        with contextlib.suppress(AssertionError):
            assert_same_sound(heard, Sound(np.concatenate(pieces), 24_000))
            return
    pytest.fail(f"{heard.seconds:.2f} s were heard, and are none of the ways to speak this")


def sound_of(event):
    return Sound(np.frombuffer(base64.b64decode(event["sound"]), "<i2"), event["rate"])


@pytest.mark.parametrize(
    ("client", "environment", "program"),
    [
        ("cartesia (Python)", "sdks", "cartesia_sdk.py"),
        ("deepgram-sdk (Python)", "sdks", "deepgram_sdk.py"),
    ],
)
async def test_a_client_speaks_is_interrupted_and_speaks_again(gateway, run, client, environment, program):
    async with Tap(gateway.port) as tap:
        lines = lines_of(client, at=f"127.0.0.1:{tap.port}")
        given = {"lines": lines, "text": TEXT, "long_text": LONG_TEXT, "next_text": NEXT_TEXT}
        async with run(environment, program, **given) as told:
            await told.told("spoken")
            await assert_spoken(gateway, told.sound)

            await told.ask("interrupt")
            moment = (await told.told("interrupting"))["at"]
            last_byte_s = await tap.silent_after(moment)
            await gateway.until(current_requests=0)
            sys.stderr.write(f"{client}: last byte {1000 * last_byte_s:.0f} ms after the interruption\n")
            assert last_byte_s <= LAST_BYTE_S

            await told.ask("go on")
            assert_same_sound(sound_of(await told.told("next")), await spoken(gateway, NEXT_TEXT))
            if client == "cartesia (Python)":
                words = (await told.told("words"))["words"]
                assert " ".join(words[: len(TEXT.split())]) == TEXT
            await told.finished()
