"""From raw series to ticks. Pure.

Every series is cut at the same instants, multiples of the step, so that both revisions are read at the same time:
what a counter stood at is its last sample before. A fall is a restart: what it rose to since counts from 0.
A new series counts from its first value on; one that vanished adds nothing. An instant without
a new sample of any series gives no tick: it is missing, not zero.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from golive.drivers.metrics.prometheus_answers import RawSeries, classic
from golive.judge.samples import BOUNDS_MS, Tick


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was read of one revision."""

    revision: str
    requests: tuple[RawSeries, ...]
    errors: tuple[RawSeries, ...]
    latency: tuple[RawSeries, ...] = ()
    gauges: Mapping[str, tuple[RawSeries, ...]] = field(default_factory=dict)


def instants(since: datetime, until: datetime, step: timedelta) -> tuple[datetime, ...]:
    """The multiples of `step` from `since`, included, until `until`."""
    size = step.total_seconds()
    first = -int(-since.timestamp() // size) * size
    count = int((until.timestamp() - first) // size) + 1
    return tuple(datetime.fromtimestamp(first + size * n, UTC) for n in range(max(count, 0)))


def ticks(
    found: Found, at: Sequence[datetime], bounds_ms: Sequence[int], *, unit_ms: float, instance: str = ""
) -> tuple[Tick, ...]:
    """One tick between each two instants; with `instance`, a label, one for each of its values."""
    if not instance:
        return tuple(_ticks(found, at, bounds_ms, unit_ms, ""))
    names = sorted({one.labels.get(instance, "") for one in found.requests} - {""})
    return tuple(
        tick for name in names for tick in _ticks(_only(found, instance, name), at, bounds_ms, unit_ms, name)
    )


def bounds(found: Iterable[Found], unit_ms: float) -> tuple[tuple[int, ...], str]:
    """The bounds that all latency series share, and why there are none."""
    kinds = set()
    for one in found:
        per_instance: dict[tuple[tuple[str, str], ...], set[int]] = defaultdict(set)
        for series, bound in classic(one.latency, unit_ms):
            if bound is not None:
                per_instance[_without_le(series)].add(bound)
        kinds |= {tuple(sorted(own)) for own in per_instance.values()}
        kinds |= {BOUNDS_MS for series in one.latency if "le" not in series.labels}
    if len(kinds) > 1:
        return (), "latency is not judged: instances have histograms with different buckets"
    return (kinds.pop(), "") if kinds else ((), "")


def _ticks(
    found: Found, at: Sequence[datetime], bounds_ms: Sequence[int], unit_ms: float, instance: str
) -> Iterable[Tick]:
    moments = [one.timestamp() for one in at]
    requests, heard = _rises(found.requests, moments)
    errors, _ = _rises(found.errors, moments)
    latency = _latency(found.latency, moments, bounds_ms, unit_ms)
    for place in range(1, len(at)):
        if heard[place - 1]:
            whole = round(requests[place - 1][0]) if requests[place - 1] else 0
            wrong = round(errors[place - 1][0]) if errors[place - 1] else 0
            yield Tick(
                at=at[place],
                revision=found.revision,
                requests=whole,
                errors=min(wrong, whole),  # two scrapes of two counters need not agree to the request
                latency=latency[place - 1],
                instance=instance,
                gauges=_means(found.gauges, moments[place - 1], moments[place]),
            )


def _rises(found: Sequence[RawSeries], moments: Sequence[float]) -> tuple[list[tuple[float, ...]], list[bool]]:
    """By how much all series rose between each two moments, and whether any had a new sample."""
    spans = max(len(moments) - 1, 0)
    total: list[tuple[float, ...]] = [()] * spans
    heard = [False] * spans
    for series in found:
        times = [time for time, _ in series.samples]
        running = _running(series)
        stood = [_at(times, running, moment) for moment in moments]
        for place in range(spans):
            before, after = stood[place], stood[place + 1]
            heard[place] |= bisect_right(times, moments[place + 1]) > bisect_right(times, moments[place])
            if before is not None and after is not None:
                rise = tuple(high - low for low, high in zip(before, after, strict=True))
                total[place] = _sum(total[place], rise)
    return total, heard


def _running(series: RawSeries) -> list[tuple[float, ...]]:
    """The totals as they would be if the counter had never started anew."""
    found: list[tuple[float, ...]] = []
    last: tuple[float, ...] = ()
    for _, counts in series.samples:
        if not found:
            found.append((0.0,) * len(counts))
        else:
            restarted = any(new < old for new, old in zip(counts, last, strict=False))
            rise = counts if restarted else tuple(new - old for new, old in zip(counts, last, strict=True))
            found.append(_sum(found[-1], rise))
        last = counts
    return found


def _at(times: Sequence[float], running: Sequence[tuple[float, ...]], moment: float) -> tuple[float, ...] | None:
    place = bisect_right(times, moment)
    return running[place - 1] if place else None


def _sum(first: tuple[float, ...], second: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(a + b for a, b in zip(first, second, strict=True)) if first else second


def _latency(
    found: Sequence[RawSeries], moments: Sequence[float], bounds_ms: Sequence[int], unit_ms: float
) -> list[tuple[int, ...]]:
    """Requests per bucket between each two moments."""
    spans, width = max(len(moments) - 1, 0), len(bounds_ms) + 1
    counts = [[0.0] * width for _ in range(spans)] if bounds_ms else [[] for _ in range(spans)]
    if not bounds_ms:
        return [()] * spans
    native, _ = _rises([series for series in found if "le" not in series.labels], moments)
    for place, rise in enumerate(native):
        for bucket, value in enumerate(rise):
            counts[place][bucket] += value
    cumulative: dict[int | None, list[tuple[float, ...]]] = {}
    for bound in (*bounds_ms, None):
        own = [series for series, at in classic(found, unit_ms) if at == bound]
        cumulative[bound], _ = _rises(own, moments)
    for place in range(spans):
        below = 0.0
        for bucket, bound in enumerate((*bounds_ms, None)):
            upto = cumulative[bound][place][0] if cumulative[bound][place] else below
            counts[place][bucket] += max(upto - below, 0.0)
            below = max(upto, below)
    return [tuple(round(value) for value in row) for row in counts]


def _means(gauges: Mapping[str, Sequence[RawSeries]], begin: float, end: float) -> dict[str, float]:
    found = {}
    for name, series in gauges.items():
        values = [counts[0] for one in series for time, counts in one.samples if begin < time <= end]
        if values:
            found[name] = sum(values) / len(values)
    return found


def _only(found: Found, label: str, name: str) -> Found:
    def own(series: Sequence[RawSeries]) -> tuple[RawSeries, ...]:
        return tuple(one for one in series if one.labels.get(label) == name)

    return Found(
        revision=found.revision,
        requests=own(found.requests),
        errors=own(found.errors),
        latency=own(found.latency),
        gauges={gauge: own(series) for gauge, series in found.gauges.items()},
    )


def _without_le(series: RawSeries) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, value) for name, value in series.labels.items() if name != "le"))
