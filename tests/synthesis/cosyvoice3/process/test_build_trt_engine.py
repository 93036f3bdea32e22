"""The command that builds the file of ``trt_engine`` really builds it, and says in one line what is in the way."""

import sys

import pytest
from cosyvoice3_checkpoint import tiny_model_dir

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
pytest.importorskip("tensorrt_rtx", reason="tensorrt_rtx is not installed")

from sayline.synthesis.cosyvoice3.process.build_trt_engine import main
from sayline.synthesis.cosyvoice3.release.cache import read_engine


@pytest.fixture(autouse=True)
def only_rtx(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorrt", None)  # how Python spells "cannot be imported"; it needs a GPU


def test_the_file_is_whole_and_the_command_says_what_it_is(tmp_path, capsys):
    path = tmp_path / "engines" / "velocity.engine"
    assert main([str(tiny_model_dir()), str(path), "--precision", "float16"]) == 0
    key, engine = read_engine(path)
    assert capsys.readouterr().out == f"{path}: float16, by {key.library}, for {key.gpu}\n"
    assert key.profiles[-1] == "R 2..32..64, T 500..1000..6400"
    assert engine.nbytes > 1_000_000


def test_what_is_in_the_way_is_one_line_and_no_file_is_left(tmp_path, capsys, monkeypatch):
    path = tmp_path / "velocity.engine"
    assert main([str(tmp_path), str(path)]) == 1
    assert "cosyvoice3.yaml" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "tensorrt_rtx", None)
    assert main([str(tiny_model_dir()), str(path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("no engine was built: TensorRT is not installed")
    assert not path.exists()
