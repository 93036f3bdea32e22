"""The 22 rules that real clients depend on, and which tests hold them: those that are named ``test_rule_N_...``."""

import re
from pathlib import Path

TESTS = Path(__file__).parent
# Each line broke a real client, or would have.
RULES = {
    1: "the first sound within 2.5 s, and no hole of 3 s inside a context",
    2: "capacity is refused in the handshake, by the status that the client repeats; an accepted connection is served",
    3: "a client that is gone frees its slot within 100 ms",
    4: "the mark of the end comes behind the last sound, once for each context",
    5: "no sound of a context behind its mark of the end",
    6: "a close, cancel, flush or keep-alive for a context that is unknown or over is ignored",
    7: "ElevenLabs: an empty text ends the single stream, and keeps the multi stream alive",
    8: "ElevenLabs: a blank in mid-stream, null voice settings and unknown fields change nothing",
    9: "16 contexts a connection, counted while they have something to speak",
    10: "ElevenLabs says contextId, Cartesia says context_id in every message",
    11: "PCM comes in whole samples",
    12: "the asked format and rate, or a refusal that names those on offer",
    13: "OpenAI: the body is what the label says, and no error is written into started sound",
    14: "Ogg Opus: header pages once, a page every 20 to 100 ms, an end page, positions that go on",
    15: "text is joined as sent; a message that is a sentence by its mode is a boundary",
    16: "a text of blanks and punctuation is not spoken, and has its mark of the end",
    17: "pings are answered and sent; idle connections stay for 180 s",
    18: "the closing handshake is answered at once",
    19: "one of the offered subprotocols is echoed, and none if none was offered",
    20: "permessage-deflate is declined",
    21: "every model id is taken, and every voice name that the vendors' clients send",
    22: "alignment counts from the chunk (ElevenLabs) or the context (Cartesia), and is left out if it is not known",
}


def rule_tests():
    """Rule -> the tests that are named by it, as pytest writes them."""
    found = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for name in re.findall(r"^\s*(?:async )?def (test_rule_\d{1,2}_\w+)", path.read_text(), re.MULTILINE):
            found.setdefault(int(name.split("_")[2]), []).append(f"{path.relative_to(TESTS.parent)}::{name}")
    return found


def table(say):
    """The rules, for docs/CONFORMANCE.md in one language."""
    rows = [f"| {number} | {say(rule)} |" for number, rule in RULES.items()]
    return "\n".join([f"| | {say('rule')} |", "|---|---|", *rows]) + "\n"
