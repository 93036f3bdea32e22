"""The ear's gate: what everybody hears first is understood and has no seam, and each of three faults is noticed.

``make ear`` runs this, and so does CI. Everything goes through a real gateway and Opus, and is judged by
``sayline eval`` as anyone would call it.
"""

import asyncio
import json
from pathlib import Path

import pytest
from faulty_engine import Faulty, click, hole, soft_steps

from sayline.gateway.cli import main
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import new_synthesizer, running_server

pytestmark = pytest.mark.ear

KNOWN = Path(__file__).parent
CHINESE_VOICES = Path(__file__).parents[2] / "build" / "kokoro" / "voices"  # which `make ear` fetches
# Enough sentences for a fault to be among; the swapped word is in one of them.
FEW = ("--limit", "5")


def judge(*flags):
    """Exit status of ``sayline eval``, and its report."""
    return main(["eval", *map(str, flags)])


async def judged(tmp_path, engine, *flags):
    """Listen to a gateway that speaks with this engine: (exit status, report)."""
    settings = Settings(port=0)
    report = tmp_path / "report.json"
    async with running_server(settings, engine(new_synthesizer(settings))) as server:
        status = await asyncio.to_thread(
            judge, "--url", f"ws://127.0.0.1:{server.port}", *FEW, "--json", report, *flags
        )
    return status, json.loads(report.read_text())


# Where a stream in hops would have its seams; this engine has none there, so the gate finds none.
HOPS = ("--hops", "400,1000")
GATE = ("--measure", "words,seams", *HOPS, "--known", KNOWN / "known_en.txt")


def test_forty_english_sentences_are_understood_and_have_no_seam():
    assert judge("--most-errors", 1.5, *GATE) == 0


def test_twenty_chinese_sentences_are_understood():
    voices = ("--engine", "kokoro", "--serve", f"--kokoro-voices {CHINESE_VOICES}")
    # What is said is judged, and not when: on a machine with other work this voice is slower than real time.
    words = ("--measure", "words", "--most-errors", 4, "--allow", "discontinuities")
    assert judge("--language", "zh", *voices, *words) == 0


async def test_a_few_sentences_without_a_fault_pass(tmp_path):
    """The three faults below are then what fails."""
    status, report = await judged(tmp_path, Faulty, *GATE)
    assert (status, report["failures"]) == (0, [])


async def test_a_click_of_one_sample_step_fails(tmp_path):
    status, report = await judged(tmp_path, lambda engine: Faulty(engine, click), *GATE)
    assert status == 1
    assert report["languages"]["en"]["clicks"] >= 5


async def test_steps_of_a_fiftieth_of_full_scale_at_seams_fail(tmp_path):
    """Too soft for most to be told from speech: what tells them is that they are at the seams."""
    status, report = await judged(tmp_path, lambda engine: Faulty(engine, soft_steps), "--measure", "seams", *HOPS)
    assert status == 1
    assert report["languages"]["en"]["steps"] >= 5
    assert f"en: {report['languages']['en']['steps']} steps" in report["failures"]


async def test_a_hole_of_20_ms_fails(tmp_path):
    status, report = await judged(tmp_path, lambda engine: Faulty(engine, hole), *GATE)
    assert status == 1
    assert report["languages"]["en"]["holes"] >= 5


async def test_one_swapped_word_fails(tmp_path):
    def swapped(text):
        return text.replace("north", "south") if "north" in text else text

    status, report = await judged(tmp_path, lambda engine: Faulty(engine, said=swapped), *GATE)
    assert status == 1
    assert any("north heard as south" in failure for failure in report["failures"])
