"""The velocity network on whole sequences matches the reference, and no frame sees what it must not."""

import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import reference, relative_error
from cosyvoice3_flow import CALL_BOUNDS, EXACT, flow

from sayline.synthesis.cosyvoice3.flow.dit import rotary_tables, rotate_first_head, velocity
from sayline.synthesis.cosyvoice3.release.model_facts import CHUNK_FRAMES

REFERENCE = reference("tiny0_dit")
FRAMES = REFERENCE["x"].shape[2]
SHORTER = int(REFERENCE["mask_padded"][1].sum())  # frames of row 1 that count in the padded calls

MASKS = pytest.mark.parametrize(("is_chunked", "name"), [(False, "out_full"), (True, "out_chunk")])


@pytest.fixture(autouse=True)
def _one_thread_without_gradients():
    torch.set_num_threads(1)
    with torch.inference_mode():
        yield


def inputs():
    """The reference's, by the names of ``velocity``'s arguments; fresh tensors, which a test may change."""
    given = {name: torch.tensor(REFERENCE[name]).transpose(1, 2) for name in ("x", "mu", "cond")}
    return given | {"speaker": torch.tensor(REFERENCE["spk"]), "t": torch.tensor(REFERENCE["t"])}


def evaluate(dtype=torch.float32, lengths=None, *, is_chunked, **changed):
    return velocity(flow(dtype).dit, **inputs() | changed, lengths=lengths, is_chunked=is_chunked)


def expected(name):
    return torch.tensor(REFERENCE[name]).transpose(1, 2)


@MASKS
def test_a_call_matches_the_reference(is_chunked, name):
    assert relative_error(evaluate(is_chunked=is_chunked), expected(name)) < EXACT


@MASKS
def test_a_row_shorter_than_its_batch_matches_the_reference(is_chunked, name):
    output = evaluate(lengths=[FRAMES, SHORTER], is_chunked=is_chunked)
    assert relative_error(output[0], expected(f"{name}_padded")[0]) < EXACT
    assert relative_error(output[1, :SHORTER], expected(f"{name}_padded")[1, :SHORTER]) < EXACT


@MASKS
def test_rows_at_different_times_compute_what_each_computes_alone(is_chunked, name):
    alone = velocity(
        flow().dit,
        **{argument: value[1:, :SHORTER] if value.dim() == 3 else value[1:] for argument, value in inputs().items()},
        is_chunked=is_chunked,
    )
    assert relative_error(alone[0], expected(f"{name}_padded")[1, :SHORTER]) < EXACT


@MASKS
@pytest.mark.parametrize("dtype", CALL_BOUNDS, ids=str)
def test_in_reduced_precision_a_call_stays_within_its_bound(dtype, is_chunked, name):
    output = evaluate(dtype, is_chunked=is_chunked)
    assert output.dtype == torch.float32
    assert relative_error(output, expected(name)) < CALL_BOUNDS[dtype]


def test_under_the_chunk_mask_a_frame_changes_its_own_chunk_and_later_ones_only():
    x = inputs()["x"]
    x[:, CHUNK_FRAMES + 10] += 1
    before, after = evaluate(is_chunked=True), evaluate(is_chunked=True, x=x)
    is_changed = (before != after).any(dim=-1)
    assert not is_changed[:, :CHUNK_FRAMES].any()
    assert is_changed[:, CHUNK_FRAMES:].all()  # also its chunk's frames before it: they see to their chunk's end


def test_without_the_mask_every_frame_sees_every_other():
    x = inputs()["x"]
    x[:, -1] += 1
    assert (evaluate(is_chunked=False) != evaluate(is_chunked=False, x=x)).any(dim=-1).all()


@pytest.mark.parametrize("is_chunked", [False, True])
def test_what_lies_behind_a_row_s_end_changes_nothing_before_it(is_chunked):
    given = inputs()
    for name in ("x", "mu", "cond"):
        given[name][1, SHORTER:] = 1e3
    lengths = [FRAMES, SHORTER]
    before, after = (evaluate(lengths=lengths, is_chunked=is_chunked, **each) for each in (inputs(), given))
    assert torch.equal(after[1, :SHORTER], before[1, :SHORTER])
    assert torch.isfinite(after).all()


def test_only_the_first_head_knows_positions():
    x = torch.randn(1, 5, 3, 64, generator=torch.Generator().manual_seed(1))
    cos, sin = rotary_tables(torch.arange(5) + 7, 64)
    rotated = rotate_first_head(x, cos, sin)
    assert torch.equal(rotated[:, :, 1:], x[:, :, 1:])
    assert not torch.isclose(rotated[:, :, 0], x[:, :, 0]).all(dim=-1).any()


def test_what_two_rotated_frames_have_in_common_depends_on_their_distance():
    q, k = torch.randn(2, 1, 1, 1, 64, generator=torch.Generator().manual_seed(2), dtype=torch.float32)

    def product(at_q, at_k):
        tables = [rotary_tables(torch.tensor([at]), 64) for at in (at_q, at_k)]
        return (rotate_first_head(q, *tables[0]) * rotate_first_head(k, *tables[1])).sum()

    torch.testing.assert_close(product(3, 10), product(203, 210), rtol=1e-4, atol=1e-4)
    assert not torch.isclose(product(3, 10), product(3, 11), rtol=1e-2)
