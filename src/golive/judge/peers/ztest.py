"""The naive way: compare two shares by a z-test, look every minute at all there is, and stop at the first alarm.

One-sided at 1 % in all, a third each for errors and for requests slower than the baseline's p50 and p99. The
level holds for one look only; it is here because it is what a dashboard with a p-value does.
Shares of nothing, and shares that are all or nothing in both, have no z: no alarm.
"""

from collections.abc import Sequence
from itertools import accumulate
from math import erfc, sqrt

from golive.judge.minutes import Count, Minute
from golive.judge.peers.ruling import NOTHING, Ruling, promoted, rolled_back
from golive.judge.peers.tally import bucket_of, slower, together

LEVEL = 0.01 / 3


def judge(minutes: Sequence[Minute], bounds_ms: Sequence[int]) -> Ruling:
    if not minutes:
        return NOTHING
    canaries = accumulate((minute.canary for minute in minutes), _both)
    baselines = accumulate((minute.baseline for minute in minutes), _both)
    for number, (canary, baseline) in enumerate(zip(canaries, baselines, strict=True), 1):
        for metric, (part, whole, old_part, old_whole) in _shares(canary, baseline).items():
            z = z_of(part, whole, old_part, old_whole)
            if erfc(z / sqrt(2)) / 2 < LEVEL:
                return rolled_back(number, f"{metric}: {part} of {whole} against {old_part} of {old_whole}")
    return promoted(len(minutes), "no alarm")


def z_of(part: int, whole: int, old_part: int, old_whole: int) -> float:
    """By how many standard deviations the first share is above the second, were both the same."""
    if not whole or not old_whole or part + old_part in (0, whole + old_whole):
        return 0.0
    common = (part + old_part) / (whole + old_whole)
    deviation = sqrt(common * (1 - common) * (1 / whole + 1 / old_whole))
    return (part / whole - old_part / old_whole) / deviation


def _shares(canary: Count, baseline: Count) -> dict[str, tuple[int, int, int, int]]:
    shares = {"errors": (canary.errors, canary.requests, baseline.errors, baseline.requests)}
    for name, q in (("p50", 0.5), ("p99", 0.99)):
        bucket = bucket_of(baseline, q)
        slow, old_slow = slower(canary, bucket), slower(baseline, bucket)
        shares[name] = (slow, sum(canary.latency), old_slow, sum(baseline.latency))
    return shares


def _both(one: Count, other: Count) -> Count:
    return together((one, other))
