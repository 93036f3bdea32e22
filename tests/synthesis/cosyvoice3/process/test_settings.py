"""Settings reach the engine process as they left the gateway."""

from pathlib import Path

import pytest

from sayline.synthesis.cosyvoice3.process.settings import EngineSettings

SETTINGS = EngineSettings(
    model_dir=Path("/models/cosy voice"),
    max_streams=3,
    load_vllm=True,
    precision="float16",
    gpu_memory_utilization=0.55,
    token_hop_len=12,
    trt_concurrent=2,
    trt_engine=Path("/engines/velocity.engine"),
    min_solver_steps=6,
    rtf_guard=False,
    fixed_tokens_per_character=1.5,
    mps=True,
)


def test_settings_that_are_written_are_read_again():
    assert EngineSettings.from_json(SETTINGS.to_json()) == SETTINGS


def test_a_setting_that_was_not_chosen_stays_unset():
    settings = EngineSettings(model_dir=Path("model"), max_streams=1, gpu_memory_utilization=0.9)
    assert EngineSettings.from_json(settings.to_json()) == settings


def test_a_compact_past_is_refused_where_the_flow_keeps_none():
    with pytest.raises(ValueError, match=r"^compact_past: contradicts trt_concurrent"):
        EngineSettings(model_dir=Path("model"), compact_past=True, trt_concurrent=2)


def test_a_setting_of_another_release_is_refused():
    with pytest.raises(TypeError, match="shade"):
        EngineSettings.from_json(SETTINGS.to_json().replace('"max_streams"', '"shade"'))


def test_settings_are_given_by_name():
    """Given by position, a field that comes between two others would take the value of the next."""
    with pytest.raises(TypeError, match="positional"):
        EngineSettings(Path("model"))


def test_an_engine_file_without_contexts_to_run_it_is_refused():
    with pytest.raises(ValueError, match=r"^trt_engine: needs trt_concurrent"):
        EngineSettings(model_dir=Path("model"), trt_engine=Path("velocity.engine"))
