import pytest

from sayline.synthesis.hibari import synthesizer as hibari


@pytest.fixture
def no_hibari(tmp_path, monkeypatch):
    """The package is found first on the path, and is broken."""
    (tmp_path / "hibari.py").write_text("raise ImportError('libonnxruntime.so: no such file')")
    monkeypatch.syspath_prepend(tmp_path)


@pytest.fixture
def no_durations(tmp_path, monkeypatch):
    """hibari's process asks its model for durations by a name that the model does not know."""
    (tmp_path / "without_durations.py").write_text(
        "from sayline.synthesis.hibari import voice\n"
        "from sayline.synthesis.hibari.process import main\n"
        "voice._TELL_DURATIONS = bytes.fromhex('3a0a62080a06') + b'/other'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(hibari, "_PROGRAM", "without_durations")
