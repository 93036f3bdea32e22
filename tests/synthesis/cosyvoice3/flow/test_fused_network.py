"""The GPU's network over pages equals the plain one; in Triton's interpreter if there is no GPU."""

import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
pytest.importorskip("triton", reason="comes with torch for GPUs")

from cosyvoice3_checkpoint import relative_error, tiny_model_dir

from sayline.synthesis.cosyvoice3.flow.chunk_solver import (
    FIRST_PAGE,
    ChunkStep,
    EagerNetwork,
    Pages,
    chunks_in,
    page_rows,
    plan_row,
)
from sayline.synthesis.cosyvoice3.flow.flow import load_flow
from sayline.synthesis.cosyvoice3.flow.solver_grids import ONLY_FULL, SolverGrids
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.release.model_facts import CHUNK_FRAMES, MEL_BINS

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")

# Of what a call gives and leaves, relative and centred. Both compute the same; sums are rounded in another order.
SAME = {torch.float32: 1e-6, torch.float16: 1e-3}
# With compact pages: scales lie close to each other, so their centred error is larger, and the plain network rounds a
# value of the past once more, as it multiplies it by its scale. Seen here: 1.5e-6 and 1.3e-3.
SAME_COMPACT = {torch.float32: 3e-6, torch.float16: 2.5e-3}

# Two streams at different solver steps: a last, short chunk with two pages of past, and one that has none. Few, since
# the interpreter takes seconds for each.
STEPS = [
    ChunkStep(slot=1, step=3, chunk=2, frames=31, pages=(4, 2, 1)),
    ChunkStep(slot=2, step=7, chunk=0, frames=CHUNK_FRAMES, pages=(3,)),
]
DISTILLED = SolverGrids(fewest=3, full=3, spacing="linear", guidance=0.0)
DISTILLED_STEPS = [STEPS[0]._replace(step=2), STEPS[1]._replace(step=0)]


@pytest.fixture(autouse=True)
def _without_gradients():
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module")
def fused_network():
    """The class; its kernels ask where they run when their module is imported."""
    with pytest.MonkeyPatch.context() as environment:
        if DEVICE.type == "cpu":
            environment.setenv("TRITON_INTERPRET", "1")
        from sayline.synthesis.cosyvoice3.flow.fused_network import FusedNetwork
    return FusedNetwork


def with_random_past(dit, grids, *, is_compact):
    """Pages as earlier steps might have left them."""
    pages = Pages(dit, 5, grids, is_compact=is_compact)
    generator = torch.Generator().manual_seed(1)
    every_row = torch.arange(len(pages.tails), device=DEVICE)
    for layer, kv in enumerate(pages.kv):
        values = torch.randn(kv.shape, generator=generator).unflatten(-1, (dit.heads, -1))
        pages.put(layer, every_row, values.to(pages.tails))
    pages.tails.copy_(torch.randn(pages.tails.shape, generator=generator))
    return pages


def halved(pages, dit, grids):
    """The same pages with keys as the kernels store them: in each head the even channels, then the odd ones."""
    other = Pages(dit, pages.count, grids, is_compact=bool(pages.scales))
    other.tails.copy_(pages.tails)
    for scales, same in zip(other.scales, pages.scales, strict=True):
        scales.copy_(same)
    for kv, pairs in zip(other.kv, pages.kv, strict=True):
        keys, values = pairs.unflatten(-1, (dit.heads, -1)).unbind(1)
        keys = torch.cat((keys[..., 0::2], keys[..., 1::2]), dim=-1)
        kv.copy_(torch.stack((keys, values), dim=1).flatten(-2))
    return other


def everything(pages):
    return (pages.tails, *pages.kv, *pages.scales)


@pytest.mark.parametrize(
    ("dtype", "steps", "grids", "is_compact"),
    [
        pytest.param(torch.float32, STEPS, ONLY_FULL, False, id="float32"),
        pytest.param(torch.float16, STEPS[:1], ONLY_FULL, False, id="float16"),
        pytest.param(torch.float32, DISTILLED_STEPS, DISTILLED, False, id="without guidance"),
        pytest.param(torch.float32, STEPS, ONLY_FULL, True, id="compact pages, float32"),
        pytest.param(torch.float16, STEPS[:1], ONLY_FULL, True, id="compact pages, float16"),
    ],
)
def test_it_gives_and_leaves_what_the_plain_network_does(fused_network, dtype, steps, grids, is_compact):
    dimensions = ModelDimensions.read(tiny_model_dir()).flow
    dit = load_flow(tiny_model_dir(), dimensions, DEVICE, dtype).dit
    plain_pages = with_random_past(dit, grids, is_compact=is_compact)
    before, fused_pages = halved(plain_pages, dit, grids), halved(plain_pages, dit, grids)
    lengths = [step.chunk * CHUNK_FRAMES + step.frames for step in steps]
    plan = torch.tensor([plan_row(step, FIRST_PAGE + chunks_in(lengths)) for step in steps], device=DEVICE)
    rows = grids.branches * len(steps)
    features = torch.randn(rows, CHUNK_FRAMES, 4 * MEL_BINS, generator=torch.Generator().manual_seed(2)).to(DEVICE)

    expected = EagerNetwork(dit, plain_pages, grids)(features, plan, lengths).cpu()
    velocity = fused_network(dit, fused_pages, grids)(features, plan, lengths).cpu()

    assert velocity.dtype == torch.float32
    same = (SAME_COMPACT if is_compact else SAME)[dtype]
    for row, step in enumerate(grids.branches * steps):
        assert relative_error(velocity[row, : step.frames], expected[row, : step.frames]) < same
    after = halved(plain_pages, dit, grids)
    written = page_rows(plan, torch.tensor([step.pages[-1] for step in steps], device=DEVICE), grids)
    for ours, theirs, earlier in zip(*map(everything, (fused_pages, after, before)), strict=True):
        if ours.dtype == torch.int8:  # a value between two steps may be rounded to either
            assert (ours[written].int() - theirs[written].int()).abs().max() <= 1
        else:
            assert relative_error(ours[written].float().cpu(), theirs[written].float().cpu()) < same
        is_changed = (ours != earlier).flatten(1).any(dim=1)
        assert is_changed.nonzero().flatten().tolist() == sorted(written.tolist())
