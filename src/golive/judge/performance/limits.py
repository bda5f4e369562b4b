"""Which load an environment bears: what its limits allow beforehand, and when a load ends early. Pure."""

from collections.abc import Sequence

from golive.judge.performance.histogram import merged
from golive.judge.performance.measured import Interval
from golive.spec.values import Abort, LoadLimit

CLAIM = "load-within-limits"
LEAST = 20  # requests in the window, below which nothing ends a load


def beyond(limit: LoadLimit, rate: float, seconds: float) -> str:
    """In what a load goes beyond the limits of an environment; "" when in nothing."""
    longest_s = limit.duration.total_seconds()
    if rate > limit.rate:
        return f"{rate:g} requests/s, {limit.rate} may be"
    if seconds > longest_s:
        return f"{seconds:g} s of load, {longest_s:g} s may be"
    return ""


def abort(recent: Sequence[Interval], rule: Abort) -> str:
    """Why a load ends now, judged over the last intervals; "" when it goes on."""
    window = _last(recent, rule.window.total_seconds())
    ended = sum(cell.ended for interval in window for cell in interval.cells.values())
    failed = sum(interval.failed for interval in window)
    if ended < LEAST:
        return ""
    over = f"over {rule.window.total_seconds():g} s"
    if rule.error_rate_ppm is not None and failed * 1_000_000 > rule.error_rate_ppm * ended:
        return f"{100 * failed / ended:.3g} % of requests failed {over}, {rule.error_rate_ppm / 10_000:g} % may"
    latency = merged(cell.latency for interval in window for cell in interval.cells.values())
    p99_ms = latency.quantile_ms(0.99)
    if rule.p99_ms is not None and p99_ms > rule.p99_ms:
        return f"p99 was {p99_ms:g} ms {over}, {rule.p99_ms} ms may be"
    return ""


def _last(recent: Sequence[Interval], length_s: float) -> list[Interval]:
    """The newest intervals that are as long as the window together; none while there are fewer."""
    found: list[Interval] = []
    for interval in reversed(recent):
        if sum(one.length_s for one in found) >= length_s - 1e-6:
            break
        found.append(interval)
    return found if sum(one.length_s for one in found) >= length_s - 1e-6 else []
