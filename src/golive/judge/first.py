"""A first judge: error rate and latency of the candidate against the objectives, with enough samples.

Simple and honest; a statistical engine takes its place behind the same seam (`Samples` → `Verdict`).

Rules, in this order. With fewer than `min_requests` requests nothing is said: n = 0 and n = 1 are INCONCLUSIVE
whatever the objectives are. A share that is clearly above its objective, and clearly above what the baseline has
in the same time, fails at once, whatever else is unknown. Too few latencies, or nothing newer than a few ticks,
is INCONCLUSIVE. Before the soak is over (`final` False) there is no other verdict. At the end a share above its
objective fails, also when the old revision breaks it as well: an objective is a promise to users, whoever breaks
it. Everything else passes.

Clearly means that chance alone would show as much in fewer than one of a thousand looks, by the binomial test
that is exact at any number of requests (Clopper and Pearson 1934). Candidate and baseline are compared by how
the faults of both fall on them (Przyborowski and Wilenski 1940): the common rate, and what shakes it, cancels.

Latency is read from histogram buckets: a request counts as slow when it lies above the first bound that is at or
above the objective, so a slow release can look faster by one bucket, never slower.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, lgamma, log, log1p

from golive.judge.samples import Samples, Tick
from golive.judge.verdict import Answer, Verdict
from golive.spec.values import LatencyObjective, Objectives

BY_CHANCE = 1 / 1000
FEWEST = 2  # requests without which nothing is said, whatever min_requests allows
STALE_TICKS = 5
STALE_AT_LEAST = timedelta(seconds=5)
PPM = 1_000_000
NEGLIGIBLE = 1e-12


@dataclass(frozen=True, kw_only=True)
class Share:
    """A part of a whole that an objective limits, in the candidate and in the baseline."""

    what: str  # "errors", "slower than 300 ms"
    part: int
    whole: int
    limit_ppm: int
    old_part: int
    old_whole: int

    @property
    def broken(self) -> bool:
        return self.part * PPM > self.limit_ppm * self.whole

    @property
    def broken_by_both(self) -> bool:
        return self.broken and self.old_part * PPM > self.limit_ppm * self.old_whole

    @property
    def clearly_broken(self) -> bool:
        return chance(self.part, self.whole, self.limit_ppm / PPM) < BY_CHANCE and self._clearly_worse

    @property
    def _clearly_worse(self) -> bool:
        """Than the baseline; without one there is nothing to blame but the candidate."""
        both = self.whole + self.old_whole
        return not self.old_whole or chance(self.part, self.part + self.old_part, self.whole / both) < BY_CHANCE

    def text(self) -> str:
        allowed = f"{_percent(self.part, self.whole)}, allowed {_percent(self.limit_ppm, PPM)}"
        return f"{self.part} of {self.whole} {self.what} ({allowed}{self._old_text()})"

    def _old_text(self) -> str:
        if not self.old_whole:
            return ""
        same = "; both revisions break the objective" if self.broken_by_both else ""
        return f", the old revision has {_percent(self.old_part, self.old_whole)}{same}"


def judge(
    samples: Samples, *, new: str, old: str | None, objectives: Objectives, now: datetime, final: bool
) -> Verdict:
    """The verdict on `new` from what was seen until `now`; `old` is the baseline, None at a first release."""
    ticks = _of(samples, new)
    requests, errors = _requests(ticks), _errors(ticks)
    needed = max(FEWEST, objectives.min_requests)
    shares = _shares(samples, ticks, _of(samples, old), objectives)

    def verdict(answer: Answer, because: str) -> Verdict:
        note = f" ({samples.note})" if samples.note and answer is Answer.INCONCLUSIVE else ""
        return Verdict(answer=answer, because=because + note, requests=requests, errors=errors)

    if requests < needed:
        lacking = f"{requests} of {needed} requests that a verdict needs{_wait(ticks, needed - requests)}"
        return verdict(Answer.INCONCLUSIVE, lacking)
    if clear := [share.text() for share in shares if share.whole >= needed and share.clearly_broken]:
        return verdict(Answer.FAIL, "; ".join(clear))
    if unknown := _unknown(ticks, shares, samples, objectives, needed, now):
        return verdict(Answer.INCONCLUSIVE, unknown)
    if not final:
        return verdict(Answer.INCONCLUSIVE, f"no clear fault in {requests} requests so far")
    if broken := [share.text() for share in shares if share.broken]:
        return verdict(Answer.FAIL, "; ".join(broken))
    met = "; ".join(share.text() for share in shares)
    return verdict(Answer.PASS, met or f"{requests} requests, no objective to break")


def chance(part: int, whole: int, rate: float) -> float:
    """How likely `part` or more of `whole` are, when each is with probability `rate`: a binomial tail.

    Of nothing (n = 0), and at or below the expected number, the answer is 1; of one request (n = 1) it is `rate`.
    """
    if part <= whole * rate:
        return 1.0
    if rate <= 0:
        return 0.0
    ways = lgamma(whole + 1) - lgamma(part + 1) - lgamma(whole - part + 1)
    term = exp(ways + part * log(rate) + (whole - part) * log1p(-rate))
    total = 0.0
    while part <= whole and term > total * NEGLIGIBLE:  # above the expected number terms only fall
        total += term
        term *= (whole - part) / (part + 1) * rate / (1 - rate)
        part += 1
    return total


def _unknown(
    ticks: Sequence[Tick],
    shares: Sequence[Share],
    samples: Samples,
    objectives: Objectives,
    needed: int,
    now: datetime,
) -> str:
    """What is missing before anything but a clear fault can be said, or ""."""
    age = now - max(tick.at for tick in ticks)
    if age > max(objectives.tick * STALE_TICKS, STALE_AT_LEAST):
        return f"the newest sample is {age.total_seconds():.0f} s old"
    measured = min((share.whole for share in shares), default=needed)
    if measured < needed:
        return f"the latencies of {measured} of {needed} requests that a verdict needs"
    slowest = max((objective.max_ms for objective in objectives.latency), default=0)
    told_apart = max(samples.bounds_ms, default=0)
    if told_apart < slowest:
        return f"latencies are told apart up to {told_apart} ms only, and an objective is {slowest} ms"
    return ""


def _wait(ticks: Sequence[Tick], lacking: int) -> str:
    """How long it takes at the present rate; "" when that is not known."""
    if len(ticks) < 2 or ticks[-1].at <= ticks[0].at:
        return ""
    per_second = _requests(ticks[1:]) / (ticks[-1].at - ticks[0].at).total_seconds()
    if not per_second:
        return "; none arrive"
    return f"; at {per_second:.1f} requests/s it takes {lacking / per_second:.0f} s more"


def _of(samples: Samples, revision: str | None) -> tuple[Tick, ...]:
    return tuple(tick for tick in samples.ticks if tick.revision == revision)


def _requests(ticks: Sequence[Tick]) -> int:
    return sum(tick.requests for tick in ticks)


def _errors(ticks: Sequence[Tick]) -> int:
    return sum(tick.errors for tick in ticks)


def _shares(
    samples: Samples, new: Sequence[Tick], old: Sequence[Tick], objectives: Objectives
) -> tuple[Share, ...]:
    slow = tuple(_slow(samples.bounds_ms, new, old, objective) for objective in objectives.latency)
    if objectives.error_rate_ppm is None:
        return slow
    errors = Share(
        what="errors",
        part=_errors(new),
        whole=_requests(new),
        limit_ppm=objectives.error_rate_ppm,
        old_part=_errors(old),
        old_whole=_requests(old),
    )
    return (errors, *slow)


def _slow(
    bounds_ms: Sequence[int], new: Sequence[Tick], old: Sequence[Tick], objective: LatencyObjective
) -> Share:
    within = sum(bound < objective.max_ms for bound in bounds_ms) + 1  # the bucket that holds the objective
    return Share(
        what=f"slower than {objective.max_ms} ms",
        part=sum(sum(tick.latency[within:]) for tick in new),
        whole=sum(sum(tick.latency) for tick in new),
        limit_ppm=PPM - objective.quantile_ppm,
        old_part=sum(sum(tick.latency[within:]) for tick in old),
        old_whole=sum(sum(tick.latency) for tick in old),
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.3g} %"
