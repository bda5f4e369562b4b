"""How durations are distributed, in little memory: counts in buckets that are less than 0.8 % wide.

Same idea as HDR histograms: the bucket of a duration is its first eight binary digits. Pure.
"""

from collections import Counter
from dataclasses import dataclass, field

DIGITS = 8


@dataclass
class Histogram:
    """Counts of durations in microseconds."""

    total: int = 0
    _buckets: Counter[int] = field(default_factory=Counter)

    def add(self, duration_us: int) -> None:
        """Count one duration; a negative one counts as none at all."""
        duration_us = max(0, duration_us)
        shift = max(0, duration_us.bit_length() - DIGITS)
        self._buckets[duration_us >> shift << shift] += 1
        self.total += 1

    def quantile_ms(self, share: float) -> float:
        """The duration that `share` (0 to 1) of all do not exceed, 0.0 when there are none.

        It is that of the bucket's lower end: low by less than 0.8 %.
        """
        rank, seen = share * self.total, 0
        for bucket in sorted(self._buckets):
            seen += self._buckets[bucket]
            if seen >= rank:
                return round(bucket / 1000, 3)
        return 0.0
