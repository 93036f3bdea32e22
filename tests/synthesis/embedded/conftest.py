import pytest


@pytest.fixture
def no_hibari(tmp_path, monkeypatch):
    """The package is found first on the path, and is broken."""
    (tmp_path / "hibari.py").write_text("raise ImportError('libonnxruntime.so: no such file')")
    monkeypatch.syspath_prepend(tmp_path)
