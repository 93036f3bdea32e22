"""An engine that spoils its speech in one way, as a bug would: what the ear must notice."""

from dataclasses import replace

import numpy as np

from sayline.synthesis.interface import PcmChunk, never


def click(samples, rate_hz):
    """At the loudest place the sound goes on a fifth of full scale away from where it was: one step of one sample."""
    at = loudest(samples, rate_hz)
    spoilt = samples.astype(float)
    spoilt[at:] += 6554 * np.exp(-np.arange(len(samples) - at) / (0.003 * rate_hz))
    return spoilt.clip(-32768, 32767).astype(np.int16)


def soft_steps(samples, rate_hz):
    """At 400 ms, and every second from there, the sound goes on 2 % of full scale away from where it was."""
    spoilt = samples.astype(float)
    for at in range(rate_hz * 2 // 5, len(samples), rate_hz):
        spoilt[at:] += 655 * np.exp(-np.arange(len(samples) - at) / (0.003 * rate_hz))
    return spoilt.clip(-32768, 32767).astype(np.int16)


def hole(samples, rate_hz):
    """20 ms in the loudest place are lost."""
    at = loudest(samples, rate_hz)
    spoilt = samples.copy()
    spoilt[at : at + rate_hz // 50] = 0
    return spoilt


def loudest(samples, rate_hz):
    power = np.convolve(samples.astype(float) ** 2, np.ones(rate_hz // 50), "same")
    margin = rate_hz // 20
    return margin + int(np.argmax(power[margin : len(samples) - margin]))


class Faulty:
    """A real engine whose every segment is spoilt.

    Args:
        engine: speaks.
        spoil: changes the samples of a segment.
        said: changes its text.
    """

    def __init__(self, engine, spoil=None, said=str):
        self._engine = engine
        self._spoil = spoil
        self._said = said

    def __getattr__(self, name):
        return getattr(self._engine, name)

    async def speak(self, segment, style, runs_dry_at=never):
        segment = replace(segment, spoken=self._said(segment.spoken))
        chunks = [chunk.samples async for chunk in self._engine.speak(segment, style, runs_dry_at)]
        samples = np.concatenate(chunks) if chunks else np.zeros(0, np.int16)
        if self._spoil is not None and len(samples) > self.sample_rate_hz // 5:
            samples = self._spoil(samples, self.sample_rate_hz)
        yield PcmChunk(samples)
