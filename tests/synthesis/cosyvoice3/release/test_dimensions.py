"""At full size every tensor that we name is one of the release's, and every one of the release's is named."""

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import checkpoint_maker, private_model_dir

from sayline.synthesis.cosyvoice3.flow.flow import flow_shapes
from sayline.synthesis.cosyvoice3.lm import network as lm
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.vocoder.vocoder import vocoder_shapes


def test_all_tensors_have_the_release_s_names_and_shapes(tmp_path):
    model_dir = private_model_dir(tmp_path)
    (model_dir / "cosyvoice3.yaml").unlink()
    (model_dir / "cosyvoice3.yaml").write_text(checkpoint_maker().yaml_text("full"))
    config = json.loads((model_dir / "CosyVoice-BlankEN" / "config.json").read_text())
    config |= {"hidden_size": 896, "num_hidden_layers": 24, "num_attention_heads": 14, "num_key_value_heads": 2}
    config |= {"intermediate_size": 4864, "head_dim": 64}
    (model_dir / "CosyVoice-BlankEN" / "config.json").unlink()
    (model_dir / "CosyVoice-BlankEN" / "config.json").write_text(json.dumps(config))
    full = ModelDimensions.read(model_dir)

    rows = [line.split("\t") for line in (Path(__file__).parents[1] / "state_dict_keys.tsv").read_text().splitlines()]
    listed = {key: tuple(json.loads(shape)) for key, shape, _ in rows}
    assert len(listed) == len(rows) == 951
    assert lm.shapes(full.lm) | flow_shapes(full.flow) | vocoder_shapes(full.vocoder) == listed
