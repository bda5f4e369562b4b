"""Traffic that does not arrive, and resources that run out. Pure."""

from collections.abc import Mapping
from math import log

from golive.judge.process import Bets, Mixture

KEPT = 0.95  # of its share: less than this is lost traffic
LOST = (0.9, 0.7, 0.3)  # parts that may arrive
LOST_WEIGHTS = (0.4, 0.4, 0.2)
GAUGE_MARGIN = 1.10  # per instance, beside the old revision
MINUTE_S = 60.0
EVERY = 3  # minutes: neighbouring ones are too much alike


class Traffic:
    """A sample ratio test: of n requests the new revision should get its weight (Lindon and Malek 2022).

    Only for ticks in which the weight stood still and the router draws for each request. n = 0 says nothing.
    """

    def __init__(self, alpha: float) -> None:
        self.boundary = -log(alpha)
        self.crossed = False
        self.arrived, self.expected = 0, 0.0
        self._mixture = Mixture(LOST_WEIGHTS)

    def take(self, arrived: int, both: int, weight: int, elapsed: float) -> None:
        least = KEPT * weight / 100
        found = [arrived * log(part) + (both - arrived) * log((1 - least * part) / (1 - least)) for part in LOST]
        self._mixture.take(found, elapsed)
        self.arrived += arrived
        self.expected += both * weight / 100
        self.crossed = self.crossed or self.log_e >= self.boundary

    @property
    def log_e(self) -> float:
        return self._mixture.log_e


class Saturation:
    """Every third minute: is the gauge per instance more than a tenth above the old revision's? Bets on the sign.

    A minute without both says nothing.
    """

    def __init__(self, alpha: float) -> None:
        self.boundary = -log(alpha)
        self.crossed = False
        self.ratio: float | None = None
        self._bets = Bets()
        self._seconds, self._minutes = 0.0, 0
        self._sums: dict[str, list[float]] = {"new": [], "old": []}

    def take(self, new: float | None, old: float | None, seconds: float) -> None:
        for side, value in (("new", new), ("old", old)):
            if value is not None and 0 < value < float("inf"):
                self._sums[side].append(value)
        self._seconds += seconds
        if self._seconds >= MINUTE_S:
            self._close()

    def _close(self) -> None:
        new, old = self._sums["new"], self._sums["old"]
        if new and old:
            self.ratio = (sum(new) / len(new)) / (sum(old) / len(old))
            if self._minutes % EVERY == 0:
                self._bets.take(1.0 if self.ratio > GAUGE_MARGIN else 0.0)
        self._minutes += 1
        self._seconds = 0.0
        self._sums = {"new": [], "old": []}
        self.crossed = self.crossed or self.log_e >= self.boundary

    @property
    def log_e(self) -> float:
        return self._bets.log_e


def shared(new: Mapping[str, float], old: Mapping[str, float]) -> tuple[str, ...]:
    """Names of gauges that both revisions have."""
    return tuple(sorted(new.keys() & old.keys()))
