"""Engines on disk: found by their key, rebuilt when damaged, never given for another key."""

import logging
from dataclasses import replace

import pytest

from sayline.synthesis.cosyvoice3.release.cache import EngineCache, EngineKey, engine_folder

KEY = EngineKey(
    gpu="NVIDIA H200, compute capability 9.0",
    library="tensorrt 11.4.0",
    precision="float16",
    graph="ab" * 32,
    profiles=("R 2..2..2, T 2..300..500",),
)
ENGINE = bytes(range(256)) * 40


@pytest.fixture
def cache(tmp_path):
    return EngineCache(tmp_path / "engines")


class Builder:
    """Counts builds; brings to life whatever is the engine it was told to accept."""

    def __init__(self, engine=ENGINE):
        self.builds = 0
        self.engine = engine

    def build(self):
        self.builds += 1
        return self.engine

    def deserialise(self, serialised):
        return bytes(serialised) if bytes(serialised) == self.engine else None


def obtain(cache, builder, key=KEY):
    return cache.obtain(key, builder.build, builder.deserialise)


def test_an_engine_is_built_once_and_found_again(cache):
    builder = Builder()
    assert obtain(cache, builder) == ENGINE
    assert obtain(cache, builder) == ENGINE
    assert builder.builds == 1


@pytest.mark.parametrize(
    "other",
    [
        {"gpu": "NVIDIA L20, compute capability 8.9"},
        {"library": "tensorrt 11.5.0"},
        {"precision": "float32"},
        {"graph": "cd" * 32},
        {"profiles": ("R 2..2..2, T 2..300..600",)},
    ],
    ids=lambda other: next(iter(other)),
)
def test_an_engine_is_not_taken_for_another_key(cache, other):
    builder = Builder()
    obtain(cache, builder)
    assert cache.load(replace(KEY, **other)) is None
    obtain(cache, builder, replace(KEY, **other))
    assert builder.builds == 2
    assert obtain(cache, builder) == ENGINE
    assert builder.builds == 2


def test_a_file_under_another_key_s_name_is_not_believed(cache):
    cache.store(KEY, ENGINE)
    other = replace(KEY, precision="float32")
    cache.path(KEY).rename(cache.path(other))
    assert cache.load(other) is None


def cut_in_half(data):
    return data[: len(data) // 2]


def emptied(_data):
    return b""


def one_bit_flipped(data):
    return data[:-7] + bytes([data[-7] ^ 4]) + data[-6:]


def without_a_line(data):
    return b"\0" * len(data)


def one_byte_longer(data):
    return data + b"\0"


@pytest.mark.parametrize("damage", [cut_in_half, emptied, one_bit_flipped, without_a_line, one_byte_longer])
def test_a_damaged_file_is_reported_and_its_engine_built_again(cache, caplog, damage):
    builder = Builder()
    obtain(cache, builder)
    path = cache.path(KEY)
    path.write_bytes(damage(path.read_bytes()))
    with caplog.at_level(logging.WARNING, logger="sayline.engines"):
        assert obtain(cache, builder) == ENGINE
    assert builder.builds == 2
    assert "damaged" in caplog.text
    assert cache.load(KEY) == ENGINE


def test_an_engine_that_cannot_be_deserialised_is_built_again(cache, caplog):
    """A library may refuse what is intact: an engine of another driver, say."""
    cache.store(KEY, b"an engine of yesterday")
    builder = Builder()
    assert obtain(cache, builder) == ENGINE
    assert builder.builds == 1
    assert "cannot be deserialised" in caplog.text
    assert cache.load(KEY) == ENGINE


def test_an_engine_that_never_comes_to_life_is_built_no_more_than_once(cache):
    builder = Builder()
    assert cache.obtain(KEY, builder.build, lambda _serialised: None) is None
    assert builder.builds == 1


def test_a_build_that_fails_leaves_nothing(cache, tmp_path):
    def build():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.obtain(KEY, build, bytes)
    assert not (tmp_path / "engines").exists()


def test_a_write_that_fails_leaves_the_former_file_and_nothing_else(cache, tmp_path):
    cache.store(KEY, ENGINE)
    with pytest.raises(TypeError):
        cache.store(KEY, "not bytes")
    assert cache.load(KEY) == ENGINE
    assert [path.name for path in (tmp_path / "engines").iterdir()] == [KEY.file_name()]


def test_an_engine_that_cannot_be_stored_is_usable_all_the_same(tmp_path, caplog):
    (tmp_path / "engines").write_text("a file where the folder should be")
    builder = Builder()
    assert obtain(EngineCache(tmp_path / "engines"), builder) == ENGINE
    assert "cannot be kept" in caplog.text


def test_engines_lie_beside_the_model(tmp_path):
    assert engine_folder(tmp_path) == tmp_path / "engines"


def test_engines_of_a_model_that_cannot_be_written_to_lie_in_the_user_s_cache(tmp_path, monkeypatch):
    nowhere = tmp_path / "no such model"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert engine_folder(nowhere) == tmp_path / "cache" / "sayline" / "engines"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert engine_folder(nowhere) == tmp_path / ".cache" / "sayline" / "engines"
