"""The voices' files: fetched or copied, and judged by what was published of them."""

import hashlib

import numpy as np
import pytest

from sayline.synthesis.kokoro import packs
from sayline.synthesis.kokoro.packs import LENGTHS, PACKS, STYLE, Pack, PackUnavailable, fetch, found, read


def content(number):
    return np.full((LENGTHS, STYLE), number, "<f4").tobytes()


@pytest.fixture
def published(monkeypatch, tmp_path):
    """Two voices of our own in place of the published ones, and a folder that holds them."""
    source = tmp_path / "source"
    source.mkdir()
    mine = []
    for number, name in enumerate(("zf_one", "jm_two")):
        (source / f"{name}.bin").write_bytes(content(number))
        mine.append(Pack(name, hashlib.sha256(content(number)).hexdigest()))
    monkeypatch.setattr(packs, "PACKS", tuple(mine))
    return source


def test_voices_say_what_they_speak_by_their_names():
    assert PACKS[0].languages == ("cmn", "zh")
    assert {pack.languages for pack in PACKS} == {("cmn", "zh"), ("ja",)}
    assert Pack("jm_kumo", "").description == "A neural voice for Japanese, male (Kokoro)"


def test_voices_are_copied_from_a_folder_once(published, tmp_path):
    told = []
    fetch(tmp_path / "here", published, None, told.append)
    fetch(tmp_path / "here", published, None, told.append)

    assert [pack.name for pack in found(tmp_path / "here")] == ["zf_one", "jm_two"]
    assert len(told) == 1
    assert read(tmp_path / "here", "jm_two")[0, 0] == 1


def test_a_file_that_was_changed_is_replaced(published, tmp_path):
    fetch(tmp_path / "here", published, None, lambda _: None)
    (tmp_path / "here" / "zf_one.bin").write_bytes(content(7))
    fetch(tmp_path / "here", published, None, lambda _: None)

    assert read(tmp_path / "here", "zf_one")[0, 0] == 0


def test_what_differs_from_what_was_published_is_named(published, tmp_path):
    (published / "zf_one.bin").write_bytes(content(7))
    with pytest.raises(PackUnavailable, match=r"zf_one\.bin is not what was published"):
        fetch(tmp_path / "here", published, None, lambda _: None)


@pytest.mark.usefixtures("published")
def test_a_folder_without_voices_is_named(tmp_path):
    with pytest.raises(PackUnavailable, match="cannot be had"):
        fetch(tmp_path / "here", tmp_path / "nowhere", None, lambda _: None)
    assert found(tmp_path / "here") == []


@pytest.mark.thorough
@pytest.mark.usefixtures("published")
def test_a_hub_that_cannot_be_reached_is_told_with_what_to_do(tmp_path):
    pytest.importorskip("huggingface_hub", reason="the kokoro extra is not installed")
    with pytest.raises(PackUnavailable, match="HF_ENDPOINT, or name a folder"):
        fetch(tmp_path / "here", None, "http://127.0.0.1:9", lambda _: None)


@pytest.mark.parametrize("length", [0, 100, LENGTHS * STYLE * 4 + 4])
def test_a_file_of_another_length_is_refused(tmp_path, length):
    (tmp_path / "zf_one.bin").write_bytes(bytes(length))
    with pytest.raises(PackUnavailable, match=f"has {length} bytes"):
        read(tmp_path, "zf_one")


def test_a_missing_file_is_told_with_what_to_do(tmp_path):
    with pytest.raises(PackUnavailable, match="sayline download kokoro"):
        read(tmp_path, "zf_one")
