"""How far apart two series lie, by ranks: no assumption on the shape of their distribution. Pure.

Hodges and Lehmann (1963): the estimate is the median of all averages (pairs) or differences (two series); the
interval is read from their order by the exact distribution of Wilcoxon's statistics (1945), by its normal
approximation for long series. With too few values for the confidence that is asked, it has no bounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import inf, sqrt
from statistics import NormalDist, median

MOST_EXACT = 60  # pairs
MOST_EXACT_EACH = 25  # of two series


@dataclass(frozen=True, kw_only=True)
class Shift:
    """By how much the second lies above the first; 0 within no bounds when there is nothing to compare."""

    estimate: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        return max(self.high - self.estimate, self.estimate - self.low)


UNKNOWN = Shift(estimate=0.0, low=-inf, high=inf)


def of_pairs(differences: Sequence[float], alpha: float) -> Shift:
    """The shift within pairs, whose differences are given; `alpha` is the chance that the interval misses it."""
    if not differences:
        return UNKNOWN
    walsh = sorted((a + b) / 2 for i, a in enumerate(differences) for b in differences[i:])
    return _shift(walsh, _signed_rank(len(differences), alpha / 2))


def of_series(first: Sequence[float], second: Sequence[float], alpha: float) -> Shift:
    """The shift from one series of independent values to another."""
    if not first or not second:
        return UNKNOWN
    differences = sorted(b - a for a in first for b in second)
    return _shift(differences, _rank_sum(len(first), len(second), alpha / 2))


def _shift(ordered: Sequence[float], cut: int) -> Shift:
    """`cut` of the ordered values lie outside at each end; none may, when there are too few."""
    estimate = median(ordered)
    if cut < 1:
        return Shift(estimate=estimate, low=-inf, high=inf)
    return Shift(estimate=estimate, low=ordered[cut - 1], high=ordered[-cut])


def _signed_rank(pairs: int, tail: float) -> int:
    """The largest k with P(T+ < k) ≤ tail; 0 when even the least value is too likely."""
    if pairs > MOST_EXACT:
        mean = pairs * (pairs + 1) / 4
        deviation = sqrt(pairs * (pairs + 1) * (2 * pairs + 1) / 24)
        return max(0, int(mean - 0.5 - NormalDist().inv_cdf(1 - tail) * deviation) + 1)
    return _cut(_signed_rank_counts(pairs), tail)


@cache
def _signed_rank_counts(pairs: int) -> tuple[int, ...]:
    """In how many of the 2^n ways of giving signs the positive ranks add up to each sum."""
    counts = [1]
    for rank in range(1, pairs + 1):
        longer = counts + [0] * rank
        for total, ways in enumerate(counts):
            longer[total + rank] += ways
        counts = longer
    return tuple(counts)


def _rank_sum(first: int, second: int, tail: float) -> int:
    """The same for the statistic of Mann and Whitney (1947)."""
    if max(first, second) > MOST_EXACT_EACH:
        mean = first * second / 2
        deviation = sqrt(first * second * (first + second + 1) / 12)
        return max(0, int(mean - 0.5 - NormalDist().inv_cdf(1 - tail) * deviation) + 1)
    return _cut(_rank_sum_counts(first, second), tail)


@cache
def _rank_sum_counts(first: int, second: int) -> tuple[int, ...]:
    """In how many orders of both series U has each value: the Gaussian binomial coefficient's terms."""
    counts = [1]
    for place in range(1, second + 1):
        counts = _times(counts, first + place)
        counts = _divided(counts, place)
    return tuple(counts)


def _times(counts: Sequence[int], power: int) -> list[int]:
    """The polynomial times (1 - q^power)."""
    made = [*counts, *[0] * power]
    for place, value in enumerate(counts):
        made[place + power] -= value
    return made


def _divided(counts: Sequence[int], power: int) -> list[int]:
    """The polynomial divided by (1 - q^power), without a rest."""
    made = list(counts)
    for place in range(power, len(made)):
        made[place] += made[place - power]
    return made[: len(counts) - power]


def _cut(counts: Sequence[int], tail: float) -> int:
    total, below = sum(counts), 0
    for value, ways in enumerate(counts):
        below += ways
        if below > tail * total:
            return value
    return len(counts)
