"""Voices are stored once, found at once, and a bad file harms no other voice."""

import dataclasses
import json
import logging
import os
import struct

import numpy as np
import pytest

pytest.importorskip("torch", reason="the CosyVoice3 engine is not installed")
pytest.importorskip("safetensors", reason="the CosyVoice3 engine is not installed")

from cosyvoice3_checkpoint import tiny_model_dir

from sayline.synthesis.cosyvoice3.release.model_facts import END_OF_PROMPT
from sayline.synthesis.cosyvoice3.voices.prompt import BadVoice, make_prompt
from sayline.synthesis.cosyvoice3.voices.store import VoiceStore, check_name, read_voice


def voice(name="anna", *, shift=0):
    tokens = tuple(range(shift, 65 + shift))
    return make_prompt(
        name,
        "A calm voice",
        ("en", "de-AT"),
        prompt_text_ids=(1, END_OF_PROMPT, 2),
        lm_speech_tokens=tuple(range(87)),
        flow_speech_tokens=tokens,
        flow_mel=np.random.default_rng(0).standard_normal((130, 80)).astype(np.float32),
        embedding=np.ones(192, np.float32),
        trim=True,
    )


def bare_voice(name):
    return make_prompt(
        name,
        "",
        (),
        prompt_text_ids=(),
        lm_speech_tokens=(),
        flow_speech_tokens=(),
        flow_mel=np.zeros((0, 80), np.float32),
        embedding=np.ones(192, np.float32),
        trim=True,
    )


def names(store):
    return [voice.name for voice in store.voices()]


def assert_same(ours, theirs):
    for field in dataclasses.fields(ours):
        np.testing.assert_array_equal(getattr(ours, field.name), getattr(theirs, field.name))


@pytest.mark.parametrize("made", [voice(), bare_voice("林-小姐.2")])
def test_a_stored_voice_is_read_back_as_it_was(tmp_path, made):
    VoiceStore(tmp_path).add(made, transcript="Hello.")
    found = VoiceStore(tmp_path).get(made.name)
    assert_same(found, made)
    assert (found.flow_mel.dtype, found.embedding.dtype) == (np.float32, np.float32)


def test_a_voice_file_describes_itself_to_people(tmp_path):
    path = VoiceStore(tmp_path).add(voice(), transcript="Hello, 你好.")
    _, metadata = read_voice(path)
    assert metadata["transcript"] == "Hello, 你好."
    assert metadata["name"] == "anna"
    assert metadata["languages"] == "en de-AT"
    assert metadata["created"].endswith("+00:00")


def test_nothing_but_the_voice_is_left_in_the_folder(tmp_path):
    VoiceStore(tmp_path).add(voice())
    assert [path.name for path in (tmp_path / "voices").iterdir()] == ["anna.safetensors"]


def test_another_process_sees_what_is_added_and_removed(tmp_path):
    """Two stores are what a running server and the command line are to each other."""
    server, command = VoiceStore(tmp_path), VoiceStore(tmp_path)
    assert names(server) == []
    command.add(voice("anna"))
    assert names(server) == ["anna"]
    command.add(voice("ben"))
    assert names(server) == ["anna", "ben"]
    command.add(voice("anna", shift=1), replace=True)
    assert server.get("anna").flow_speech_tokens[0] == 1
    command.remove("ben")
    assert names(server) == ["anna"]


def test_a_folder_that_has_not_changed_is_not_read_again(tmp_path):
    """Shown by a file whose content is spoiled without a trace in the folder's own time."""
    store = VoiceStore(tmp_path)
    path = store.add(voice())
    longer_ago = path.stat().st_mtime - 3600
    os.utime(path.parent, (longer_ago, longer_ago))
    first = store.get("anna")
    path.write_bytes(b"spoiled")
    assert store.get("anna") is first


def test_a_file_that_has_not_changed_is_not_read_again(tmp_path):
    store = VoiceStore(tmp_path)
    store.add(voice("anna"))
    first = store.get("anna")
    store.add(voice("ben"))
    assert store.get("anna") is first


def test_voices_keep_the_order_they_were_added_in_behind_the_models_own(tmp_path):
    (tmp_path / "spk2info.pt").symlink_to(tiny_model_dir() / "spk2info.pt")
    store = VoiceStore(tmp_path)
    for name in ("zoe", "anna", "mia"):
        store.add(voice(name))
    assert names(VoiceStore(tmp_path)) == ["demo", "zoe", "anna", "mia"]


def test_the_models_own_voice_is_offered_at_once():
    store = VoiceStore(tiny_model_dir())
    assert names(store) == ["demo"]
    demo = store.get("demo")
    assert len(demo.lm_speech_tokens) == 87
    assert len(demo.flow_speech_tokens) == 65  # 15 past a boundary
    assert END_OF_PROMPT in demo.prompt_text_ids


def test_a_voice_added_under_the_name_of_one_of_the_models_takes_its_place(tmp_path):
    (tmp_path / "spk2info.pt").symlink_to(tiny_model_dir() / "spk2info.pt")
    store = VoiceStore(tmp_path)
    with pytest.raises(BadVoice, match="'demo' already"):
        store.add(voice("demo"))
    store.add(voice("demo"), replace=True)
    assert store.get("demo").description == "A calm voice"
    store.remove("demo")
    assert store.get("demo").description == "Stored with the model"
    with pytest.raises(BadVoice, match=r"comes with the model's spk2info\.pt"):
        store.remove("demo")


def test_a_voice_is_not_overwritten_by_accident(tmp_path):
    store = VoiceStore(tmp_path)
    store.add(voice())
    with pytest.raises(BadVoice, match="there is a voice 'anna' already"):
        store.add(voice(shift=1))
    assert store.get("anna").flow_speech_tokens[0] == 0


@pytest.mark.parametrize("method", ["get", "remove"])
def test_an_unknown_voice_is_answered_with_similar_names(tmp_path, method):
    store = VoiceStore(tmp_path)
    store.add(voice("anna"))
    with pytest.raises(BadVoice, match="no voice 'ana'; did you mean anna"):
        getattr(store, method)("ana")
    with pytest.raises(BadVoice, match="no voice 'xyz'; there are 1 voices"):
        getattr(store, method)("xyz")


@pytest.mark.parametrize("name", ["", ".anna", "-a", "../anna", "a/b", "a b", "a\n", "a" * 65, "a\x00", "<anna>"])
def test_a_name_that_cannot_be_a_files_is_refused(tmp_path, name):
    with pytest.raises(BadVoice, match="cannot be a voice's name"):
        VoiceStore(tmp_path).add(dataclasses.replace(voice(), name=name))
    assert not (tmp_path / "voices").exists()


@pytest.mark.parametrize("name", ["a", "Anna_2.v1", "小明", "é-b", "7"])
def test_names_may_be_of_any_script(name):
    check_name(name)


def test_a_name_is_never_a_path(tmp_path):
    outside = VoiceStore(tmp_path / "other").add(voice("anna"))
    store = VoiceStore(tmp_path)
    for method in (store.get, store.remove):
        with pytest.raises(BadVoice, match="no voice"):
            method("../other/voices/anna")
    assert outside.exists()


def spoil_header(data, **metadata):
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"] |= metadata
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data[8 + length :]


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda _: b"", "truncated"),
        (lambda data: data[:5], "truncated"),
        (lambda data: data[:-1], "truncated"),
        (lambda data: data[: len(data) // 2], "truncated"),
        (lambda _: b"not safetensors" * 50, "truncated"),
        (lambda data: data[:-3] + bytes([data[-3] ^ 1]) + data[-2:], "damaged"),
        (lambda data: spoil_header(data, format="sayline.voice.2"), "no voice file of this release"),
        (lambda data: spoil_header(data, checksum="0" * 64), "is damaged"),
    ],
)
def test_a_spoiled_file_is_left_out_and_the_others_speak_on(tmp_path, caplog, spoil, fault):
    store = VoiceStore(tmp_path)
    path = store.add(voice("anna"))
    store.add(voice("ben"))
    path.write_bytes(spoil(path.read_bytes()))
    store = VoiceStore(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert names(store) == ["ben"]
        assert names(store) == ["ben"]
    assert len(caplog.records) == 1, "told once, not at every request"
    assert list(store.faults()) == ["anna"]
    with pytest.raises(BadVoice, match=fault):
        store.get("anna")


def test_a_file_that_lacks_an_array_is_left_out(tmp_path):
    from safetensors.numpy import save_file

    (tmp_path / "voices").mkdir()
    metadata = {"format": "sayline.voice.1", "description": "", "languages": ""}
    save_file({"embedding": np.ones(192, np.float32)}, tmp_path / "voices" / "anna.safetensors", metadata)
    with pytest.raises(BadVoice, match="no voice file"):
        VoiceStore(tmp_path).get("anna")


def test_ids_of_another_type_are_no_ids(tmp_path):
    from safetensors.numpy import save_file

    (tmp_path / "voices").mkdir()
    metadata = {"format": "sayline.voice.1", "description": "", "languages": ""}
    arrays = {"prompt_text_ids": np.ones((2, 2), np.float32)}
    save_file(arrays, tmp_path / "voices" / "anna.safetensors", metadata)
    with pytest.raises(BadVoice, match="ids of shape"):
        VoiceStore(tmp_path).get("anna")


def test_a_file_with_a_name_that_no_voice_can_have_is_left_out(tmp_path):
    path = VoiceStore(tmp_path).add(voice())
    path.rename(path.with_name("a b.safetensors"))
    store = VoiceStore(tmp_path)
    assert names(store) == []
    assert list(store.faults()) == ["a b"]


def test_a_copied_file_is_a_voice_of_its_new_name(tmp_path):
    path = VoiceStore(tmp_path).add(voice())
    path.rename(path.with_name("berta.safetensors"))
    assert VoiceStore(tmp_path).get("berta").name == "berta"


def test_a_store_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "voices").write_text("in the way")
    with pytest.raises(OSError, match="voices"):
        VoiceStore(tmp_path).add(voice())


def test_the_file_that_a_crashed_writer_left_is_no_voice(tmp_path):
    store = VoiceStore(tmp_path)
    store.add(voice())
    (tmp_path / "voices" / ".ben.17.partial").write_bytes(b"half")
    (tmp_path / "voices" / "notes.txt").write_text("mine")
    assert names(VoiceStore(tmp_path)) == ["anna"]
    assert not VoiceStore(tmp_path).faults()


@pytest.mark.parametrize("content", [b"", b"no pickle", b"PK\x03\x04"])
def test_a_spoiled_spk2info_takes_no_added_voice_with_it(tmp_path, content, caplog):
    VoiceStore(tmp_path).add(voice())
    (tmp_path / "spk2info.pt").write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert names(VoiceStore(tmp_path)) == ["anna"]
    assert "the model's own voices are left out" in caplog.text


def test_who_agreed_and_when_is_kept_with_the_voice(tmp_path):
    path = VoiceStore(tmp_path).add(voice(), consent="Anna Example")
    _, metadata = read_voice(path)
    assert metadata["consent"] == "Anna Example"
    assert metadata["consent_at"] == metadata["created"]
