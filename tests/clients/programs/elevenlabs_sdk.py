"""ElevenLabs' own Python package: a text streamed in and sound streamed out, and speech over HTTP.

``lines`` make the client, ``client``. ``turns`` are as in ``pipecat_tts.py``; one that ``is_whole`` is one request.
"""

import base64
import time

from elevenlabs.core.api_error import ApiError
from harness import given, heard, tell, wait_until_asked
from websockets.exceptions import InvalidStatus

FORMAT = given["format"]
RATE = int(FORMAT.split("_")[1])

made = {}
exec(given["lines"], made)  # noqa: S102 - lines of our own document
client = made["client"]


def chunks_of(turn):
    speech = client.text_to_speech
    if turn.get("is_whole"):
        return speech.stream("any-voice", text="".join(turn["deltas"]), output_format=FORMAT)
    return speech.convert_realtime(
        "any-voice", text=iter(turn["deltas"]), model_id="eleven_flash_v2_5", output_format=FORMAT
    )


def speak(turn):
    sound = bytearray()
    chunks = chunks_of(turn)
    for chunk in chunks:
        sound += chunk
        if turn.get("is_stopped"):
            tell("sounding")
            wait_until_asked("interrupt")
            tell("interrupted", at=time.monotonic())
            chunks.close()  # leaves the block that holds the socket
            wait_until_asked("go on")
            break
    heard(bytes(sound), RATE)
    tell("turn", bytes=len(sound))


for turn in given["turns"]:
    if turn.get("is_asked"):
        wait_until_asked("turn")
    try:
        speak(turn)
    except ApiError as error:
        tell("error", status=error.status_code, body=error.body)
    except InvalidStatus as error:
        tell("error", status=error.response.status_code, body=error.response.body.decode())
if given.get("pages"):
    voices = client.voices.get_all().voices
    tell(
        "pages",
        voices=[voice.voice_id for voice in voices],
        found=[voice.voice_id for voice in client.voices.search().voices],
        models=[model.model_id for model in client.models.list()],
        tier=client.user.subscription.get().tier,
        user=client.user.get().user_id,
    )
    timed = client.text_to_speech.convert_with_timestamps("any-voice", text=given["pages"], output_format=FORMAT)
    tell("timed", characters="".join(timed.alignment.characters), ends=timed.alignment.character_end_times_seconds)
    heard(base64.b64decode(timed.audio_base_64), RATE)
    lines = list(client.text_to_speech.stream_with_timestamps("any-voice", text=given["pages"], output_format=FORMAT))
    tell("timed lines", characters="".join("".join(line.alignment.characters) for line in lines if line.alignment))
    whole = b"".join(client.text_to_speech.convert("any-voice", text=given["pages"], output_format=FORMAT))
    tell("converted", bytes=len(whole))
tell("over")
