"""A recorded watch is read back to the last digit, and anything else is refused with where and what."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.errors import Exit, Failure
from golive.judge.retelling import retell
from golive.judge.samples import Event, Samples, Tick
from golive.judge.series import Series, body, calibration_body, calibration_from, series
from golive.judge.terms import Calibration, Phi, Terms
from golive.judge.watch import Watch
from golive.spec.values import Judging, LatencyObjective, Objectives

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
BOUNDS = (10, 100, 300)
KNOWN = Calibration(
    phi={"errors": Phi(fine=1.5, minutes=2.0, gross=1.0)},
    canaries=40,
    alarms=0,
    watch=timedelta(minutes=30),
    source="a day",
    at=NOON,
)
TERMS = Terms(
    new="new",
    old="old",
    objectives=Objectives(latency=(LatencyObjective(quantile_ppm=990_000, max_ms=300),)),
    judging=Judging(floor=timedelta(minutes=1), unproven="fail"),
    calibration=KNOWN,
    horizon=timedelta(minutes=20),
)


def tick(number: int, revision: str, requests: int, errors: int, slow: int, **more: object) -> Tick:
    return Tick(
        at=NOON + timedelta(seconds=10 * (number + 1), microseconds=number),
        revision=revision,
        requests=requests,
        errors=min(errors, requests),
        latency=(0, requests - min(slow, requests), min(slow, requests), 0),
        **more,  # type: ignore[arg-type]
    )


COUNTS = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 9), st.integers(0, 90)), min_size=2, max_size=40)


def recorded(counts: list[tuple[int, int, int]]) -> Series:
    ticks = tuple(tick(n // 2, ("new", "old")[n % 2], *found) for n, found in enumerate(counts))
    events = (Event(at=NOON, weight=50, fresh=True, soak=timedelta(minutes=20)),)
    return Series(
        terms=TERMS, events=events, rollout="r-1", samples=Samples(bounds_ms=BOUNDS, ticks=ticks, note="n")
    )


@given(COUNTS)
def test_what_was_kept_is_read_back_and_folds_to_the_same_digits(counts: list[tuple[int, int, int]]) -> None:
    kept = recorded(counts)
    again = series(json.loads(json.dumps(body(kept))), "a file")
    assert again == kept
    watch = Watch(TERMS)
    watch.take(kept.samples, kept.events)
    assert retell(again).found == watch.assess()


def test_evidence_marks_instances_and_gauges_are_kept() -> None:
    ticks = (
        tick(0, "new", 5, 1, 0, instance="pod-1", gauges={"cpu": 0.1}),
        tick(0, "old", 5, 1, 0, synthetic=True),
    )
    kept = replace(
        recorded([(1, 0, 0)] * 2),
        samples=Samples(bounds_ms=BOUNDS, ticks=ticks),
        evidence=(("errors", 0.1 + 0.2, -1.5),),
        marks=((NOON, "pass at 50 %"),),
    )
    assert series(json.loads(json.dumps(body(kept))), "a file") == kept


GOOD = body(recorded([(100, 1, 1), (900, 2, 9)]))
FAULTS = {
    "another schema": ({"schema": "other/v1"}, "no recorded watch"),
    "bounds that do not rise": ({"bounds_ms": [100, 10, 300]}, "do not rise"),
    "ticks that are no list": ({"ticks": 7}, "no list"),
    "a tick that is none": ({"ticks": ["x"]}, "ticks[0]"),
    "half a request": ({"ticks": [{**GOOD["ticks"][0], "requests": 1.5}]}, "1.5 is no count"),
    "less than nothing": ({"ticks": [{**GOOD["ticks"][0], "errors": -1}]}, "-1 is no count"),
    "more errors than requests": ({"ticks": [{**GOOD["ticks"][0], "errors": 101}]}, "more errors"),
    "an unknown bucket": ({"ticks": [{**GOOD["ticks"][0], "latency": {"50": 1}}]}, "50 is not among bounds_ms"),
    "a time without zone": ({"ticks": [{**GOOD["ticks"][0], "at": "2026-01-05T12:00:00"}]}, "no zone"),
    "terms without names": ({"terms": {}}, "new"),
    "a horizon that is none": ({"terms": {"new": "a", "old": "b", "horizon": "long"}}, "horizon"),
    "an event without zone": ({"events": [{"at": "2026-01-05T12:00:00", "weight": 5}]}, "no zone"),
    "more than everything": ({"events": [{"at": "2026-01-05T12:00:00Z", "weight": 101}]}, "0 to 100"),
    "no chance at all": ({"terms": {"new": "a", "old": "b", "judging": {"alpha_ppm": 0}}}, "judged by"),
    "a watch of no time": ({"terms": {"new": "a", "old": "b", "horizon": "PT0S"}}, "judged by"),
    "an event without weight": ({"events": [{"at": "2026-01-05T12:00:00Z"}]}, "weight"),
}


@pytest.mark.parametrize(("change", "words"), FAULTS.values(), ids=FAULTS)
def test_a_refusal_says_what_is_wrong(change: dict[str, object], words: str) -> None:
    with pytest.raises(Failure) as caught:
        series({**GOOD, **change}, "watch.json")
    assert words in "\n".join(caught.value.lines())
    assert caught.value.code == Exit.USAGE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([*GOOD]), JSON)
def test_any_value_anywhere_is_read_or_refused(key: str, value: object) -> None:
    where = "watch.json"
    try:
        retell(series({**GOOD, key: value}, where), peers=True)
    except Failure as failure:
        where = failure.where
    assert where.startswith("watch.json")


def test_a_calibration_that_makes_evidence_larger_is_refused() -> None:
    forged = json.loads(json.dumps(calibration_body(KNOWN)))
    forged["phi"]["errors"]["fine"] = 1
    with pytest.raises(ValueError, match="larger than it is"):
        calibration_from(forged)


def test_a_calibration_comes_back_from_its_record() -> None:
    assert calibration_from(json.loads(json.dumps(calibration_body(KNOWN)))) == KNOWN
