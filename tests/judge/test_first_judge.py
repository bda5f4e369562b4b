"""The first judge: no data is never a pass, clear faults end early, objectives decide at the end."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.judge.first import judge, wilson_low
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
    assert (found.answer, "no latencies" in found.because) == (Answer.INCONCLUSIVE, True)


def test_an_objective_that_both_revisions_break_is_broken_and_the_reason_says_so():
    found = verdict(tick(1000, 50), tick(1000, 50, revision="old"))
    assert found.answer is Answer.FAIL
    assert "the old revision breaks an objective as well" in found.because


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


def test_the_lower_bound_of_nothing_is_zero_and_never_exceeds_the_share():
    assert wilson_low(0, 0) == 0.0
    assert all(wilson_low(k, n) <= k / n + 1e-12 for n in (1, 2, 10, 999) for k in range(n + 1))


def test_a_release_well_within_its_objective_is_hardly_ever_stopped_early():
    """True error rate 0.5 %, objective 1 %, a look each second for 60 s at 20 requests/s: fewer than 1 in 50."""
    chance = random.Random(7)
    stopped = sum(_stopped(chance) for _ in range(400))
    assert stopped <= 8


def _stopped(chance):
    ticks = []
    for second in range(60):
        errors = sum(chance.random() < 0.005 for _ in range(20))
        ticks.append(tick(20, errors, seconds_ago=60 - second))
        if verdict(*ticks, final=False).answer is Answer.FAIL:
            return True
    return False
