"""What ``tts.v1`` calls itself, and where it is spoken: known to a server and to a client, which share nothing else."""

from __future__ import annotations

from typing import Final

PROTOCOL_VERSION: Final = 1
SUBPROTOCOL: Final = "tts.v1"
ENDPOINT: Final = "/v1/tts/stream"
RESUME: Final = "resume"  # in the endpoint's query: the session that its client comes back for
