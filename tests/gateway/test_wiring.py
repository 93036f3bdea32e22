"""A server is put together: its parts start side by side, and one that cannot start says so and leaves nothing."""

import os
import sys

import pytest

from sayline.codecs.base import CodecUnavailable
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.interface import EngineUnavailable
from sayline.synthesis.processes.child import descendants
from sayline.synthesis.tone import ToneSynthesizer


class NotingSynthesizer(ToneSynthesizer):
    """Notes which processes there are when it is started."""

    async def start(self):
        self.processes = set(descendants(os.getpid()))
        await super().start()


class BrokenSynthesizer(ToneSynthesizer):
    async def start(self):
        raise EngineUnavailable("it has no weights")


async def test_the_encoders_start_while_the_engine_does():
    engine, before = NotingSynthesizer(), set(descendants(os.getpid()))
    async with running_server(Settings(port=0), engine):
        assert engine.processes > before


async def test_an_engine_that_cannot_start_leaves_no_encoder_behind():
    before = descendants(os.getpid())
    with pytest.raises(EngineUnavailable, match="no weights"):
        async with running_server(Settings(port=0), BrokenSynthesizer()):
            pass

    assert descendants(os.getpid()) == before


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("/no/such/python", r"cannot be started here: .*No such file"),
        ("/bin/false", r"cannot work here: it exited with status 1 before it could work"),
    ],
)
async def test_a_server_whose_encoders_cannot_work_does_not_start(monkeypatch, program, why):
    monkeypatch.setattr(sys, "executable", program)
    with pytest.raises(CodecUnavailable, match=f"the encoder process {why}"):
        async with running_server(Settings(port=0), ToneSynthesizer()):
            pass
