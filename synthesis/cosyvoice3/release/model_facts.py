"""What is fixed about Fun-CosyVoice3-0.5B (release 2512) whatever the size of its layers.

Widths and depths are not here: they are read from the model directory (``dimensions.py``).
"""

from __future__ import annotations

from typing import Final

from ...rates import MEL_FRAMES_PER_TOKEN

# What the release was taught to speak, by its description; Chinese under both of its tags.
LANGUAGES: Final = ("zh", "cmn", "en", "ja", "ko", "de", "es", "fr", "it", "ru")

# The speech vocabulary: finite-scalar-quantised codes with 3 levels in 8 dimensions, then ids that control the model.
SPEECH_CODES: Final = 3**8  # 6,561: ids 0 to 6560 are sound
SPEECH_ROWS: Final = SPEECH_CODES + 200  # rows of the speech embedding and of the speech head
SOS: Final = SPEECH_CODES
END_OF_SPEECH: Final = SPEECH_CODES + 1
TASK: Final = SPEECH_CODES + 2
FILL: Final = SPEECH_CODES + 3
STOP_IDS: Final = range(SPEECH_CODES, SPEECH_ROWS)  # any of them ends the speech, not only END_OF_SPEECH
SILENT_CODES: Final = frozenset({1, 2, 28, 29, 55, 248, 494, 2241, 2242, 2322, 2323})  # silence and breath

# The text vocabulary (Qwen2's tokenizer with added tokens), and where it lies in the language model's one vocabulary.
TEXT_IDS: Final = 151_924  # with the added tokens; the embedding has a few rows more
END_OF_PROMPT: Final = 151_646
TEXT_ID_OFFSET: Final = SPEECH_ROWS  # text id t is id TEXT_ID_OFFSET + t of the one vocabulary

# The mel, as the flow makes it and the vocoder takes it.
MEL_BINS: Final = 80
SPEAKER_DIM: Final = 192  # CAM++ speaker embedding

# The flow's chunk-causal attention: a frame sees all frames up to the end of its own chunk, counted from the prompt's
# first frame. Hops that end on chunk boundaries are therefore exact.
CHUNK_TOKENS: Final = 25  # cosyvoice3.yaml, chunk_size
CHUNK_FRAMES: Final = CHUNK_TOKENS * MEL_FRAMES_PER_TOKEN  # 50 mel frames, 1 s
LOOKAHEAD_TOKENS: Final = 3  # cosyvoice3.yaml, pre_lookahead_len: tokens that a mel frame needs after its own

# The flow's solver.
SOLVER_STEPS: Final = 10
GUIDANCE_RATE: Final = 0.7  # cosyvoice3.yaml, inference_cfg_rate: v = 1.7 * conditional - 0.7 * unconditional

MAX_FRAMES: Final = 15_000  # length of the fixed noise: 300 s of prompt and speech together
