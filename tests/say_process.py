"""``sayline say`` as others see it: a process, its exit status, its one line, and the file that it leaves."""

import asyncio
import contextlib
import os
import random
import signal
import sys
import wave

import av
from wire_peer import PATIENCE_S

SAY = [sys.executable, "-m", "sayline.gateway.cli", "say"]
# Tells when the command itself begins: what comes before is Python's own start, which no program can guard.
MARKED_SAY = [
    sys.executable,
    "-c",
    "import os, sys; from sayline.gateway.cli import main; os.write(1, b'.'); sys.exit(main())",
    "say",
]
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def restore_signals():
    """A test runner in the background may have been started with signals ignored, which processes inherit."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def sound_at(content):
    """Find where the sound of a WAV file begins, and how many bytes its header says that it has."""
    assert content[:4] == b"RIFF"
    assert content[8:16] == b"WAVEfmt "
    at = 12
    while content[at : at + 4] != b"data":
        at += 8 + int.from_bytes(content[at + 4 : at + 8], "little")
    return at + 8, int.from_bytes(content[at + 4 : at + 8], "little")


def check_wav(content):
    """Check that a WAV file is what its header says; returns how many samples it holds."""
    at, size = sound_at(content)
    assert int.from_bytes(content[4:8], "little") == len(content) - 8
    assert size == len(content) - at
    return size // 2


def check_endless_wav(content):
    """Check a WAV that was written to a pipe; returns how many samples it holds."""
    at, size = sound_at(content)
    assert content[4:8] == size.to_bytes(4, "little") == b"\xff" * 4
    return (len(content) - at) // 2


def check_ogg(content):
    """Check that an Ogg Opus file has all its pages, whole and in order; returns its samples at 48 kHz."""
    at, granule, preskip, flags, count = 0, 0, 0, 0, 0
    while at < len(content):
        assert content[at : at + 4] == b"OggS"
        flags = content[at + 5]
        granule = int.from_bytes(content[at + 6 : at + 14], "little")
        assert int.from_bytes(content[at + 18 : at + 22], "little") == count
        segments = content[at + 26]
        at += 27 + segments
        if not count:
            preskip = int.from_bytes(content[at + 10 : at + 12], "little")
        at += sum(content[at - segments : at])
        count += 1
    assert at == len(content), "the last page is cut"
    assert flags & 4, "the last page is not marked as the last"
    return granule - preskip


def check_file(path):
    """Check that a file is what its header says, by our own eyes and by FFmpeg's; returns its seconds."""
    content = path.read_bytes()
    if path.suffix == ".wav":
        samples, rate = check_wav(content), 24_000
        with wave.open(str(path)) as file:
            assert file.getnframes() == samples
    else:
        samples, rate = check_ogg(content), 48_000
    with av.open(str(path)) as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) == samples
    return samples / rate


async def _write_text(process):
    """Write like a language model that never ends, until the pipe has no reader."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        while True:
            process.stdin.write(b"One sentence, and another one that follows it. ")
            await process.stdin.drain()
            await asyncio.sleep(0.01)


async def interrupt(url, path, numbers, delay_s, gap_s):
    """Let a speech be ended by these signals at this moment; returns what went wrong, or nothing."""
    process = await asyncio.create_subprocess_exec(
        *MARKED_SAY,
        *("-", "--out", str(path), "--url", url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=restore_signals,
        env={**os.environ, "PATH": "/nonexistent"},
    )
    await process.stdout.readexactly(1)
    writer = asyncio.create_task(_write_text(process))
    await asyncio.sleep(delay_s)
    for number in numbers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)  # asyncio's own way reaps an ended process, and its status is lost
        await asyncio.sleep(gap_s)
    try:
        async with asyncio.timeout(PATIENCE_S):
            stderr = (await process.stderr.read()).decode()
            status = await process.wait()
    except TimeoutError:
        process.kill()
        return "it hung"
    finally:
        writer.cancel()
    try:
        assert status in {expected for number in numbers for expected in (128 + number, -number)}, (
            f"status {status}: {stderr}"
        )
        assert len(stderr.split("\n")) <= 2, stderr
        assert "Error" not in stderr, stderr
        assert "Traceback" not in stderr, stderr
        if path.exists():
            check_file(path)
    except (AssertionError, av.error.FFmpegError) as fault:
        return f"{[signal.Signals(number).name for number in numbers]} after {delay_s:.3f} s: {fault}"
    return None


async def interrupt_at_random(url, folder, tries, seed=0):
    """Interrupt so many speeches at moments of all kinds, two at a time; returns what went wrong."""
    chance = random.Random(seed)
    faults = []
    plan = [
        (
            folder / f"{number}{chance.choice(['.wav', '.ogg'])}",
            chance.choice([(one,) for one in SIGNALS] + [(signal.SIGINT, other) for other in SIGNALS] * 2),
            chance.uniform(0, 1.2),
            chance.choice([0, 0, 0.001, 0.02, 0.2]),
        )
        for number in range(tries)
    ]

    async def work():
        while plan:
            faults.append(await interrupt(url, *plan.pop()))

    await asyncio.gather(work(), work())
    return [fault for fault in faults if fault]
