"""Where the evidence stands at one moment: what a verdict is made of, and what explains it."""

from dataclasses import dataclass
from datetime import datetime
from math import log

from golive.evidence.record import Json
from golive.judge.odds import chance

LOG10 = log(10)


@dataclass(frozen=True, kw_only=True)
class Metric:
    """The evidence on one metric. Evidence is the log10 of an e-value: 2 says "a hundred to one".

    `crossed` is the rule that reached its boundary of harm: "gross", "evidence", "look", or "" for none.
    `expected` is how many of the faults of both the new revision would have if both were equally good.
    """

    name: str
    new_part: int
    new_whole: int
    old_part: int
    old_whole: int
    expected: float
    harm: float
    harm_boundary: float
    gross: float
    gross_boundary: float
    bounded: float
    proof: float
    proof_boundary: float
    crossed: str
    proven: bool
    phi: float
    slower_than_ms: int | None = None  # of a latency metric
    margin: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times more faults than the old revision has; None when there are too few to say."""
        return _ratio(self.new_part, self.new_part + self.old_part, self.expected)

    @property
    def most(self) -> float | None:
        """The largest such ratio that is still plausible at 95 % (Clopper and Pearson); None: no limit known."""
        both = self.new_part + self.old_part
        low, high = self.new_part / both if both else 0.0, 1.0
        if not both:
            return None
        for _ in range(40):
            middle = (low + high) / 2
            if 1 - chance(self.new_part + 1, both, middle) > 0.025:
                low = middle
            else:
                high = middle
        return _ratio(high * both, both, self.expected)


@dataclass(frozen=True, kw_only=True)
class Sign:
    """Evidence against the new revision that has no other side: lost traffic, a saturated resource."""

    name: str  # "traffic", "saturation cpu_cores"
    harm: float
    boundary: float
    crossed: bool
    text: str  # "12 of 4000 requests, 200 expected"


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One objective: what part of the requests broke it since the weight last moved, in both revisions.

    `evidence` (log10 of an e-value against "the new revision keeps it") counts from the first traffic on.
    """

    what: str  # "errors", "slower than 300 ms"
    limit_ppm: int
    part: int
    whole: int
    old_part: int
    old_whole: int
    evidence: float
    boundary: float
    recent_broken: bool  # clearly, by both revisions, for minutes on end

    @property
    def broken(self) -> bool:
        return self.part * 1_000_000 > self.limit_ppm * self.whole

    @property
    def broken_by_both(self) -> bool:
        return self.broken and self.old_part * 1_000_000 > self.limit_ppm * self.old_whole

    @property
    def worse_than_old(self) -> bool:
        """Clearly; without an old revision there is nothing to blame but the new one."""
        both = self.whole + self.old_whole
        if not self.old_whole:
            return True
        return chance(self.part, self.part + self.old_part, self.whole / both) < 1 / 1000

    @property
    def proven_broken(self) -> bool:
        return self.evidence >= self.boundary

    @property
    def text(self) -> str:
        allowed = f"{percent(self.part, self.whole)}, allowed {percent(self.limit_ppm, 1_000_000)}"
        old = f", the old revision has {percent(self.old_part, self.old_whole)}" if self.old_whole else ""
        same = "; both revisions break the objective" if self.old_whole and self.broken_by_both else ""
        return f"{self.part} of {self.whole} {self.what} ({allowed}{old}{same})"


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """Everything known after the newest tick. Counts without a word are since the weight last moved."""

    requests: int = 0
    errors: int = 0
    old_requests: int = 0
    total_requests: int = 0  # to the new revision since its first traffic, golive's own load included
    since: datetime | None = None  # first traffic
    newest: datetime | None = None  # tick with requests to the new revision
    newest_old: datetime | None = None
    newest_read: datetime | None = None  # tick at all
    per_second: float = 0.0  # to the new revision, since the weight last moved
    ticks: int = 0
    measured_from: int = 0  # fewest latencies of a limited metric
    told_apart_ms: int = 0  # highest bound of the histogram
    metrics: tuple[Metric, ...] = ()
    signs: tuple[Sign, ...] = ()
    limits: tuple[Limit, ...] = ()
    note: str = ""

    def metric(self, name: str) -> Metric | None:
        return next((metric for metric in self.metrics if metric.name == name), None)


NOTHING = Assessment()


def evidence(found: Assessment) -> tuple[tuple[str, float, float], ...]:
    """Each metric's evidence of harm and of proof, to the last digit."""
    return tuple((metric.name, metric.harm, metric.proof) for metric in found.metrics)


def evidence_body(found: Assessment) -> list[Json]:
    """Each metric's evidence as it is kept in a record: log10 in thousandths, since records hold whole numbers.

    `share` is the percent of all evidence of harm that this metric gives.
    """
    whole = sum(max(metric.harm, 0.0) for metric in found.metrics)
    return [
        {
            "metric": metric.name,
            "new": [metric.new_part, metric.new_whole],
            "old": [metric.old_part, metric.old_whole],
            "harm": round(1000 * metric.harm),
            "harm_boundary": round(1000 * metric.harm_boundary),
            "proof": round(1000 * metric.proof),
            "proof_boundary": round(1000 * metric.proof_boundary),
            "share": round(100 * max(metric.harm, 0.0) / whole) if whole else 0,
            "crossed": metric.crossed,
            "proven": metric.proven,
            "phi": round(1000 * metric.phi),
        }
        for metric in found.metrics
    ]


def percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.3g} %" if whole else "none"


def _ratio(part: float, both: float, expected: float) -> float | None:
    """The odds of a fault being the new revision's, over those of chance."""
    if not both or not 0 < expected < both:
        return None
    rest = both - part
    return part / rest * (both - expected) / expected if rest > 0 else None
