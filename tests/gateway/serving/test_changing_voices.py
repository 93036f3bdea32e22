"""Voices that come and go under a real server with real peers; the engines only list them, or speak in tones."""

import asyncio
import json
import threading
from contextlib import asynccontextmanager

from link_peer import answering
from wire_peer import PATIENCE_S, WirePeer

from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.cosyvoice3.process.link import VOCABULARY, AskVoices, Ready, VoiceFacts, Voices
from sayline.synthesis.cosyvoice3.process.settings import EngineSettings
from sayline.synthesis.cosyvoice3.synthesizer import CosyVoice3Synthesizer
from sayline.synthesis.tone import VOICE, ToneSynthesizer

TEXT = "One sentence of some length is spoken here, and it is not the last. And a second one follows it, as it should."


class Folder:
    """A model directory with voices, and an engine's stand-in that lists their files."""

    def __init__(self, path, voices):
        self.path = path
        self.asked = 0
        (path / "voices").mkdir()
        for number in range(voices):
            self.add(f"v{number:03}")

    def add(self, name):
        (self.path / "voices" / f"{name}.safetensors").touch()

    def listed(self):
        names = sorted(file.stem for file in (self.path / "voices").iterdir())
        return [VoiceFacts(name, "read", []) for name in names]

    async def serve(self, peer):
        peer.send(Ready(self.listed(), None))
        while (message := await peer.take()) is not None:
            if isinstance(message, AskVoices):
                self.asked += 1
                peer.send(Voices(self.listed()))


def counting(path, threads):
    """The path, noting in which threads files or folders are looked at through it."""

    class CountingPath(type(path)):
        def stat(self, **options):
            threads.append(threading.get_ident())
            return super().stat(**options)

        def glob(self, pattern):
            threads.append(threading.get_ident())
            return super().glob(pattern)

    return CountingPath(path)


@asynccontextmanager
async def serving(folder, model_dir):
    settings = EngineSettings(
        model_dir=model_dir,
        max_streams=8,
        load_vllm=False,
        precision=None,
        gpu_memory_utilization=0.4,
        token_hop_len=10,
        rtf_guard=False,
    )
    async with answering(folder.path / "engine", VOCABULARY, folder.serve):
        engine = CosyVoice3Synthesizer(settings, folder.path / "engine")
        async with running_server(Settings(port=0), engine) as server:
            yield server, engine


async def test_whatever_peers_write_the_loop_looks_at_no_file_and_asks_the_engine_once_for_a_voice_that_is_added(
    tmp_path,
):
    """3,000 messages that each begin or end a context, 100 voices, and one is added amid them.

    Before, each such message had the loop ask the file system, and after a change list the folder and ask the engine.
    """
    threads = []
    folder = Folder(tmp_path, 100)
    async with (
        serving(folder, counting(tmp_path, threads)) as (server, engine),
        await WirePeer.join(server.url) as peer,
    ):
        for number in range(1500):
            if number == 500:
                folder.add("new")
            context = {"context_id": f"c{number}", "voice": f"v{number % 100:03}"}
            await peer.websocket.send(json.dumps({"type": "context.start", **context}))
            await peer.websocket.send(json.dumps({"type": "context.cancel", "context_id": f"c{number}"}))
        await peer.listen("c1499")
        async with asyncio.timeout(PATIENCE_S):
            while ("new", "read") not in [(voice.name, voice.description) for voice in engine.voices()]:
                await asyncio.sleep(0)
        assert not any(peer.heard(f"c{number}").errors for number in range(1500))

    assert threading.get_ident() not in threads
    assert 1 <= folder.asked <= 2  # twice if a look falls between the file's making and its time's


class ForgetfulSynthesizer(ToneSynthesizer):
    """Offers its voice until the test removes it, and speaks on with it."""

    def __init__(self):
        super().__init__()
        self.offered = super().voices()

    def voices(self):
        return self.offered


async def test_a_context_whose_voice_is_removed_goes_on_and_takes_every_message():
    engine = ForgetfulSynthesizer()
    async with running_server(Settings(port=0), engine) as server, await WirePeer.join(server.url) as peer:
        await peer.send("text", context_id="c", text=TEXT)
        while not peer.heard().frames:
            await peer.take()
        engine.offered = ()
        await peer.send("playback", context_id="c", played_ms=20)
        await peer.send("text", context_id="c", text=" A third one.")
        await peer.send("flush", context_id="c")
        await peer.send("context.end", context_id="c")
        played_ms = 20
        async with asyncio.timeout(PATIENCE_S):
            while peer.heard().done is None:
                played_ms += 200
                await peer.send("playback", context_id="c", played_ms=played_ms)
                await peer.take()
        await peer.send("context.start", context_id="late", voice=VOICE)
        late = await peer.listen("late")

    assert not peer.heard().errors
    assert peer.heard().done["reason"] == "end"
    assert peer.heard().done["text_spoken"] == TEXT + " A third one."
    assert [error["code"] for error in late.errors] == ["unknown_voice"]
