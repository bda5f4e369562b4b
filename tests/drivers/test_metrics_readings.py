"""From counters to ticks, as data: readings in, samples out."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.drivers.metrics.envoy_readings import Reading, parse, query, samples

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
BOUNDS = (10, 100, 1000)


def reading(
    second: int, requests: int, errors: int = 0, latency: tuple[int, ...] | None = None, **other: object
) -> Reading:
    """Counters at NOON + `second`; `latency` is cumulative."""
    return replace(
        Reading(
            at=NOON + timedelta(seconds=second),
            revision="new",
            present=True,
            uptime_s=100 + second,
            requests=requests,
            errors=errors,
            latency=None if latency is None else dict(zip(BOUNDS, latency, strict=True)),
        ),
        **other,
    )


def test_a_tick_is_what_was_counted_between_two_readings() -> None:
    found = samples([reading(0, 10, 1, (5, 9, 10)), reading(1, 30, 4, (15, 28, 30))])
    assert found.bounds_ms == BOUNDS
    assert found.note == ""
    (tick,) = found.ticks
    assert (tick.at, tick.requests, tick.errors) == (NOON + timedelta(seconds=1), 20, 3)
    assert tick.latency == (10, 9, 1, 0)


@pytest.mark.parametrize("count", [0, 1])
def test_one_reading_or_none_says_nothing(count: int) -> None:
    assert samples([reading(0, 10)][:count]).ticks == ()


def test_a_gap_in_time_is_one_long_tick() -> None:
    found = samples([reading(0, 10), reading(300, 2010)])
    assert [tick.requests for tick in found.ticks] == [2000]
    assert found.note == ""


@pytest.mark.parametrize(
    ("later", "because"),
    [
        (reading(1, 4), "fewer requests"),
        (reading(1, 30, 0), "fewer errors"),
        (reading(1, 30, 2, (9, 10, 11)), "a bucket that fell"),
        (reading(1, 30, 2, (10, 20, 30), uptime_s=0), "a younger Envoy, although the counters are higher"),
    ],
)
def test_an_interval_with_a_reset_is_left_out_and_noted(later: Reading, because: str) -> None:
    found = samples([reading(0, 10, 1, (10, 10, 10)), later])
    assert found.ticks == (), because
    assert found.note == "counters of new were reset before 12:00:01 UTC, interval left out"


def test_uptime_is_whole_seconds_and_may_lag() -> None:
    found = samples([reading(0, 10, uptime_s=101), reading(1, 30, uptime_s=100)])
    assert len(found.ticks) == 1


def test_counting_goes_on_after_a_reset() -> None:
    found = samples([reading(0, 10), reading(1, 2), reading(2, 7)])
    assert [tick.requests for tick in found.ticks] == [5]


def test_a_revision_that_left_and_came_back_is_not_one_series() -> None:
    """Its counters began anew, even when they are higher by now than they were."""
    away = [reading(second, 0, present=False) for second in (1, 2, 3)]
    found = samples([reading(0, 10), *away, reading(4, 50), reading(5, 51)])
    assert [tick.requests for tick in found.ticks] == [1]
    assert found.note == (
        "Envoy does not know new at 12:00:01 UTC, interval left out; "
        "Envoy learned of new before 12:00:04 UTC, interval left out"
    )


def test_latencies_begin_at_zero_when_none_were_recorded_yet() -> None:
    found = samples([reading(0, 0), reading(1, 3, 0, (1, 2, 3))])
    assert found.ticks[0].latency == (1, 1, 1, 0)


def test_latencies_in_other_buckets_are_left_out_and_requests_are_kept() -> None:
    older = replace(reading(0, 10), latency={7: 10})
    found = samples([older, reading(1, 20, 0, (10, 20, 20)), reading(2, 30, 0, (20, 30, 30))])
    assert [(tick.requests, tick.latency) for tick in found.ticks] == [(10, (0, 0, 0, 0)), (10, (10, 0, 0, 0))]


def test_ticks_of_two_revisions_are_in_order_of_time() -> None:
    new = [reading(second, second) for second in (0, 2, 4)]
    old = [replace(reading(second, second), revision="old") for second in (0, 1, 3)]
    ticks = samples([*new, *old]).ticks
    assert [(tick.at.second, tick.revision) for tick in ticks] == [(1, "old"), (2, "new"), (3, "old"), (4, "new")]


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=20))
def test_nothing_is_lost_or_invented_however_often_it_is_read(steps: list[tuple[int, int, int]]) -> None:
    quick = slow = errors = 0
    readings = []
    for second, (more_quick, more_slow, more_errors) in enumerate(steps):
        quick, slow, errors = quick + more_quick, slow + more_slow, errors + more_errors
        readings.append(reading(second, quick + slow, errors, (quick, quick, quick + slow)))
    found = samples(readings)
    first, last = readings[0], readings[-1]
    assert sum(tick.requests for tick in found.ticks) == last.requests - first.requests
    assert sum(tick.errors for tick in found.ticks) == last.errors - first.errors
    assert all(sum(tick.latency) == tick.requests for tick in found.ticks)
    assert all(a.at < b.at for a, b in pairwise(found.ticks))


def test_counters_are_read_from_what_envoy_answers() -> None:
    answer = {
        "stats": [
            {"name": "server.uptime", "value": 42},
            {"name": "cluster.new.membership_total", "value": 2},
            {"name": "cluster.new.external.upstream_rq_completed", "value": 9},
            {"name": "cluster.new.external.upstream_rq_5xx", "value": 3},
            {"name": "cluster.old.membership_total", "value": 1},
            {
                "histograms": [
                    {
                        "name": "cluster.new.external.upstream_rq_time",
                        "buckets": [
                            {"upper_bound": 10, "interval": 0, "cumulative": 8},
                            {"upper_bound": 100, "interval": 0, "cumulative": 9},
                        ],
                    }
                ]
            },
        ]
    }
    new, old, gone = parse(json.dumps(answer), ["new", "old", "gone"], NOON)
    assert (new.present, new.uptime_s, new.requests, new.errors, new.latency) == (True, 42, 9, 3, {10: 8, 100: 9})
    assert (old.present, old.requests, old.errors, old.latency) == (True, 0, 0, None)
    assert not gone.present, "absent counters are 0 only when the cluster exists"


def test_only_the_counters_of_the_asked_revisions_are_asked_for() -> None:
    assert "external" in query(["b", "a"])
    assert "%28a%7Cb%29" in query(["b", "a"])
