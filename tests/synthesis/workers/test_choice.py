"""A segment is spoken where its first sound is forecast soonest."""

import random

from sayline.synthesis.workers.choice import Candidate, choose

IDLE = Candidate(first_sound_s=0.1, requests=10, speaking=0, has_prompt=False, is_continuing=False)


def test_of_equal_workers_the_first_is_chosen():
    assert choose([IDLE, IDLE]) == 0


def test_the_fuller_worker_is_forecast_to_be_later():
    assert choose([IDLE._replace(speaking=5), IDLE]) == 1


def test_a_worker_that_is_more_than_twice_as_fast_is_chosen():
    assert choose([IDLE, IDLE._replace(first_sound_s=0.04)]) == 1


def test_of_workers_that_are_about_as_fast_the_emptier_one_is_chosen():
    assert choose([IDLE, IDLE._replace(first_sound_s=0.06)]) == 0
    assert choose([IDLE._replace(speaking=1), IDLE._replace(first_sound_s=0.19)]) == 1


def test_first_sounds_that_vary_leave_two_like_workers_equally_full():
    drawn, speaking, first_sounds_s, unlike = random.Random(0), [0, 0], [0.07, 0.07], []
    for _ in range(2_000):
        if sum(speaking) >= 448:
            speaking[drawn.choices((0, 1), speaking)[0]] -= 1  # one of those who speak ends
        at = choose(
            [
                IDLE._replace(requests=600, first_sound_s=s, speaking=n)
                for s, n in zip(first_sounds_s, speaking, strict=True)
            ]
        )
        speaking[at] += 1
        first_sounds_s[at] += 0.25 * (drawn.lognormvariate(-2.7, 0.35) - first_sounds_s[at])
        unlike.append(abs(speaking[0] - speaking[1]))
    assert max(unlike) <= 16


def test_a_worker_that_knows_the_voice_is_chosen_until_it_is_a_quarter_fuller():
    knowing = IDLE._replace(has_prompt=True)

    assert choose([IDLE, knowing._replace(speaking=1)]) == 1
    assert choose([IDLE, knowing._replace(speaking=3)]) == 0


def test_the_worker_of_the_segment_before_goes_on_while_it_has_room():
    before = IDLE._replace(is_continuing=True, first_sound_s=1.0)

    assert choose([IDLE, before._replace(speaking=9)]) == 1
    assert choose([IDLE, before._replace(speaking=10)]) == 0


def test_a_context_that_was_admitted_though_all_are_full_goes_to_the_least_full():
    full = IDLE._replace(speaking=10, has_prompt=True, is_continuing=True, first_sound_s=0.01)

    assert choose([full._replace(speaking=12), full]) == 1
    assert choose([full, IDLE]) == 1
    assert choose([IDLE._replace(requests=0), full]) == 0
