"""Error budgets are exact, and the windows are those that the field agrees on."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.slo.budget import Spent, alone_enough, exhausted_in
from golive.slo.windows import BURNS, windows

MONTH = timedelta(days=30)
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)

# The SRE workbook, table 5-8; Sloth's default windows for 30 days; Pyrra's four windows scaled to 30 days.
FIELD = [
    ("page", 1 * HOUR, 5 * MINUTE, Fraction(72, 5)),
    ("page", 6 * HOUR, 30 * MINUTE, Fraction(6)),
    ("ticket", 1 * DAY, 2 * HOUR, Fraction(3)),
    ("ticket", 3 * DAY, 6 * HOUR, Fraction(1)),
]


def test_factors_and_windows_are_those_of_the_field() -> None:
    assert [(burn.severity, burn.long, burn.short, burn.factor(MONTH)) for burn in BURNS] == FIELD


def test_a_shorter_window_of_the_slo_gives_smaller_factors() -> None:
    assert [float(burn.factor(timedelta(days=28))) for burn in BURNS] == [13.44, 5.6, 2.8, 28 / 30]


def test_every_window_of_an_alert_is_recorded() -> None:
    assert windows() == (5 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, DAY, 3 * DAY)


def test_of_nothing_nothing_is_known() -> None:
    spent = Spent(bad=0, total=0, target_ppm=999_000)
    assert (spent.burn_rate, spent.left, spent.events_left) == (None, None, None)


def test_a_budget_of_a_thousandth() -> None:
    spent = Spent(bad=250, total=1_000_000, target_ppm=999_000)
    assert (spent.burn_rate, spent.left, spent.events_left) == (Fraction(1, 4), Fraction(3, 4), 750)
    assert Spent(bad=2_000, total=1_000_000, target_ppm=999_000).left == -1


@given(st.integers(1, 999_999), st.integers(1, 10**9), st.integers(0, 10**9))
def test_the_budget_is_spent_exactly_when_no_event_is_left(target_ppm: int, total: int, bad: int) -> None:
    spent = Spent(bad=min(bad, total), total=total, target_ppm=target_ppm)
    assert spent.left is not None
    assert spent.events_left is not None
    assert (spent.left < 0) == (spent.events_left < 0)


def test_how_long_a_budget_lasts() -> None:
    assert exhausted_in(MONTH, Fraction(1)) == MONTH
    assert exhausted_in(MONTH, Fraction(72, 5), Fraction(1, 2)) == timedelta(hours=25)
    assert exhausted_in(MONTH, Fraction(0)) is None
    assert exhausted_in(MONTH, Fraction(2), Fraction(-1)) == timedelta(0)


@pytest.mark.parametrize("threshold", [Fraction(144, 10_000), Fraction(1, 10), Fraction(1, 2), Fraction(3, 7)])
def test_one_bad_event_alone_raises_an_alert_up_to_so_many_events(threshold: Fraction) -> None:
    most = alone_enough(threshold)
    assert Fraction(1, most) > threshold
    assert Fraction(1, most + 1) <= threshold
