"""What a watch is held to: the operator's settings, what was learned of the service's noise, and fixed numbers.

Alpha, the chance of rolling back a good release, is shared among the metrics: whatever they do together, the sum
is never exceeded. Gross breakage of each metric, and each objective, has a thousandth of its own beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from golive.spec.values import Judging, Objectives

PPM = 1_000_000

METRICS = ("errors", "p50", "p90", "p99")
SHARES = {"errors": 0.50, "p50": 0.12, "p90": 0.08, "p99": 0.20, "saturation": 0.05, "traffic": 0.05}
QUANTILES = {"p50": 0.50, "p90": 0.90, "p99": 0.99}
EIGHTHS = {"p50": 2, "p90": 3, "p99": 4}  # latency margin: so many eighths of an octave

WORSE = (1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0)  # odds ratios of harm
WORSE_WEIGHTS = (0.05, 0.1, 0.2, 0.25, 0.2, 0.1, 0.05, 0.05)
SLOWER = (1.15, 1.3, 1.6, 2.0, 3.0, 5.0, 10.0)  # of p50 and p90: half the requests cannot be ten times more
SLOWER_WEIGHTS = (0.15, 0.2, 0.2, 0.2, 0.1, 0.1, 0.05)
GROSS = (1.5, 3.0, 10.0, 100.0)  # beyond the wide margin
GROSS_WEIGHTS = (0.25, 0.25, 0.25, 0.25)
GROSS_ALPHA = 0.001
GROSS_MARGIN = 4.0
GROSS_MARGIN_UNKNOWN = 10.0  # of a service whose noise nobody knows
MARGIN_UNKNOWN = {"errors": 1.2, "p50": 1.15, "p90": 1.15, "p99": 1.15}
CAP = 2.0  # nats: the most that one tick says against, or for, a revision once tempered


@dataclass(frozen=True, kw_only=True)
class Phi:
    """What divides the evidence of one metric, side by side: 1 is a service as calm as coins."""

    fine: float = 1.0
    minutes: float = 1.0
    gross: float = 1.0


CALM = Phi()


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How much more requests of one service vary than chance allows, from placebo canaries.

    `phi` of each metric. `canaries` placebo canaries were judged; `alarms` of them would have been rolled back
    with these numbers.
    """

    phi: Mapping[str, Phi]
    canaries: int
    alarms: int
    watch: timedelta  # how long each of them was watched
    source: str  # "load on 4 instances", "evidence/judge/history.json"
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What one watch is judged by, fixed before it begins. `old` is None at a first release."""

    new: str
    old: str | None
    objectives: Objectives = field(default_factory=Objectives)
    judging: Judging = field(default_factory=Judging)
    calibration: Calibration | None = None
    horizon: timedelta = timedelta(hours=1)  # the planned watch: the soaks together

    @property
    def alpha(self) -> float:
        return self.judging.alpha_ppm / PPM

    @property
    def beta(self) -> float:
        return self.judging.beta_ppm / PPM

    @property
    def trusted(self) -> bool:
        """Whether fine evidence decides: the noise is known, or somebody chose to take it for chance."""
        return self.calibration is not None or self.judging.uncalibrated == "trust"

    def phi(self, metric: str) -> Phi:
        return self.calibration.phi.get(metric, CALM) if self.calibration else CALM

    def margin(self, metric: str) -> float:
        """The odds ratio up to which a difference is not held against the new revision."""
        return 1.0 if self.calibration else MARGIN_UNKNOWN.get(metric, 1.0)

    @property
    def gross_margin(self) -> float:
        return GROSS_MARGIN if self.trusted else GROSS_MARGIN_UNKNOWN

    def looks_are_planned(self, metric: str) -> bool:
        """Half of alpha is kept for exact looks where requests are known to be independent."""
        return self.calibration is not None and self.phi(metric).fine == 1.0

    def alpha_of(self, metric: str) -> float:
        """Of the evidence that is looked at all the time."""
        return self.alpha * SHARES[metric] / (2 if self.looks_are_planned(metric) else 1)
