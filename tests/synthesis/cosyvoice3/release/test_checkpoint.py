"""Model directories are read whole or refused with the reason."""

import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import checkpoint_maker, private_model_dir, tiny_model_dir

from sayline.synthesis.cosyvoice3.release.checkpoint import BadCheckpoint, fold_weight_norm, load_state
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions

SHAPES = {"a": (2, 3), "b": (4,)}


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "state.pt"

    def save(**tensors):
        torch.save(tensors, path)
        return path

    return save


def test_a_state_dict_with_the_expected_keys_and_shapes_is_loaded(saved):
    path = saved(a=torch.ones(2, 3), b=torch.arange(4.0))
    state = load_state(path, SHAPES)
    assert torch.equal(state["b"], torch.arange(4.0))


def test_keys_of_a_training_wrapper_are_read_without_its_prefix(tmp_path):
    path = tmp_path / "state.pt"
    torch.save({"generator.a": torch.ones(2, 3), "generator.b": torch.ones(4)}, path)
    assert set(load_state(path, SHAPES, strip="generator.")) == {"a", "b"}


def test_the_error_names_what_is_missing_unknown_and_misshapen(saved):
    path = saved(a=torch.ones(3, 2), c=torch.ones(1))
    with pytest.raises(BadCheckpoint, match=r"lacks b; has unknown c; has misshapen a \(3, 2\), not \(2, 3\)"):
        load_state(path, SHAPES)


def test_an_optional_key_may_be_absent(saved):
    assert set(load_state(saved(a=torch.ones(2, 3)), SHAPES, optional=("b",))) == {"a"}


def test_a_truncated_file_is_refused(saved):
    path = saved(a=torch.ones(2, 3), b=torch.ones(4))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(BadCheckpoint, match=r"state\.pt is truncated or no checkpoint"):
        load_state(path, SHAPES)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadCheckpoint, match=r"nowhere\.pt does not exist"):
        load_state(tmp_path / "nowhere.pt", SHAPES)


def test_a_file_that_would_run_code_is_refused(tmp_path):
    path = tmp_path / "state.pt"
    torch.save({"a": print}, path)
    with pytest.raises(BadCheckpoint):
        load_state(path, SHAPES)


def test_weight_norm_is_folded_in_float64():
    generator = torch.Generator().manual_seed(1)
    direction, gain = torch.randn(5, 3, 7, generator=generator), torch.rand(5, 1, 1, generator=generator)
    names = ("conv.parametrizations.weight.original0", "conv.parametrizations.weight.original1")
    folded = fold_weight_norm({names[0]: gain, names[1]: direction, "conv.bias": torch.ones(5)})
    assert set(folded) == {"conv.weight", "conv.bias"}
    assert folded["conv.weight"].dtype == torch.float64
    norms = folded["conv.weight"].flatten(1).norm(dim=1)
    torch.testing.assert_close(norms, gain.double().flatten(), rtol=1e-14, atol=0)


def test_dimensions_are_those_of_the_directory():
    dimensions, dims = ModelDimensions.read(tiny_model_dir()), checkpoint_maker().DIMS["tiny"]
    assert (dimensions.lm.hidden, dimensions.lm.layers) == (dims["llm"]["hidden"], dims["llm"]["layers"])
    assert (dimensions.flow.dim, dimensions.flow.depth) == (dims["flow"]["dim"], dims["flow"]["depth"])
    assert dimensions.vocoder.base_channels == dims["hift"]["base"]


@pytest.mark.parametrize("size", ["tiny", "full"])
def test_the_release_s_tagged_description_is_read_without_running_it(tmp_path, size):
    model_dir = private_model_dir(tmp_path)
    plain = checkpoint_maker().yaml_text(size)
    (model_dir / "cosyvoice3.yaml").unlink()
    (model_dir / "cosyvoice3.yaml").write_text(plain)
    expected = ModelDimensions.read(model_dir)
    tagged = checkpoint_maker().yaml_text(size, tagged=True)
    assert "!apply:" in tagged
    (model_dir / "cosyvoice3.yaml").write_text(tagged)
    assert ModelDimensions.read(model_dir) == expected


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("cosyvoice3.yaml", None, "cannot be read"),
        ("cosyvoice3.yaml", "- a list", "does not describe a model"),
        ("cosyvoice3.yaml", "flow: [", "cannot be read"),
        ("cosyvoice3.yaml", "hift: {}\nflow: {}", "lacks or garbles 'decoder'"),
        ("CosyVoice-BlankEN/config.json", "{", "cannot be read"),
        ("CosyVoice-BlankEN/config.json", '{"hidden_size": "wide"}', "lacks or garbles"),
    ],
)
def test_a_directory_without_a_readable_description_is_refused(tmp_path, name, content, reason):
    model_dir = private_model_dir(tmp_path)
    (model_dir / name).unlink()
    if content is not None:
        (model_dir / name).write_text(content)
    with pytest.raises(BadCheckpoint, match=reason):
        ModelDimensions.read(model_dir)
