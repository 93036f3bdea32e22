"""Quotas: what a tenant has used, and when it may go on."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.capacity.meters import Bucket, Meter, Meters
from sayline.gateway.capacity.tenants import Directory, Tenant, hash_key

NOW = 100.0


def tenant(name="acme", **limits):
    return Tenant(name, (hash_key(name),), **limits)


def meter(**limits):
    return Meter(tenant(**limits), NOW)


def refusal(fault):
    return None if fault is None else (fault.quota, fault.retry_after_s)


def test_a_tenant_without_limits_is_never_refused():
    free = meter()
    free.spend(10**9, NOW)
    free.contexts = 10**6

    assert free.refuse_context(NOW) is None
    assert free.refuse_connect(NOW) is None


def test_as_many_contexts_as_allowed_may_live_and_another_waits_for_the_end_of_one():
    held = meter(contexts=2)
    held.contexts = 1
    assert held.refuse_context(NOW) is None
    held.contexts = 2
    assert refusal(held.refuse_context(NOW)) == ("contexts", 1)
    held.contexts = 1
    assert held.refuse_context(NOW) is None


@given(contexts=st.integers(1, 40), refused=st.integers(1, 600))
def test_no_more_are_told_to_come_back_in_a_second_than_may_have_contexts_but_for_the_latest(contexts, refused):
    held = meter(contexts=contexts)
    held.contexts = contexts
    told = Counter(held.refuse_context(NOW).retry_after_s for _ in range(refused))

    assert sum(told.values()) == refused
    assert min(told) == 1
    latest = told.pop(10, 0)
    assert all(count <= contexts + 1 for count in told.values())  # a second of whole milliseconds
    assert not latest or sum(told.values()) >= 8 * contexts


def test_whoever_comes_when_he_was_told_finds_the_others_gone():
    held = meter(contexts=1)
    held.contexts = 1
    assert [held.refuse_context(NOW).retry_after_s for _ in range(3)] == [1, 2, 3]
    assert held.refuse_context(NOW + 4).retry_after_s == 1  # nobody has been told this second


def test_a_minute_s_characters_may_come_at_once_and_what_is_over_is_paid_back_before_the_next_context():
    talker = meter(characters_a_minute=600)
    talker.spend(600, NOW)
    assert refusal(talker.refuse_context(NOW)) == ("characters_a_minute", 1)
    assert talker.refuse_context(NOW + 0.1) is None
    talker.spend(601, NOW + 0.1)  # a context that has begun is not cut short
    assert refusal(talker.refuse_context(NOW + 0.1)) == ("characters_a_minute", 61)
    assert talker.refuse_context(NOW + 60.1) is not None
    assert talker.refuse_context(NOW + 60.2) is None


def test_connections_come_at_the_rate_allowed():
    caller = meter(connects_a_minute=2)
    assert caller.refuse_connect(NOW) is None
    assert caller.refuse_connect(NOW) is None
    assert refusal(caller.refuse_connect(NOW)) == ("connects_a_minute", 30)
    assert caller.refuse_connect(NOW + 29.9) is not None
    assert caller.refuse_connect(NOW + 30) is None
    assert caller.refuse_context(NOW + 30) is None, "a connection that is there is no matter of connects"


def test_a_month_s_characters_come_back_with_the_next_month():
    meters = Meters(Directory([tenant(characters_a_month=1000)]))
    meters.used_before("2026-11", {"acme": 400})
    meters.month_is("2026-11", 7200.5)
    writer = meters.of("acme", NOW)
    writer.spend(599, NOW)
    assert writer.refuse_context(NOW) is None
    writer.spend(1, NOW)
    assert refusal(writer.refuse_context(NOW)) == ("characters_a_month", 7201)
    meters.month_is("2026-12", 31 * 86_400.0)
    assert writer.refuse_context(NOW) is None
    assert writer.month_characters == 0


def test_other_limits_hold_at_once_and_those_that_stay_go_on_where_they_are():
    meters = Meters(Directory([tenant(characters_a_minute=60, contexts=5)]))
    counted = meters.of("acme", NOW)
    counted.spend(60, NOW)
    counted.contexts = 2
    meters.replace(Directory([tenant(characters_a_minute=60, contexts=2)]), NOW)
    assert refusal(counted.refuse_context(NOW + 2)) == ("contexts", 1)
    meters.replace(Directory([tenant(characters_a_minute=60)]), NOW)
    assert refusal(counted.refuse_context(NOW)) == ("characters_a_minute", 1)
    meters.replace(Directory([tenant(characters_a_minute=120)]), NOW)
    assert counted.refuse_context(NOW) is None


def test_nobody_has_no_meter():
    assert Meters(Directory()).of("", NOW) is None


@given(st.integers(1, 10**6), st.lists(st.tuples(st.integers(0, 90_000), st.integers(0, 50)), max_size=40))
def test_a_bucket_gives_exactly_its_rate_however_it_is_asked(a_minute, steps):
    """Over any time no more is given than a minute's worth and what came in since, to the last part."""
    bucket, now_ms, taken = Bucket(a_minute, 0.0), 0, 0
    for wait_ms, number in steps:
        now_ms += wait_ms
        for _ in range(number):
            if bucket.wait_s(now_ms / 1000) == 0:
                bucket.take(1, now_ms / 1000)
                taken += 1
    assert taken * 60_000 <= a_minute * (60_000 + now_ms)
    wait_s = bucket.wait_s(now_ms / 1000)
    assert bucket.wait_s(now_ms / 1000 + wait_s) == 0, "after the time that it names there is one"
