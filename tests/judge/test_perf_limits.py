"""Which load may be, when one ends early, and how the knee is looked for."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.judge.performance.knee import Tried, body, highest, is_bound, next_rate, sentence
from golive.judge.performance.limits import abort, beyond
from golive.spec.values import Abort, Knee, LoadLimit
from perfbodies import interval

LIMIT = LoadLimit(rate=20, duration=timedelta(minutes=1))
RULE = Abort(error_rate_ppm=500_000, p99_ms=1000, window=timedelta(seconds=3))


@pytest.mark.parametrize(
    ("rate", "seconds", "because"),
    [
        (20, 60, ""),
        (20.5, 60, "20.5 requests/s, 20 may be"),
        (21, 60, "21 requests/s, 20 may be"),
        (20, 61, "61 s of load, 60 s may be"),
        (20, float("inf"), "inf s of load, 60 s may be"),
    ],
)
def test_a_load_beyond_a_limit_is_told_with_its_numbers(rate, seconds, because):
    assert beyond(LIMIT, rate, seconds) == because


def seconds_of(*kinds):
    made = {
        "good": {"times_ms": [1] * 100},
        "failing": {"times_ms": [1] * 100, "causes": {"answered 500": 60}},
        "half": {"times_ms": [1] * 100, "causes": {"answered 500": 50}},
        "slow": {"times_ms": [2000] * 100},
        "idle": {"times_ms": [1] * 2, "causes": {"answered 500": 2}},
    }
    return [interval(at, **made[kind]) for at, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    ("kinds", "begins"),
    [
        (("failing", "failing"), ""),
        (("failing", "failing", "failing"), "60 % of requests failed over 3 s"),
        (("good", "failing", "failing"), ""),
        (("half", "half", "half"), ""),
        (("failing", "failing", "failing", "good", "good", "good"), ""),
        (("slow", "slow", "slow"), "p99 was 2"),
        (("idle", "idle", "idle"), ""),
        ((), ""),
    ],
)
def test_a_load_ends_early_only_when_a_whole_window_is_bad(kinds, begins):
    found = abort(seconds_of(*kinds), RULE)
    assert found.startswith(begins) if begins else not found


def test_without_conditions_no_load_ends_early():
    assert not abort(seconds_of("failing", "failing", "slow"), Abort(error_rate_ppm=None, window=RULE.window))


def searched(knee, holds, own_fault=lambda rate: False):
    """The whole search on a service that holds as the function says."""
    tried = []
    while (rate := next_rate(tried, knee)) is not None:
        assert len(tried) < 60, "the search has no end"
        tried.append(
            Tried(
                rate_per_s=rate,
                achieved_per_s=float(rate),
                p99_ms=1.0,
                error_ratio=0.0,
                holds=holds(rate, len(tried)),
                because="it says so",
                own_fault=own_fault(rate),
            )
        )
    return tried


@given(st.integers(1, 50_000), st.integers(1, 100), st.integers(200, 50_000))
def test_the_knee_is_found_as_closely_as_is_asked(capacity, lowest, top):
    knee = Knee(lowest=lowest, highest=top, within_ppm=50_000)
    found = highest(searched(knee, lambda rate, _: rate <= capacity))
    if capacity < lowest:
        assert found == 0
    else:
        real = min(capacity, top)
        assert found <= real <= found * 1.05 + 1


def test_a_rate_that_fails_once_is_tried_again_and_may_hold():
    knee = Knee(lowest=100, highest=800)
    tried = searched(knee, lambda rate, turn: turn != 1)
    assert [one.rate_per_s for one in tried] == [100, 200, 200, 400, 800]
    assert highest(tried) == 800
    assert not is_bound(tried)
    assert sentence(tried, knee).startswith("at least 800 requests/s hold; limited by: nothing up to 800")


def test_a_limit_of_the_generator_is_not_told_as_one_of_the_service():
    knee = Knee(lowest=100, highest=10_000)
    tried = searched(knee, lambda rate, _: rate <= 3_000, own_fault=lambda rate: rate > 3_000)
    assert not is_bound(tried)
    assert sentence(tried, knee).startswith("at least ")
    assert is_bound(searched(knee, lambda rate, _: rate <= 3_000))


def test_a_service_that_holds_nothing_is_told():
    knee = Knee(lowest=100, highest=800)
    tried = searched(knee, lambda rate, _: False)
    assert [one.rate_per_s for one in tried] == [100, 100]
    assert body(tried, knee)["rate_per_s"] == 0
    assert sentence(tried, knee) == "not even 100 requests/s hold; it says so at 100 requests/s"
