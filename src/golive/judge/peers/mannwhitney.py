"""By how much one group of numbers lies above another: Mann and Whitney's test turned into an interval. Pure.

The interval holds every shift that the two-sided test would not reject (normal approximation with corrections for
ties and continuity; Mann and Whitney 1947, Hodges and Lehmann 1963, Bauer 1972). The test counts pairs, so it
jumps at differences of pairs, and its limits are such differences. They are searched for as the peer does, to a
tolerance, and not by rank: where half of all pairs do not differ at all, whether a limit is found just above
zero or just below decides what the peer says.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from golive.judge.peers.brent import root


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
    pairs = _Pairs(ones, others)
    return Shift(low=pairs.shift_at(z), middle=pairs.shift_at(0.0), high=pairs.shift_at(-z))


class _Pairs:
    """All differences of one and another, sorted, and what the test makes of a shift."""

    def __init__(self, ones: Sequence[float], others: Sequence[float]) -> None:
        self.ones, self.others = ones, others
        self.differences = sorted(one - other for one in ones for other in others)
        self.deviation = self._deviation(_tied(ones) + _tied(others))

    def shift_at(self, z: float) -> float:
        """The shift that the test finds `z` standard deviations away, or the outermost difference."""
        smallest, largest = self.differences[0], self.differences[-1]
        if smallest == largest or self.z_beyond(smallest) <= z:
            return smallest
        if self.z_beyond(largest) >= z:
            return largest
        return root(lambda by: self.z_beyond(by) - z, smallest, largest)

    def z_beyond(self, by: float) -> float:
        """By how many standard deviations `ones` lie above `others`, after they were lowered by so much."""
        before, upto = bisect_left(self.differences, by), bisect_right(self.differences, by)
        surplus = len(self.differences) / 2 - (before + upto) / 2
        corrected = surplus - (0.5 if surplus > 0 else -0.5 if surplus < 0 else 0)
        if before == upto:  # no pair is equal
            return corrected / self.deviation
        return corrected / self._deviation(_tied([*(one - by for one in self.ones), *self.others]))

    def _deviation(self, tied: int) -> float:
        """Of the number of pairs in order, had chance alone ordered them; equal values make it smaller."""
        whole = len(self.ones) + len(self.others)
        return sqrt(len(self.differences) / 12 * (whole + 1 - tied / (whole * (whole - 1))))


def _tied(values: Sequence[float]) -> int:
    return sum(n**3 - n for n in Counter(values).values())
