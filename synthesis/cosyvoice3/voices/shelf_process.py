"""Makes or removes one voice and ends: what ``shelf.py`` starts. One line of JSON comes in, one goes out."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ...hearing import recogniser
from ...interface import EngineUnavailable, SynthesisError, UnsupportedRequest
from ...processes.child import take_leash
from .store import VoiceStore

if TYPE_CHECKING:
    from .registration import Registration

_ORDER_BYTES: Final = 1 << 20
_NICE: Final = 10  # listeners come first


def carry_out(order: dict[str, Any]) -> list[str]:
    """Do what was asked; returns warnings.

    Raises:
        SynthesisError: it cannot be done.
    """
    store = VoiceStore(Path(order["model_dir"]))
    if order["do"] == "remove":
        store.remove(order["name"])
        return []
    store.check_free(order["name"], replace=order["replace"])
    made = _register(order)
    store.add(made.voice, transcript=order["text"], consent=order["consent"], replace=order["replace"])
    return list(made.warnings)


def _register(order: dict[str, Any]) -> Registration:
    from ..text.tokenizer import TextTokenizer  # noqa: PLC0415 - a removal needs none of this
    from .features import VoiceNetworks  # noqa: PLC0415 - the same
    from .registration import register_voice  # noqa: PLC0415 - the same

    model_dir = Path(order["model_dir"])
    hears = bool(order["text"]) and not recogniser.missing_packages()
    return register_voice(
        order["name"],
        Path(order["audio"]),
        TextTokenizer(model_dir),
        lambda: VoiceNetworks(model_dir),
        transcript=order["text"],
        language=order["language"],
        description=order["description"],
        load_recogniser=(lambda: recogniser.Recogniser(threads=1)) if hears else None,
    )


def main() -> None:
    """Read the order from the leash, carry it out, and answer there."""
    leash = take_leash()
    leash.setblocking(True)
    os.nice(_NICE)
    with leash.makefile("rb") as lines:
        order = json.loads(lines.readline(_ORDER_BYTES))
    answer: dict[str, Any]
    try:
        answer = {"warnings": carry_out(order)}
    except UnsupportedRequest as fault:
        answer = {"fault": "unfit", "message": str(fault)}
    except (EngineUnavailable, ImportError) as fault:
        answer = {"fault": "unavailable", "message": str(fault)}
    except (SynthesisError, OSError) as fault:
        answer = {"fault": "failed", "message": str(fault)}
    leash.sendall(json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main()
