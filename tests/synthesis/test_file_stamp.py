"""Files that are read again when they change."""

import os

import pytest

from sayline.synthesis.file_stamp import file_stamp


@pytest.fixture
def file(tmp_path):
    made = tmp_path / "file"
    made.write_text("one")
    os.utime(made, ns=(10, 10))
    return made


def test_a_file_that_nobody_touches_keeps_its_stamp(file):
    assert file_stamp(file) == file_stamp(file) is not None


def test_a_file_that_is_written_or_longer_or_replaced_has_another(file):
    before = file_stamp(file)
    os.utime(file, ns=(10, 11))
    written = file_stamp(file)
    file.write_text("longer")
    os.utime(file, ns=(10, 10))
    longer = file_stamp(file)
    other = file.with_name("other")
    other.write_text("longer")
    os.utime(other, ns=(10, 10))
    other.replace(file)

    assert len({before, written, longer, file_stamp(file)}) == 4


def test_a_file_that_is_gone_or_in_no_folder_has_none(file):
    file.unlink()

    assert file_stamp(file) is None
    assert file_stamp(file / "below" / "nothing") is None
