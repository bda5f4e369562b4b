"""From answers to readiness."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.judge.health import UNKNOWN, Health, answered, questions, readiness
from golive.spec.values import HealthCheck

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
EVERY = timedelta(milliseconds=500)
CHECK = HealthCheck(kind="tcp", interval=EVERY, healthy_after=2, unhealthy_after=3)


def after(answers: str, check: HealthCheck = CHECK) -> Health:
    """The health after passes (+) and failures (-)."""
    health = UNKNOWN
    for sign in answers:
        health = answered(health, check, "" if sign == "+" else "connection refused", NOON)
    return health


@pytest.mark.parametrize(
    ("answers", "ready"),
    [
        ("", False),
        ("+", False),
        ("++", True),
        ("+-+", False),
        ("+-++", True),
        ("++-", True),
        ("++--", True),
        ("++---", False),
        ("++--+--", True),
        ("++---+", False),
        ("++---++", True),
        ("---", False),
    ],
)
def test_readiness_takes_passes_in_a_row_and_is_lost_by_failures_in_a_row(answers: str, ready: bool) -> None:
    assert after(answers).ready is ready


@given(st.text(alphabet="+-", max_size=30), st.integers(1, 5), st.integers(1, 5))
def test_it_is_ready_exactly_when_the_last_full_row_was_of_passes(answers: str, up: int, down: int) -> None:
    check = HealthCheck(kind="tcp", healthy_after=up, unhealthy_after=down)
    assert after(answers, check).ready is (answers.rfind("+" * up) > answers.rfind("-" * down))


def test_the_reason_is_the_newest() -> None:
    assert after("").why == "not asked yet"
    assert after("+").why == "1 of 2 passes"
    assert after("++").why == "healthy"
    assert after("++-").why == "connection refused"


def test_an_instance_that_nobody_asked_is_asked_once() -> None:
    assert questions(UNKNOWN, CHECK, now=NOON, running_for=timedelta(0)) == 1
    assert questions(UNKNOWN, CHECK, now=NOON, running_for=2 * EVERY - timedelta(milliseconds=1)) == 1


def test_one_that_has_been_running_for_long_enough_is_asked_everything_at_once() -> None:
    assert questions(UNKNOWN, CHECK, now=NOON, running_for=2 * EVERY) == 2


@pytest.mark.parametrize(
    ("waited_ms", "expected"), [(0, 0), (499, 0), (500, 1), (60_000, 1), (-1, 1), (-3_600_000, 1)]
)
def test_it_is_asked_again_when_its_interval_is_over_or_the_clock_was_set_back(
    waited_ms: int, expected: int
) -> None:
    now = NOON + timedelta(milliseconds=waited_ms)
    assert questions(after("+"), CHECK, now=now, running_for=timedelta(hours=1)) == expected


def test_an_instance_is_ready_when_all_of_its_checks_are() -> None:
    assert readiness((after("++"), after("++"))) == (True, "healthy")
    assert readiness((after("++"), after("+"))) == (False, "1 of 2 passes")
    assert readiness((after("-"), after("++"))) == (False, "connection refused")


def test_a_ready_instance_with_doubts_says_which() -> None:
    assert readiness((after("++"), after("++-"))) == (True, "connection refused")


def test_without_any_check_nothing_is_ready() -> None:
    assert readiness(()) == (False, "not asked yet")
