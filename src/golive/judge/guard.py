"""The objectives as absolute limits: they hold without a baseline, and catch what is common to both revisions.

The null is "at most the limit", whatever the rate does below it: for odds t above 1 the factor
t^x / (1 − l + l t)^n has a mean of at most 1 in every tick whose rate is at most l (Wald 1945). With n = 0 it is
1. Both revisions breaking an objective alike is no reason to blame the new one at once: it holds, and turns back
when it lasts for `LASTING_MIN` minutes.
"""

from collections import deque
from dataclasses import dataclass, field
from math import log, log1p

from golive.judge.odds import chance
from golive.judge.process import Mixture
from golive.judge.terms import GROSS_ALPHA, PPM

ODDS = (1.5, 2.0, 4.0, 15.0)
WEIGHTS = (0.25, 0.25, 0.25, 0.25)
LASTING_MIN = 5
BY_CHANCE = 1 / 1000


@dataclass
class Guard:
    """One objective over one watch: evidence since the first traffic, counts since the weight moved."""

    what: str
    limit_ppm: int
    phi: float = 1.0  # divides its evidence: a storm of retries is one event
    part: int = 0
    whole: int = 0
    old_part: int = 0
    old_whole: int = 0
    _mixture: Mixture = field(default_factory=lambda: Mixture(WEIGHTS))
    _minute: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    _seconds: float = 0.0
    _last: deque[tuple[int, int, int, int]] = field(default_factory=lambda: deque(maxlen=LASTING_MIN))

    boundary = -log(GROSS_ALPHA)

    def take(self, counts: tuple[int, int, int, int], *, elapsed: float, seconds: float) -> None:
        """One more tick: broken and all of the new revision, broken and all of the old one."""
        part, whole, old_part, old_whole = counts
        limit = max(self.limit_ppm / PPM, 1e-6)
        found = [part * log(t) - whole * log1p(limit * (t - 1)) for t in ODDS]
        self._mixture.take([factor / self.phi for factor in found], elapsed)
        self.part, self.whole = self.part + part, self.whole + whole
        self.old_part, self.old_whole = self.old_part + old_part, self.old_whole + old_whole
        self._minute = [a + b for a, b in zip(self._minute, counts, strict=True)]
        self._seconds += seconds
        if self._seconds >= 60:
            self._last.append((self._minute[0], self._minute[1], self._minute[2], self._minute[3]))
            self._minute, self._seconds = [0, 0, 0, 0], 0.0

    def restart_counts(self) -> None:
        """The weight moved: shares are counted anew; evidence and recent minutes stay."""
        self.part = self.whole = self.old_part = self.old_whole = 0

    @property
    def log_e(self) -> float:
        return self._mixture.log_e

    @property
    def lasting(self) -> bool:
        """Whether the new revision broke it in each of the last minutes, and clearly in all of them together."""
        full = len(self._last) == LASTING_MIN
        each = all(part * PPM > self.limit_ppm * whole for part, whole, _, _ in self._last)
        part, whole = (sum(minute[i] for minute in self._last) for i in (0, 1))
        return full and each and chance(part, whole, self.limit_ppm / PPM) < BY_CHANCE
