"""What a load says about the objectives: held, broken, or not known, each with its numbers.

Nothing measured, fewer than the objectives ask for, an end before its time, or a generator that could not keep its
own schedule: INCONCLUSIVE. The share of failures counts every request that a user would complain about (4xx, 5xx,
no whole answer, or not what the scenario expects).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.judge.performance.measured import Measured
from golive.judge.verdict import Answer, Verdict
from golive.spec.values import LatencyObjective, Objectives

PPM = 1_000_000
LATE_SHARE = 0.5  # of the tightest latency objective: a generator that is later than that measures itself
LATE_MS = 5.0  # p99 of its lateness; without objectives, and however generous they are
SENT_SHARE = 0.99  # of what was asked
BUSY_SHARE = 0.95  # of a core: answers are then read later than they come


@dataclass(frozen=True, kw_only=True)
class Held:
    """One objective: what was allowed, what was measured, and whether that holds (None: not known)."""

    name: str  # errors, p99
    limit: float
    measured: float
    unit: str  # %, ms
    holds: bool | None

    def text(self) -> str:
        """In one clause."""
        if self.holds is None:
            return f"{self.name} was not measured"
        return f"{self.name} {self.measured:g} {self.unit}, {self.limit:g} {self.unit} may be"


def judge_load(measured: Measured, objectives: Objectives) -> Verdict:
    """PASS only when enough was measured and every objective held."""
    found = held(measured, objectives)
    broken = [one for one in found if one.holds is False]
    if measured.ended == "interrupted":
        return _said(measured, Answer.INCONCLUSIVE, f"it ended before its time: {measured.because}")
    if measured.sent < max(objectives.min_requests, 2):
        few = f"{measured.sent} requests, {objectives.min_requests} are needed"
        return _said(measured, Answer.INCONCLUSIVE, few)
    if measured.ended == "aborted":
        return _said(measured, Answer.FAIL, f"it was ended early: {measured.because}")
    slow = bottleneck(measured, objectives)
    if slow:
        return _said(measured, Answer.INCONCLUSIVE, f"the generator was the bottleneck: {slow}")
    if _only_late(broken, measured):
        because = f"{broken[0].text()}, but without its own lateness that would hold"
        return _said(measured, Answer.INCONCLUSIVE, f"the generator was the bottleneck: {because}")
    if broken:
        return _said(measured, Answer.FAIL, "; ".join(one.text() for one in broken))
    unknown = [one for one in found if one.holds is None]
    if unknown:
        return _said(measured, Answer.INCONCLUSIVE, unknown[0].text())
    told = f"{measured.sent} requests, {measured.failed} failed, every objective held"
    return _said(measured, Answer.PASS, told)


def held(measured: Measured, objectives: Objectives) -> tuple[Held, ...]:
    """Every objective with its numbers."""
    return tuple(_held(measured, objectives))


def _held(measured: Measured, objectives: Objectives) -> Iterator[Held]:
    allowed = objectives.error_rate_ppm
    if allowed is not None:
        share = 100 * measured.failed / measured.sent if measured.sent else 0.0
        holds = measured.failed * PPM <= allowed * measured.sent if measured.sent else None
        yield Held(name="errors", limit=allowed / 10_000, measured=round(share, 4), unit="%", holds=holds)
    latency = measured.latency()
    for objective in objectives.latency:
        yield _latency(objective, latency.quantile_ms(objective.quantile_ppm / PPM), measured.ok > 0)


def _latency(objective: LatencyObjective, took_ms: float, answered: bool) -> Held:
    return Held(
        name=f"p{objective.quantile_ppm / 10_000:g}",
        limit=float(objective.max_ms),
        measured=took_ms,
        unit="ms",
        holds=took_ms <= objective.max_ms if answered else None,
    )


def bottleneck(measured: Measured, objectives: Objectives) -> str:
    """Why the load says nothing about the service; "" when the generator kept up.

    Its own lateness is in every latency, because those count from when a request was due. So lateness up to half
    of the tightest objective is borne: a PASS in spite of it stands all the more.
    """
    if not measured.generator.open_loop:
        return ""  # it has no schedule to keep; the report says so
    if measured.sent < measured.asked * SENT_SHARE:
        return f"of {measured.asked} requests that were due it sent {measured.sent}"
    share = measured.generator.cpu_share
    if share is not None and share > BUSY_SHARE:
        return f"its busiest process used {share:.0%} of a core"
    tightest = min((objective.max_ms for objective in objectives.latency), default=None)
    most_ms = max(LATE_MS, tightest * LATE_SHARE) if tightest is not None else LATE_MS
    late_ms = measured.lateness().quantile_ms(0.99)
    if late_ms > most_ms:
        return f"one in a hundred requests went out more than {late_ms:g} ms late, {most_ms:g} ms may be"
    return ""


def _only_late(broken: Sequence[Held], measured: Measured) -> bool:
    """Whether only latencies are broken, and only by what the generator itself may have added."""
    late_ms = measured.lateness().quantile_ms(0.99)
    return bool(broken) and all(one.unit == "ms" and one.measured - late_ms <= one.limit for one in broken)


def _said(measured: Measured, answer: Answer, because: str) -> Verdict:
    return Verdict(answer=answer, because=because, requests=measured.sent, errors=measured.failed)
