"""An installed ``sayline-client`` and nothing else, on a gateway; .ci/wheel gives its URL and a folder to write to."""

from __future__ import annotations

import asyncio
import pkgutil
import sys
import wave
from importlib import import_module
from importlib.metadata import distributions
from pathlib import Path

before = set(sys.modules)
import sayline_client as client

TEXT = "This is real time speech. And this sentence is interrupted before it is over, which happens."
INTERRUPTED_AT_MS = 500
MOST_MODULES = 130  # 100 were counted, beside those that this file imports
INSTALLERS = {"pip", "setuptools"}
OF_FRAMEWORKS = ("livekit", "pipecat")  # each needs its extra


async def converse(url: str) -> None:
    """Hear words with their times, interrupt, and go on with another speech on the same connection."""
    async with client.connect(url, reconnect=True) as gateway:
        deltas = (f"{word} " for word in TEXT.split())
        words: list[str] = []
        async with gateway.speak(deltas, timestamps="word") as speech:
            async for event in speech:
                if isinstance(event, client.Words):
                    words += [word.text for word in event.words]
                elif isinstance(event, client.AudioFrame) and words and event.pts > 48 * INTERRUPTED_AT_MS:
                    await speech.cancel(played_ms=INTERRUPTED_AT_MS)
        done = speech.done
        assert done is not None
        assert done.reason == "cancel", done
        assert words[0] == TEXT.split(maxsplit=1)[0], words
        assert 0 < len(done.text_spoken) < len(done.text_spoken + done.text_remaining), done
        async with gateway.speak("Yes?") as another:
            assert await another.collect()


def main(url: str, folder: Path) -> None:
    """Speak, and look at what was installed and loaded for it."""
    for name in client.__all__:
        getattr(client, name)
    for name in ("wav", "ogg"):
        client.speak(TEXT, url=url, out=folder / f"client.{name}")
    loaded = set(sys.modules) - before
    foreign = {module.partition(".")[0] for module in loaded} - sys.stdlib_module_names
    installed = {each.name for each in distributions()} - INSTALLERS
    assert installed == {"sayline-client", "websockets"}, installed
    assert foreign == {"sayline_client", "websockets"}, foreign
    assert len(loaded) <= MOST_MODULES, len(loaded)

    asyncio.run(converse(url))
    with wave.open(str(folder / "client.wav")) as file:
        seconds = file.getnframes() / file.getframerate()
    assert seconds > 1, seconds
    assert (folder / "client.ogg").read_bytes()[:4] == b"OggS"
    assert client.speak("Hi.", url=url).pcm

    modules = [each.name for each in pkgutil.walk_packages(client.__path__, "sayline_client.")]
    for module in modules:
        if module.rpartition(".")[2] not in OF_FRAMEWORKS:
            import_module(module)
    print(f"the client speaks: {len(loaded)} modules, {seconds:.1f} s")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
