"""The options by which commands find a gateway; a key is never shown."""

import argparse

import pytest

from sayline.gateway.commands import options as client_options
from sayline.gateway.errors import BadSettings


def read(*flags):
    parser = argparse.ArgumentParser()
    client_options.add_arguments(parser, url_help="")
    return client_options.read(parser.parse_args(flags))


def test_flags_win_over_the_environment(monkeypatch):
    monkeypatch.setenv("SAYLINE_URL", "ws://a")
    monkeypatch.setenv("SAYLINE_KEY", "from the environment")
    assert (read().url, read().key) == ("ws://a", "from the environment")
    options = read("--url", "ws://b", "--key", "from a flag")
    assert (options.url, options.key) == ("ws://b", "from a flag")


def test_a_key_out_of_a_file_loses_the_line_end(monkeypatch):
    monkeypatch.setenv("SAYLINE_KEY", "s3cret\r\n")
    assert read().key == "s3cret"
    assert "s3cret" not in repr(read())


@pytest.mark.parametrize("key", ["s3cret\nmore", "s3cret\x1b", "s3crét", "s3cret\x7f"])
def test_what_can_be_no_key_is_refused_by_the_name_of_what_gave_it_and_not_shown(key, monkeypatch):
    with pytest.raises(BadSettings, match=r"^--key: ") as caught:
        read("--key", key)
    assert "s3cr" not in str(caught.value)
    monkeypatch.setenv("SAYLINE_KEY", key)
    with pytest.raises(BadSettings, match=r"^SAYLINE_KEY: "):
        read()


def test_a_file_that_holds_no_certificate_is_refused_by_name(tmp_path):
    (tmp_path / "ca").write_text("no PEM")
    with pytest.raises(BadSettings, match=r"--ca-file .*ca: holds no certificate"):
        read("--ca-file", str(tmp_path / "ca"))
    with pytest.raises(BadSettings, match=r"--ca-file .*: cannot be read: Is a directory"):
        read("--ca-file", str(tmp_path))
