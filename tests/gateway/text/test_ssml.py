"""The small SSML: asked for beside the text, never spoken, however it is cut or broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.text import ssml
from sayline.gateway.text.marks import Begin, End, Pause
from sayline.gateway.text.speakable import MarkupReader


def read(text: str, sizes=()):
    reader, pieces, at = MarkupReader(), [], 0
    for size in sizes:
        pieces += reader.feed(text[at : at + size])
        at += size
    pieces += [*reader.feed(text[at:]), *reader.settle()]
    said = "".join(piece.text for piece in pieces).replace("\x1e", " ")
    return " ".join(said.split()), [piece.mark for piece in pieces if piece.mark is not None]


@pytest.mark.parametrize(
    ("text", "said", "marks"),
    [
        ('One <break time="500ms"/> two', "One two", [Pause(500)]),
        ("One<break time='1.5s' />two", "Onetwo", [Pause(1500)]),
        ("One <break/> two <break strength=x-strong> three", "One two three", [Pause(400), Pause(1000)]),
        ('One <break time="1h"/><break time="99999s"/> two', "One two", [Pause(400), Pause(10_000)]),
        ('A <emphasis level="strong">big</emphasis> one', "A big one", [Begin(1, "emphasis", "strong"), End(1)]),
        ('The <sub alias="World Wide Web">WWW</sub>.', "The World Wide Web.", []),
        ('<say-as interpret-as="characters">SOS</say-as>', "SOS", [Begin(1, "characters", ""), End(1)]),
        ("<spell>SOS</spell>", "SOS", [Begin(1, "characters", ""), End(1)]),
        (
            '<say-as interpret-as="date" format="dmy">1/2</say-as>',
            "1/2",
            [Begin(1, "say-as", "date:dmy"), End(1)],
        ),
        (
            '<phoneme alphabet="ipa" ph="təˈmɑːtoʊ">tomato</phoneme>',
            "tomato",
            [Begin(1, "phonemes", "ipa:təˈmɑːtoʊ"), End(1)],
        ),
        (
            '<phoneme alphabet="cmu-arpabet" ph="N UW1">new</phoneme>',
            "new",
            [Begin(1, "phonemes", "cmu:N UW1"), End(1)],
        ),
        (
            '<prosody rate="slow" volume="+6dB">so</prosody>',
            "so",
            [Begin(1, "rate", "0.8"), Begin(1, "volume", "1.995"), End(1)],
        ),
        ('<prosody pitch="high">so</prosody>', "so", [End(1)]),
        ('<lang xml:lang="fr-FR">Bonjour</lang>', "Bonjour", [Begin(1, "language", "fr-FR"), End(1)]),
        ("<speak><p><s>One.</s><s>Two.</s></p></speak>", "One. Two.", [End(1)]),
        ('<break time=\\"500ms\\"/>One', "One", [Pause(500)]),
        ("<break time=“500ms”/>One", "One", [Pause(500)]),
        ('<mstts:express-as style="sad"><voice name="x">One</voice></mstts:express-as>', "One", [End(2), End(1)]),
    ],
)
def test_tags_ask_and_are_not_spoken(text, said, marks):
    assert read(text) == (said, marks)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('<break time="500ms" and then we go', "and then we go"),
        ("The <break time=500ms and so on.", "The and so on."),
        ('Say <sub alias="World">WWW and so on, never closed', "Say WWW and so on, never closed"),
        ('Say <sub alias="World WWW', "Say WWW"),
        ("<emphasis>never closed. Next.", "never closed. Next."),
        ("</emphasis></break></prosody>One", "One"),
        ("<emphasis>a<prosody rate='2'>b</emphasis>c</prosody>d", "abcd"),
        ('<prosody rate="nonsense" volume="">One</prosody>', "One"),
        ('<phoneme ph="">One</phoneme><phoneme alphabet="klingon" ph="x">two</phoneme>', "Onetwo"),
        ("<break\nOne", "One"),
        ('<break time="5', ""),
        ("<say-as One", "One"),
    ],
)
def test_broken_tags_are_not_spoken_and_eat_nothing_behind_them(text, said):
    assert read(text)[0] == said
    assert read(text, [1] * len(text))[0] == said


TAGS = st.sampled_from(
    [
        *(
            '<break time="1s"/>',
            "<break ",
            'time="',
            "/>",
            '<emphasis level="strong">',
            "</emphasis>",
            '<prosody rate="',
        ),
        *("50%", '">', "</prosody>", '<sub alias="b', "</sub>", "<spell>", "</spell>", "<lang ", "xml:lang='de'>", "<"),
        *("</", ">", "'", '"', "word ", "a < b ", " ", "\n"),
    ]
)


@given(st.lists(TAGS, max_size=24).map("".join), st.lists(st.integers(1, 12), max_size=40))
def test_any_cutting_asks_for_the_same(text, sizes):
    assert read(text, sizes) == read(text)


@given(st.lists(TAGS, max_size=24).map("".join))
def test_no_tag_eats_the_text_behind_it(text):
    assert read(f"{text}\n\nThe end of it all.")[0].endswith("The end of it all.")


@pytest.mark.parametrize(
    ("asked", "wish"),
    [
        ('rate="120%"', ("rate", "1.2")),
        ('rate="-20%"', ("rate", "0.8")),
        ('rate="1.5"', ("rate", "1.5")),
        ('rate="900%"', ("rate", "2")),
        ('volume="soft"', ("volume", "0.6")),
        ('volume="50"', ("volume", "0.5")),
        ('volume="silent"', ("volume", "0")),
        ('volume="-6dB"', ("volume", "0.5012")),
        ('rate="medium"', None),
        ('rate="0"', None),
    ],
)
def test_pace_and_loudness_become_factors_within_what_voices_grant(asked, wish):
    wishes = ssml.wishes("prosody", ssml.attributes(f"<prosody {asked}>"))
    assert wishes == ([] if wish is None else [wish])
