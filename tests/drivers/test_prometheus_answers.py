"""Raw series of Prometheus become ticks; what cannot be known is missing, never guessed."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.drivers.metrics.prometheus_answers import RawSeries, Unusable, raw_series
from golive.drivers.metrics.prometheus_ticks import Found, bounds, instants, ticks
from golive.judge.samples import BOUNDS_MS

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
T = NOON.timestamp()
STEP = timedelta(seconds=10)


def answer(*series: dict[str, object]) -> bytes:
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": list(series)}}).encode()


def counter(*values: float, first: float = 0.0, **labels: str) -> RawSeries:
    """A sample each 10 s, a second before the instants."""
    samples = tuple((T - 1 + first + 10 * n, (value,)) for n, value in enumerate(values))
    return RawSeries(labels=labels, samples=samples)


def counted(
    *requests: RawSeries, errors: tuple[RawSeries, ...] = (), count: int = 4
) -> list[tuple[int, int, int]]:
    """Second of the tick, requests and errors."""
    at = instants(NOON, NOON + STEP * (count - 1), STEP)
    found = Found(revision="new", requests=requests, errors=errors)
    return [
        (round((tick.at - NOON).total_seconds()), tick.requests, tick.errors)
        for tick in ticks(found, at, (), unit_ms=1000.0)
    ]


def test_a_tick_is_what_all_series_rose_by() -> None:
    found = counted(counter(5, 15, 15, 40), counter(100, 101, 102, 103), errors=(counter(0, 2, 2, 3),))
    assert found == [(10, 11, 2), (20, 1, 0), (30, 26, 1)]


def test_a_restarted_counter_counts_from_zero_and_takes_nothing_from_the_others() -> None:
    assert counted(counter(50, 60, 4, 9), counter(0, 100, 200, 300)) == [(10, 110, 0), (20, 104, 0), (30, 105, 0)]


def test_a_new_series_starts_with_its_first_value_and_one_that_vanished_adds_nothing() -> None:
    assert counted(counter(0, 10, 20, 30), counter(700, 705, first=20)) == [(10, 10, 0), (20, 10, 0), (30, 15, 0)]
    assert counted(counter(0, 10, 20, 30), counter(1, 2)) == [(10, 11, 0), (20, 10, 0), (30, 10, 0)]


def test_an_instant_without_a_new_sample_is_missing_and_nothing_is_lost() -> None:
    gap = RawSeries(labels={}, samples=((T - 1, (0.0,)), (T + 9, (10.0,)), (T + 29, (35.0,))))
    assert counted(gap) == [(10, 10, 0), (30, 25, 0)]


def test_errors_are_never_more_than_requests() -> None:
    assert counted(counter(0, 3, 3, 3), errors=(counter(0, 5, 5, 5),))[0] == (10, 3, 3)


def test_values_that_are_no_number_are_left_out() -> None:
    text = answer({"metric": {}, "values": [[T - 1, "1"], [T + 9, "NaN"], [T + 19, "+Inf"], [T + 29, "7"]]})
    assert [value for _, (value,) in raw_series(text)[0].samples] == [1.0, 7.0]


def buckets(instance: str, **upto: tuple[float, ...]) -> tuple[RawSeries, ...]:
    return tuple(counter(*values, le=le.replace("_", "."), pod=instance) for le, values in upto.items())


def test_a_classic_histogram_becomes_counts_per_bucket() -> None:
    latency = (
        counter(0, 5, le="0.1"),
        counter(0, 8, le="0.25"),
        counter(0, 9, le="+Inf"),
    )
    found = Found(revision="new", requests=(counter(0, 9),), errors=(), latency=latency)
    bounds_ms, note = bounds([found], 1000.0)
    assert (bounds_ms, note) == ((100, 250), "")
    (tick,) = ticks(found, instants(NOON, NOON + STEP, STEP), bounds_ms, unit_ms=1000.0)
    assert tick.latency == (5, 3, 1)


def test_instances_with_different_buckets_are_not_mixed() -> None:
    latency = (counter(0, 5, le="0.1", pod="a"), counter(0, 5, le="0.2", pod="b"))
    bounds_ms, note = bounds([Found(revision="new", requests=(), errors=(), latency=latency)], 1000.0)
    assert (bounds_ms, "different buckets" in note) == ((), True)


def test_a_native_histogram_is_sorted_into_bounds_and_what_reaches_over_one_is_slower() -> None:
    def native(*found: tuple[float, float, int]) -> dict[str, object]:
        return {"count": "9", "sum": "1", "buckets": [[0, str(low), str(high), str(n)] for low, high, n in found]}

    text = answer(
        {"metric": {}, "histograms": [[T - 1, native()], [T + 9, native((0.0061, 0.0066, 4), (100.0, 109.0, 2))]]}
    )
    found = Found(revision="new", requests=(counter(0, 6),), errors=(), latency=raw_series(text))
    bounds_ms, _ = bounds([found], 1000.0)
    (tick,) = ticks(found, instants(NOON, NOON + STEP, STEP), bounds_ms, unit_ms=1000.0)
    assert bounds_ms == BOUNDS_MS
    assert tick.latency[BOUNDS_MS.index(7)] == 4
    assert (tick.latency[-1], sum(tick.latency)) == (2, 6)


def test_instances_are_told_apart_by_their_label() -> None:
    found = Found(
        revision="old",
        requests=(counter(0, 4, pod="a"), counter(0, 6, pod="b")),
        errors=(),
        gauges={"memory": (counter(1, 3, pod="a"), counter(5, 7, pod="b"))},
    )
    made = ticks(found, instants(NOON, NOON + STEP, STEP), (), unit_ms=1000.0, instance="pod")
    assert [(tick.instance, tick.requests, tick.gauges) for tick in made] == [
        ("a", 4, {"memory": 3.0}),
        ("b", 6, {"memory": 7.0}),
    ]


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"status": "error", "error": "no such metric"}',
        b'{"status": "success", "data": {"resultType": "vector", "result": []}}',
        b'{"status": "success", "data": {"resultType": "matrix", "result": [{}]}}',
        answer({"metric": {}, "values": [["x", "y"]]}),
        answer({"metric": {}, "values": [7]}),
        b"[" * 100_000,
    ],
)
def test_an_answer_that_is_none_is_refused(hostile: bytes) -> None:
    with pytest.raises(Unusable):
        raw_series(hostile)


@given(st.lists(st.lists(st.integers(0, 50), min_size=2, max_size=8), min_size=1, max_size=4))
def test_whatever_restarts_no_tick_is_negative(values: list[list[int]]) -> None:
    found = counted(*(counter(*map(float, one)) for one in values), count=8)
    assert all(requests >= 0 for _, requests, _ in found)
