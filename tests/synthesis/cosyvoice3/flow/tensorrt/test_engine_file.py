"""An engine that another machine built is taken if it fits, and refused in one line if it does not.

``tensorrt_rtx`` really builds the files here, and NVIDIA's lean runtime is really loaded. Neither runs an engine: that
needs a GPU.
"""

import gc
import importlib
import os
import sys
from dataclasses import replace

import pytest
from cosyvoice3_checkpoint import tiny_model_dir

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
pytest.importorskip("onnx", reason="the cosyvoice3 extra is not installed")

from sayline.synthesis.cosyvoice3.flow.flow import load_flow
from sayline.synthesis.cosyvoice3.flow.tensorrt.engine_file import (
    LEVELS,
    build_file,
    deserialised,
    gpus_in_words,
    gpus_that_cover,
    import_runtime,
    load_file,
    make_portable,
    unfitness,
)
from sayline.synthesis.cosyvoice3.flow.tensorrt.onnx_export import velocity_graph
from sayline.synthesis.cosyvoice3.flow.tensorrt.tensorrt_engine import (
    build_engine,
    engine_key,
    library_name,
    logger_of,
    new_runtime,
    one_model,
    shape_profiles,
)
from sayline.synthesis.cosyvoice3.release.cache import read_engine, read_key
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.interface import EngineUnavailable

IS_REQUIRED = os.environ.get("SAYLINE_REQUIRE_TENSORRT") == "1"  # CI sets it: there, nothing here may be skipped unseen

PROFILES = shape_profiles(max_streams=2, max_frames=600)
H100, H200, L20, T4 = (
    ("NVIDIA H100 80GB HBM3", (9, 0)),
    ("NVIDIA H200", (9, 0)),
    ("NVIDIA L20", (8, 9)),
    ("Tesla T4", (7, 5)),
)


def imported(name):
    if IS_REQUIRED:
        return importlib.import_module(name)
    return pytest.importorskip(name, reason=f"{name} is not installed")


@pytest.fixture(scope="module")
def rtx():
    return imported("tensorrt_rtx")


@pytest.fixture(scope="module")
def lean():
    return imported("tensorrt_lean")


def tiny_dit(dtype=torch.float32):
    directory = tiny_model_dir()
    return load_flow(directory, ModelDimensions.read(directory).flow, torch.device("cpu"), dtype).dit


def key_on(gpus, dit, profiles=PROFILES):
    return engine_key(gpus, "tensorrt 11.4.0", velocity_graph(dit), dit.dtype, profiles)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Built by tensorrt_rtx, the only builder that needs no GPU."""
    imported("tensorrt_rtx")
    path = tmp_path_factory.mktemp("elsewhere") / "velocity.engine"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "tensorrt", None)  # how Python spells "cannot be imported"
        build_file(tiny_dit(), path, PROFILES, "model")
    return path


def test_a_file_says_what_its_engine_was_built_from_and_for(file, rtx):
    key, plan = read_engine(file)
    wanted = key_on("each RTX GPU that the library knows", tiny_dit())
    assert key == replace(wanted, library=library_name(rtx))
    assert unfitness(key, wanted, gpus_that_cover("NVIDIA RTX 4090", (8, 9))) == ""
    assert len(plan) > 1_000_000


def test_other_weights_precision_shapes_and_gpus_are_refused_with_what_to_do():
    dit = tiny_dit()
    bias = dit.out.bias.clone()
    bias[0] += 1e-6 * bias[0].abs() + 1e-6
    wanted = key_on(one_model(*L20), dit)

    def refusal(key):
        return unfitness(key, wanted, gpus_that_cover(*L20))

    assert refusal(wanted) == ""
    assert "other weights" in refusal(key_on(one_model(*L20), replace(dit, out=replace(dit.out, bias=bias))))
    assert "computes in float16: set precision" in refusal(key_on(one_model(*L20), tiny_dit(torch.float16)))
    assert "other shapes" in refusal(key_on(one_model(*L20), dit, shape_profiles(max_streams=1, max_frames=600)))
    assert refusal(key_on(one_model(*H200), dit)) == (
        "is for NVIDIA H200, compute capability 9.0, and this is NVIDIA L20, compute capability 8.9: "
        "build it for this one (--gpus)"
    )


@pytest.mark.parametrize(
    ("gpus", "built_on", "runs_on"),
    [
        ("model", H200, [H200]),
        ("capability", H100, [H100, H200]),
        ("ampere", L20, [H100, H200, L20]),
        ("ampere", H100, [H100, H200, L20]),
    ],
)
def test_an_engine_is_taken_by_the_gpus_that_it_was_built_for(gpus, built_on, runs_on):
    words = gpus_in_words(gpus, *built_on)
    assert [each for each in (H100, H200, L20, T4) if words in gpus_that_cover(*each)] == runs_on


def test_a_build_for_other_machines_fits_the_lean_runtime_and_carries_none(rtx):
    """tensorrt's own builder needs a GPU; the settings of tensorrt_rtx's are the same, but for the GPUs."""
    config = rtx.Builder(logger_of(rtx)).create_builder_config()
    make_portable(rtx, config, "model")
    assert config.get_flag(rtx.BuilderFlag.VERSION_COMPATIBLE)
    assert config.get_flag(rtx.BuilderFlag.EXCLUDE_LEAN_RUNTIME)
    assert set(LEVELS.values()) == set(rtx.HardwareCompatibilityLevel.__members__)


def test_what_a_build_is_told_to_change_reaches_the_builder(rtx):
    def leave_no_memory(config):
        config.set_memory_pool_limit(rtx.MemoryPoolType.WORKSPACE, 0)

    with pytest.raises(EngineUnavailable, match="cannot build"):
        build_engine(rtx, velocity_graph(tiny_dit()), PROFILES, leave_no_memory)


def test_the_lean_runtime_has_all_that_running_uses_and_no_builder(lean):
    used = {
        lean.ILogger: "INTERNAL_ERROR ERROR WARNING",
        lean.Runtime: "deserialize_cuda_engine engine_host_code_allowed",
        lean.ICudaEngine: "create_execution_context",
        lean.ExecutionContextAllocationStrategy: "USER_MANAGED",
        lean.IExecutionContext: "set_optimization_profile_async set_input_shape set_tensor_address "
        "update_device_memory_size_for_shapes set_device_memory execute_async_v3",
    }
    assert [name for owner, names in used.items() for name in names.split() if not hasattr(owner, name)] == []
    assert set(LEVELS.values()) == set(lean.HardwareCompatibilityLevel.__members__)
    assert not hasattr(lean, "Builder")
    assert library_name(lean).startswith("tensorrt_lean 11.")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU, with which it starts")
def test_a_runtime_that_cannot_start_says_why_and_takes_no_process_with_it(lean):
    with pytest.raises(EngineUnavailable, match=r"^tensorrt_lean 11\..* cannot start: .*CUDA"):
        new_runtime(lean)
    gc.collect()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU, with which it may be taken")
def test_an_engine_that_its_runtime_refuses_is_one_line_with_the_reason(rtx, file):
    key, plan = read_engine(file)
    with pytest.raises(
        EngineUnavailable, match=r"^trt_engine: tensorrt_rtx 1\.\S+ refuses .*CUDA.*build it with"
    ) as refusal:
        deserialised(rtx, file, key, plan)
    assert "\n" not in str(refusal.value)


def test_without_its_runtime_a_file_is_refused_with_what_to_install(file, monkeypatch):
    key = read_key(file)
    for runtime, library in (("tensorrt_lean", "tensorrt 11.4.0"), ("tensorrt_rtx", key.library)):
        monkeypatch.setitem(sys.modules, runtime, None)
        with pytest.raises(EngineUnavailable, match=rf"pip install 'sayline\[{runtime.replace('_', '-')}\]'"):
            import_runtime(file, replace(key, library=library))


def load(path):
    load_file(tiny_dit(), path, max_streams=2, max_frames=600, concurrent=1)


def test_a_file_that_is_not_whole_is_refused_and_nothing_is_built(file, tmp_path):
    cut = tmp_path / "velocity.engine"
    cut.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(EngineUnavailable, match=r"^trt_engine: \S+velocity.engine is damaged"):
        load(cut)
    assert list(tmp_path.iterdir()) == [cut]


def test_a_model_on_the_cpu_is_refused(file):
    with pytest.raises(EngineUnavailable, match="needs an NVIDIA GPU"):
        load(file)
