"""Evidence that grows tick by tick and may be looked at whenever one likes. Pure.

An e-process is a running product of factors whose mean is at most 1 where its null holds; the chance that it
ever reaches 1/α is at most α (Ville 1939; Howard, Ramdas et al. 2021; Lindon, Sanden and Shirikian 2022 for
releases). A mixture of e-processes, and the average of two, is one again (Vovk and Wang 2021). Before the first
tick (n = 0) the evidence is 1, its logarithm 0: nothing is known, nothing is decided.

The state is two floats for each point of the grid of effect sizes, however long the watch lasts.
"""

from collections.abc import Sequence
from math import exp, inf, log, log1p

NOTHING = 0.0  # log evidence before anything was seen
LATE = 0.25  # of the weight: effects that begin after the first tick
TINY = 1e-300
LARGEST = 600.0  # log evidence is not counted further: e^600 decides anything


def average(first: float, second: float) -> float:
    """The log of the average of two e-values given by their logs."""
    high, low = max(first, second), min(first, second)
    return high + log1p(exp(low - high)) - log(2) if high > -inf else -inf


class Mixture:
    """A product of factors, mixed over effect sizes, and over the ticks at which the effect began.

    Most of the weight is on an effect from the first tick on; the rest is spread evenly over the planned watch,
    so that a fault that begins late does not have to outweigh the good time before it.
    """

    __slots__ = ("_late", "_left", "_pending", "_running", "_weights")

    def __init__(self, weights: Sequence[float]) -> None:
        """`weights` of the effect sizes; they sum to 1."""
        self._weights = tuple(log(weight) for weight in weights)
        self._running = [0.0] * len(weights)
        self._late = [-inf] * len(weights)
        self._left = 1.0  # of the weight over starts: has not begun yet
        self._pending = 0.0

    def take(self, increments: Sequence[float], elapsed: float) -> None:
        """One more tick: the log factor of each effect size, and which part of the planned watch it took."""
        begun = min(max(elapsed, 0.0), self._left)
        self._left -= begun
        self._pending += begun
        if not any(increments):
            return
        begins = log(self._pending) if self._pending > 0 else -inf
        self._pending = 0.0
        for place, increment in enumerate(increments):
            self._running[place] = min(self._running[place] + increment, LARGEST)
            late = self._late[place]
            high, low = (late, begins) if late > begins else (begins, late)
            if high > -inf:
                self._late[place] = min(high + log1p(exp(low - high)) + increment, LARGEST)

    @property
    def log_e(self) -> float:
        """The log of the evidence now."""
        early, late = 0.0, self._left + self._pending
        for weight, running, begun in zip(self._weights, self._running, self._late, strict=True):
            early += exp(weight + running)
            late += exp(weight + begun)
        return log((1 - LATE) * early + LATE * late + TINY)


class Bets:
    """Bets at fair odds on a number between 0 and 1 whose mean is at most 1/2 where the null holds.

    Wealth less than doubles in each round, whatever happens: one wild minute proves nothing.
    """

    STAKES = (0.25, 0.5, 0.75, 0.95)

    __slots__ = ("_phi", "_wealth")

    def __init__(self, phi: float = 1.0) -> None:
        self._phi = phi
        self._wealth = [0.0] * len(self.STAKES)

    def take(self, score: float) -> None:
        """One more round: 1 is the worst for the new revision, 1/2 says nothing."""
        for place, stake in enumerate(self.STAKES):
            gain = log1p(stake * (2 * score - 1)) / self._phi
            self._wealth[place] = min(self._wealth[place] + gain, LARGEST)

    @property
    def log_e(self) -> float:
        return log(sum(exp(wealth) for wealth in self._wealth) / len(self._wealth))
