"""One exact test when the watch is over: the most that can be found out, if nobody minds to wait and expose.

Of all errors of both, how likely is it that so many or more fall on the canary, by its share of the requests
(hypergeometric; Fisher 1935)? The same for requests slower than the baseline's p50, p90 and p99. Together 1 %.
It pools the whole watch, so a share that changes while the common rate does misleads it.
With no errors at all, or no requests on one side, the answer is 1: no alarm.
"""

from collections.abc import Sequence
from math import exp, lgamma

from golive.judge.minutes import Minute
from golive.judge.peers.ruling import Ruling, promoted, rolled_back
from golive.judge.peers.tally import bucket_of, slower, together

LEVELS = {"errors": 0.005, "p50": 0.0015, "p90": 0.001, "p99": 0.0025}
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
NEGLIGIBLE = 1e-12


def judge(minutes: Sequence[Minute], bounds_ms: Sequence[int]) -> Ruling:
    canary = together(minute.canary for minute in minutes)
    baseline = together(minute.baseline for minute in minutes)
    chances = {"errors": chance(canary.errors, canary.requests, baseline.errors, baseline.requests)}
    for name, q in QUANTILES.items():
        bucket = bucket_of(baseline, q)
        slow, old_slow = slower(canary, bucket), slower(baseline, bucket)
        chances[name] = chance(slow, sum(canary.latency), old_slow, sum(baseline.latency))
    for metric, found in chances.items():
        if found < LEVELS[metric]:
            return rolled_back(len(minutes), f"{metric}: by chance once in {1 / found if found else 1e300:.3g}")
    return promoted(len(minutes), "nothing that chance could not do")


def chance(part: int, whole: int, old_part: int, old_whole: int) -> float:
    """How likely `part` or more of all are on this side; 1 at or below the expected number."""
    parts, everything = part + old_part, whole + old_whole
    if part * everything <= parts * whole:
        return 1.0
    term = exp(_log_ways(parts, part) + _log_ways(everything - parts, whole - part) - _log_ways(everything, whole))
    total = 0.0
    while part <= min(parts, whole) and term > total * NEGLIGIBLE:  # above the expected number terms only fall
        total += term
        term *= (parts - part) * (whole - part) / ((part + 1) * (everything - parts - whole + part + 1))
        part += 1
    return min(total, 1.0)


def _log_ways(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
