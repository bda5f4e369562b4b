"""The error budget of an SLO: what it is, what is left, how long it lasts. Exact: no floats before the end.

Shares are `Fraction`s of all events. With no event at all nothing is known, and the answer is None.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

MILLION = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What was counted within the window so far."""

    bad: int
    total: int
    target_ppm: int

    @property
    def budget(self) -> Fraction:
        """The share that may be bad."""
        return Fraction(MILLION - self.target_ppm, MILLION)

    @property
    def burn_rate(self) -> Fraction | None:
        """1 uses up the budget exactly at the end of the window."""
        return Fraction(self.bad, self.total) / self.budget if self.total and self.budget else None

    @property
    def left(self) -> Fraction | None:
        """The share of the budget that is left at this traffic; below zero it is overspent."""
        rate = self.burn_rate
        return None if rate is None else 1 - rate

    @property
    def events_left(self) -> int | None:
        """How many more bad events the budget has room for, at the traffic so far. Below zero: overspent."""
        return math.floor(self.budget * self.total) - self.bad if self.total else None


def exhausted_in(window: timedelta, burn_rate: Fraction, left: Fraction = Fraction(1)) -> timedelta | None:
    """How long the rest of the budget lasts at this rate; None: for ever."""
    if burn_rate <= 0:
        return None
    seconds = max(Fraction(0), left) * (window // timedelta(seconds=1)) / burn_rate
    return timedelta(seconds=math.floor(seconds))


def alone_enough(threshold: Fraction) -> int:
    """Low traffic: with at most so many events in an alert's long window, one bad event alone raises it.

    golive does not hide such alerts (a service with few users can be down for each of them); `observe review`
    tells where they are, and a longer window, a lower target or load of one's own are the ways out.
    """
    return math.ceil(1 / threshold) - 1 if threshold > 0 else 0
