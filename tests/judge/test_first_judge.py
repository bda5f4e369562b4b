"""The first judge: no data is never a pass, clear faults end early, objectives decide at the end."""

import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.judge.first import chance, judge
from golive.judge.samples import Samples, Tick
from golive.judge.verdict import Answer
from golive.spec.values import LatencyObjective, Objectives

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
BOUNDS = (10, 100, 300, 1000)
P99 = Objectives(latency=(LatencyObjective(quantile_ppm=990_000, max_ms=300),))


def tick(requests, errors=0, *, revision="new", slow=0, seconds_ago=0, latency=None):
    counts = latency or (requests - slow, 0, 0, slow, 0)
    return Tick(
        at=NOW - timedelta(seconds=seconds_ago),
        revision=revision,
        requests=requests,
        errors=errors,
        latency=counts,
    )


def verdict(*ticks, final=True, objectives=None, note=""):
    samples = Samples(bounds_ms=BOUNDS, ticks=ticks, note=note)
    return judge(samples, new="new", old="old", objectives=objectives or Objectives(), now=NOW, final=final)


CASES = {
    "nothing at all": ([], True, Answer.INCONCLUSIVE, "0 of 50 requests"),
    "one request": ([tick(1)], True, Answer.INCONCLUSIVE, "1 of 50"),
    "one failed request": ([tick(1, 1)], True, Answer.INCONCLUSIVE, "1 of 50"),
    "only the old revision": ([tick(900, revision="old")], True, Answer.INCONCLUSIVE, "0 of 50"),
    "enough and good": ([tick(500)], True, Answer.PASS, "0 of 500 errors"),
    "good but too early": ([tick(500)], False, Answer.INCONCLUSIVE, "no clear fault"),
    "exactly at the objective": ([tick(1000, 10)], True, Answer.PASS, "10 of 1000"),
    "just above it at the end": ([tick(1000, 11)], True, Answer.FAIL, "11 of 1000"),
    "just above it too early": ([tick(1000, 11)], False, Answer.INCONCLUSIVE, "no clear fault"),
    "gross, early": ([tick(100, 40)], False, Answer.FAIL, "40 of 100"),
    "all failed, early": ([tick(50, 50)], False, Answer.FAIL, "50 of 50"),
    "stale": ([tick(500, seconds_ago=60)], True, Answer.INCONCLUSIVE, "60 s old"),
    "stale, and yet clear": ([tick(500, 100, seconds_ago=60)], True, Answer.FAIL, "100 of 500"),
    "one fault less than enough requests": ([tick(49, 49)], True, Answer.INCONCLUSIVE, "49 of 50"),
}


@pytest.mark.parametrize(("ticks", "final", "answer", "words"), CASES.values(), ids=CASES)
def test_verdicts(ticks, final, answer, words):
    found = verdict(*ticks, final=final)
    assert (found.answer, words in found.because) == (answer, True), found


def test_slow_answers_break_a_latency_objective():
    assert verdict(tick(1000, slow=9), objectives=P99).answer is Answer.PASS
    found = verdict(tick(1000, slow=11), objectives=P99)
    assert found.answer is Answer.FAIL
    assert "11 of 1000 slower than 300 ms (1.1 %, allowed 1 %)" in found.because


def test_a_latency_objective_without_latencies_is_not_met():
    found = verdict(tick(1000, latency=(0, 0, 0, 0, 0)), objectives=P99)
    assert (found.answer, "latencies of 0 of 50" in found.because) == (Answer.INCONCLUSIVE, True)


def test_errors_are_judged_before_any_latency_was_measured():
    found = verdict(tick(1000, 500, latency=(0, 0, 0, 0, 0)), objectives=P99)
    assert (found.answer, "500 of 1000 errors" in found.because) == (Answer.FAIL, True)


def test_few_latencies_are_too_few_whatever_the_number_of_requests():
    found = verdict(tick(1000, latency=(1, 0, 0, 0, 0)), objectives=P99)
    assert (found.answer, "latencies of 1 of 50" in found.because) == (Answer.INCONCLUSIVE, True)


def test_a_few_slow_answers_stop_nobody():
    found = verdict(tick(1000, latency=(0, 0, 0, 49, 0)), objectives=P99)
    assert (found.answer, "latencies of 49 of 50" in found.because) == (Answer.INCONCLUSIVE, True)


def test_a_histogram_that_ends_below_the_objective_proves_nothing():
    far = Objectives(latency=(LatencyObjective(quantile_ppm=990_000, max_ms=2000),))
    found = verdict(tick(1000), objectives=far)
    assert (found.answer, "up to 1000 ms only" in found.because) == (Answer.INCONCLUSIVE, True)


def test_latencies_in_the_bucket_that_holds_the_objective_count_as_in_time():
    between = Objectives(latency=(LatencyObjective(quantile_ppm=990_000, max_ms=200),))
    assert verdict(tick(1000, latency=(0, 0, 1000, 0, 0)), objectives=between).answer is Answer.PASS
    assert verdict(tick(1000, latency=(0, 0, 0, 1000, 0)), objectives=between).answer is Answer.FAIL


def test_trouble_that_the_baseline_has_as_well_stops_nobody_early():
    both = [tick(1000, 300), tick(1000, 300, revision="old")]
    assert verdict(*both, final=False).answer is Answer.INCONCLUSIVE
    assert verdict(tick(1000, 400), both[1], final=False).answer is Answer.FAIL


def test_an_objective_that_both_revisions_break_is_broken_at_the_end_and_the_reason_says_so():
    found = verdict(tick(1000, 50), tick(1000, 40, revision="old"))
    assert found.answer is Answer.FAIL
    assert found.because == (
        "50 of 1000 errors (5 %, allowed 1 %, the old revision has 4 %; both revisions break the objective)"
    )


def test_the_reason_names_what_the_old_revision_has():
    assert verdict(tick(1000, 50), tick(400, 2, revision="old")).because == (
        "50 of 1000 errors (5 %, allowed 1 %, the old revision has 0.5 %)"
    )


def test_the_reason_says_how_long_it_will_take():
    found = verdict(tick(5, seconds_ago=5), tick(5), final=False)
    assert "it takes 40 s more" in found.because


def test_what_the_source_has_to_say_is_passed_on():
    assert "front door unreachable" in verdict(note="front door unreachable").because


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6), st.booleans())
def test_too_few_requests_never_pass(counts, final):
    ticks = [tick(max(n, e), e) for n, e in counts]
    found = verdict(*ticks, final=final)
    if sum(t.requests for t in ticks) < 50:
        assert found.answer is Answer.INCONCLUSIVE


@given(st.integers(50, 5000), st.data())
def test_more_errors_never_turn_a_fail_into_a_pass(requests, data):
    fewer = data.draw(st.integers(0, requests))
    more = data.draw(st.integers(fewer, requests))
    for final in (False, True):
        if verdict(tick(requests, fewer), final=final).answer is Answer.FAIL:
            assert verdict(tick(requests, more), final=final).answer is Answer.FAIL


@given(st.integers(0, 400), st.data())
def test_chance_is_the_binomial_tail(whole, data):
    part = data.draw(st.integers(0, whole))
    rate = Fraction(data.draw(st.integers(0, 1000)), 1000)
    if part <= whole * rate:
        assert chance(part, whole, float(rate)) == 1.0
    else:
        assert chance(part, whole, float(rate)) == pytest.approx(float(_tail(part, whole, rate)), rel=1e-6)


@pytest.mark.parametrize("requests", [50, 60, 100, 500, 2000])
def test_one_look_in_a_thousand_is_wrong_at_most(requests):
    """Exactly counted, for a release that just meets its objective of 1 %."""
    rate = Fraction(1, 100)
    fewest = next(n for n in range(requests) if verdict(tick(requests, n), final=False).answer is Answer.FAIL)
    assert _tail(fewest, requests, rate) < Fraction(1, 1000) <= _tail(fewest - 1, requests, rate)


def test_chance_of_many_requests_is_cheap_and_finite():
    assert chance(10_000_000, 10_000_000, 0.01) == 0.0
    assert 0 < chance(101_000, 10_000_000, 0.01) < 0.001


@pytest.mark.parametrize(("part", "whole", "rate", "likely"), [(0, 0, 0, 1), (0, 1, 0.01, 1), (1, 1, 0.01, 0.01)])
def test_the_chance_of_nothing_and_of_one(part, whole, rate, likely):
    assert chance(part, whole, rate) == pytest.approx(likely)
    assert chance(1, whole + 1, 0.0) == 0.0
    assert chance(1, whole + 1, 1.0) == 1.0


def _tail(part, whole, rate):
    return sum(comb(whole, k) * rate**k * (1 - rate) ** (whole - k) for k in range(part, whole + 1))


def test_a_release_well_within_its_objective_is_hardly_ever_stopped_early():
    """True error rate 0.5 %, objective 1 %, a look each second for 60 s at 20 requests/s: fewer than 1 in 50."""
    luck = random.Random(7)
    assert sum(_stopped(luck, rate=0.005, baseline=0) for _ in range(400)) <= 8


def test_a_release_like_its_baseline_is_hardly_ever_stopped_early_even_when_both_break_the_objective():
    """True error rate 3 % on both sides, 20 and 180 requests/s: fewer than 1 in 20, at 60 looks each."""
    luck = random.Random(7)
    assert sum(_stopped(luck, rate=0.03, baseline=180) for _ in range(100)) <= 5


def _stopped(luck, *, rate, baseline, candidate=20):
    """Whether one of 60 looks, one each second, stopped a release that is like its baseline."""
    ticks = []
    for second in range(60):
        for revision, requests in (("new", candidate), ("old", baseline)):
            errors = sum(luck.random() < rate for _ in range(requests))
            ticks.append(tick(requests, errors, revision=revision, seconds_ago=60 - second))
        if verdict(*ticks, final=False).answer is Answer.FAIL:
            return True
    return False
