"""A probe hears what a listener would."""

import asyncio

import numpy as np
import pytest

from sayline.gateway.observing.metrics import Metrics
from sayline.gateway.serving import probing
from sayline.gateway.serving.probing import Probe
from sayline.synthesis.interface import EngineStatus, PcmChunk, SynthesisFailed, never
from sayline.synthesis.tone import VOICE, ToneSynthesizer


class Engine(ToneSynthesizer):
    """Speaks as the test says."""

    def __init__(self, gain=1.0, fault=None):
        super().__init__()
        self.gain, self.fault = gain, fault
        self.may_speak = asyncio.Event()
        self.may_speak.set()
        self.spoken = asyncio.Queue()
        self.leads_s = []  # how much its listener had in hand whenever it came for more
        self.state = "ready"

    def status(self):
        return EngineStatus("tone", self.state)

    async def speak(self, segment, style, runs_dry_at=never):
        self.spoken.put_nowait(segment.text)
        await self.may_speak.wait()
        if self.fault:
            raise self.fault
        async for chunk in super().speak(segment, style, runs_dry_at):
            yield PcmChunk((chunk.samples * self.gain).astype(np.int16), chunk.words)
            self.leads_s.append(runs_dry_at() - asyncio.get_running_loop().time())


async def started(engine):
    await engine.start()
    return engine


@pytest.mark.parametrize(
    ("engine", "result"),
    [
        ({}, "ok"),
        ({"gain": 0.0}, "silent"),
        ({"gain": 0.01}, "silent"),
        ({"fault": SynthesisFailed("broke")}, "failed"),
    ],
)
async def test_a_probe_tells_what_came(engine, result, caplog):
    metrics = Metrics()
    probe = Probe(await started(Engine(**engine)), VOICE, metrics)

    assert await probe.once() == result == probe.result
    assert await probe.once() == result
    told = metrics.exposition().decode()
    assert f'sayline_probes_total{{result="{result}"}} 2.0' in told
    assert f"sayline_probe_ok {float(result == 'ok')}" in told
    assert caplog.text.count("a probe of the engine") == (result != "ok"), "said once, and not of a first that is well"


async def test_an_engine_that_hangs_or_is_slow_is_late_and_its_recovery_is_logged(monkeypatch, caplog):
    caplog.set_level("INFO")
    engine = await started(Engine())
    probe = Probe(engine, VOICE, Metrics())
    monkeypatch.setattr(probing, "_PATIENCE_S", 0.02)
    engine.may_speak.clear()
    assert await probe.once() == "late"
    monkeypatch.setattr(probing, "_PATIENCE_S", 10)
    monkeypatch.setattr(probing, "ON_TIME_S", 0.0)
    engine.may_speak.set()
    assert await probe.once() == "late"
    monkeypatch.setattr(probing, "ON_TIME_S", 10)
    assert await probe.once() == "ok"
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]


async def test_probes_come_while_the_engine_is_ready_and_end_with_the_block():
    engine = await started(Engine())
    probe = Probe(engine, VOICE, Metrics())
    async with probe.kept_up(0.01), asyncio.timeout(20):
        await engine.spoken.get()
        await engine.spoken.get()
    assert probe.result == "ok"
    engine.state = "loading"
    while not engine.spoken.empty():
        engine.spoken.get_nowait()
    async with probe.kept_up(0.001):
        for _ in range(50):
            await asyncio.sleep(0.001)
    assert engine.spoken.empty()


async def test_a_probe_does_not_tell_the_engine_that_its_listener_ran_dry():
    """An engine short of time makes longer first hops, for every listener and for seconds."""
    engine = await started(Engine())

    assert await Probe(engine, VOICE, Metrics()).once() == "ok"
    assert len(engine.leads_s) > 1
    assert min(engine.leads_s) > 0
