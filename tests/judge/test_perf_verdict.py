"""What a load says about the objectives; nothing measured, or not truly, is never a pass."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.judge.performance.histogram import Histogram, bucket_of, middle_us
from golive.judge.performance.verdict import bottleneck, held, judge_load
from golive.spec.values import LatencyObjective, Objectives
from perfbodies import ASKED, MADE, interval, measured

GOOD = interval(times_ms=[120] * 200)


@pytest.mark.parametrize(
    ("found", "answer", "because"),
    [
        (measured(GOOD), "pass", "200 requests, 0 failed, every objective held"),
        (measured(), "inconclusive", "0 requests, 50 are needed"),
        (measured(interval(times_ms=[1] * 49)), "inconclusive", "49 requests, 50 are needed"),
        (measured(interval(times_ms=[1] * 200, causes={"answered 503": 2})), "pass", "2 failed"),
        (measured(interval(times_ms=[1] * 200, causes={"answered 503": 3})), "fail", "errors 1.5 %, 1 % may be"),
        (measured(interval(times_ms=[1] * 150, causes={"timeout": 50})), "fail", "errors 25 %, 1 % may be"),
        (measured(interval(causes={"connection refused": 200})), "fail", "errors 100 %"),
        (measured(interval(times_ms=[400] * 200)), "fail", "p99 400.384 ms, 300 ms may be"),
        (measured(interval(times_ms=[1] * 198 + [400] * 2)), "pass", "every objective held"),
        (measured(GOOD, ended="interrupted", because="Ctrl-C"), "inconclusive", "before its time: Ctrl-C"),
        (measured(GOOD, ended="aborted", because="50 % failed"), "fail", "ended early: 50 % failed"),
        (
            measured(interval(times_ms=[1] * 200, asked=203)),
            "inconclusive",
            "203 requests that were due",
        ),
        (
            measured(interval(times_ms=[1] * 200, late_us=151_552)),
            "inconclusive",
            "the generator was the bottleneck",
        ),
        (measured(GOOD, generator=replace(MADE, cpu_share=0.97)), "inconclusive", "97% of a core"),
    ],
)
def test_verdict(found, answer, because):
    verdict = judge_load(found, ASKED)
    assert (verdict.answer, because in verdict.because) == (answer, True), verdict


def test_a_latency_that_holds_without_the_generators_own_lateness_does_not_break_an_objective():
    late = measured(interval(times_ms=[310] * 200, late_us=20_480))
    assert judge_load(late, ASKED).answer == "inconclusive"
    assert judge_load(measured(interval(times_ms=[330] * 200, late_us=20_480)), ASKED).answer == "fail"


def test_a_failure_counts_although_the_generator_was_late():
    failing = measured(interval(times_ms=[310] * 100, causes={"timeout": 100}, late_us=20_480))
    assert judge_load(failing, ASKED).answer == "fail"


def test_without_objectives_only_enough_requests_are_asked_for():
    nothing = Objectives(error_rate_ppm=None, latency=(), min_requests=1)
    assert judge_load(measured(interval(causes={"timeout": 200})), nothing).answer == "pass"
    assert judge_load(measured(interval(times_ms=[1])), nothing).answer == "inconclusive"


def test_a_latency_of_nothing_that_was_answered_is_not_known():
    only_latency = Objectives(error_rate_ppm=None, latency=ASKED.latency, min_requests=2)
    found = measured(interval(causes={"connection refused": 50}))
    assert [one.holds for one in held(found, only_latency)] == [None]
    assert judge_load(found, only_latency).answer == "inconclusive"


def test_without_a_tight_objective_five_milliseconds_of_lateness_are_borne():
    tight = Objectives(latency=(LatencyObjective(quantile_ppm=500_000, max_ms=2),))
    for objectives in (tight, Objectives(latency=())):
        assert not bottleneck(measured(interval(times_ms=[1] * 99, late_us=4_864)), objectives)
        assert bottleneck(measured(interval(times_ms=[1] * 99, late_us=5_248)), objectives)


def test_a_closed_loop_has_no_schedule_to_keep():
    closed = measured(interval(times_ms=[1] * 99, asked=500), generator=replace(MADE, open_loop=False))
    assert not bottleneck(closed, ASKED)


@given(st.integers(0, 10**12))
def test_a_bucket_holds_its_durations_within_less_than_one_percent(us):
    bucket = bucket_of(us)
    assert bucket <= us <= bucket * (1 + 1 / 127) + 1
    assert bucket_of(bucket) == bucket
    assert abs(middle_us(bucket) - us) <= us * 0.004 + 0.5


@given(st.lists(st.integers(0, 10**8), min_size=1), st.lists(st.floats(0.01, 1), min_size=1))
def test_a_quantile_is_that_of_the_durations_within_half_a_bucket(durations, shares):
    histogram = Histogram()
    for duration in durations:
        histogram.add(duration)
    for share, found in zip(sorted(shares), histogram.quantiles_ms(sorted(shares)), strict=True):
        rank = next(n for n in range(1, len(durations) + 1) if n >= share * len(durations))
        exact = sorted(durations)[rank - 1] / 1000
        assert abs(found - exact) <= exact * 0.005 + 0.002


@given(st.lists(st.integers(0, 10**8)), st.lists(st.integers(0, 10**8)))
def test_two_histograms_are_merged_as_if_they_had_been_one(first, second):
    one, two, both = Histogram(), Histogram(), Histogram()
    for duration in first:
        one.add(duration)
        both.add(duration)
    for duration in second:
        two.add(duration)
        both.add(duration)
    one.merge(two.counts)
    assert one == both


def test_without_durations_every_quantile_is_zero():
    assert Histogram().quantiles_ms((0.5, 0.99)) == [0.0, 0.0]
