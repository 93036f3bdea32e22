"""Home Assistant's own package, and the bridge from Wyoming to OpenAI's interface, unmodified."""

import socket

import client_programs
import pytest
from client_programs import assert_same_sound, spoken
from integrations import lines_of

PIECES = ["The bed ", "light is off. ", "The kitchen ", "lights are on", ". Anything ", "else?"]
TEXT = "".join(PIECES)
LONG_TEXT = "This is one of very many sentences that nobody will ever hear. " * 100
MANY = 5
# Of two slots one is left to those who listen in real time. The bridge gives up after two retries of OpenAI's package,
# so at five texts at once it loses some.
AT_ONCE = 2


def free_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


@pytest.fixture(scope="module")
def home():
    """A gateway with Wyoming's port, and two slots."""
    port = free_port()
    with client_programs.Gateway(
        "--engine", "espeak", "--wyoming-port", str(port), "--max-concurrent-requests", "2"
    ) as running:
        running.wyoming_address = f"127.0.0.1:{port}"
        yield running


async def test_home_assistant_s_package_streams_interrupts_and_waits_for_its_turn(home, run):
    given = {"lines": lines_of("wyoming", at=home.wyoming_address), "pieces": PIECES, "long_text": LONG_TEXT}
    async with run("sdks", "wyoming_speak.py", many=MANY, **given) as program:
        info = await program.told("info")
        assert info["streams"] is True
        assert len(info["voices"]) >= 1

        told = await program.told("spoken")
        assert told["kinds"] == ["audio-start", "audio-chunk", "audio-stop", "synthesize-stopped"]
        assert_same_sound(program.sound, await spoken(home, TEXT))

        await program.told("interruptible")
        await home.until(current_requests=1, connections=1)
        await program.ask("interrupt")
        await program.told("interrupted")
        await home.until(current_requests=0, connections=0)

        await program.ask("go on")
        assert (await program.told("whole"))["bytes"] > 24_000  # half a second

        await program.ask("many")
        for _ in range(MANY):
            told = await program.told("one_of_many")
            assert told["kinds"] == ["audio-start", "audio-chunk", "audio-stop", "synthesize-stopped"]
        await program.finished()


async def test_the_bridge_to_openai_s_interface_streams_interrupts_and_waits_for_its_turn(home, run):
    long_text = LONG_TEXT[:4000]  # OpenAI's own limit is 4096 characters, and the bridge cuts nothing
    lines = lines_of("wyoming-openai", at=f"127.0.0.1:{home.port}")
    given = {"lines": lines, "pieces": PIECES, "long_text": long_text}
    async with run("wyoming_openai", "wyoming_openai_speak.py", many=AT_ONCE, port=free_port(), **given) as program:
        assert "alloy" in (await program.told("info"))["voices"]
        told = await program.told("spoken")
        assert told["kinds"][0] == "audio-start"
        assert told["kinds"][-1] == "synthesize-stopped"
        whole = program.sound.seconds
        assert abs(whole - (await spoken(home, TEXT)).seconds) < 1.5  # the bridge speaks each sentence for itself

        await program.told("interruptible")
        await program.ask("interrupt")
        await program.told("interrupted")
        await home.until(current_requests=0)

        await program.ask("go on")
        for kinds in (await program.told("many"))["kinds"]:  # one is told 429, and asks again
            assert "audio-chunk" in kinds
            assert kinds[-1] == "synthesize-stopped"
        await program.finished()
