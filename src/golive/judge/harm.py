"""Is the new revision worse? Evidence of one metric, from four sides that do not fail together. Pure.

- Likelihood of each tick, tempered: divided by φ, which placebo canaries of the same service have set, and
  capped, so that a storm in one tick says no more than a few faults.
- The rank of each minute, bet on: bounded whatever happens, for services whose requests fall in clusters; half
  the weight where φ is above 1.
- Gross breakage against a wide margin, uncapped: half of all requests failing ends a rollout in a tick or two.
- Two planned exact looks, half-way and at the end, where requests are known to be independent: a test that is
  made only twice sees smaller differences than one that is looked at all the time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from golive.judge.odds import Table, log_factors, mid_p, tail
from golive.judge.process import Bets, Mixture, average
from golive.judge.terms import (
    CAP,
    GROSS,
    GROSS_ALPHA,
    GROSS_WEIGHTS,
    SLOWER,
    SLOWER_WEIGHTS,
    WORSE,
    WORSE_WEIGHTS,
    Phi,
)

MINUTE_S = 60.0
LOOKS = (0.5, 1.0)  # of the planned watch


@dataclass(frozen=True, slots=True)
class Factors:
    """What one tick says about one metric, before tempering: computed once, whatever φ may be."""

    table: Table
    fine: Sequence[float]
    gross: Sequence[float]


def grid(metric: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The odds ratios looked for, and their weights."""
    return (SLOWER, SLOWER_WEIGHTS) if metric in ("p50", "p90") else (WORSE, WORSE_WEIGHTS)


def factors(metric: str, table: Table, margin: float, gross_margin: float) -> Factors:
    ratios, _ = grid(metric)
    return Factors(table, log_factors(table, ratios, margin), log_factors(table, GROSS, gross_margin))


def tempered(factor: float, phi: float) -> float:
    """Less evidence, and never much from one tick, where requests are known not to be independent."""
    return factor if phi == 1.0 else min(factor / phi, CAP)


class Harm:
    """The evidence that one metric of the new revision is worse, and whether it reached its boundary.

    `crossed` names the first rule that did, and stays: evidence that was reached is not taken back by luck.
    """

    def __init__(self, metric: str, *, phi: Phi, alpha: float, looks: bool = False) -> None:
        """`alpha` is of the evidence that is always looked at; with `looks` as much again is spent on two."""
        self.phi, self.alpha = phi, alpha
        self.boundary, self.gross_boundary = -log(alpha), -log(GROSS_ALPHA)
        self.crossed = ""
        self.fine_held = self.gross_held = True
        self._fine, self._gross = Mixture(grid(metric)[1]), Mixture(GROSS_WEIGHTS)
        self._minutes = Minutes(phi.minutes)
        self._looks = [part for part in LOOKS if looks]
        self._trials, self._mean, self._part = 0, 0.0, 0

    def take(self, tick: Factors, *, elapsed: float, seconds: float, progress: float) -> None:
        """One more tick, which took `elapsed` of the planned watch, now at `progress` of it."""
        self._fine.take([tempered(factor, self.phi.fine) for factor in tick.fine], elapsed)
        self._gross.take([factor / self.phi.gross for factor in tick.gross], elapsed)
        self._minutes.take(tick.table, seconds)
        self._count(tick.table)
        self._cross(progress)

    def interrupt(self) -> None:
        """The weight moves: what is counted by the minute starts anew, since shares must not be mixed."""
        self._minutes.close()

    @property
    def log_e(self) -> float:
        if self.phi.fine == 1.0:
            return self._fine.log_e
        return average(self._fine.log_e, self._minutes.log_e)

    @property
    def log_gross(self) -> float:
        return self._gross.log_e

    @property
    def log_bounded(self) -> float:
        return self._minutes.log_e

    def _count(self, table: Table) -> None:
        if table.says_something:
            self._trials += table.highest - table.lowest
            self._mean += table.expected - table.lowest
            self._part += table.x1 - table.lowest

    def _cross(self, progress: float) -> None:
        if self.log_gross >= self.gross_boundary:
            self._reached("gross")
            self.gross_held = False
        if self.log_e >= self.boundary:
            self._reached("evidence")
            self.fine_held = False
        if self._looks and progress >= self._looks[0]:
            self._looks.pop(0)
            if tail(self._part, self._trials, self._mean) <= self.alpha / len(LOOKS):
                self._reached("look")
                self.fine_held = False

    def _reached(self, rule: str) -> None:
        self.crossed = self.crossed or rule


class Minutes:
    """Bets on the rank of each minute."""

    def __init__(self, phi: float = 1.0) -> None:
        self._bets = Bets(phi)
        self._seconds = 0.0
        self._sum = Table(0, 0, 0, 0)

    def take(self, table: Table, seconds: float) -> None:
        have = self._sum
        self._sum = Table(have.x1 + table.x1, have.n1 + table.n1, have.x0 + table.x0, have.n0 + table.n0)
        self._seconds += seconds
        if self._seconds >= MINUTE_S:
            self.close()

    def close(self) -> None:
        if self._sum.says_something:
            self._bets.take(mid_p(self._sum))
        self._sum, self._seconds = Table(0, 0, 0, 0), 0.0

    @property
    def log_e(self) -> float:
        return self._bets.log_e
