"""Where workers listen, as operators write it."""

from pathlib import Path

import pytest

from sayline.synthesis.workers.addresses import read_address, read_addresses


@pytest.mark.parametrize("text", ["unix:/run/sayline/a", "gpu-1.example:7411", "10.0.0.7:1", "[::1]:65535"])
def test_an_address_is_written_as_it_is_read(text):
    assert str(read_address(text)) == text


@pytest.mark.parametrize(
    "text", ["", "unix:", "unix:relative", "unix:/" + 103 * "a", "host", "host:", ":1", "host:65536", "host:-1", "a:²"]
)
def test_what_is_no_address_is_refused_with_what_was_written(text):
    with pytest.raises(ValueError, match=r"address such as|path is absolute") as failure:
        read_address(text)
    assert repr(text) in str(failure.value)


def test_a_list_has_commas_and_names_each_worker_once():
    assert [address.path for address in read_addresses("unix:/a, unix:/b,")] == [Path("/a"), Path("/b")]
    with pytest.raises(ValueError, match="twice"):
        read_addresses("unix:/a,unix:/a")
    with pytest.raises(ValueError, match="no worker"):
        read_addresses(" , ")


@pytest.mark.parametrize(
    ("text", "is_loopback"),
    [("127.0.0.1:1", True), ("[::1]:1", True), ("localhost:1", True), ("10.0.0.1:1", False), ("gpu.example:1", False)],
)
def test_only_addresses_that_do_not_leave_the_machine_are_loopback(text, is_loopback):
    assert read_address(text).is_loopback == is_loopback
