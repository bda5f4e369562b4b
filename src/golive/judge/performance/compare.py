"""Whether one run is slower than another, and how small a difference could have been seen. Pure.

Two ways. *Interleaved*: two revisions took turns on one machine, A B B A; each group of four turns gives one pair,
so that whatever the machine did meanwhile did it to both. *History*: a run beside earlier accepted ones of its
scenario on a machine like it; how much runs differ from one another without any change is part of the interval.

All metrics together flag a difference where there is none with a chance of at most `ALPHA`, and never one smaller
than `LEAST`: a difference that nobody would feel is no deviation, however surely it is there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import comb, exp, expm1, inf, isfinite, log, sqrt
from statistics import fmean, stdev
from typing import Any, Literal

from golive.judge.performance.histogram import Histogram, merged
from golive.judge.performance.measured import Interval, Measured
from golive.judge.performance.ranks import UNKNOWN, Shift, of_pairs, of_series

ALPHA = 0.01
LEAST = 0.05
METRICS = (("p50", 0.5, 20), ("p90", 0.9, 100), ("p99", 0.99, 400))  # quantile, requests that it takes in a block
LEAST_PAIRS = 10  # below, no interval has the confidence that is asked
LEAST_BLOCKS = 8
SPREAD, AS_IF = 0.03, 10  # runs are supposed to differ by so much (deviation), as surely as so many would show it
T99 = {10: 3.169, 12: 3.055, 15: 2.947, 20: 2.845, 30: 2.750}  # Student's, two-sided 99 %, by degrees of freedom
LEAST_ERRORS = 0.001  # a share of errors that is larger by less is no deviation

Seen = Literal["slower", "faster", "same", "unknown"]
Says = Literal["worse", "better", "no difference", "not comparable"]
COMPARED = ("cpu", "cores", "cpu_limit", "memory_gib", "system", "engine_version")


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric of both: what it was, what it is, and between what bounds the change lies (percent)."""

    name: str
    before: float | None
    now: float | None
    change_pct: float | None
    low_pct: float | None
    high_pct: float | None
    verdict: Seen


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What two runs say of each other. `least_seen_pct`: no smaller change of latency could have been seen."""

    against: str
    revision: str
    how: Literal["history", "interleaved"]
    metrics: tuple[Metric, ...] = ()
    answer: Says
    because: str
    least_seen_pct: float | None = None
    changes: tuple[Mapping[str, Any], ...] = field(default=())

    def body(self) -> dict[str, Any]:
        """As perf.json holds it."""
        return {
            "with": self.against,
            "with_revision": self.revision,
            "how": self.how,
            "comparable": self.answer != "not comparable",
            "because": self.because,
            "metrics": [asdict(one) for one in self.metrics],
            "least_seen_pct": self.least_seen_pct,
            "answer": self.answer,
            "changes": [dict(one) for one in self.changes],
        }


def interleaved(measured: Measured, *, against: str, revision: str, alpha: float = ALPHA) -> Comparison:
    """Side b of a run whose sides took turns, beside side a."""
    groups = [measured.intervals[n : n + 4] for n in range(0, len(measured.intervals) - 3, 4)]
    metrics = [_paired(groups, name, share, needs, alpha / 4) for name, share, needs in METRICS]
    sides = [[[one for one in group if one.side == side] for group in groups] for side in "ab"]
    metrics.append(_errors(*([_counted(group) for group in side] for side in sides), alpha=alpha / 4))
    return _concluded(metrics, against=against, revision=revision, how="interleaved")


def against(before: Sequence[Mapping[str, Any]], now: Mapping[str, Any], *, alpha: float = ALPHA) -> Comparison:
    """A run beside the accepted ones before it, the newest last; all as perf.json holds them."""
    if not before:
        return _apart("", "", "there is no accepted run of this scenario yet")
    last = before[-1]
    different = differs(last["machine"], now["machine"])
    if different:
        return _apart(last["run"], last["revision"], f"it was measured on another machine: {different}")
    metrics = [_beside(before, now, name, share, alpha / 4) for name, share, _ in METRICS]
    told = ([(one["failed"], one["sent"]) for one in run["intervals"]] for run in (last, now))
    metrics.append(_errors(*told, alpha=alpha / 4))
    return _concluded(metrics, against=last["run"], revision=last["revision"], how="history")


def differs(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Which parts of two machines differ; "" when the runs compare."""
    parts = [f"{key} {before.get(key)} and {now.get(key)}" for key in COMPARED if before.get(key) != now.get(key)]
    return ", ".join(parts)


def _paired(groups: Sequence[Sequence[Interval]], name: str, share: float, needs: int, alpha: float) -> Metric:
    """Log ratio of a quantile within each group; groups are joined until each side has enough requests."""
    pairs = [(_side(group, "a"), _side(group, "b")) for group in groups]
    joined = _joined(pairs, needs)
    quantiles = [(a.quantile_ms(share), b.quantile_ms(share)) for a, b in joined]
    ratios = [log(b / a) for a, b in quantiles if a > 0 and b > 0]
    shift = of_pairs(ratios, alpha) if len(ratios) >= LEAST_PAIRS else UNKNOWN
    whole = [merged(pair[side].counts for pair in pairs) for side in (0, 1)]
    before, now = (side.quantile_ms(share) if side.counts else None for side in whole)
    return _metric(name, before, now, shift)


def _side(group: Iterable[Interval], side: str) -> Histogram:
    return merged(cell.latency for one in group if one.side == side for cell in one.cells.values())


def _joined(pairs: Sequence[tuple[Histogram, Histogram]], needs: int) -> list[tuple[Histogram, Histogram]]:
    found: list[tuple[Histogram, Histogram]] = []
    open_: tuple[Histogram, Histogram] | None = None
    for a, b in pairs:
        open_ = (merged((open_[0].counts, a.counts)), merged((open_[1].counts, b.counts))) if open_ else (a, b)
        if min(one.total for one in open_) >= needs:
            found.append(open_)
            open_ = None
    return found


def _beside(
    before: Sequence[Mapping[str, Any]], now: Mapping[str, Any], name: str, share: float, alpha: float
) -> Metric:
    """The change since the last run, within what the run itself and the spread between runs leave open."""
    series = [_blocks(run, name) for run in (*before, now)]
    shift = of_series(series[-2], series[-1], alpha)
    if min(len(series[-2]), len(series[-1])) < LEAST_BLOCKS:
        shift = UNKNOWN
    else:
        levels = [fmean(one) for one in series[:-1] if one]
        apart = _spread(levels)
        middle = fmean(series[-1]) - fmean(levels) if len(levels) >= 3 else shift.estimate
        width = sqrt(shift.half_width**2 + apart**2)
        shift = Shift(estimate=middle, low=middle - width, high=middle + width)
    values = [run["totals"]["latency_ms"][name] for run in (before[-1], now)]
    return _metric(name, values[0], values[1], shift)


def _spread(levels: Sequence[float]) -> float:
    """Half the width of a 99 % prediction interval for one more run, from the runs before (their logs).

    What is supposed of the spread is pooled with what they show: a few runs alone would show next to nothing.
    """
    count = len(levels)
    shown = (count - 1) * stdev(levels) ** 2 if count > 1 else 0.0
    freedom = count - 1 + AS_IF
    known = max(tabled for tabled in T99 if tabled <= freedom)
    return T99[known] * sqrt((shown + AS_IF * SPREAD**2) / freedom) * sqrt(1 + 1 / count)


def _blocks(run: Mapping[str, Any], name: str) -> list[float]:
    """The logs of a quantile over stretches of a run, as long as leaves about twenty of them."""
    told = [one["latency_ms"][name] for one in run["intervals"] if one["latency_ms"][name]]
    size = max(1, len(told) // 20)
    return [fmean(log(ms) for ms in told[n : n + size]) for n in range(0, len(told) - size + 1, size)]


def _counted(intervals: Sequence[Interval]) -> tuple[int, int]:
    return sum(one.failed for one in intervals), sum(one.sent for one in intervals)


Counts = list[tuple[int, int]]  # failed and sent, stretch by stretch


def _errors(before: Counts, now: Counts, *, alpha: float) -> Metric:
    """The shares of failed requests, in percent; Fisher's exact test in both directions (1922).

    Failures come in bursts, and the test takes them for independent: a difference has to stand without the worst
    stretch as well, so that one disturbance of the machine is none.
    """
    (bad, sent), (bad_now, sent_now) = _sum(before), _sum(now)
    if not sent or not sent_now:
        return _metric("errors", None, None, UNKNOWN)
    shares = bad / sent, bad_now / sent_now
    seen: Seen = "same"
    if abs(shares[1] - shares[0]) > LEAST_ERRORS:
        worse = fisher(bad, sent, *_calm(now)) < alpha / 2
        better = fisher(bad_now, sent_now, *_calm(before)) < alpha / 2
        seen = "slower" if worse else "faster" if better else "same"
    before_pct, now_pct = (round(100 * share, 4) for share in shares)
    return Metric(
        name="errors",
        before=before_pct,
        now=now_pct,
        change_pct=round(now_pct - before_pct, 4),
        low_pct=None,
        high_pct=None,
        verdict=seen,
    )


def _sum(counts: Counts) -> tuple[int, int]:
    return sum(failed for failed, _ in counts), sum(sent for _, sent in counts)


def _calm(counts: Counts) -> tuple[int, int]:
    """Without the stretch in which most failed."""
    worst = max(range(len(counts)), key=lambda place: counts[place][0])
    return _sum([*counts[:worst], *counts[worst + 1 :]])


def fisher(bad: int, sent: int, bad_now: int, sent_now: int) -> float:
    """The chance of so many failures now, or more, if both had the same share; 1.0 when nothing failed."""
    failures, requests = bad + bad_now, sent + sent_now
    if failures == 0 or not sent or not sent_now:
        return 1.0
    if failures > MOST_FAILURES or failures == requests:
        return _normal(bad / sent, sent, bad_now / sent_now, sent_now)
    whole = comb(requests, failures)
    upper = min(failures, sent_now)
    ways = sum(
        comb(sent_now, k) * comb(sent, failures - k) for k in range(bad_now, upper + 1) if failures - k <= sent
    )
    return ways / whole


MOST_FAILURES = 300  # beyond, the normal approximation is as good and much faster


def _normal(share: float, sent: int, share_now: float, sent_now: int) -> float:
    from statistics import NormalDist

    pooled = (share * sent + share_now * sent_now) / (sent + sent_now)
    deviation = sqrt(pooled * (1 - pooled) * (1 / sent + 1 / sent_now))
    return 1 - NormalDist().cdf((share_now - share) / deviation) if deviation else 1.0


def _metric(name: str, before: float | None, now: float | None, shift: Shift) -> Metric:
    known = isfinite(shift.low) and isfinite(shift.high)
    return Metric(
        name=name,
        before=before,
        now=now,
        change_pct=_pct(shift.estimate) if shift is not UNKNOWN else None,
        low_pct=_pct(shift.low) if known else None,
        high_pct=_pct(shift.high) if known else None,
        verdict=_seen(shift) if known else "unknown",
    )


def _seen(shift: Shift) -> Seen:
    """A difference is one that is surely there and large enough to matter."""
    if shift.low > 0 and shift.estimate >= log(1 + LEAST):
        return "slower"
    if shift.high < 0 and shift.estimate <= -log(1 + LEAST):
        return "faster"
    return "same"


def _pct(shift: float) -> float:
    return round(100 * expm1(min(shift, 20.0)), 2)


def _concluded(
    metrics: Sequence[Metric], *, against: str, revision: str, how: Literal["history", "interleaved"]
) -> Comparison:
    slower = [one for one in metrics if one.verdict == "slower"]
    faster = [one for one in metrics if one.verdict == "faster"]
    known = [one for one in metrics if one.low_pct is not None and one.high_pct is not None]
    least = max((_least(one) for one in known), default=None)
    if slower:
        answer: Says = "worse"
        because = f"worse than {against}: " + ", ".join(map(_told, slower))
    elif not known:
        return Comparison(
            against=against,
            revision=revision,
            how=how,
            metrics=tuple(metrics),
            answer="not comparable",
            because="the runs are too short, or have too few requests, to be compared",
        )
    elif faster:
        answer, because = "better", f"better than {against}: " + ", ".join(map(_told, faster))
    else:
        answer = "no difference"
        because = f"no difference to {against} is seen; none smaller than {least:g} % can be seen with this run"
    return Comparison(
        against=against,
        revision=revision,
        how=how,
        metrics=tuple(metrics),
        answer=answer,
        because=because,
        least_seen_pct=least,
    )


def _least(metric: Metric) -> float:
    """The smallest change that its interval could have told from none, or `LEAST`."""
    assert metric.low_pct is not None
    assert metric.high_pct is not None
    width = (log(1 + metric.high_pct / 100) - log(1 + max(metric.low_pct, -99.99) / 100)) / 2
    return round(100 * max(exp(width) - 1, LEAST), 1) if width < inf else inf


def _told(metric: Metric) -> str:
    if metric.name == "errors":
        return f"errors {metric.before:g} % → {metric.now:g} %"
    bounds = f"{metric.low_pct:+g} to {metric.high_pct:+g} %"
    return f"{metric.name} {metric.before:g} → {metric.now:g} ms ({metric.change_pct:+g} %, {bounds})"


def _apart(run: str, revision: str, because: str) -> Comparison:
    return Comparison(against=run, revision=revision, how="history", answer="not comparable", because=because)
