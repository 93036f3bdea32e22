"""The benchmark's own arithmetic, with time as an argument; and one short run against a real gateway."""

import argparse
import asyncio
import json
import re
from array import array
from dataclasses import replace

import numpy as np
import pytest
from websockets.asyncio.server import serve
from wire_peer import PATIENCE_S

from sayline.codecs.opus import OpusEncoder
from sayline.gateway.cli import main
from sayline.gateway.commands.bench import command as bench
from sayline.gateway.commands.bench import load
from sayline.gateway.commands.bench.listener import ContextRecord, Listener
from sayline.gateway.commands.bench.load import Load, LoadPlan, LoadResult
from sayline.gateway.commands.bench.report import curve, failures, figures, table, worst
from sayline.gateway.commands.bench.texts import CORPUS, script
from sayline.gateway.dialects.tts_v1.frames import pack_frame
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.interface import Voice, never
from sayline.synthesis.tone import VOICE, ToneSynthesizer

FRAME = 960  # 20 ms at 48 kHz
LEAD_S = 2.0


class Ear:
    """A listener that a test plays frames to, at times it chooses."""

    def __init__(self, max_lead_s=LEAD_S):
        self.record = ContextRecord()
        self.lateness_s = array("f")
        self.listener = Listener(self.record, self.lateness_s, max_lead_s)
        self._count = 0

    def segment(self, at, text_ready_at):
        self.listener.segment_began(at, text_ready_at)

    def frames(self, *times):
        for at in times:
            frame = pack_frame(1, 0, self._count, self._count * FRAME, FRAME, 0, b"packet")
            self.listener.frame_came(at, self._count, self._count * FRAME, FRAME, frame)
            self._count += 1


# -- playing -----------------------------------------------------------------------------------------------------------


def test_frames_in_time_are_no_underrun():
    ear = Ear()
    ear.segment(10.0, 9.9)
    ear.frames(10.0, 10.019, 10.039, 10.04)
    assert ear.record.underruns == []
    assert ear.record.audio_at == 10.0
    assert ear.record.audio_s == pytest.approx(0.08)
    assert ear.listener.dry_at == pytest.approx(10.08)


def test_a_frame_after_the_listener_ran_dry_is_an_underrun_of_that_length():
    ear = Ear()
    ear.segment(10.0, 9.9)
    ear.frames(10.0, 10.5, 10.5, 10.5)
    assert ear.record.underruns == [pytest.approx(0.48)]
    assert ear.listener.dry_at == pytest.approx(10.56)  # playing went on from the late frame


def test_waiting_for_the_writer_is_no_underrun():
    ear = Ear()
    ear.segment(10.0, 9.9)
    ear.frames(10.0)
    ear.segment(12.0, text_ready_at=11.9)  # after the listener ran dry, at 10.02
    ear.frames(12.0)
    assert ear.record.underruns == []
    assert ear.record.writer_gaps == 1


def test_text_that_was_there_in_time_makes_the_same_wait_an_underrun():
    ear = Ear()
    ear.segment(10.0, 9.9)
    ear.frames(10.0)
    ear.segment(12.0, text_ready_at=10.0)
    ear.frames(12.0)
    assert ear.record.underruns == [pytest.approx(1.98)]


def test_lateness_counts_from_when_the_lead_allowed_the_frame():
    ear = Ear(max_lead_s=0.04)
    ear.segment(10.0, 9.9)
    # With 40 ms of lead, frame k (ending at 20(k+1) ms) may leave at 10.0 + 20(k+1) - 40 ms.
    ear.frames(10.0, 10.0, 10.03, 10.04)
    assert list(ear.lateness_s) == pytest.approx([0.0, 0.01, 0.0], abs=1e-6)


def test_lateness_does_not_count_before_the_segment_began():
    ear = Ear()
    ear.segment(10.0, 9.9)
    ear.frames(10.0)
    ear.segment(10.01, 9.95)
    ear.frames(10.015)
    assert list(ear.lateness_s) == pytest.approx([0.005], abs=1e-6)


def test_an_unpaced_stream_cannot_be_late():
    ear = Ear(max_lead_s=0.0)
    ear.frames(10.0, 10.01)
    assert len(ear.lateness_s) == 0


def test_a_missing_frame_is_a_fault():
    ear = Ear()
    ear.listener.frame_came(1.0, 0, 0, FRAME, bytes(17))
    ear.listener.frame_came(1.0, 2, 2 * FRAME, FRAME, bytes(17))
    assert ear.record.fault == "frame 2 came where 1 was due"


# -- texts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", CORPUS)
def test_typing_the_tokens_types_the_text(text):
    typed = [json.loads(token) for token in script(text).tokens]
    assert "".join(typed) == text
    assert script(text).ends[-1] == len(text)
    assert max(map(len, typed)) <= 7  # word pieces, not words


@pytest.mark.parametrize(
    ("text", "first"),
    [("One. Two.", "One."), ("Version 1.5 is out! Yes.", "Version 1.5 is out!"), ("你好。再见。", "你好。")],
)
def test_the_first_sentence_of_a_text_is_known(text, first):
    assert text[: script(text).first_sentence_end] == first


# -- the verdict -------------------------------------------------------------------------------------------------------


def result(**changes):
    """A run in which one context went well."""
    record = ContextRecord(text_at=1.0, sentence_at=1.2, segment_at=1.1, audio_at=1.3, last_audio_at=2.0, done="end")
    record.audio_s, record.frames = 1.0, 50
    for name, value in changes.items():
        setattr(record, name, value)
    return LoadResult(contexts=[record], lag_s=array("f", [0.001]), window_frames=50, window_s=1.0)


def test_the_two_kinds_of_ttfa_are_told_apart():
    ttfa = figures(result())["ttfa_ms"]
    assert ttfa["from_first_text"]["p50"] == pytest.approx(300)
    assert ttfa["from_first_sentence"]["p50"] == pytest.approx(100)
    assert ttfa["from_first_segment"]["p50"] == pytest.approx(200)


@pytest.mark.parametrize(("arrivals", "heard_ms"), [((0, 0, 0, 0, 0), 360), ((0, 20, 40, 500, 500), 800)])
def test_sound_is_heard_when_a_player_comes_to_it_and_it_is_there(arrivals, heard_ms):
    """Three packets of silence, then a tone: 60 ms behind the first packet, if it is there by then."""
    samples = np.zeros(2_400, np.int16)
    samples[1_440:] = 8_000 * np.sin(np.arange(960) / 10)
    packets = OpusEncoder(24_000, 20).encode(samples)
    opening = [(1.3 + after / 1000, packet) for after, packet in zip(arrivals, packets, strict=True)]
    heard = figures(result(opening=opening))["audible_ttfa_ms"]["from_first_text"]["p50"]
    assert heard == pytest.approx(heard_ms, abs=3)


def test_quartiles_arrivals_and_the_worst_of_several_runs_are_told():
    quick, slow = result(), result()
    late_s = (0.1, 0.2, 0.3, 0.4, 0.5)
    slow.contexts = [replace(quick.contexts[0], audio_at=1.2 + each_s, underruns=[]) for each_s in late_s]
    slow.window_contexts, slow.window_s = 5, 2.0
    slow.contexts[0].underruns.append(0.5)

    run = figures(slow)

    ttfa = run["ttfa_ms"]["from_first_sentence"]
    assert [ttfa[name] for name in ("p25", "p50", "p75", "max")] == pytest.approx([200, 300, 400, 500])
    assert "p25 200.0  p50 300.0  p75 400.0" in table("slow", run)
    assert re.search(r"^contexts begun a second +2.5$", table("slow", run), re.MULTILINE)
    assert worst([figures(result()), run]).startswith("worst of 2 runs: 1 underruns, audible TTFA")


def test_a_clean_run_passes():
    assert failures(figures(result()), ()) == []


@pytest.mark.parametrize(
    ("changes", "allow", "words"),
    [
        ({"underruns": [0.5]}, "underruns", "1 underruns"),
        ({"fault": "synthesis_failed: broke"}, "errors", "1 errors"),
        ({"done": None}, "errors", "without context.done"),
    ],
)
def test_underruns_errors_and_lost_contexts_fail_a_run_unless_allowed(changes, allow, words):
    run = figures(result(**changes))
    assert any(words in failure for failure in failures(run, ()))
    assert not any(words in failure for failure in failures(run, (allow,)))


def test_a_refusal_fails_a_run_unless_allowed():
    refused = result()
    refused.refusals = 2
    assert failures(figures(refused), ()) == ["2 refusals"]
    assert failures(figures(refused), ("refusals",)) == []


def test_a_generator_that_is_late_itself_makes_the_run_invalid():
    busy = result()
    busy.lag_s = array("f", [0.05] * 100)
    assert any("invalid" in failure for failure in failures(figures(busy), ("underruns", "errors", "refusals")))


def test_the_knee_is_the_last_count_without_a_fault():
    late = result()
    late.lateness_s = array("f", [0.1] * 100)
    lines = curve([(50, figures(result())), (100, figures(late))])
    assert "knee: 50 streams" not in lines  # a run without a single paced frame shows nothing
    good = result()
    good.lateness_s = array("f", [0.01] * 100)
    assert "knee: 50 streams" in curve([(50, figures(good)), (100, figures(late))])


# -- against a gateway -------------------------------------------------------------------------------------------------


def a_plan(**changes):
    """A tenth of a second of whole texts, one after the other, by one paced listener on a connection."""
    ours = {
        "streams": None,
        "rate": None,
        "duration_s": 0.1,
        "ramp_s": 0.0,
        "tokens_per_second": 0,
        "is_long": False,
        "reports_playback": False,
        "contexts_per_connection": 1,
        "seed": 0,
    }
    return LoadPlan(**ours | changes)


async def test_a_run_against_a_real_gateway_measures_everything():
    plan = a_plan(
        rate=20.0,
        duration_s=0.3,
        reports_playback=True,
        seed=1,
        scripts=(script("Hi. Yes!"),),
    )
    async with running_server(Settings(port=0, engine="espeak")) as server:
        run = figures(await Load(plan, server.url).run())
    assert run["contexts"] == run["completed"] > 0
    assert (run["lost"], run["refusals"], run["errors"]) == (0, 0, 0)
    assert run["frames"] > 20 * run["contexts"]
    for name in ("from_first_text", "from_first_sentence"):
        assert run["audible_ttfa_ms"][name]["n"] == run["contexts"]
        assert run["audible_ttfa_ms"][name]["p50"] >= 0
    assert "TTFA" in table("a run", run)


async def test_several_contexts_share_a_connection():
    plan = a_plan(
        streams=3,
        ramp_s=0.1,
        tokens_per_second=200,
        is_long=True,
        contexts_per_connection=2,
        scripts=(script("This text is much longer than the run. " * 5),),
    )
    async with running_server(Settings(port=0, engine="espeak")) as server:
        load = Load(plan, server.url)
        run = figures(await load.run())
    assert len(load._wires) == 2
    assert run["completed"] == 3
    assert run["lost"] == 0


async def test_a_gateway_that_is_full_is_counted_as_refusals():
    plan = a_plan(
        streams=3,
        is_long=True,
        scripts=(script("Hello."),),
    )
    async with running_server(Settings(port=0, engine="espeak", max_connections=1)) as server:
        run = figures(await Load(plan, server.url).run())
    assert run["refusals"] == 2
    assert run["completed"] == 1


async def test_the_voice_that_was_asked_for_speaks():
    plan = a_plan(streams=1, scripts=(script("Hello."),), voice="second")
    spoken = []

    class Noting(ToneSynthesizer):
        def voices(self):
            return (*super().voices(), Voice("second", "", ("mul",)))

        def speak(self, segment, style, runs_dry_at=never):
            spoken.append(style.voice)
            return super().speak(segment, replace(style, voice=VOICE), runs_dry_at)

    async with running_server(Settings(port=0), Noting()) as server:
        run = figures(await Load(plan, server.url).run())
    assert run["completed"] == run["contexts"] > 0
    assert set(spoken) == {"second"}


async def test_for_a_voice_that_the_gateway_lacks_no_context_is_begun():
    plan = a_plan(streams=2, scripts=(script("Hello."),), voice="nobody")
    async with running_server(Settings(port=0), ToneSynthesizer()) as server:
        result = await Load(plan, server.url).run()
    assert result.faults == [f"no voice 'nobody' among {VOICE}"] * 2
    assert not result.contexts


async def test_a_gateway_that_does_not_greet_is_a_fault_and_no_wait_for_ever(monkeypatch):
    monkeypatch.setattr(load, "OPEN_TIMEOUT_S", 0.1)
    plan = a_plan(streams=1, scripts=(script("Hi."),))

    async def says_nothing(socket):
        await socket.wait_closed()

    async with serve(says_nothing, "127.0.0.1", 0, subprotocols=["tts.v1"]) as server:
        port = server.sockets[0].getsockname()[1]
        result = await asyncio.wait_for(Load(plan, f"127.0.0.1:{port}").run(), PATIENCE_S)
    assert set(result.faults) == {"no session.ready within 0.1 s"}
    assert result.contexts == []


def test_the_command_starts_a_server_and_writes_json(tmp_path, capsys):
    texts = tmp_path / "texts"
    texts.write_text("Hi.\n", "utf-8")
    out = tmp_path / "bench.json"
    flags = ["--streams", "2", "--duration", "1", "--text-file", str(texts), "--json", str(out)]
    status = main(["bench", *flags, "--allow", "underruns"])  # a shared machine may stumble; that is not this test's
    document = json.loads(out.read_text())
    assert status == (1 if document["failures"] else 0)
    (run,) = document["runs"]
    assert run["completed"] == run["contexts"] >= 2
    assert run["server"]["cpu_us_per_frame"] > 0
    assert "2 streams, 1 s, seed 0" in capsys.readouterr().out


@pytest.mark.parametrize(
    "flags",
    [
        ["--streams", "5", "--rate", "1"],
        ["--streams", "0"],
        ["--sweep", "10,many"],
        ["--duration", "1e9"],
        ["--rate", "-1"],
        ["--allow", "everything"],
        ["--url", "ws://192.0.2.1:80"],
    ],
)
def test_load_without_bounds_or_beyond_this_machine_is_refused(flags):
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    with pytest.raises(SystemExit) as caught:
        bench.run(parser.parse_args(flags))
    assert caught.value.code == 2


# -- what would be found wrong only after the run ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--text-file", "empty"], "--text-file empty: there is no text in it"),
        (["--text-file", "blank"], "--text-file blank: there is no text in it"),
        (["--text-file", "none"], "--text-file none: cannot be read: No such file"),
        (["--text-file", "noise"], "--text-file noise: that is no UTF-8 text"),
        (["--text-file", "."], "--text-file .: cannot be read: Is a directory"),
        (["--json", "none/figures.json"], "--json none/figures.json: there is no folder none"),
        (["--json", "."], "--json .: that is a folder"),
        (["--serve", "--voice 'x"], "--serve: No closing quotation"),
        (["--ca-file", "empty"], "--ca-file empty: holds no certificate"),
        (["--key", "a\nb"], "--key: the API key is not one line"),
    ],
)
def test_a_command_line_that_cannot_work_is_refused_before_the_run(flags, words, tmp_path, monkeypatch, capsys):
    """No server is started: the run would take an hour, and the test has a minute."""
    (tmp_path / "empty").touch()
    (tmp_path / "blank").write_text(" \n\n")
    (tmp_path / "noise").write_bytes(b"\xff\xfe\x00")
    monkeypatch.chdir(tmp_path)
    assert main(["bench", "--duration", "3600", *flags]) == 2
    line = capsys.readouterr().err
    assert line.startswith(f"sayline: {words}")
    assert line.count("\n") == 1


def test_figures_of_an_earlier_run_stay_if_this_one_fails(tmp_path, capsys):
    (tmp_path / "figures.json").write_text("earlier")
    flags = ["--streams", "1", "--duration", "1", "--json", str(tmp_path / "figures.json")]
    assert main(["bench", *flags, "--serve=--no-such-flag"]) == 1
    assert (tmp_path / "figures.json").read_text() == "earlier"
    assert "before it listened" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--url", "ws://127.0.0.1:9"], "cannot connect to ws://127.0.0.1:9/v1/tts/stream: nobody listens there"),
        (["--url", "ws://127.0.0.1:99999"], "'ws://127.0.0.1:99999' is no address"),
        (["--voice", "nobody"], "--voice nobody: the gateway has no such voice"),
    ],
)
def test_a_gateway_that_cannot_be_measured_is_not_measured(flags, words, capsys):
    """The run would take an hour, and count nothing but failures."""
    assert main(["bench", "--duration", "3600", *flags]) in (1, 2)
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"sayline: {words}")
