"""Pronunciations from a client's message to what the engine is given: lexicons, and the small SSML of every dialect."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_http import RawPeer
from wire_peer import WirePeer

from sayline.gateway.dialects.tts_v1 import messages as wire
from sayline.gateway.settings import Settings
from sayline.gateway.text.accumulator import ChunkingSettings, SentenceAccumulator
from sayline.gateway.wiring import running_server
from sayline.synthesis.interface import Style
from sayline.synthesis.pronunciation import Pronunciation
from sayline.synthesis.reading import lexicon_file
from sayline.synthesis.reading.lexicon import Lexicon
from sayline.synthesis.reading.stage import Reading
from sayline.synthesis.tone import VOICE, ToneSynthesizer

ENTRY = {"word": "nginx", "ipa": "ˈɛndʒɪn ˈɛks", "respelling": "engine x"}
MARKED = 'Ask <phoneme alphabet="ipa" ph="ˈdeɪtə">data</phoneme>.<break time="700ms"/>'


class Taking(ToneSynthesizer):
    """Takes phonemes, and keeps what it is given to say."""

    def __init__(self, *alphabets):
        super().__init__()
        self.given = []
        self.offered = tuple(replace(voice, alphabets=frozenset(alphabets)) for voice in super().voices())

    def voices(self):
        return self.offered

    async def speak(self, segment, style, *rest):
        self.given.append(segment)
        async for chunk in super().speak(segment, style, *rest):
            yield chunk

    @property
    def said(self):
        return [segment.spoken for segment in self.given]

    @property
    def phonemes(self):
        return [
            (segment.spoken[start:end], value)
            for segment in self.given
            for start, end, value in segment.wished("phonemes")
        ]


# -- the message -------------------------------------------------------------------------------------------------------


def start(*lexicon):
    return wire.hear_client_message(
        json.dumps({"type": "context.start", "context_id": "c", "lexicon": list(lexicon)}, ensure_ascii=False)
    )


def test_a_context_brings_its_own_words():
    (entry,) = start(ENTRY).message.lexicon
    assert entry == Pronunciation("nginx", respelling="engine x", ipa="ˈɛndʒɪn ˈɛks")


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"word": "x"}, "neither respelling nor phonemes"),
        ({"word": "", "respelling": "y"}, "word: holds neither letter nor figure"),
        ({"word": "x", "respelling": ""}, "respelling: holds nothing to read"),
        ({"word": "x", "respelling": " ?! "}, "respelling: holds nothing to read"),
        ({"word": "x" * 101, "respelling": "y"}, "word: is longer than 100 characters"),
        ({"word": "x", "respelling": "y" * 201}, "respelling: is longer than 200 characters"),
        ({"word": "x", "ipa": "5"}, "'5' is no sign of the IPA"),
        ({"word": "x", "cmu": "QQ1"}, "phone 1 is none of the CMU dictionary's"),
        ({"word": "x", "pinyin": "qwz4"}, "syllable 1 is no pinyin"),
        ({"word": "x", "respelling": 5}, "holds something that is no text"),
        ({"word": "x", "respelling": "y", "sounds": "z"}, "and nothing else"),
        ("x", "lexicon"),
    ],
)
def test_an_entry_that_says_nothing_is_refused_with_its_field(entry, why):
    fault = str(start(ENTRY, entry).fault)
    assert why in fault
    assert "lexicon" in fault


def test_a_lexicon_that_is_too_long_is_refused_with_the_bound():
    assert len(start(*[ENTRY] * 100).message.lexicon) == 100
    assert "at most 100 items" in str(start(*[ENTRY] * 101).fault)


# -- any cutting -------------------------------------------------------------------------------------------------------

WORDS = (
    Pronunciation("nginx", respelling="engine x"),
    Pronunciation("New York", respelling="noo york"),
    Pronunciation("C++ (x*)?", respelling="see plus plus"),
    Pronunciation("重庆", respelling="崇庆"),
    Pronunciation("die", respelling="dee", language="de"),
)
BITS = [
    "nginx",
    "New",
    " ",
    " York",
    "\n",
    ". ",
    "C++ (x*)?",
    "我在重",
    "庆",
    "。",
    "**",
    "<b>",
    "NGINX's ",
    "$5",
    "die ",
    "<",
    "é",
]


def readings(text, sizes):
    accumulator = SentenceAccumulator("sentence", ChunkingSettings())
    segments, at = [], 0
    for size in [*sizes, len(text)]:
        segments += accumulator.push(text[at : at + size], 0.0)
        at += size
    segments += accumulator.end(0.0)
    reading = Reading(Taking(), lambda: Lexicon(WORDS))
    said = [reading.read(segment, Style(VOICE)) for segment in segments]
    return [(segment.text, segment.spoken, segment.alignment, segment.wishes) for segment, _ in said]


@given(st.lists(st.sampled_from(BITS), max_size=20).map("".join), st.lists(st.integers(1, 6), max_size=30))
def test_words_are_said_alike_however_the_text_arrives(text, sizes):
    assert readings(text, sizes) == readings(text, ())


def test_a_word_is_found_across_deltas_and_not_across_segments():
    assert "".join(spoken for _, spoken, *_ in readings("I like n" + "ginx a lot.", (8,))) == "I like engine x a lot."
    yahoo = Pronunciation("Yahoo! Japan", respelling="one two three")
    reading = Reading(Taking(), lambda: Lexicon((yahoo,)))
    accumulator = SentenceAccumulator("sentence", ChunkingSettings())
    segments = [*accumulator.push("I like Yahoo! Japan is far.", 0.0), *accumulator.end(0.0)]
    spoken = [reading.read(segment, Style(VOICE))[0].spoken for segment in segments]
    assert len(spoken) == 1 or "one two three" not in "".join(spoken)


def segmented(text):
    accumulator = SentenceAccumulator("sentence", ChunkingSettings())
    return [*accumulator.push(text, 0.0), *accumulator.end(0.0)]


def wished(text, kind):
    return [segment.spoken[start:end] for segment in segmented(text) for start, end, _ in segment.wished(kind)]


def test_phonemes_that_are_never_closed_are_said_in_the_place_of_nothing():
    marked = '<phoneme alphabet="ipa" ph="ˈdeɪtə">data{} is here. So it is, and more of it comes. '
    assert wished(marked.format("</phoneme>"), "phonemes") == ["data"]
    assert wished(marked.format(""), "phonemes") == []


def test_spelling_that_is_never_closed_ends_soon():
    text = "The code is <spell>" + "A1 is what it says and so on, " * 20
    assert sum(map(len, wished(text, "characters"))) <= 100
    assert wished("It is <spell>A1</spell>, yes.", "characters") == ["A1"]


# -- a whole server ----------------------------------------------------------------------------------------------------


async def speak(peer, text, name="c", **fields):
    await peer.speak(text, name, **fields)
    return await peer.listen(name)


async def test_a_contexts_words_are_said_as_its_writer_says_and_named_as_they_were_written():
    engine = Taking("ipa")
    async with (
        running_server(Settings(port=0, engine="tone"), engine) as server,
        await WirePeer.join(server.url) as peer,
    ):
        assert "lexicon" in peer.ready["features"]
        heard = await speak(peer, "Use nginx now.", cuts=(6,), lexicon=[ENTRY], timestamps="word")
        other = await speak(peer, "Use nginx now.", "other", timestamps="word")
    assert engine.phonemes == [("nginx", "ipa:ˈɛndʒɪn ˈɛks")]
    assert [word["text"] for word in heard.words] == ["Use", "nginx", "now"] == [word["text"] for word in other.words]
    assert not heard.errors


async def test_words_that_the_voice_cannot_say_so_are_named_once():
    engine = Taking()
    async with (
        running_server(Settings(port=0, engine="tone"), engine) as server,
        await WirePeer.join(server.url) as peer,
    ):
        entries = [ENTRY, {"word": "重庆", "pinyin": "chong2 qing4"}]
        heard = await speak(peer, "Use nginx in 重庆.", lexicon=entries)
    assert engine.said == ["Use engine x in 重庆."]
    assert [(error["code"], "重庆" in error["message"]) for error in heard.errors] == [("unsupported", True)]


async def test_a_change_of_the_servers_file_counts_in_a_context_that_is_under_way(tmp_path, monkeypatch):
    monkeypatch.setattr(lexicon_file, "_LOOK_S", 0.0)
    path = tmp_path / "lexicon.toml"
    path.write_text('[words]\nnginx = "engine x"\n', encoding="utf-8")
    engine = Taking()
    async with (
        running_server(Settings(port=0, engine="tone", lexicon=path), engine) as server,
        await WirePeer.join(server.url) as peer,
    ):
        await peer.send("text", context_id="c", text="One nginx here. ")
        await peer.send("flush", context_id="c")
        while not peer.heard("c").segments:
            await peer.take()
        path.write_text('[words]\nnginx = "new words"\n', encoding="utf-8")
        for count in range(2, 200):  # the first segments after the change may go by what was known
            await peer.send("text", context_id="c", text="One nginx here. ")
            await peer.send("flush", context_id="c")
            while len(peer.heard("c").segments) < count:
                await peer.take()
            if "new words" in engine.said[-1]:
                break
        await peer.send("context.end", context_id="c")
        await peer.listen("c")
    assert engine.said[0].strip() == "One engine x here."
    assert engine.said[-1].strip() == "One new words here."


REQUESTS = {
    "openai": ("/v1/audio/speech", {"model": "m", "input": MARKED, "voice": "tone", "response_format": "pcm"}),
    "elevenlabs": ("/v1/text-to-speech/tone?output_format=pcm_24000", {"text": MARKED}),
    "cartesia": (
        "/tts/bytes",
        {
            "model_id": "m",
            "transcript": MARKED,
            "voice": {"mode": "id", "id": "tone"},
            "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
        },
    ),
    "deepgram": ("/v1/speak?encoding=linear16&sample_rate=24000&container=none", {"text": MARKED}),
}


async def posted(server, path, body):
    content = json.dumps(body).encode()
    async with RawPeer.connect(server.port) as peer:
        peer.say(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
        )
        peer.say(content)
        answer = await peer.answer()
    return answer.status, answer.body


@pytest.mark.parametrize("dialect", REQUESTS)
async def test_every_dialect_obeys_the_small_ssml_of_its_text(dialect):
    path, body = REQUESTS[dialect]
    engine = Taking("ipa")
    async with running_server(Settings(port=0, engine="tone"), engine) as server:
        status, sound = await posted(server, path, body)
    assert status == 200
    assert engine.said[0].strip() == "Ask data."
    assert engine.phonemes[0] == ("data", "ipa:ˈdeɪtə")
    assert not any(sound[-2 * 24 * 600 :]), "no silence at the end"
