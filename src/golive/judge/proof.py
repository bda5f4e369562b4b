"""Is the new revision proven not worse than the margin? The same engine with the hypotheses exchanged. Pure.

The null is "worse than the margin": rejecting it is what earns a promotion. Every metric has to be rejected at
beta, so nothing is to be corrected for their number (Berger 1982, intersection and union). No faults at all say
nothing about a ratio; they say much about the absolute part of the margin: both are tried, and averaged.
"""

from math import log, log1p

from golive.judge.harm import tempered
from golive.judge.odds import Table, log_factors
from golive.judge.process import Mixture, average

ENOUGH = 100  # requests to the baseline before its error rate is taken for known
RATIOS = (0.6, 1.0, 1.4)  # odds of errors that a good revision may have
RATIO_WEIGHTS = (0.2, 0.6, 0.2)
PARTS = (0.02, 0.25, 0.5, 0.75)  # of the absolute margin: the rates that a good revision may have
PART_WEIGHTS = (0.4, 0.2, 0.2, 0.2)
FASTER = (0.95, 0.85, 0.7, 0.5, 0.3, 0.15)  # odds of being slow beyond the shifted bound
FASTER_WEIGHTS = (0.1, 0.2, 0.2, 0.2, 0.15, 0.15)
LARGEST_RATE = 0.99


class ErrorProof:
    """That errors are at most `times` the baseline's, or `plus` above it, whichever allows more.

    The baseline's rate is estimated from earlier ticks only: a margin that looks at the tick it judges would
    move with it.
    """

    def __init__(self, *, phi: float, beta: float, times: float, plus: float) -> None:
        self.boundary = -log(beta)
        self.proven = False
        self._phi, self._times, self._plus = phi, times, plus
        self._ratio, self._absolute = Mixture(RATIO_WEIGHTS), Mixture(PART_WEIGHTS)
        self._requests, self._errors = 0, 0

    def take(self, table: Table, elapsed: float) -> None:
        if self._requests >= ENOUGH:
            margin = self.margin
            found = log_factors(table, [ratio / margin for ratio in RATIOS], margin)
            self._ratio.take([tempered(factor, self._phi) for factor in found], elapsed)
        self._absolute.take([tempered(f, self._phi) for f in _below(table, self._plus)], elapsed)
        self._requests += table.n0
        self._errors += table.x0
        self.proven = self.proven or self.log_e >= self.boundary

    @property
    def baseline_rate(self) -> float:
        """Of errors, so far; never quite 0."""
        return (self._errors + 0.5) / (self._requests + 1)

    @property
    def margin(self) -> float:
        """As an odds ratio, at the baseline's rate so far."""
        rate = min(self.baseline_rate, LARGEST_RATE / 2)
        worst = min(max(rate * self._times, rate + self._plus), LARGEST_RATE)
        return worst / (1 - worst) * (1 - rate) / rate

    @property
    def log_e(self) -> float:
        return average(self._ratio.log_e, self._absolute.log_e)


class LatencyProof:
    """That a quantile is at most a few buckets higher than the old revision's, or than it was at the beginning.

    New requests above the *shifted* bound are compared with old ones above the bound: at the margin both parts
    are equal. Where there are none of either, their absence counts: a part of less than `beyond` above the shifted
    bound is what "the quantile lies below it" means.
    """

    def __init__(self, *, phi: float, beta: float, beyond: float) -> None:
        """`beyond` is the part of requests above a quantile: 0.01 of p99."""
        self.boundary = -log(beta)
        self.proven = False
        self._phi, self._beyond = phi, beyond
        self._ratio, self._absolute = Mixture(FASTER_WEIGHTS), Mixture(PART_WEIGHTS)

    def take(self, table: Table, elapsed: float) -> None:
        """`table` holds new requests above the shifted bound, and old ones above the bound."""
        found = log_factors(table, FASTER)
        self._ratio.take([tempered(factor, self._phi) for factor in found], elapsed)
        self._absolute.take([tempered(f, self._phi) for f in _below(table, self._beyond)], elapsed)
        self.proven = self.proven or self.log_e >= self.boundary

    @property
    def log_e(self) -> float:
        return average(self._ratio.log_e, self._absolute.log_e)


def _below(table: Table, rate: float) -> list[float]:
    """Log factors against "at least this part of the new requests is faulty", for each of `PARTS` of it."""
    good = table.n1 - table.x1
    return [table.x1 * log(part) + good * (log1p(-part * rate) - log1p(-rate)) for part in PARTS]
