"""What an expression says at a moment, computed as Prometheus 2 computes it.

Rates are extrapolated to the borders of their window, counters that fall have been reset, instant values are at
most five minutes old. Source: promql/functions.go and engine.go of Prometheus 2.42; a test holds the two together.
Not done: native histograms, staleness by the scrape interval, values that are NaN in truth (NaN means gone here).
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from operator import add, mul, sub

from golive.slo.promql import AtMost, By, Expression, Now, Number, Over, Quantile, Sampled, Select, Two
from golive.slo.series import NAME, Labels, Series, labels_of

LOOKBACK = timedelta(minutes=5)
FAR = 1.1  # a border is near when it lies within so many mean distances of a sample
Vector = dict[Labels, float]  # without the name of the metric


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A name for what an expression says, with labels of its own."""

    name: str
    labels: tuple[tuple[str, str], ...]
    of: Expression


@dataclass(frozen=True, kw_only=True)
class Store:
    """Where samples are read, and which names stand for expressions.

    `read` gives the series of a selector with their samples from one instant to another, both included, in unix
    milliseconds. A store is for one round: what a recording said at a moment is computed once.
    """

    read: Callable[[Select, int, int], Iterable[Series]]
    recordings: Mapping[str, Sequence[Recording]]
    remembered: dict[tuple[Expression, int], Vector] = field(default_factory=dict)


def evaluate(of: Expression, at: datetime, store: Store) -> Vector:
    """The value of each series at that moment; a number alone has no labels."""
    return _value(of, round(at.timestamp() * 1000), store)


def _value(of: Expression, at_ms: int, store: Store) -> Vector:
    match of:
        case Select():
            return _instant(of, at_ms, store)
        case Over():
            return _over(of, at_ms, store)
        case Sampled(inner, window, step):
            return _sampled(inner, at_ms, _ms(window), _ms(step), store)
        case By(function, inner, labels):
            return _grouped(function, _value(inner, at_ms, store), labels)
        case Quantile(share, inner):
            return _quantile(share, _value(inner, at_ms, store))
        case AtMost(inner, most):
            return {labels: min(value, most) for labels, value in _value(inner, at_ms, store).items()}
        case Two():
            return _two(of, at_ms, store)
        case Now():
            return {(): at_ms / 1000}
        case Number(value):
            return {(): value}


def _ms(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)


def _instant(of: Select, at_ms: int, store: Store) -> Vector:
    if of.metric in store.recordings:
        return _recorded(of, at_ms, store)
    found = {}
    for series in store.read(of, at_ms - _ms(LOOKBACK), at_ms):
        if series.values and not math.isnan(series.values[-1]):
            found[series.labels] = series.values[-1]
    return found  # the name is kept: a filter keeps it, everything else drops it


def _recorded(of: Select, at_ms: int, store: Store) -> Vector:
    found = {}
    for recording in store.recordings[of.metric]:
        own = dict(recording.labels)
        if not all(matcher.holds(own[matcher.label]) for matcher in of.matchers if matcher.label in own):
            continue
        if (recording.of, at_ms) not in store.remembered:
            store.remembered[recording.of, at_ms] = _value(recording.of, at_ms, store)
        for labels, value in store.remembered[recording.of, at_ms].items():
            named = labels_of({**dict(labels), NAME: recording.name, **dict(recording.labels)}.items())
            if all(matcher.matches(named) for matcher in of.matchers):
                found[named] = value
    return found


def _nameless(labels: Labels) -> Labels:
    if labels and labels[0][0] == NAME:  # it comes before all that begin with a small letter
        return labels[1:]
    return tuple(pair for pair in labels if pair[0] != NAME)


def _over(of: Over, at_ms: int, store: Store) -> Vector:
    begin_ms = at_ms - _ms(of.window)
    found = {}
    for series in store.read(of.of, begin_ms, at_ms):
        times, values = _there(series)
        if (value := _window(of.function, times, values, begin_ms, at_ms)) is not None:
            found[_nameless(series.labels)] = value
    return found


def _there(series: Series) -> tuple[Sequence[int], Sequence[float]]:
    """Its samples without those that say that it was gone."""
    total = sum(series.values)
    if total == total:  # one that is not a number makes the sum none
        return series.times_ms, series.values
    there = [place for place, value in enumerate(series.values) if not math.isnan(value)]
    return [series.times_ms[n] for n in there], [series.values[n] for n in there]


def _window(
    function: str, times: Sequence[int], values: Sequence[float], begin_ms: int, end_ms: int
) -> float | None:
    if not values:
        return None
    if function in ("rate", "increase"):
        if len(values) < 2:
            return None
        increase = extrapolated(times, values, begin_ms, end_ms)
        return increase / ((end_ms - begin_ms) / 1000) if function == "rate" else increase
    match function:
        case "avg_over_time":
            return math.fsum(values) / len(values)
        case "max_over_time":
            return max(values)
    return float(len(values))


def extrapolated(times: Sequence[int], values: Sequence[float], begin_ms: int, end_ms: int) -> float:
    """The increase of a counter between two instants, of at least two samples between them."""
    risen = values[-1] - values[0]
    if sorted(values) != list(values):  # it began again, once or more
        risen += math.fsum(a for a, b in pairwise(values) if b < a)
    sampled = times[-1] - times[0]
    before, after, mean = times[0] - begin_ms, end_ms - times[-1], sampled / (len(values) - 1)
    to_start: float = before
    if risen > 0 and values[0] >= 0:
        to_start = min(to_start, sampled * (values[0] / risen))  # a counter is never below zero
    span = (
        sampled + (to_start if to_start < FAR * mean else mean / 2) + (after if after < FAR * mean else mean / 2)
    )
    return risen * (span / sampled)


def _sampled(of: Expression, at_ms: int, window_ms: int, step_ms: int, store: Store) -> Vector:
    sums: dict[Labels, list[float]] = {}
    first = (at_ms - window_ms + step_ms - 1) // step_ms * step_ms  # steps lie at multiples, whatever the moment
    for moment in range(first, at_ms + 1, step_ms):
        for labels, value in _value(of, moment, store).items():
            sums.setdefault(_nameless(labels), []).append(value)
    return {labels: math.fsum(values) / len(values) for labels, values in sums.items()}


def _grouped(function: str, found: Vector, by: tuple[str, ...]) -> Vector:
    groups: dict[Labels, list[float]] = {}
    for labels, value in found.items():
        groups.setdefault(tuple(pair for pair in labels if pair[0] in by), []).append(value)
    return {labels: _GROUPED[function](values) for labels, values in groups.items()}


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


_GROUPED: Mapping[str, Callable[[list[float]], float]] = {
    "sum": math.fsum,
    "max": max,
    "min": min,
    "avg": _mean,
    "count": lambda values: float(len(values)),
}


def _quantile(share: float, found: Vector) -> Vector:
    """Linear within a bucket, as Prometheus has it; NaN where nothing was counted."""
    histograms: dict[Labels, list[tuple[float, float]]] = {}
    for labels, value in found.items():
        bound = dict(labels).get("le")
        if bound is not None:
            rest = tuple(pair for pair in labels if pair[0] not in ("le", NAME))
            histograms.setdefault(rest, []).append((float(bound), value))
    return {labels: _within(share, sorted(buckets)) for labels, buckets in histograms.items()}


def _within(share: float, buckets: list[tuple[float, float]]) -> float:
    if len(buckets) < 2 or buckets[-1][0] != math.inf or not buckets[-1][1]:
        return math.nan
    counts = [max(count for _, count in buckets[: n + 1]) for n in range(len(buckets))]
    rank = share * counts[-1]
    place = bisect_left(counts[:-1], rank)
    if place == len(buckets) - 1:
        return buckets[-2][0]
    upper = buckets[place][0]
    if place == 0 and upper <= 0:
        return upper
    lower, below = (buckets[place - 1][0], counts[place - 1]) if place else (0.0, 0.0)
    inside = counts[place] - below
    return lower + (upper - lower) * ((rank - below) / inside) if inside else lower


def _divided(left: float, right: float) -> float:
    if right:
        return left / right
    return math.nan if not left or math.isnan(left) else math.copysign(math.inf, left)


_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {"+": add, "-": sub, "*": mul, "/": _divided}
_COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
}


def _two(of: Two, at_ms: int, store: Store) -> Vector:
    left, right = _value(of.left, at_ms, store), _value(of.right, at_ms, store)
    others = {_nameless(labels): value for labels, value in right.items()}
    match of.op:
        case "and":
            return {labels: value for labels, value in left.items() if _nameless(labels) in others}
        case "unless":
            return {labels: value for labels, value in left.items() if _nameless(labels) not in others}
        case "or":
            mine = {_nameless(labels) for labels in left}
            return left | {labels: value for labels, value in right.items() if _nameless(labels) not in mine}
    return dict(_paired(of, left, others))


def _paired(of: Two, left: Vector, right: Vector) -> Iterable[tuple[Labels, float]]:
    left_number, right_number = _is_number(of.left), _is_number(of.right)
    if left_number and not right_number:
        pairs: Iterable[tuple[Labels, float, float]] = (
            (labels, left[()], value) for labels, value in right.items()
        )
    elif right_number:
        pairs = ((labels, value, right[()]) for labels, value in left.items())
    else:
        pairs = ((labels, v, right[_nameless(labels)]) for labels, v in left.items() if _nameless(labels) in right)
    for labels, one, other in pairs:
        if of.op in _ARITHMETIC:
            yield _nameless(labels), _ARITHMETIC[of.op](one, other)
        elif of.op.endswith(" bool"):
            yield _nameless(labels), float(_COMPARED[of.op.split()[0]](one, other))
        elif _COMPARED[of.op](one, other):
            yield labels, other if left_number and not right_number else one


def _is_number(of: Expression) -> bool:
    match of:
        case Number() | Now():
            return True
        case Two(_, left, right):
            return _is_number(left) and _is_number(right)
    return False


def between(series: Series, begin_ms: int, end_ms: int) -> Series:
    """Its samples from one instant to another, both included."""
    first, last = bisect_left(series.times_ms, begin_ms), bisect_right(series.times_ms, end_ms)
    return Series(labels=series.labels, times_ms=series.times_ms[first:last], values=series.values[first:last])
