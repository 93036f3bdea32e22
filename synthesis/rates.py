"""The rates from which all others are derived, each stated once.

One mel frame = 480 samples at 24 kHz = 20 ms = one Opus frame; one speech token = two mel frames = 40 ms.
"""

from __future__ import annotations

from typing import Final


def exact_div(dividend: int, divisor: int) -> int:
    """Divide two rates, and fail at import if they do not divide evenly.

    Raises:
        ValueError: the division leaves a remainder.
    """
    quotient, remainder = divmod(dividend, divisor)
    if remainder:
        raise ValueError(f"{dividend} is not a multiple of {divisor}")
    return quotient


MODEL_SAMPLE_RATE_HZ: Final = 24_000  # CosyVoice3's vocoder (cosyvoice3.yaml, sample_rate)
MEL_HOP_SAMPLES: Final = 480  # samples per mel frame (cosyvoice3.yaml, hop_size)
MEL_FRAMES_PER_TOKEN: Final = 2  # cosyvoice3.yaml, token_mel_ratio

MEL_FRAME_MS: Final = exact_div(1000 * MEL_HOP_SAMPLES, MODEL_SAMPLE_RATE_HZ)  # 20 ms: one Opus frame
TOKEN_MS: Final = MEL_FRAMES_PER_TOKEN * MEL_FRAME_MS  # 40 ms
TOKENS_PER_SECOND: Final = exact_div(1000, TOKEN_MS)  # 25
