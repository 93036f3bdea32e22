"""The language model over rows is the plain one: prompts, decoding steps, and both at once; in Triton's interpreter if
there is no GPU."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
pytest.importorskip("triton", reason="comes with torch for GPUs")

from cosyvoice3_checkpoint import reference, relative_error, tiny_model_dir
from cosyvoice3_speech import reference_prompt

from sayline.synthesis.cosyvoice3.lm.graphs.batch import Batch, Request
from sayline.synthesis.cosyvoice3.lm.graphs.rows import RowNetwork, Rows
from sayline.synthesis.cosyvoice3.lm.graphs.steps import Steps
from sayline.synthesis.cosyvoice3.lm.network import SpeechLm
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
PATH = tiny_model_dir() / "llm.pt"
DIMS = ModelDimensions.read(tiny_model_dir()).lm
PAGE = 16  # smaller than the real one: an interpreter is slow
LIMIT = 5e-5  # relative, in float32


def new_network(slots=4, pages=12):
    return RowNetwork.load(PATH, DIMS, "float32", DEVICE, pages=pages, slots=slots, positions=3 * PAGE, page=PAGE)


def on_device(values):
    return torch.tensor(values, dtype=torch.int32, device=DEVICE)


def test_logits_are_the_plain_ones_though_pages_lie_anywhere():
    network, plain = new_network(), SpeechLm.load(PATH, DIMS, torch.float32, DEVICE)
    sequence = [*reference_prompt(), *reference("tiny0_lm")["teacher"].tolist()][:40]
    network.ids[2, : len(sequence)] = on_device(sequence)
    rows = Rows(
        slots=on_device([2]),
        plan=on_device([[7, 3, 5]]),
        request=on_device([0] * len(sequence)),
        position=on_device(range(len(sequence))),
    )
    with torch.inference_mode():
        ours = network.logits(rows).cpu()
        expected = plain.logits(plain.hidden(torch.tensor(sequence), plain.new_cache(len(sequence)))).cpu()
    assert len(sequence) > 2 * PAGE
    assert relative_error(ours, expected) < LIMIT


def requests(count):
    prompt = np.array(reference_prompt()[-20:], np.int32)
    return [
        Request(key, prompt[4 * key :], min_tokens=36, max_tokens=16, seed=1, is_greedy=True, awaited=0)
        for key in range(count)
    ]


def greedy(request, steps):
    """What the plain model says, id for id."""
    plain = SpeechLm.load(PATH, DIMS, torch.float32, DEVICE)
    cache, ids, said = plain.new_cache(400), torch.tensor(request.prompt.tolist()), []
    for _ in range(steps):
        logits = plain.logits(plain.hidden(ids, cache)[-1:])
        logits[:, 6561:] = -torch.inf  # it may not end yet
        said.append(int(logits.argmax()))
        ids = torch.tensor(said[-1:])
    return said


def test_requests_that_begin_at_different_times_each_say_what_they_would_alone():
    at_once = 2
    batch = Batch(slots=4, pages=12, page=PAGE, positions=3 * PAGE, at_once=at_once)
    with torch.inference_mode():
        steps = Steps(new_network(), at_once, most=3)
        first, second, third = requests(3)
        said = {0: [], 1: [], 2: []}
        for arrivals in ([first, second], [], [third]):
            for each in arrivals:
                batch.add(each)
            begun = batch.begin(38)
            if begun:
                steps.begin(begun, batch.tables)
            running = batch.running
            steps.decode(running, [each.length + (each in begun) for each in running], batch.tables)
            ids = steps.results()
            for index, each in enumerate(running):
                opening = [int(ids[0, begun.index(each)])] if each in begun else []
                said[each.key] += batch.take(each, [*opening, *ids[1:, index].tolist()])[2]
        assert [len(said[key]) for key in range(3)] == [7, 7, 3]
        for each in (first, second, third):
            assert said[each.key] == greedy(each, len(said[each.key]))
