"""The examples whose frameworks have environments of their own: a question, an interruption, what is remembered."""

import asyncio
import contextlib
import os

from chat_endpoint import ChatEndpoint
from client_programs import PATIENCE_S, ROOT, VIEW, interpreter

LONG = "I could go on for a long time, and say one sentence after the other. " * 8
SHORT = "As you wish."


def said(messages, role):
    """Texts of one role; frameworks write them as a string or as parts."""
    texts = [message["content"] for message in messages if message["role"] == role]
    return [text if isinstance(text, str) else "".join(part["text"] for part in text) for text in texts]


async def test_the_pipecat_bot_is_interrupted_by_the_next_line_and_remembers_what_was_heard(gateway, tmp_path):
    sound = tmp_path / "sound"
    async with ChatEndpoint(LONG, SHORT) as chat:
        environ = os.environ | chat.environment | {"SAYLINE_URL": gateway.ws_url, "PYTHONPATH": str(VIEW)}
        environ["PLAYER"] = f"dd of={sound} status=none"
        command = [*interpreter("pipecat"), str(ROOT / "examples/pipecat_bot.py")]
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        program = await asyncio.create_subprocess_exec(*command, env=environ, stdin=pipe, stderr=nothing)
        try:
            program.stdin.write(b"Tell me a story.\n")
            async with asyncio.timeout(PATIENCE_S):
                while not sound.exists() or sound.stat().st_size < 48_000:  # a second
                    await asyncio.sleep(0.05)
            program.stdin.write(b"Stop.\n")
            second = await asyncio.wait_for(chat.request(2), PATIENCE_S)
            program.stdin.close()
            await asyncio.wait_for(program.wait(), PATIENCE_S)
        finally:
            with contextlib.suppress(ProcessLookupError):
                program.kill()
            await program.wait()
    assert program.returncode == 0
    assert said(chat.asked[0], "user") == ["Tell me a story."]
    assert said(second, "user") == ["Tell me a story.", "Stop."]
    (heard,) = said(second, "assistant")
    assert 0 < len(heard) < len(LONG)
    assert LONG.startswith(heard)


async def test_the_livekit_agent_is_interrupted_by_the_next_message_and_remembers_what_was_heard(gateway, run):
    async with ChatEndpoint(LONG, SHORT) as chat:
        environ = chat.environment | {"SAYLINE_URL": gateway.ws_url}
        example = str(ROOT / "examples/livekit_agent.py")
        async with run("livekit", "livekit_agent_session.py", env=environ, example=example) as program:
            await program.told("ready")
            await program.ask("agent", do="ask", text="Tell me a story.")
            await program.told("first_sound")
            async with asyncio.timeout(PATIENCE_S):
                while program.sound.seconds < 1:
                    await asyncio.sleep(0.05)
            await program.ask("agent", do="ask", text="Stop.")
            await program.told("answered")
            second = await asyncio.wait_for(chat.request(2), PATIENCE_S)
            await program.told("answered")
            await program.ask("agent", do="recall")
            told = (await program.told("history"))["messages"]
            await program.ask("agent", do="end")
            await program.finished()
    (heard,) = said(second, "assistant")
    assert 0 < len(heard) < len(LONG)
    assert LONG.startswith(heard)
    assert told == [["user", "Tell me a story."], ["assistant", heard], ["user", "Stop."], ["assistant", SHORT]]
