"""What a program shares with the test that started it: see tests/client_programs.py.

given        what the test said
tell         tells the test something; ``at`` is added
heard        keeps sound that the package gave, as 16-bit mono samples
asked        waits until the test asks for something; ``wait_until_asked`` does so without a loop
"""

import asyncio
import json
import sys
import time
from pathlib import Path

given = json.loads(sys.argv[1])
_sound = Path(given["sound_path"]).open("ab", buffering=0)  # noqa: SIM115 - kept until the program ends
_rates = []  # of the sound that was heard: one


def tell(event, **facts):
    """Tell the test."""
    print(json.dumps({"event": event, "at": time.monotonic(), **facts}), flush=True)


def heard(samples, rate):
    """Keep sound: bytes of 16-bit little-endian mono. The first tells the test ``first_sound``."""
    if samples and not _rates:
        _rates.append(rate)
        tell("first_sound", rate=rate)
    _sound.write(samples)


def wait_until_asked(name):
    """Wait until the test asks for this; returns what it said besides."""
    line = sys.stdin.readline()
    if not line:
        sys.exit(f"the test has gone; it was to ask for {name!r}")
    said = json.loads(line)
    assert said["name"] == name, f"asked for {said['name']!r}, not for {name!r}"
    return said


async def asked(name):
    """Wait until the test asks for this, beside other work."""
    return await asyncio.to_thread(wait_until_asked, name)
