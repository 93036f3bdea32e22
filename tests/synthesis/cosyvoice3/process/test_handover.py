"""What one engine notes of a segment, and another reads."""

import json

import pytest

pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from hypothesis import given
from hypothesis import strategies as st

from sayline.synthesis.cosyvoice3.process.handover import BadNotes, Begun, Notes
from sayline.synthesis.cosyvoice3.release.model_facts import SPEECH_CODES, TEXT_IDS
from sayline.synthesis.cosyvoice3.voices.prompts import Said

SAID = Said("instruct", (4, TEXT_IDS - 1), (7, 8, 9))
DELTAS = st.lists(st.lists(st.integers(0, SPEECH_CODES - 1), max_size=5), max_size=6)


@given(DELTAS, st.booleans(), st.sampled_from([None, SAID]))
def test_what_was_noted_up_to_any_moment_is_read_as_it_was(deltas, ends, said):
    writer, notes, known = Notes(3, said), [], []
    assert Begun.read(notes) is None
    for number, delta in enumerate(deltas):
        writer.tokens += delta
        writer.is_complete = ends and number == len(deltas) - 1
        known += delta
        notes += [note] if (note := writer.next()) else []
        assert Begun.read(notes) == Begun(3, said, tuple(known), writer.is_complete)


def test_nothing_is_noted_twice():
    writer = Notes(5, SAID)
    writer.tokens += [1, 2]
    assert writer.next()
    assert writer.next() == ""
    writer.is_complete = True
    assert "1" not in json.loads(writer.next())["tokens"]
    assert writer.next() == ""


@pytest.mark.parametrize(
    "note",
    [
        "",
        "[]",
        "{}",
        '{"tokens":[1],"ends":false}',
        '{"tokens":[1],"ends":false,"leading":5,"said":["sung",[1],[1]]}',
        '{"tokens":["1"],"ends":false,"leading":5,"said":null}',
        '{"tokens":[true],"ends":false,"leading":5,"said":null}',
        f'{{"tokens":[{SPEECH_CODES}],"ends":false,"leading":5,"said":null}}',
        '{"tokens":[-1],"ends":false,"leading":5,"said":null}',
        f'{{"tokens":[],"ends":false,"leading":5,"said":["instruct",[{TEXT_IDS}],[1]]}}',
        f'{{"tokens":[],"ends":false,"leading":5,"said":["instruct",[1],[{SPEECH_CODES}]]}}',
    ],
)
def test_what_is_no_note_is_refused(note):
    """An id that the model has not would end the engine, with all that it speaks."""
    with pytest.raises(BadNotes):
        Begun.read([note])
