"""The factors of one tick: exact enumeration says that no null is betrayed."""

import random
from fractions import Fraction
from math import comb, exp, log

import pytest

from golive.judge.odds import SUMMED, Table, chance, log_factors, mid_p, tail

RATIOS = (1.25, 2.0, 5.0, 100.0)
LOWER = (0.9, 0.5, 0.1)


def distribution(n1: int, n0: int, m: int, odds: float) -> dict[int, float]:
    """P(x) by exact arithmetic of the counts."""
    weights = {
        x: comb(n1, x) * comb(n0, m - x) * Fraction(odds) ** x for x in range(max(0, m - n0), min(n1, m) + 1)
    }
    whole = sum(weights.values())
    return {x: float(weight / whole) for x, weight in weights.items()}


def means(n1: int, n0: int, m: int, margin: float, truth: float, ratios: tuple[float, ...]) -> list[float]:
    """The mean of each factor when the true odds ratio is `truth`."""
    totals = [0.0] * len(ratios)
    for x, likely in distribution(n1, n0, m, truth).items():
        for place, factor in enumerate(log_factors(Table(x, n1, m - x, n0), ratios, margin)):
            totals[place] += likely * exp(factor)
    return totals


def tables(seed: int, count: int, most: int) -> list[tuple[int, int, int, float]]:
    """n1, n0, m and a margin, small and large, balanced and not."""
    dice = random.Random(seed)
    found = []
    for _ in range(count):
        n1, n0 = (round(exp(dice.uniform(0, log(most)))) for _ in range(2))
        found.append((n1, n0, dice.randint(0, n1 + n0), dice.choice([1.0, 1.15, 2.0, 4.0, 10.0, 0.5])))
    return found


def test_the_mean_of_a_factor_is_never_above_one_where_its_null_holds() -> None:
    """1,600 tables, at the margin and on the harmless side of it; both ways of computing occur."""
    wide = 0
    for n1, n0, m, margin in tables(seed=1, count=1_600, most=700):
        wide += min(n1, m) - max(0, m - n0) > SUMMED
        for truth in (margin, margin / 2):
            assert max(means(n1, n0, m, margin, truth, RATIOS)) <= 1 + 1e-9, (n1, n0, m, margin, truth)
        for truth in (margin, margin * 2):
            assert max(means(n1, n0, m, margin, truth, LOWER)) <= 1 + 1e-9, (n1, n0, m, margin, truth)
    assert wide > 100


def test_up_to_a_support_of_64_the_mean_at_the_margin_is_one() -> None:
    for n1, n0, m, margin in tables(seed=2, count=200, most=64):
        for mean in means(n1, n0, m, margin, margin, RATIOS + LOWER):
            assert mean == pytest.approx(1, abs=1e-9)


def test_a_wide_support_loses_little_where_the_new_revision_has_a_small_share() -> None:
    """Beside the exact factor: of 300 and 5,700 requests 100 faulty each."""
    exact = distribution(300, 5_700, 200, 1.0)
    normaliser = log(sum(likely * 5.0**x for x, likely in exact.items()))
    (bounded,) = log_factors(Table(100, 300, 100, 5_700), [5.0])
    assert 100 * log(5) - normaliser == pytest.approx(bounded, rel=0.02)
    assert bounded <= 100 * log(5) - normaliser


@pytest.mark.parametrize(
    "table", [Table(0, 0, 0, 0), Table(0, 0, 3, 10), Table(2, 5, 0, 0), Table(0, 7, 0, 9), Table(7, 7, 9, 9)]
)
def test_without_requests_faults_or_a_second_revision_a_tick_says_nothing(table: Table) -> None:
    assert log_factors(table, RATIOS) == [0.0] * 4
    assert mid_p(table) == 0.5


def test_one_request_each_is_judged_like_any_other_number() -> None:
    assert [exp(f) for f in log_factors(Table(1, 1, 0, 1), [3.0])] == [pytest.approx(3 / 2)]
    assert [exp(f) for f in log_factors(Table(0, 1, 1, 1), [3.0])] == [pytest.approx(1 / 2)]
    assert mid_p(Table(1, 1, 0, 1)) == 0.75


def test_extreme_counts_neither_overflow_nor_turn_into_nothing() -> None:
    for table in (
        Table(10**7, 10**7, 5, 10**8),
        Table(64, 10**9, 0, 64),
        Table(0, 64, 10**9, 10**9 + 1),
        Table(5_000, 10_000, 50_000, 10**6),
    ):
        for margin in (1.0, 10.0):
            assert all(abs(factor) < 1e12 for factor in log_factors(table, RATIOS + LOWER, margin))


def test_the_rank_of_a_table_has_mean_one_half() -> None:
    for n1, n0, m, _ in tables(seed=3, count=300, most=200):
        mean = sum(p * mid_p(Table(x, n1, m - x, n0)) for x, p in distribution(n1, n0, m, 1.0).items())
        assert mean == pytest.approx(0.5, abs=1e-9)


def test_a_very_wide_rank_is_normal_enough() -> None:
    assert mid_p(Table(5_000, 10_000, 5_000, 10_000)) == pytest.approx(0.5)
    assert mid_p(Table(5_100, 10_000, 4_900, 10_000)) == pytest.approx(0.99766, abs=1e-4)


def test_the_tail_bounds_sums_of_tables_with_different_shares() -> None:
    """Two ticks convolved exactly; the binomial with the same mean is never below."""
    first, second = distribution(10, 90, 6, 1.0), distribution(50, 50, 6, 1.0)
    exact = dict.fromkeys(range(13), 0.0)
    for x, p in first.items():
        for y, q in second.items():
            exact[x + y] += p * q
    mean = 0.6 + 3.0
    for part in range(5, 13):
        assert sum(p for total, p in exact.items() if total >= part) <= tail(part, 12, mean) + 1e-12
    assert tail(4, 12, mean) == 1.0


def test_a_binomial_tail_by_hand() -> None:
    assert chance(2, 2, 0.5) == pytest.approx(0.25)
    assert chance(1, 1, 0.01) == pytest.approx(0.01)
    assert (chance(0, 0, 0.5), chance(5, 10, 0.5), chance(1, 1, 0.0)) == (1.0, 1.0, 0.0)
