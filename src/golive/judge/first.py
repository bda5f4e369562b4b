"""A first judge: error rate and latency of the candidate against the objectives, with enough samples.

Simple and honest; a statistical engine takes its place behind the same seam (`Samples` → `Verdict`).

Rules. Fewer than `min_requests` on the candidate, or nothing newer than a few ticks: INCONCLUSIVE. Before the
soak is over (`final` False) it can only FAIL, and only on clear evidence: the lower bound of a Wilson interval at
z = 3 (Wilson 1927) lies above the objective, so that of about a thousand looks at a release that just meets its
objective one is wrong. At the end a share above its objective fails, also when the old revision breaks it as
well: an objective is a promise to users, whoever breaks it. n = 0 and n = 1 are INCONCLUSIVE whatever the
objective says. Latency is read from histogram buckets: a request counts as slow when it lies above the first
bound that is at or above the objective, so a slow release can look faster by one bucket, never slower.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

from golive.judge.samples import Samples
from golive.judge.verdict import Answer, Verdict
from golive.spec.values import LatencyObjective, Objectives

Z = 3.0
FEWEST = 2  # requests without which nothing is said, whatever min_requests allows
STALE_TICKS = 5
STALE_AT_LEAST = timedelta(seconds=5)
PPM = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Share:
    """A part of a whole that an objective limits."""

    what: str  # "errors", "slower than 300 ms"
    part: int
    whole: int
    limit_ppm: int

    @property
    def ppm(self) -> int:
        return self.part * PPM // self.whole if self.whole else 0

    @property
    def broken(self) -> bool:
        return self.part * PPM > self.limit_ppm * self.whole

    @property
    def clearly_broken(self) -> bool:
        return wilson_low(self.part, self.whole) > self.limit_ppm / PPM

    def text(self) -> str:
        allowed = f"{self.ppm / 10_000:g} %, allowed {self.limit_ppm / 10_000:g} %"
        return f"{self.part} of {self.whole} {self.what} ({allowed})"


def judge(
    samples: Samples, *, new: str, old: str | None, objectives: Objectives, now: datetime, final: bool
) -> Verdict:
    """The verdict on `new` from what was seen until `now`; `old` is named for comparison in the reason."""
    requests, errors = _counted(samples, new)
    missing = _missing(samples, new, requests, objectives, now)
    shares = tuple(_shares(samples, new, objectives))
    clear = [share for share in shares if share.clearly_broken]
    if clear and requests >= max(FEWEST, objectives.min_requests):
        return _verdict(Answer.FAIL, clear, samples, old, objectives, requests, errors)
    if missing:
        return Verdict(answer=Answer.INCONCLUSIVE, because=missing, requests=requests, errors=errors)
    if not final:
        because = f"no clear fault in {requests} requests so far"
        return Verdict(answer=Answer.INCONCLUSIVE, because=because, requests=requests, errors=errors)
    broken = [share for share in shares if share.broken]
    answer = Answer.FAIL if broken else Answer.PASS
    return _verdict(answer, broken or list(shares), samples, old, objectives, requests, errors)


def wilson_low(part: int, whole: int, z: float = Z) -> float:
    """Lower bound of the Wilson score interval for a share; 0.0 when nothing was counted."""
    if not whole:
        return 0.0
    p = part / whole
    centre = p + z * z / (2 * whole)
    spread = z * sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole))
    return max(0.0, (centre - spread) / (1 + z * z / whole))


def _verdict(
    answer: Answer,
    shares: list[Share],
    samples: Samples,
    old: str | None,
    objectives: Objectives,
    requests: int,
    errors: int,
) -> Verdict:
    said = "; ".join(share.text() for share in shares) or f"{requests} requests, no objective to break"
    if answer is Answer.FAIL and old and any(s.broken for s in _shares(samples, old, objectives)):
        said += "; the old revision breaks an objective as well"
    return Verdict(answer=answer, because=said, requests=requests, errors=errors)


def _missing(samples: Samples, new: str, requests: int, objectives: Objectives, now: datetime) -> str:
    """What keeps the judge from an answer, or ""."""
    needed = max(FEWEST, objectives.min_requests)
    note = f" ({samples.note})" if samples.note else ""
    if requests < needed:
        return (
            f"{requests} of {needed} requests that a verdict needs{_rate(samples, new, needed - requests)}{note}"
        )
    newest = max(tick.at for tick in samples.ticks if tick.revision == new)
    oldest_allowed = max(objectives.tick * STALE_TICKS, STALE_AT_LEAST)
    if now - newest > oldest_allowed:
        return f"the newest sample is {(now - newest).total_seconds():.0f} s old{note}"
    if any(share.whole == 0 for share in _shares(samples, new, objectives)):
        return f"no latencies were measured yet{note}"
    return ""


def _rate(samples: Samples, new: str, lacking: int) -> str:
    ticks = [tick for tick in samples.ticks if tick.revision == new]
    if len(ticks) < 2 or ticks[-1].at <= ticks[0].at:
        return ""
    per_second = sum(tick.requests for tick in ticks[1:]) / (ticks[-1].at - ticks[0].at).total_seconds()
    if not per_second:
        return "; none arrive"
    return f"; at {per_second:.1f} requests/s it takes {lacking / per_second:.0f} s more"


def _counted(samples: Samples, revision: str) -> tuple[int, int]:
    own = [tick for tick in samples.ticks if tick.revision == revision]
    return sum(tick.requests for tick in own), sum(tick.errors for tick in own)


def _shares(samples: Samples, revision: str, objectives: Objectives) -> Iterator[Share]:
    requests, errors = _counted(samples, revision)
    if objectives.error_rate_ppm is not None:
        yield Share(what="errors", part=errors, whole=requests, limit_ppm=objectives.error_rate_ppm)
    for objective in objectives.latency:
        yield _slow(samples, revision, objective)


def _slow(samples: Samples, revision: str, objective: LatencyObjective) -> Share:
    counts = [tick.latency for tick in samples.ticks if tick.revision == revision]
    within = sum(1 for bound in samples.bounds_ms if bound < objective.max_ms) + 1  # the bucket that holds it
    return Share(
        what=f"slower than {objective.max_ms} ms",
        part=sum(sum(count[within:]) for count in counts),
        whole=sum(sum(count) for count in counts),
        limit_ppm=PPM - objective.quantile_ppm,
    )
