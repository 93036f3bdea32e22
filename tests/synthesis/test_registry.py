"""The list of engines, and what other packages may bring to it."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from sayline.synthesis import registry
from sayline.synthesis.interface import EngineUnavailable


def brought(monkeypatch, value):
    """Collect the engines while a package offers one more."""
    points = [EntryPoint("more", value, registry.ENTRY_POINTS)]
    monkeypatch.setattr(registry, "entry_points", lambda group: points if group == registry.ENTRY_POINTS else [])
    return registry.engines()


def test_ours_come_first_and_the_first_speaks_if_nothing_chooses_another():
    assert list(registry.engines())[:6] == ["embedded", "espeak", "kokoro", "cosyvoice3", "workers", "tone"]


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("sayline.no_such_module:ENGINE", "cannot be imported"),
        ("sayline.synthesis.interface:Voice", "is no Engine"),
        ("sayline.synthesis.registry:TONE", "there already is an engine called tone"),
    ],
)
def test_a_package_whose_engine_cannot_be_had_is_named(monkeypatch, value, line):
    with pytest.raises(EngineUnavailable, match=line):
        brought(monkeypatch, value)


def test_a_setting_without_a_default_is_needed_and_may_be_left_out_while_another_engine_speaks():
    engine = registry.COSYVOICE3

    assert engine.needed() == ("model_dir",)
    assert engine.offered()["model_dir"][1] is None
    assert "max_streams" not in engine.offered()  # it has no description: the server says it, not the operator


def test_the_list_loads_no_engine():
    code = (
        "import sys, sayline.synthesis.registry as r; r.engines();"
        "sys.exit(bool({'numpy', 'torch', 'sayline.synthesis.espeak.synthesizer'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
