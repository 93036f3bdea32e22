"""Encoders in a process of their own: the same packets, the most urgent first, and a death that costs only its own."""

import asyncio
import contextlib
import gc
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from sayline.codecs.base import EncodingFailed
from sayline.codecs.speech_encoder import AudioFormat, Mark, SpeechEncoder
from sayline.gateway.speaking.encoder_pool import PATIENCE_S, EncoderPool, Journal
from sayline.gateway.speaking.encoder_process import (
    VOCABULARY,
    Close,
    Encode,
    EncoderService,
    Feed,
    Refused,
    open_message,
    pack_mark,
    read_packets,
)

RATE_HZ = 24_000
WAIT_S = 20
BUSY_S = 5.0  # what a machine with other work may add
SOUND = (8000 * np.sin(np.arange(RATE_HZ) * 0.05)).astype(np.int16)


@pytest.fixture
async def pool():
    async with EncoderPool(1, RATE_HZ) as running:
        await running.came_up()
        yield running


async def encode_all(encoder, sound):
    packets = []
    for piece in np.split(sound, 5):
        await encoder.feed(piece)
        packets += await encoder.encode(3, needed_at=0.0)
    await encoder.finish()
    while encoder.frames_ready:
        packets += await encoder.encode(100, needed_at=0.0)
    return [(packet.payload, packet.duration) for packet in packets]


def encoded_here(sound):
    encoder = SpeechEncoder(RATE_HZ, AudioFormat())
    encoder.feed(sound)
    encoder.finish()
    return [(packet.payload, packet.duration) for packet in encoder.encode(10_000)]


async def test_packets_are_the_same_as_without_a_process(pool):
    assert await encode_all(pool.open(AudioFormat()), SOUND) == encoded_here(SOUND)


async def test_many_encoders_at_once_do_not_mix(pool):
    sounds = [np.roll(SOUND, 1000 * number) // (number + 1) for number in range(10)]
    results = await asyncio.gather(*(encode_all(pool.open(AudioFormat()), sound) for sound in sounds))

    assert results == [encoded_here(sound) for sound in sounds]


async def test_what_the_codec_refuses_is_an_error_of_that_request_only(pool):
    encoder, other = pool.open(AudioFormat()), pool.open(AudioFormat())
    await encoder.finish()
    with pytest.raises(EncodingFailed, match="finished"):
        await encoder.feed(SOUND)

    assert await encode_all(other, SOUND) == encoded_here(SOUND)


@pytest.mark.parametrize("how", ["kill", "suspend"])
@pytest.mark.parametrize("codec", ["pcm_s16le", "opus", "ogg_opus", "mp3"])
async def test_a_context_goes_on_to_the_sample_if_its_process_dies_or_hangs(pool, caplog, codec, how):
    """The listener has two seconds in hand, so in less than that the next packets are there."""
    audio_format = AudioFormat(codec)
    unbroken = await encode_all(pool.open(audio_format), SOUND)
    encoder, packets = pool.open(audio_format), []
    for number, piece in enumerate(np.split(SOUND, 5)):
        await encoder.feed(piece)
        if number in (1, 3):
            lost = psutil.Process(pool.process_ids[0])
            getattr(lost, how)()
        begun_at = time.monotonic()
        packets += await encoder.encode(3, needed_at=0.0)
        assert time.monotonic() - begun_at < PATIENCE_S + BUSY_S
    await encoder.finish()
    while encoder.frames_ready:
        packets += await encoder.encode(100, needed_at=0.0)

    made = [(packet.payload, packet.duration) for packet in packets]
    assert [duration for _, duration in made] == [duration for _, duration in unbroken]
    if codec == "pcm_s16le":
        assert made == unbroken
    said = "an encoder process was ended by signal 9" if how == "kill" else "has said nothing for 1 s and was killed"
    assert caplog.text.count(said) == 2
    encoder.close()
    assert await encode_all(pool.open(AudioFormat()), SOUND) == encoded_here(SOUND)


async def test_contexts_whose_process_dies_while_they_wait_for_it_are_served_by_another(caplog):
    async with EncoderPool(2, RATE_HZ) as pool:
        await pool.came_up()
        encoders = [pool.open(AudioFormat()) for _ in range(8)]
        await asyncio.gather(*(encoder.feed(SOUND) for encoder in encoders))
        psutil.Process(pool.process_ids[0]).suspend()
        results = await asyncio.gather(*(encode_all(encoder, SOUND) for encoder in encoders))

    once = await asyncio.to_thread(encoded_here, np.concatenate((SOUND, SOUND)))
    for result in results:
        assert [duration for _, duration in result] == [duration for _, duration in once]
    assert "an encoder process has said nothing for 1 s and was killed" in caplog.text


async def test_a_process_that_is_silent_is_told_of_before_it_is_killed(pool):
    """``/health`` says so meanwhile."""
    encoder = pool.open(AudioFormat())
    stopped = psutil.Process(pool.process_ids[0])
    stopped.suspend()
    waiting = asyncio.create_task(encoder.feed(SOUND))
    async with asyncio.timeout(WAIT_S):
        while not pool.failure:
            await asyncio.sleep(0.02)
    assert "has owed answers for" in pool.failure

    await waiting
    assert not pool.failure
    assert not stopped.is_running()


async def test_a_context_under_which_one_process_after_another_dies_fails(pool):
    """What it says may be what kills them."""
    encoder = pool.open(AudioFormat())
    for _ in range(4):
        await encoder.feed(SOUND)
        os.kill(pool.process_ids[0], signal.SIGKILL)
    with pytest.raises(EncodingFailed, match=r"died.*and so did those that took its place"):
        await encoder.feed(SOUND)

    assert await encode_all(pool.open(AudioFormat()), SOUND) == encoded_here(SOUND)


async def test_a_process_that_has_nothing_to_answer_may_be_silent_for_as_long_as_it_likes(pool):
    encoder, before = pool.open(AudioFormat()), pool.process_ids
    await encoder.feed(SOUND)
    passed = asyncio.Event()
    asyncio.get_running_loop().call_later(PATIENCE_S + 1, passed.set)
    await passed.wait()

    await encoder.feed(SOUND)
    assert pool.process_ids == before


@pytest.mark.parametrize("processes", [1, 2])
async def test_a_process_that_dies_while_descriptors_are_short_is_started_once_there_are_some(processes, caplog):
    async with EncoderPool(processes, RATE_HZ) as pool:
        await pool.came_up()
        for _ in range(processes):
            await pool.open(AudioFormat()).feed(SOUND)
        victim = pool.open(AudioFormat())
        with no_descriptors():
            os.kill(pool.process_ids[0], signal.SIGKILL)
            async with asyncio.timeout(WAIT_S):
                while len(pool.process_ids) == processes:
                    await asyncio.sleep(0.05)
            if processes == 1:
                with pytest.raises(EncodingFailed):
                    await victim.feed(SOUND)
                assert "Too many open files" in pool.failure
                with pytest.raises(EncodingFailed, match="Too many open files"):
                    await pool.open(AudioFormat()).feed(SOUND)
            else:  # the other one serves
                assert not pool.failure
                assert await encode_all(victim, SOUND) == encoded_here(SOUND)
                assert await encode_all(pool.open(AudioFormat()), SOUND) == encoded_here(SOUND)
        async with asyncio.timeout(WAIT_S):
            while len(pool.process_ids) < processes:
                await asyncio.sleep(0.05)
        for _ in range(processes):
            assert await encode_all(pool.open(AudioFormat()), SOUND) == encoded_here(SOUND)
    assert caplog.text.count("does not start") == 1, "said once, however often it is tried"


@contextlib.contextmanager
def no_descriptors():
    """Let this process open no more files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.dup(0)
    os.close(lowest)
    taken = [os.dup(0) for _ in range(max(0, 64 - lowest))]  # so that the limit lies above what any library counts on
    used = [int(file.name) for file in Path("/proc/self/fd").iterdir()]
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(used) + 1, hard))
    with contextlib.suppress(OSError):
        while True:
            taken.append(os.dup(0))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for descriptor in taken:
            os.close(descriptor)


async def test_encoders_that_were_closed_while_they_waited_for_an_answer_leave_nothing_behind(pool):
    """A closed encoder's request is dropped by the process, so its answer never comes."""
    for _ in range(100):
        encoder = pool.open(AudioFormat())
        asking = asyncio.create_task(encoder.feed(SOUND))
        await asyncio.sleep(0)
        asking.cancel()
        encoder.close()

    await encode_all(pool.open(AudioFormat()), SOUND)
    gc.collect()  # a cancelled task and its traceback name each other
    # By its type: lazy objects of other libraries warn when ``isinstance`` asks them for their class.
    futures = [found for found in gc.get_objects() if issubclass(type(found), asyncio.Future)]
    owed = [future for future in futures if future.cancelled()]
    assert len(owed) < 10


async def test_a_request_whose_context_was_cancelled_disturbs_no_other(pool):
    encoder = pool.open(AudioFormat())
    asking = asyncio.create_task(encoder.feed(SOUND))
    await asyncio.sleep(0)
    asking.cancel()
    encoder.close()

    assert await encode_all(pool.open(AudioFormat()), SOUND) == encoded_here(SOUND)


async def test_a_closed_pool_leaves_no_process_behind():
    async with EncoderPool(2, RATE_HZ) as running:
        await running.open(AudioFormat()).feed(SOUND)
        ids = running.process_ids

    for process_id in ids:
        with pytest.raises(ProcessLookupError):
            os.kill(process_id, 0)


async def test_who_asks_of_a_closed_pool_does_not_wait_for_a_process():
    async with EncoderPool(2, RATE_HZ) as pool:
        await pool.came_up()
        encoders = [pool.open(AudioFormat()) for _ in range(2)]
        await encoders[0].feed(SOUND)
    for encoder in encoders:
        with pytest.raises(EncodingFailed, match="the encoders are closed"):
            await encoder.feed(SOUND)


def test_an_encoder_process_whose_gateway_was_killed_ends_without_a_word():
    ours, theirs = socket.socketpair()
    with theirs:
        program = "from sayline.gateway.speaking.encoder_process import main; main()"
        process = subprocess.Popen([sys.executable, "-c", program], stdin=theirs.fileno(), stderr=subprocess.PIPE)
    with ours:
        opening, feeding = open_message(1, RATE_HZ, AudioFormat()), Feed(1, False, SOUND.tobytes())
        ours.sendall(b"".join(map(VOCABULARY.pack, (VOCABULARY.hello, opening, feeding))))
        hello = VOCABULARY.pack(VOCABULARY.hello)
        assert ours.recv(len(hello), socket.MSG_WAITALL) == hello
        ours.recv(1, socket.MSG_PEEK)  # the reply is there, and is never read
    _, complaints = process.communicate(timeout=60)

    assert (process.returncode, complaints) == (0, b"")


def service_with(*encoders):
    service = EncoderService()
    for encoder in encoders:
        service.take(open_message(encoder, RATE_HZ, AudioFormat()), 0.0)
        service.take(Feed(encoder, False, SOUND.tobytes()), 0.0)
        service.work()
    return service


def packets_of(answer):
    return [(packet.payload, packet.duration) for packet in read_packets(answer)]


def test_the_most_urgent_request_is_served_first():
    """How soon is told from when the request came."""
    service = service_with(1, 2, 3)
    for encoder, needed_in_s, now in ((1, np.inf, 0.0), (2, 9.0, 0.0), (3, 1.0, 7.0)):
        service.take(Encode(encoder, 1, needed_in_s), now)

    order = []
    while not service.is_idle:
        order.append(service.work().encoder)
    assert order == [3, 2, 1]


def test_a_more_urgent_request_comes_between_the_parts_of_a_long_one():
    service = service_with(1, 2)
    service.take(Encode(1, 49, 9.0), 0.0)
    assert service.work() is None, "only a part is encoded"
    service.take(Encode(2, 5, 1.0), 0.0)

    answers = [service.work() for _ in range(3)]
    assert [answer.encoder for answer in answers if answer] == [2, 1]
    assert service.is_idle
    assert packets_of(answers[-1]) == encoded_here(SOUND)[:49]


def test_an_encoder_that_cannot_be_made_is_refused_and_no_other_is_lost():
    service = EncoderService()
    service.take(open_message(1, RATE_HZ, AudioFormat())._replace(complexity=99), 0.0)
    service.take(open_message(2, RATE_HZ, AudioFormat()), 0.0)
    for encoder in (1, 2):
        service.take(Feed(encoder, False, SOUND.tobytes()), 0.0)

    refused, done = service.work(), service.work()
    assert refused == Refused(1, "Opus complexity must be 0 to 10, not 99")
    assert (done.encoder, done.frames_ready) == (2, 49)
    service.take(Close(1), 0.0)
    service.take(Feed(1, False, SOUND.tobytes()), 0.0)
    assert service.work() is None


def test_an_encoder_that_catches_up_keeps_nobody_waiting_who_needs_packets_sooner():
    """FLAC's frames have numbers, so nine minutes of them are counted."""
    frames = 9 * 60 * 25
    service, journal, mark = EncoderService(), Journal(), Mark(0, 0, 0, 0, 0, 0, 1, False)
    at = frames * RATE_HZ // 25
    journal.reached(pack_mark(mark._replace(source=at, sound=at, taken=at, out=at, encoded=2 * at)))
    service.take(open_message(1, RATE_HZ, AudioFormat("flac")), 0.0)
    service.take(open_message(2, RATE_HZ, AudioFormat()), 0.0)
    for message in journal.again(1):
        service.take(message, 0.0)
    service.take(Feed(2, False, SOUND.tobytes()), 0.0)
    service.take(Encode(2, 5, 0.2), 0.0)

    answers = []
    while not service.is_idle:
        answers.append(service.work())
    assert [answer.encoder for answer in answers if answer] == [2, 2, 1]
    assert answers.index(None) == 2  # there were parts


def test_requests_for_a_closed_encoder_are_dropped():
    service = service_with(1)
    service.take(Encode(1, 49, 0.0), 0.0)
    service.work()  # a part of it
    service.take(Close(1), 0.0)

    assert service.work() is None
