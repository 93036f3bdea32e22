"""Recordings for tests: noise with the rhythm of speech, written as WAV."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path


def speech(seconds: float, rate_hz: int) -> np.ndarray:
    """(N,) float32: a gliding voice, harmonics up to 7.5 kHz, four syllables and a hiss a second, at some -17 dB."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    phase = 2 * np.pi * (120 * time + 4 * np.sin(2 * np.pi * time / 3))
    harmonics = range(1, 1 + min(60, rate_hz // 250))
    voice = sum(np.sin(harmonic * phase) / harmonic for harmonic in harmonics)
    loudness = 0.02 + 0.98 * np.sin(2 * np.pi * 2 * time) ** 2
    hiss = np.diff(np.random.default_rng(0).standard_normal(len(time)), prepend=0.0) * np.cos(2 * np.pi * 2 * time) ** 8
    return (0.2 * voice * loudness + 0.05 * hiss * (np.floor(4 * time + 0.5) % 4 == 1)).astype(np.float32)


def write_wav(path: Path, samples: np.ndarray, rate_hz: int) -> Path:
    """Write (N,) or (channels, N) samples in 16 bits; returns the path."""
    channels = np.atleast_2d(samples)
    with wave.open(path if hasattr(path, "write") else str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(np.round(channels.T * 32767).astype("<i2").tobytes())
    return path
