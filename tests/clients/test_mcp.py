"""``sayline mcp`` as an assistant runs it, by the official package."""

import av
import numpy as np
from client_programs import Sound, assert_same_sound, spoken
from integrations import lines_of

TEXT = "Hello from the tool. It speaks two sentences."
LONG_TEXT = "This is one of very many sentences that nobody will ever hear. " * 300


async def test_an_assistant_speaks_interrupts_and_speaks_again(gateway, run, tmp_path):
    file = tmp_path / "speech.ogg"
    line = lines_of("Assistants, by the Model Context Protocol", at=gateway.url.removeprefix("ws://"))
    given = {"line": line, "file": str(file), "text": TEXT, "long_text": LONG_TEXT}
    async with run("mcp", "mcp_speak.py", **given) as program:
        tools = await program.told("tools")
        assert tools["names"] == ["speak"]
        assert tools["parameters"] == ["language", "speed", "text", "voice"]

        audio = await program.told("audio")
        assert audio["mime_type"] == "audio/ogg"
        spoken_result = await program.told("result")
        assert spoken_result["said"][0].startswith("Spoken in ")
        assert not spoken_result["is_error"]
        segments = [event for event in program.events if event["event"] == "progress"]
        assert " ".join(event["message"] for event in segments) == TEXT
        assert segments[-1]["progress"] == segments[-1]["total"] == len(TEXT)
        assert_same_sound(decoded(file), await spoken(gateway, TEXT))

        refused = await program.told("result")
        assert refused["is_error"]
        assert "the voices are " in refused["said"][0]

        await program.told("progress")
        await program.ask("interrupt")
        await program.told("interrupted")
        await gateway.until(current_requests=0, connections=0)
        await program.ask("go on")
        assert not (await program.told("result"))["is_error"]
        await program.finished()


def decoded(path):
    with av.open(str(path)) as file:
        pieces = [frame.to_ndarray().reshape(-1) for frame in file.decode(audio=0)]
        rate_hz = file.streams.audio[0].rate
    return Sound((np.concatenate(pieces) * 32_767).astype(np.int16), rate_hz)
