"""What a load says about the objectives: held, broken, or not known.

No answers, fewer than the objectives ask for, or a generator that could not keep its own schedule: INCONCLUSIVE.
The share of failures counts every request that a user would complain about (4xx, 5xx, and no whole answer). Of an
objective on a quantile that was not measured the next higher one is taken: a slow service never looks faster.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from golive.judge.verdict import Answer, Verdict
from golive.spec.values import LatencyObjective, Objectives

PPM = 1_000_000
LATE_SHARE = 0.5  # of the tightest objective: a generator that is later than that measures itself


@dataclass(frozen=True, kw_only=True)
class Load:
    """What was measured. `quantiles_ms` by parts per million, of answers that came whole."""

    sent: int
    failed: int
    elapsed_s: float
    quantiles_ms: Mapping[int, float] = field(default_factory=dict)
    late_p99_ms: float = 0.0


def judge_load(load: Load, objectives: Objectives) -> Verdict:
    """PASS only when enough was measured and every objective held."""
    tightest = min((objective.max_ms for objective in objectives.latency), default=None)
    if load.sent < max(objectives.min_requests, 2):
        return _said(load, Answer.INCONCLUSIVE, f"{load.sent} requests, {objectives.min_requests} are needed")
    if tightest is not None and load.late_p99_ms > tightest * LATE_SHARE:
        late = f"the load generator itself was late by {load.late_p99_ms:g} ms, so latencies say nothing"
        return _said(load, Answer.INCONCLUSIVE, late)
    allowed = objectives.error_rate_ppm
    if allowed is not None and load.failed * PPM > allowed * load.sent:
        share = f"{load.failed} of {load.sent} requests failed, {allowed / 10_000:g} % may"
        return _said(load, Answer.FAIL, share)
    for objective in objectives.latency:
        verdict = _latency(load, objective)
        if verdict:
            return verdict
    return _said(load, Answer.PASS, f"{load.sent} requests, {load.failed} failed, every objective held")


def _latency(load: Load, objective: LatencyObjective) -> Verdict | None:
    """What is wrong with one latency objective; None when it held."""
    measured = {ppm: ms for ppm, ms in load.quantiles_ms.items() if ppm >= objective.quantile_ppm}
    name = f"p{objective.quantile_ppm / 10_000:g}"
    if not measured or load.failed == load.sent:
        return _said(load, Answer.INCONCLUSIVE, f"{name} was not measured")
    took = measured[min(measured)]
    if took > objective.max_ms:
        return _said(load, Answer.FAIL, f"{name} was {took:g} ms, {objective.max_ms} ms may be")
    return None


def _said(load: Load, answer: Answer, because: str) -> Verdict:
    return Verdict(answer=answer, because=because, requests=load.sent, errors=load.failed)
