"""Engines on disk: found by their key, rebuilt when damaged, never given for another key."""

import logging
from dataclasses import replace

import pytest

from sayline.synthesis.cosyvoice3.release.cache import (
    RUNTIMES,
    EngineCache,
    EngineKey,
    engine_folder,
    read_engine,
    read_key,
    write_engine,
)

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
    write_engine(cache.path(KEY), KEY, ENGINE)
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
    write_engine(cache.path(KEY), KEY, b"an engine of yesterday")
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
    write_engine(cache.path(KEY), KEY, ENGINE)
    with pytest.raises(TypeError):
        write_engine(cache.path(KEY), KEY, "not bytes")
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


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "velocity.engine"
    write_engine(path, KEY, ENGINE)
    return path


def test_a_file_tells_what_its_engine_was_built_from_and_for(file):
    assert read_key(file) == KEY
    assert read_engine(file) == (KEY, ENGINE)


def test_an_engine_runs_on_another_machine_without_its_builder(file):
    assert read_key(file).runtime == "tensorrt_lean"
    assert replace(KEY, library="tensorrt_rtx 1.7.1").runtime == "tensorrt_rtx"
    assert set(RUNTIMES.values()) == {"tensorrt_lean", "tensorrt_rtx"}


def first_line_only(data):
    return data[: data.index(b"\n") + 1]


@pytest.mark.parametrize("damage", [one_bit_flipped, one_byte_longer, first_line_only, cut_in_half])
def test_a_file_that_is_not_whole_is_refused_in_one_line(file, damage):
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match=r"damaged.*copy it again$") as refusal:
        read_engine(file)
    assert "\n" not in str(refusal.value)
    assert read_key(file) == KEY


def a_plan_of_another_program(_data):
    return b"ftrt" + bytes(range(256)) * 1000


def a_key_of_another_release(data):
    return data.replace(b'"precision"', b'"shade"', 1)


def of_a_library_that_nobody_knows(data):
    return data.replace(b"tensorrt 11.4.0", b"openvino 2026.1", 1)


def without_a_key(data):
    return b"[]\n" + data


@pytest.mark.parametrize(
    "foreign",
    [
        emptied,
        without_a_line,
        without_a_key,
        a_plan_of_another_program,
        a_key_of_another_release,
        of_a_library_that_nobody_knows,
    ],
)
def test_a_file_that_is_not_ours_is_refused_in_one_line(file, foreign):
    file.write_bytes(foreign(file.read_bytes()))
    for read in (read_key, read_engine):
        with pytest.raises(ValueError, match=r"no engine that Sayline wrote .*docs/TENSORRT.md") as refusal:
            read(file)
        assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"velocity.engine cannot be read: No such file"):
        read_key(tmp_path / "velocity.engine")
    with pytest.raises(ValueError, match=r"cannot be read: Is a directory"):
        read_engine(tmp_path)
