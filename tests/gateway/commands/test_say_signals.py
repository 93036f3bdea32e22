"""Whatever signal ends ``sayline say``, and when: it ends, with one line at most, and the file is what its header says.

``make signals`` tries it ten times as often.
"""

import os

from say_process import interrupt_at_random
from server_process import ServerProcess

TRIES = int(os.environ.get("SAY_SIGNAL_TRIES", "30"))


async def test_one_signal_or_two_at_any_moment_end_it_with_a_whole_file(tmp_path):
    with ServerProcess("--log-level", "error") as server:
        faults = await interrupt_at_random(server.url, tmp_path, TRIES)
    assert not faults, f"{len(faults)} of {TRIES}:\n" + "\n".join(faults)
