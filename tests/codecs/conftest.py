"""Real speech, and how alike two sounds are: shared by the codecs' tests only."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from sayline.synthesis.espeak.synthesizer import EspeakSynthesizer
from sayline.synthesis.interface import Segment, Style
from sayline.synthesis.turns.utterance import SAMPLE_RATE_HZ

TEXT = "The quick brown fox jumps over the lazy dog, while seven wizards quietly judge my box of quartz."


async def _speak(text: str) -> np.ndarray:
    synthesizer = EspeakSynthesizer()
    await synthesizer.start()
    chunks = [
        chunk.samples
        async for chunk in synthesizer.speak(Segment(0, text, text, 0, len(text), is_last=True), Style("espeak"))
    ]
    await synthesizer.close()
    return np.concatenate(chunks)


@pytest.fixture(scope="session")
def speech_rate_hz() -> int:
    return SAMPLE_RATE_HZ


@pytest.fixture(scope="session")
def speech() -> np.ndarray:
    """About six seconds of English, (n,) int16 at ``speech_rate_hz``."""
    samples = asyncio.run(_speak(TEXT))
    samples.flags.writeable = False
    return samples


def _correlation(left: np.ndarray, right: np.ndarray) -> float:
    length = min(len(left), len(right))
    a, b = left[:length].astype(float), right[:length].astype(float)
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


@pytest.fixture(scope="session")
def correlation():
    """Aligned correlation of two sounds, 1.0 for the same up to loudness; a shift of one sample lowers it."""
    return _correlation
