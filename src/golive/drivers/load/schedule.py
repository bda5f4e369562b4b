"""When each request of a load is due. Pure: it knows no answers, so it cannot wait for them.

A schedule is a row of segments in which the rate changes linearly; a constant rate, a ramp, steps, a spike and a
recorded trace are all such rows. Requests are numbered from 0, number 0 is due at the start, and the time of each
follows from its number alone, so nothing drifts in a long run.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, inf, sqrt

SECOND_NS = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class Segment:
    """From one rate to another in so long; rates in requests per second, both may be 0, not both below."""

    begin_per_s: float
    end_per_s: float
    length_s: float = inf  # without end only where the rate is constant

    @property
    def requests(self) -> float:
        """How many fall into it; a fraction is the next segment's beginning."""
        return (self.begin_per_s + self.end_per_s) / 2 * self.length_s

    def by(self, elapsed_s: float) -> float:
        """How many fall into its first `elapsed_s`."""
        slope = 0.0 if self.length_s == inf else (self.end_per_s - self.begin_per_s) / self.length_s
        return self.begin_per_s * elapsed_s + slope * elapsed_s * elapsed_s / 2

    def when(self, count: float) -> float:
        """The inverse of `by`: seconds after its begin."""
        if count <= 0:
            return 0.0
        if self.begin_per_s == self.end_per_s:
            return count / self.begin_per_s
        slope = (self.end_per_s - self.begin_per_s) / self.length_s
        root = sqrt(max(self.begin_per_s * self.begin_per_s + 2 * slope * count, 0.0))
        return 2 * count / (self.begin_per_s + root)


class Schedule:
    """The segments one after the other. A segment without requests is a pause."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = tuple(segments)
        self._begins_s, self._counts = [0.0], [0.0]
        for segment in self.segments:
            self._begins_s.append(self._begins_s[-1] + segment.length_s)
            self._counts.append(self._counts[-1] + segment.requests)

    @property
    def length_s(self) -> float:
        """Seconds; infinite when it has no end."""
        return self._begins_s[-1]

    @property
    def total(self) -> float:
        """How many requests there are: a whole number, or infinite."""
        return inf if self._counts[-1] == inf else _whole(self._counts[-1])

    def due_ns(self, number: int) -> int:
        """When the request of this number is to be sent, in nanoseconds since the start."""
        place = min(bisect_right(self._counts, number), len(self.segments)) - 1
        after_s = self.segments[place].when(number - self._counts[place])
        return ceil(round(self._begins_s[place] * SECOND_NS + after_s * SECOND_NS, 1))

    def due_by(self, elapsed_s: float) -> int:
        """How many are due before `elapsed_s`."""
        if elapsed_s <= 0:
            return 0
        place = min(bisect_right(self._begins_s, elapsed_s), len(self.segments)) - 1
        into_s = min(elapsed_s - self._begins_s[place], self.segments[place].length_s)
        return _whole(self._counts[place] + self.segments[place].by(into_s))

    def dues(self, first: int, stride: int) -> Iterator[int]:
        """The times of every `stride`th request from `first` on; each of several generators takes its own."""
        number = first
        for place, segment in enumerate(self.segments):
            end = self._counts[place + 1]
            begin_ns, base = self._begins_s[place] * SECOND_NS, self._counts[place]
            while number < end - EDGE:
                yield ceil(round(begin_ns + segment.when(number - base) * SECOND_NS, 1))
                number += stride


EDGE = 1e-6  # requests: what adding up fractions may leave over


def _whole(count: float) -> int:
    return ceil(count - EDGE)


def constant(rate: float, length_s: float = inf) -> Schedule:
    """The same rate all the time."""
    return Schedule((Segment(begin_per_s=rate, end_per_s=rate, length_s=length_s),))
