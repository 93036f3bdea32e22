"""TensorRT's builder, which for RTX needs no GPU, really builds the network; running it needs a GPU, and says so."""

import importlib
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from cosyvoice3_checkpoint import relative_error, tiny_model_dir

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
pytest.importorskip("onnx", reason="the cosyvoice3 extra is not installed")

from sayline.synthesis.cosyvoice3.flow.flow import load_flow
from sayline.synthesis.cosyvoice3.flow.tensorrt.engine_file import load_file
from sayline.synthesis.cosyvoice3.flow.tensorrt.onnx_export import digest, velocity_graph
from sayline.synthesis.cosyvoice3.flow.tensorrt.tensorrt_engine import (
    LIBRARIES,
    Pool,
    Profile,
    Range,
    build_engine,
    import_library,
    library_name,
    load_tensorrt,
    profile_of,
    require_support,
    shape_profiles,
)
from sayline.synthesis.cosyvoice3.flow.velocity_engine import EagerVelocity
from sayline.synthesis.cosyvoice3.process import build_trt_engine
from sayline.synthesis.cosyvoice3.process.assembly import MAX_CHUNKS, TENSORRT_BATCH
from sayline.synthesis.cosyvoice3.release.cache import RUNTIMES, EngineCache, EngineKey
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.release.model_facts import CHUNK_FRAMES, MAX_FRAMES, MEL_BINS
from sayline.synthesis.interface import EngineUnavailable

SMALL_PROFILES = shape_profiles(max_streams=2, max_frames=600)


IS_REQUIRED = os.environ.get("SAYLINE_REQUIRE_TENSORRT") == "1"  # CI sets it: there, nothing here may be skipped unseen


def missing(reason):
    """Skip a test, or let it fail where it is required."""
    (pytest.fail if IS_REQUIRED else pytest.skip)(reason)


@pytest.fixture(scope="module")
def library():
    try:
        return import_library()
    except EngineUnavailable as error:
        missing(str(error))


@pytest.fixture(scope="module")
def builder(library):
    """What builds on this machine: tensorrt needs a GPU for that, tensorrt_rtx does not."""
    if library.__name__ == "tensorrt" and not torch.cuda.is_available():
        try:
            return importlib.import_module("tensorrt_rtx")
        except ImportError:
            missing("tensorrt builds only on a GPU, and tensorrt_rtx is not installed")
    return library


def tiny_dit(dtype=torch.float32, device="cpu"):
    directory = tiny_model_dir()
    return load_flow(directory, ModelDimensions.read(directory).flow, torch.device(device), dtype).dit


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16], ids=str)
def test_the_network_is_built_in_every_precision_and_profile(builder, dtype):
    dit = tiny_dit(dtype)
    weights_bytes = sum(
        weights.weight.nbytes for block in dit.blocks for weights in (block.qkv, block.out, block.up, block.down)
    )
    engine = build_engine(builder, velocity_graph(dit), SMALL_PROFILES)
    assert engine.nbytes > weights_bytes


def test_a_graph_that_cannot_be_read_is_refused_with_the_reason(builder):
    model = velocity_graph(tiny_dit())
    model.graph.node[0].op_type = "NoSuchOperation"
    with pytest.raises(EngineUnavailable, match=r"cannot read .*\(NoSuchOperation\)"):
        build_engine(builder, model, SMALL_PROFILES)


def test_profiles_that_contradict_themselves_are_refused(builder):
    with pytest.raises(EngineUnavailable, match="cannot build"):
        build_engine(builder, velocity_graph(tiny_dit()), [Profile(Range(4, 2, 1), Range(50, 60, 70))])


def test_a_built_engine_is_cached_found_rebuilt_when_damaged_and_kept_apart(builder, tmp_path):
    """The whole way but for the GPU: bytes stand in for the engine that they would become."""
    cache = EngineCache(tmp_path)
    builds = []

    def obtain(dtype):
        model = velocity_graph(tiny_dit(dtype))
        key = EngineKey(
            "none", library_name(builder), str(dtype), digest(model), tuple(str(profile) for profile in SMALL_PROFILES)
        )

        def build():
            builds.append(dtype)
            return build_engine(builder, model, SMALL_PROFILES)

        engine = cache.obtain(key, build, bytes)
        return key, engine

    key, engine = obtain(torch.float16)
    assert obtain(torch.float16) == (key, engine)
    assert builds == [torch.float16]

    path = cache.path(key)
    path.write_bytes(path.read_bytes()[:-1000])
    _, rebuilt = obtain(torch.float16)
    assert len(rebuilt) > 1000
    assert builds == [torch.float16] * 2
    assert cache.load(key) == rebuilt

    other, _ = obtain(torch.float32)
    assert other.file_name() != key.file_name()
    assert builds == [torch.float16] * 2 + [torch.float32]


def test_without_the_library_the_error_says_what_to_install(monkeypatch):
    for name in LIBRARIES:
        monkeypatch.setitem(sys.modules, name, None)  # how Python spells "cannot be imported"
    with pytest.raises(EngineUnavailable, match=r"pip install 'sayline\[tensorrt\]'"):
        import_library()


def test_rtx_is_refused_on_gpus_that_it_has_no_kernels_for():
    rtx = pytest.importorskip("tensorrt_rtx", reason="tensorrt_rtx is not installed")
    require_support(rtx, "NVIDIA RTX 4090", (8, 9))
    with pytest.raises(EngineUnavailable, match=r"NVIDIA H200 \(compute capability 9\.0\)"):
        require_support(rtx, "NVIDIA H200", (9, 0))


def test_a_model_on_the_cpu_is_refused(library, tmp_path):
    del library
    with pytest.raises(EngineUnavailable, match="needs an NVIDIA GPU"):
        load_tensorrt(tiny_dit(), tmp_path, max_streams=1, max_frames=500, concurrent=1)


@pytest.mark.parametrize("max_streams", [1, 2, 3, 16])
@pytest.mark.parametrize("max_frames", [2, 50, 500, 501, 3000, MAX_FRAMES])
def test_every_shape_up_to_the_limits_has_a_profile(max_streams, max_frames):
    profiles = shape_profiles(max_streams, max_frames)
    for streams in {1, max_streams}:
        for frames in {2, (max_frames + 2) // 2, max_frames}:
            profile = profiles[profile_of(profiles, 2 * streams, frames)]
            assert profile.rows.least <= profile.rows.typical <= profile.rows.greatest
            assert profile.frames.least <= profile.frames.typical <= profile.frames.greatest


def test_a_small_shape_gets_the_smallest_profile():
    profiles = shape_profiles(max_streams=8, max_frames=3000)
    assert [profile_of(profiles, *shape) for shape in [(2, 200), (2, 501), (4, 500), (16, 3000)]] == [0, 1, 2, 3]
    assert str(profiles[0]) == "R 2..2..2, T 2..300..500"


@pytest.mark.parametrize("shape", [(1, 100), (6, 100), (2, 601)])
def test_a_shape_beyond_the_limits_is_an_error(shape):
    with pytest.raises(ValueError, match=f"not built for {shape[0]} rows of {shape[1]} frames"):
        profile_of(SMALL_PROFILES, *shape)


def test_nothing_of_a_pool_is_used_twice_at_once():
    pool = Pool(["a", "b"])
    in_use: list[str] = []
    both = threading.Barrier(2, timeout=10)

    def use(_turn):
        with pool.taken() as item:
            assert item not in in_use
            in_use.append(item)
            both.wait()  # two are in use at the same time, and never three
            assert len(in_use) <= 2
            both.wait()
            in_use.remove(item)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(use, range(8)))


def test_a_pool_is_taken_from_in_turn_and_given_back_after_a_failure():
    pool = Pool(["a", "b"])
    taken = []

    def fail():
        with pool.taken() as item:
            taken.append(item)
            raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            fail()
    assert taken == ["a", "b", "a"]


def inputs_of(rows, frames, device):
    generator = torch.Generator().manual_seed(frames)
    shapes = [(rows, frames, MEL_BINS)] * 3 + [(rows, MEL_BINS)]
    tensors = [torch.randn(shape, generator=generator) for shape in shapes]
    return [tensor.to(device) for tensor in (*tensors, torch.rand(rows, generator=generator))]


def built_here(_library, dit, folder):
    return load_tensorrt(dit, folder, max_streams=2, max_frames=600, concurrent=2)


def built_by_the_command(library, dit, folder):
    """As a server takes it."""
    runtime = RUNTIMES[library.__name__]
    pytest.importorskip(runtime, reason=f"{runtime} is not installed")
    path, precision = folder / "velocity.engine", str(dit.dtype).removeprefix("torch.")
    command = ["-m", build_trt_engine.__name__, str(tiny_model_dir()), str(path), "--precision", precision]
    subprocess.run([sys.executable, *command], check=True)
    return load_file(dit, path, max_streams=TENSORRT_BATCH, max_frames=MAX_CHUNKS * CHUNK_FRAMES, concurrent=2)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
@pytest.mark.parametrize("loaded", [built_here, built_by_the_command])
@pytest.mark.parametrize(("dtype", "bound"), [(torch.float32, 2e-5), (torch.float16, 3e-2)], ids=str)
def test_on_a_gpu_the_engine_equals_torch_from_several_cuda_streams(library, tmp_path, loaded, dtype, bound):
    try:
        require_support(library, torch.cuda.get_device_name(), torch.cuda.get_device_capability())
    except EngineUnavailable as error:
        pytest.skip(str(error))
    dit = tiny_dit(dtype, "cuda")
    engine = loaded(library, dit, tmp_path)
    calls = [
        (inputs_of(rows, frames, "cuda"), [frames] + [frames // 2] * (rows - 1), is_chunked)
        for rows, frames in [(2, 130), (4, 61), (2, 550), (4, 600)]
        for is_chunked in (True, False)
    ]
    torch.cuda.synchronize()
    outputs = []
    for inputs, lengths, is_chunked in calls:
        with torch.cuda.stream(torch.cuda.Stream()):
            outputs.append(engine.velocity(*inputs, lengths, is_chunked=is_chunked))
    torch.cuda.synchronize()
    expected = EagerVelocity(tiny_dit(torch.float32, "cuda"))
    for (inputs, lengths, is_chunked), output in zip(calls, outputs, strict=True):
        theirs = expected.velocity(*inputs, lengths, is_chunked=is_chunked)
        for row, frames in enumerate(lengths):
            assert relative_error(output[row, :frames].cpu(), theirs[row, :frames].cpu()) <= bound
