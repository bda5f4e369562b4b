"""From an assessment to a verdict: promote, keep watching, or roll back. Pure.

The order is: what is clearly broken, whatever else is unknown; what nobody can see; what both revisions share;
what is missing; what is proven; and at the end of the soak what the operator chose for the unproven. No data is
never a pass: the answer is INCONCLUSIVE, with what is missing and what would decide.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from golive.judge.advice import more
from golive.judge.assessment import Assessment, Metric, percent
from golive.judge.terms import Terms
from golive.judge.verdict import Answer, Then, Verdict

FEWEST = 2  # requests without which nothing is said, whatever min_requests allows
STALE_TICKS = 5
STALE_AT_LEAST = timedelta(seconds=5)
SILENT = timedelta(minutes=5)  # traffic to the old revision only, for so long: no telemetry
DUE = 20  # requests that the new revision should have had by then
SUSPICIOUS = 0.7  # log10 of 5: evidence of harm with which nothing is promoted


@dataclass(frozen=True, kw_only=True)
class Stand:
    """Where the rollout stands: the weight, since when, and how long it is planned to stay there."""

    weight: int
    since: datetime | None  # the weight was set; None: no record says so
    soak: timedelta
    now: datetime

    def lasted(self, duration: timedelta) -> bool:
        return self.since is not None and self.now >= self.since + duration


def judge(found: Assessment, terms: Terms, stand: Stand) -> Verdict:
    """The verdict on the new revision at this moment."""
    says = _Says(found, terms)
    needed = max(FEWEST, terms.objectives.min_requests)
    enough = found.requests >= needed or found.total_requests >= needed
    if broken := list(_broken(found, terms, needed)):
        return says.verdict(Answer.FAIL, "; ".join(broken))
    if silent := _silent(found, stand):
        return says.verdict(Answer.FAIL, silent)
    if found.requests < needed and not (terms.judging.assist == "load" and enough):
        return says.verdict(Answer.INCONCLUSIVE, _lacking(found, needed) + says.note)
    if unknown := _unknown(found, terms, needed, stand.now):
        return says.verdict(Answer.INCONCLUSIVE, unknown + says.note)
    if not terms.trusted and (doubts := list(_doubts(found))):
        return says.verdict(Answer.INCONCLUSIVE, "; ".join(doubts), then="ask")
    return _settled(found, terms, stand, says)


def _settled(found: Assessment, terms: Terms, stand: Stand, says: "_Says") -> Verdict:
    """Nothing is wrong that can be seen: is that enough?"""
    final = stand.lasted(stand.soak)
    broken = [limit.text for limit in found.limits if limit.broken]
    errors = found.metric("errors")
    compared = terms.old is not None and stand.weight < 100 and errors is not None and errors.old_whole > 0
    if (
        not broken
        and compared
        and terms.trusted
        and proven(found)
        and stand.lasted(min(stand.soak, terms.judging.floor))
    ):
        return says.verdict(Answer.PASS, says.proof())
    if not final:
        lacks = f"; not proven yet: {_unproven(found)}" if compared and terms.trusted else ""
        so_far = f"no clear fault in {found.requests} requests so far"
        return says.verdict(Answer.INCONCLUSIVE, so_far + lacks)
    if broken:
        return says.verdict(Answer.FAIL, "; ".join(broken))
    kept = "; ".join(limit.text for limit in found.limits) or f"{found.requests} requests, no objective to break"
    if not compared:
        return says.verdict(Answer.PASS, kept)
    if terms.trusted and (worse := [_worse(m) for m in found.metrics if m.harm >= SUSPICIOUS]):
        return says.verdict(Answer.INCONCLUSIVE, f"it may be worse: {'; '.join(worse)}")
    if terms.judging.unproven == "objectives":
        return says.verdict(Answer.PASS, f"{kept}; not proven against the old revision: {says.doubt()}")
    why = f"{says.doubt()}; {kept}"
    return says.verdict(Answer.INCONCLUSIVE, why, then=terms.judging.unproven)


def proven(found: Assessment) -> bool:
    """Whether every metric is shown not to be worse than its margin, and none is suspicious."""
    return bool(found.metrics) and all(m.proven and m.harm < SUSPICIOUS for m in found.metrics)


def _broken(found: Assessment, terms: Terms, needed: int) -> Iterator[str]:
    """What ends a rollout at once. Evidence beside the old revision needs no least number of requests."""
    for limit in found.limits:
        if limit.whole < needed:
            continue
        if limit.proven_broken and limit.worse_than_old and limit.broken:
            yield limit.text
        elif limit.recent_broken:
            recent = f"for minutes on end, until now, more {limit.what} than allowed"
            yield f"{recent}; since the weight moved {limit.text}"
    for metric in found.metrics:
        if metric.crossed == "gross" or (metric.crossed and terms.trusted):
            yield _worse(metric)
    for sign in found.signs:
        if sign.crossed and (sign.name == "traffic" or terms.trusted):
            yield f"{sign.name}: {sign.text} ({_evidence(sign.harm)})"


def _doubts(found: Assessment) -> Iterator[str]:
    """What holds the weight of a service whose noise nobody knows."""
    for metric in found.metrics:
        if metric.crossed or metric.bounded >= metric.harm_boundary:
            yield f"it looks worse: {_worse(metric)}; without placebo calibration a person decides"
    for sign in found.signs:
        if sign.crossed:
            yield f"it looks worse: {sign.name}: {sign.text}; without placebo calibration a person decides"


def _silent(found: Assessment, stand: Stand) -> str:
    """Why a revision that nobody hears of is turned back, or ""."""
    if found.newest_old is None or stand.since is None or not 0 < stand.weight < 100:
        return ""
    heard = max(found.newest or stand.since, stand.since)
    due = found.old_requests * stand.weight / (100 - stand.weight)
    if found.requests or found.newest_old - heard < SILENT or due < DUE:
        return ""
    minutes = (found.newest_old - heard) / timedelta(minutes=1)
    return f"no telemetry: nothing was heard of it for {minutes:.0f} min, while about {due:.0f} requests were due"


def _lacking(found: Assessment, needed: int) -> str:
    short = needed - found.requests
    wait = ""
    if found.ticks > 1 and found.per_second > 0:
        wait = f"; at {found.per_second:.1f} requests/s it takes {short / found.per_second:.0f} s more"
    elif found.ticks > 1:
        wait = "; none arrive"
    return f"{found.requests} of {needed} requests that a verdict needs{wait}"


def _unknown(found: Assessment, terms: Terms, needed: int, now: datetime) -> str:
    """What is missing before anything but a clear fault can be said, or ""."""
    heard = found.newest_read or now
    if now - heard > max(terms.objectives.tick * STALE_TICKS, STALE_AT_LEAST):
        return f"the newest sample is {(now - heard).total_seconds():.0f} s old"
    if found.limits and found.measured_from < needed:
        return f"the latencies of {found.measured_from} of {needed} requests that a verdict needs"
    slowest = max((objective.max_ms for objective in terms.objectives.latency), default=0)
    if found.told_apart_ms < slowest:
        return f"latencies are told apart up to {found.told_apart_ms} ms only, and an objective is {slowest} ms"
    return ""


def _unproven(found: Assessment) -> str:
    return ", ".join(m.name for m in found.metrics if not m.proven) or "nothing is left, but it looks worse"


def _worse(metric: Metric) -> str:
    slow = f" slower than {metric.slower_than_ms} ms" if metric.slower_than_ms is not None else ""
    new = f"{metric.new_part} of {metric.new_whole}{slow}"
    old = f"{metric.old_part} of {metric.old_whole}"
    times = f", {metric.ratio:.1f} times the odds" if metric.ratio else ""
    found = max(metric.harm, metric.gross)
    return f"{metric.name}: {new}, the old revision {old}{times} ({_evidence(found)})"


def _evidence(log10: float) -> str:
    """Odds against chance, for a person."""
    return f"{10**log10:,.0f} to 1 against chance" if log10 < 9 else f"10^{log10:.0f} to 1 against chance"


class _Says:
    """The words of a verdict."""

    def __init__(self, found: Assessment, terms: Terms) -> None:
        self.found, self.terms = found, terms
        self.note = f" ({found.note})" if found.note else ""

    def verdict(self, answer: Answer, because: str, *, then: Then = "") -> Verdict:
        return Verdict(
            answer=answer,
            because=because,
            requests=self.found.requests,
            errors=self.found.errors,
            then=then,
        )

    def proof(self) -> str:
        """What was proven, to which margin, and what doubt remains."""
        beta = self.terms.judging.beta_ppm / 10_000
        told = "; ".join(f"{m.name} at most {m.margin} ({_remaining(m)})" for m in self.found.metrics)
        return f"proven not worse, each with a doubt of at most {beta:g} %: {told}{self._calm()}"

    def doubt(self) -> str:
        """Why it is not proven, and what would decide."""
        if not self.terms.trusted:
            return (
                "the noise of this service is not known, so fine differences cannot be told from chance "
                "(golive judge calibrate)"
            )
        return f"{_unproven(self.found)} could still be worse; {more(self.found, self.terms)}"

    def _calm(self) -> str:
        known = self.terms.calibration
        if known is None:
            return "; taken for chance without placebo calibration, as judge.uncalibrated says"
        return f"; calibrated on {known.canaries} placebo canaries"


def _remaining(metric: Metric) -> str:
    most = f"at most {metric.most:.2g} times the odds is plausible" if metric.most else "no fault in either"
    return (
        f"{percent(metric.new_part, metric.new_whole)} beside {percent(metric.old_part, metric.old_whole)}, {most}"
    )
