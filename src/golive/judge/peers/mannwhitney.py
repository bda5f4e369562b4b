"""By how much one group of numbers lies above another: Mann and Whitney's test turned into an interval. Pure.

The interval holds every shift that the two-sided test would not reject (normal approximation with corrections for
ties and continuity; Mann and Whitney 1947, Hodges and Lehmann 1963, Bauer 1972). The test only counts pairs, so
its limits are differences of pairs, and are found by their rank rather than by searching for a root.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt


@dataclass(frozen=True, kw_only=True)
class Shift:
    """How far the first group lies above the second: between `low` and `high`, and `middle` as the best guess."""

    low: float
    middle: float
    high: float


def shift(ones: Sequence[float], others: Sequence[float], z: float) -> Shift:
    """The shift at `z` standard deviations to each side; both groups must have a value.

    With so few values that no shift can be rejected (one in each group always, two in each at 98 %) the limits
    are the smallest and the largest difference of a pair.
    """
    differences = sorted(one - other for one in ones for other in others)
    pairs = len(differences)
    below = ceil(pairs / 2 - 0.5 - z * _deviation(ones, others))
    rank = min(max(below, 1), pairs)
    return Shift(
        low=differences[rank - 1],
        middle=(differences[floor((pairs - 1) / 2)] + differences[pairs // 2]) / 2,
        high=differences[pairs - rank],
    )


def _deviation(ones: Sequence[float], others: Sequence[float]) -> float:
    """Of the number of pairs in order, had chance alone ordered them; equal values make it smaller.

    Ties between the groups do not count: nearly every shift breaks them.
    """
    many, whole = len(ones) * len(others), len(ones) + len(others)
    tied = sum(n**3 - n for group in (ones, others) for n in Counter(group).values())
    return sqrt(many / 12 * (whole + 1 - tied / (whole * (whole - 1))))
