"""Argo Rollouts' analysis: success rate and p99 of the canary alone against fixed limits, each metric for itself.

An analysis fails when one metric has more failures than its limit: with a limit of 3, at the fourth. A window
without requests divides by zero, and what is no number does not meet a success condition: a failure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from golive.judge.minutes import Count, Minute
from golive.judge.peers.ruling import NOTHING, Ruling, promoted, rolled_back
from golive.judge.peers.tally import together

P99_MS = 500


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """`every_minutes` is the interval and the query's window alike."""

    every_minutes: int
    success: float
    failure_limit: int


DOCUMENTED = Analysis(every_minutes=5, success=0.95, failure_limit=3)
STRICT = Analysis(every_minutes=1, success=0.99, failure_limit=0)  # the field's own default


def documented(minutes: Sequence[Minute], bounds_ms: Sequence[int]) -> Ruling:
    """The example in the documentation."""
    return analyse(DOCUMENTED, minutes, bounds_ms)


def strict(minutes: Sequence[Minute], bounds_ms: Sequence[int]) -> Ruling:
    """Every minute, 99 %, and no failure allowed."""
    return analyse(STRICT, minutes, bounds_ms)


def analyse(analysis: Analysis, minutes: Sequence[Minute], bounds_ms: Sequence[int]) -> Ruling:
    if not minutes:
        return NOTHING
    failures = {"success rate": 0, "p99": 0}
    for end in range(analysis.every_minutes, len(minutes) + 1, analysis.every_minutes):
        window = together(minute.canary for minute in minutes[end - analysis.every_minutes : end])
        for metric in _unmet(analysis, window, bounds_ms):
            failures[metric] += 1
            if failures[metric] > analysis.failure_limit:
                return rolled_back(end, f"{failures[metric]} failures of {metric}")
    return promoted(len(minutes), "no metric failed too often")


def _unmet(analysis: Analysis, window: Count, bounds_ms: Sequence[int]) -> list[str]:
    p99_ms = window.quantile_ms(0.99, bounds_ms)
    good, requests = window.requests - window.errors, window.requests
    met = {
        "success rate": requests > 0 and good / requests >= analysis.success,
        "p99": p99_ms is not None and p99_ms <= P99_MS,
    }
    return [metric for metric, holds in met.items() if not holds]
