"""Flagger's checks: once a minute, at least 99 % of answers good and a p99 of at most 500 ms, canary alone.

Failed checks add up and a good one never takes one back; the fifth rolls back. A minute without data is a failed
check, whoever is to blame. The p99 is cut to whole milliseconds.
"""

from collections.abc import Sequence

from golive.judge.minutes import Count, Minute
from golive.judge.peers.ruling import NOTHING, Ruling, promoted, rolled_back

SUCCESS = 0.99
P99_MS = 500
FAILED_CHECKS = 5
ITERATIONS = 10


def iterated(minutes: Sequence[Minute], bounds_ms: Sequence[int]) -> Ruling:
    """Promote after 10 good checks, as the documentation's examples do."""
    return _ruling(minutes, bounds_ms, ITERATIONS)


def watched(minutes: Sequence[Minute], bounds_ms: Sequence[int]) -> Ruling:
    """Promote when the whole watch is over."""
    return _ruling(minutes, bounds_ms, len(minutes) + 1)


def _ruling(minutes: Sequence[Minute], bounds_ms: Sequence[int], enough: int) -> Ruling:
    if not minutes:
        return NOTHING
    good, failed = 0, 0
    for number, minute in enumerate(minutes, 1):
        fault = _fault(minute.canary, bounds_ms)
        good, failed = good + (not fault), failed + bool(fault)
        if failed >= FAILED_CHECKS:
            return rolled_back(number, f"{failed} failed checks, the last: {fault}")
        if good >= enough:
            return promoted(number, f"{good} good checks, {failed} failed")
    return promoted(len(minutes), f"{good} good checks, {failed} failed, until the end")


def _fault(count: Count, bounds_ms: Sequence[int]) -> str:
    p99_ms = count.quantile_ms(0.99, bounds_ms)
    if not count.requests or p99_ms is None:
        return "no values found"
    success = (count.requests - count.errors) / count.requests
    if success < SUCCESS:
        return f"success {100 * success:.2f} %"
    return f"p99 {int(p99_ms)} ms" if int(p99_ms) > P99_MS else ""
