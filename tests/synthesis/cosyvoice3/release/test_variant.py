"""Variants: files that stand in for the release's own, part by part."""

import pytest

from sayline.synthesis.cosyvoice3.release.variant import file_of, is_there, variant_name


@pytest.mark.parametrize(("name", "own"), [("llm.pt", "llm.rl.pt"), ("cosyvoice3.yaml", "cosyvoice3.rl.yaml")])
def test_a_variant_s_file_has_its_name_before_the_ending(name, own):
    assert variant_name(name, "rl") == own


def test_a_part_without_a_file_of_the_variant_is_the_release_s_own(tmp_path):
    for name in ("llm.pt", "llm.rl.pt", "flow.pt"):
        (tmp_path / name).touch()

    assert file_of(tmp_path, "llm.pt", "rl").name == "llm.rl.pt"
    assert file_of(tmp_path, "flow.pt", "rl").name == "flow.pt"
    assert file_of(tmp_path, "llm.pt", None).name == "llm.pt"


def test_a_variant_is_there_if_any_part_has_a_file_of_it(tmp_path):
    (tmp_path / "llm.pt").touch()
    assert not is_there(tmp_path, "rl")
    (tmp_path / "flow.rl.pt").touch()
    assert is_there(tmp_path, "rl")
