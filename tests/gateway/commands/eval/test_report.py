"""A run fails for what it was told to fail for, and never passes because nothing was measured."""

import numpy as np
import pytest

from sayline.gateway.commands.eval.listening import Take
from sayline.gateway.commands.eval.measuring import Finding
from sayline.gateway.commands.eval.report import FAULTS, Limits, failures, figures
from sayline.gateway.commands.eval.sentences import Sentence
from sayline.synthesis.hearing.seams import Click, Hole, Seams

HEARD = Sentence("en-001", "Go north, and stay dry.", "en")


def finding(discontinuities=0, **measured):
    return Finding(Take(HEARD, np.zeros(24_000, np.int16), 24_000, (0,), discontinuities), **measured)


GOOD = {"tokens": 100, "misheard": ["a heard as b"], "naturalness": 4.0, "fidelity": 4.5}


def test_a_run_that_keeps_to_its_limits_does_not_fail():
    limits = Limits(most_errors=1, least_naturalness=4, least_fidelity=4.5, known=[])
    assert failures([finding(**GOOD)], limits) == []


@pytest.mark.parametrize(
    ("limits", "failure"),
    [
        (Limits(most_errors=0.5), "en: WER 1.00 %, over 0.5 %"),
        (Limits(least_naturalness=4.1), "en: naturalness 4.00, under 4.1"),
        (Limits(least_fidelity=4.6), "en: fidelity 4.50, under 4.6"),
    ],
)
def test_a_figure_beyond_its_limit_is_a_failure(limits, failure):
    assert failures([finding(**GOOD)], limits) == [failure]


@pytest.mark.parametrize("limits", [Limits(most_errors=1), Limits(least_naturalness=1), Limits(least_fidelity=1)])
def test_a_limit_of_what_was_not_measured_is_a_failure(limits):
    (failure,) = failures([finding()], limits)
    assert "was not measured" in failure


def test_the_rate_of_errors_is_that_of_all_sentences():
    assert figures([finding(**GOOD), finding(tokens=300)])["en"]["errors_percent"] == 0.25


def test_only_mishearings_that_were_made_twice_and_are_not_known_are_new():
    heard = finding(tokens=5, misheard=["dry heard as try", "go heard as no"], confirmed=["dry heard as try"])
    assert failures([heard], Limits(known=[])) == ["misheard anew: en-001: dry heard as try"]
    assert failures([heard], Limits(known=["en-001: dry heard as try"])) == []
    assert failures([heard], Limits()) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_fails_a_run_unless_it_is_allowed(fault):
    sharp = Seams(3, 1.0, 1.0, None, (0.949, 0.9499, 0.949999, 0.9999999))
    faulty = finding(1, clicks=[Click(0.5, 3.0)], holes=[Hole(0.5, 0.02)], gaps=[Hole(0.5, 0.02)], seams=sharp)
    others = tuple(name for name in FAULTS if name != fault)
    assert failures([faulty], Limits(allowed=others)) == [f"en: 1 {fault}"]
    assert failures([faulty], Limits(allowed=FAULTS)) == []


def test_sharp_seams_are_steps_only_if_there_are_more_than_chance_has():
    """One seam in twenty is sharper than 95 % of its surroundings in any speech."""
    usual = [finding(seams=Seams(20, 1.0, 1.0, None, tuple(np.arange(20) / 20 + 0.03))) for _ in range(2)]
    assert figures(usual)["en"]["steps"] == 0
    assert failures(usual, Limits()) == []
    sharp = finding(seams=Seams(20, 1.0, 1.0, None, (0.999,) * 10))
    assert figures([*usual, sharp])["en"]["steps"] == 12
    assert failures([*usual, sharp], Limits()) == ["en: 12 steps"]
