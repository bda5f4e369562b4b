"""How durations are distributed, in little memory: counts in buckets that are less than 0.8 % wide.

Same idea as HDR histograms: the bucket of a duration is its first eight binary digits, so its relative error is
bounded at every scale, and two of them are merged by adding counts. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

DIGITS = 8


def bucket_of(duration_us: int) -> int:
    """The lower end, in microseconds, of the bucket that holds the duration; a negative one counts as none."""
    shift = duration_us.bit_length() - DIGITS
    return duration_us >> shift << shift if shift > 0 else max(duration_us, 0)


def middle_us(bucket: int) -> float:
    """The middle of a bucket: what a quantile in it is taken for, wrong by less than 0.4 %."""
    return bucket + ((1 << max(0, bucket.bit_length() - DIGITS)) - 1) / 2


@dataclass
class Histogram:
    """Counts of durations in microseconds, by the lower ends of their buckets."""

    counts: dict[int, int] = field(default_factory=dict)

    def add(self, duration_us: int) -> None:
        """Count one duration; a negative one counts as none at all."""
        bucket = bucket_of(duration_us)
        self.counts[bucket] = self.counts.get(bucket, 0) + 1

    def merge(self, counts: Mapping[int, int]) -> None:
        """Add the counts of another."""
        for bucket, count in counts.items():
            self.counts[bucket] = self.counts.get(bucket, 0) + count

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def quantile_ms(self, share: float) -> float:
        """The duration that `share` (0 to 1) of all do not exceed, 0.0 when there are none."""
        return self.quantiles_ms((share,))[0]

    def quantiles_ms(self, shares: Iterable[float]) -> list[float]:
        """Several of them, in one pass; `shares` must rise."""
        found: list[float] = []
        total, seen, ordered = self.total, 0, iter(sorted(self.counts.items()))
        bucket = 0
        for share in shares:
            while seen < share * total or not seen:
                bucket, count = next(ordered, (bucket, total + 1))
                seen += count
            found.append(round(middle_us(bucket) / 1000, 3))
        return found


def merged(many: Iterable[Mapping[int, int]]) -> Histogram:
    """All of them as one."""
    histogram = Histogram()
    for counts in many:
        histogram.merge(counts)
    return histogram
