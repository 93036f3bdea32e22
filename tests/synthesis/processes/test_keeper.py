"""One child after another, kept by one keeper: real processes, which do what the test says in a line of Python."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sayline.synthesis.processes.child import Child, End
from sayline.synthesis.processes.keeper import CannotStart, Care, Keeper

WAIT_S = 20
GREET = "import os; os.write(0, b'up')"
ECHO = f"{GREET}\nwhile said := os.read(0, 100): os.write(0, said)"
DEAF = f"{GREET}\nimport signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: signal.pause()"


class Owner:
    """Owes and hears bytes; notes all that the keeper tells it."""

    name = "a test's child"

    def __init__(self, *programs, **care):
        self.programs = list(programs)
        self.notes = asyncio.Queue()
        self.is_owed = False
        self.child = None
        self.starts = []
        fields = {"patience_s": WAIT_S, "start_patience_s": WAIT_S, "restart_s": 0.0, "grace_s": WAIT_S} | care
        self.keeper = Keeper(self, Care(**fields))

    def start_child(self):
        self.starts.append(time.monotonic())
        program = self.programs.pop(0) if len(self.programs) > 1 else self.programs[0]
        if program is None:
            raise OSError("no more processes")
        self.child = Child([sys.executable, "-c", program], output=subprocess.DEVNULL)
        asyncio.get_running_loop().add_reader(self.child.socket, self._read)
        return self.child

    def _read(self):
        try:
            said = self.child.socket.recv(100)
        except ConnectionResetError:  # it died with something unread
            said = b""
        if not said:
            asyncio.get_running_loop().remove_reader(self.child.socket)
            self.keeper.hung_up()
        elif said == b"up":
            self.keeper.has_come_up()
            self.notes.put_nowait("up")
        else:
            self.keeper.heard()
            self.is_owed = False

    def ask(self):
        self.keeper.owes()
        self.is_owed = True
        self.child.socket.send(b"?")

    def child_lost(self):
        asyncio.get_running_loop().remove_reader(self.child.socket)
        self.is_owed = False

    def child_ended(self, end):
        self.notes.put_nowait(end)

    def could_not_start(self, fault):
        self.notes.put_nowait(fault)

    async def note(self):
        return await asyncio.wait_for(self.notes.get(), WAIT_S)


@pytest.fixture
async def owners():
    made = []

    def make(*programs, **care):
        made.append(Owner(*programs, **care))
        return made[-1]

    yield make
    for owner in made:
        await owner.keeper.close(is_urgent=True)


async def test_a_child_that_dies_is_replaced_at_once_and_the_log_says_how_it_ended(owners, caplog):
    owner = owners(ECHO, restart_s=WAIT_S)
    owner.keeper.begin()
    await owner.keeper.came_up()
    assert await owner.note() == "up"
    first = owner.child.pid
    os.kill(first, signal.SIGKILL)

    end = await owner.note()
    assert (end, str(end)) == (End(-signal.SIGKILL), "was ended by signal 9 (Killed)")
    assert await owner.note() == "up"
    assert owner.keeper.pid not in (first, None)
    assert caplog.messages == ["a test's child was ended by signal 9 (Killed); it is started again"]


async def test_where_restarts_are_paced_the_next_start_is_so_long_after_the_one_before(owners):
    owner = owners(ECHO, restart_s=1.0, is_replaced_at_once=False)
    owner.keeper.begin()
    await owner.note()
    os.kill(owner.child.pid, signal.SIGKILL)
    await owner.note()
    assert await owner.note() == "up"

    assert owner.starts[1] - owner.starts[0] >= 0.99


async def test_a_child_that_owes_something_and_is_silent_is_killed_and_replaced(owners):
    owner = owners(DEAF, ECHO, patience_s=0.3)
    owner.keeper.begin()
    await owner.note()
    hanging = owner.child.pid
    owner.ask()

    assert await owner.note() == End(-signal.SIGKILL, 0.3)
    assert await owner.note() == "up"
    with pytest.raises(ProcessLookupError):
        os.kill(hanging, 0)


async def test_a_child_that_hangs_is_dead_before_it_can_see_that_its_keeper_hung_up(owners):
    """Half alive, it would tidy up as if its keeper were gone: remove the address that the next one serves, say."""
    owner, ends = owners(f"{GREET}\nos.read(0, 100)\nos.read(0, 100)", patience_s=0.1), []

    def hang_up():
        owner.child.socket.shutdown(socket.SHUT_RDWR)
        ends.append(os.waitid(os.P_PID, owner.child.pid, os.WEXITED | os.WNOWAIT))
        Owner.child_lost(owner)

    owner.child_lost = hang_up
    owner.keeper.begin()
    await owner.note()
    owner.ask()

    assert (await owner.note()).silent_s == 0.1
    assert (ends[0].si_code, ends[0].si_status) == (os.CLD_KILLED, signal.SIGKILL)


async def test_a_child_that_owes_nothing_may_be_silent_and_one_that_answers_in_time_is_left_alone(owners):
    owner = owners(ECHO, patience_s=0.3)
    owner.keeper.begin()
    await owner.note()
    owner.ask()
    passed = asyncio.Event()
    asyncio.get_running_loop().call_later(1.0, passed.set)
    await passed.wait()

    assert owner.notes.empty()
    assert owner.keeper.is_up


@pytest.mark.parametrize("program", ["raise SystemExit(3)", None], ids=["it exits", "the system refuses"])
async def test_what_cannot_start_at_all_is_said_once_and_not_tried_again(owners, program):
    owner = owners(program)
    if program is None:
        with pytest.raises(OSError, match="no more processes"):
            owner.keeper.begin()
    else:
        owner.keeper.begin()
        with pytest.raises(CannotStart, match="exited with status 3 before it could work") as failure:
            await asyncio.wait_for(owner.keeper.came_up(), WAIT_S)
        assert failure.value.end == End(3)
    assert len(owner.starts) == 1


async def test_a_child_that_says_nothing_before_it_is_up_is_killed_in_time(owners):
    owner = owners("import signal; signal.pause()", start_patience_s=0.3)
    owner.keeper.begin()
    with pytest.raises(CannotStart, match=r"has said nothing for 0\.3 s and was killed before it could work"):
        await asyncio.wait_for(owner.keeper.came_up(), WAIT_S)


async def test_a_successor_that_cannot_start_is_tried_until_one_can(owners):
    owner = owners(ECHO, None, "raise SystemExit(3)", ECHO)
    owner.keeper.begin()
    await owner.note()
    os.kill(owner.child.pid, signal.SIGKILL)
    notes = [await owner.note() for _ in range(4)]

    assert notes[1:] == ["does not start: no more processes", "exited with status 3 before it could work", "up"]


async def test_while_starts_fail_the_time_between_them_doubles_up_to_a_bound(owners):
    """A child that the system does not start takes no time of its own."""
    owner = owners(GREET, None, None, None, None, ECHO, restart_s=0.2, longest_restart_s=0.5)
    owner.keeper.begin()
    notes = [await owner.note() for _ in range(7)]
    assert (notes[0], notes[-1]) == ("up", "up")

    waited = [later - earlier for earlier, later in zip(owner.starts[1:], owner.starts[2:], strict=False)]
    for seconds, least in zip(waited, [0.2, 0.4, 0.5, 0.5], strict=True):
        assert seconds >= least - 0.01


async def test_whoever_waits_for_the_first_child_is_released_when_the_keeper_closes(owners):
    owner = owners("import signal; signal.pause()")
    owner.keeper.begin()
    waiting = asyncio.create_task(owner.keeper.came_up())
    await asyncio.sleep(0)
    await owner.keeper.close()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, WAIT_S)
    with pytest.raises(ProcessLookupError):
        os.kill(owner.child.pid, 0)


async def test_a_child_that_was_asked_to_go_is_not_replaced(owners):
    owner = owners(ECHO)
    owner.keeper.begin()
    await owner.note()
    ending = asyncio.create_task(owner.keeper.ended())
    await asyncio.sleep(0)
    os.kill(owner.child.pid, signal.SIGKILL)
    await asyncio.wait_for(ending, WAIT_S)

    assert len(owner.starts) == 1
    assert owner.keeper.pid is None


async def test_with_a_child_all_that_it_started_is_killed():
    grandchild = "import signal; signal.pause()"
    program = (
        "import subprocess, sys, os\n"
        f"p = subprocess.Popen([sys.executable, '-c', {grandchild!r}], start_new_session=True)\n"
        "os.write(0, b'%d' % p.pid)\n"
        "os.read(0, 1)\n"
    )
    child = Child([sys.executable, "-c", program])
    child.socket.setblocking(True)
    pid = int(child.socket.recv(100))
    child.kill()
    assert (await child.end()).status == -signal.SIGKILL

    async with asyncio.timeout(WAIT_S):
        while is_alive(pid):
            await asyncio.sleep(0.01)


def is_alive(pid):
    """Alive, and no zombie that waits for whoever inherits it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
