"""What is planted to see an alert fire, to see it stay silent just below, and to see it end.

A plant is a set of counters and gauges of a service that does not exist, of a name that only drills have. They go
through the real rules: nothing of the real service is touched, and nothing about the rule is taken on trust.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import accumulate, chain, repeat

from golive.slo.alerts import GONE, Alert
from golive.slo.promql import Select
from golive.slo.ratios import Counted, coarseness
from golive.slo.selector import select
from golive.slo.series import NAME, Labels, labels_of
from golive.spec.observed import Observe, Saturation, Slo

STEP = timedelta(seconds=15)
HISTORY = timedelta(minutes=55)  # Prometheus refuses what is older than its head allows: about an hour
EACH_STEP = 1_000_000  # events, so that shares are met to a millionth
ABOVE, BELOW = Fraction(21, 20), Fraction(19, 20)  # of the threshold: a rule that is off by more is found
RECOVERY = 1e12  # good events at once: they end any window
RELIEF = 12  # samples of a resource that is free again; four would do, whatever the limit

Shares = Sequence[tuple[int, Fraction]]  # so many steps, with such a share of bad events


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One series of the drill. Its values lie a step apart and the last is now, or `gone` steps before.

    With `clock` each value is relative to the unix time of its sample, in seconds. `recovery` are values written
    after it, a millisecond apart; empty: the trouble ends by time alone.
    """

    labels: Labels  # with the name of the metric, without service and environment
    values: tuple[float, ...]
    recovery: tuple[float, ...] = ()
    gone: int = 0
    clock: bool = False


@dataclass(frozen=True, kw_only=True)
class Plant:
    """What is written for one side of one alert."""

    alert: str
    fires: bool
    because: str  # "just above the threshold", for people
    step: timedelta
    series: tuple[Planted, ...]

    @property
    def span(self) -> timedelta:
        """From its first sample to now."""
        return self.step * max(len(one.values) - 1 + one.gone for one in self.series)


def both_sides(alert: Alert, observe: Observe, slos: Mapping[str, Slo]) -> tuple[Plant, Plant]:
    """One that must fire, and the negative control that must not. They differ by a tenth of the threshold."""
    steps = HISTORY // STEP
    above = _plant(alert, observe, slos, True, "just above the threshold", [(steps, ABOVE * alert.threshold)])
    below = _plant(alert, observe, slos, False, "just below the threshold", [(steps, BELOW * alert.threshold)])
    return above, below


def shapes(alert: Alert, observe: Observe, slos: Mapping[str, Slo]) -> tuple[Plant, ...]:
    """The same, and for a burn rate what tells its windows: each turns the answer when a window is another."""
    if alert.name == "NoTraffic" and observe.quiet is not None:
        since = (_of_telemetry(alert.name, observe, True, lately=observe.quiet // STEP),)
        begun = Plant(alert=alert.name, fires=False, because="counted only since then", step=STEP, series=since)
        return (*both_sides(alert, observe, slos), begun)
    if alert.burn is None or not isinstance(alert.source, Slo) or alert.source.kind == "freshness":
        return both_sides(alert, observe, slos)
    limit, step = alert.threshold, max(STEP, alert.burn.short / 20)
    n_long, n_short = alert.burn.long // step, alert.burn.short // step
    none, worse = Fraction(0), min(Fraction(1), 3 * limit)
    ended = min(n_short // 2, int(n_short * (1 - Fraction(6, 5) * limit / worse)))
    spike = int(n_long * Fraction(4, 5) * limit / min(Fraction(1), 2 * limit))

    def plant(fires: bool, because: str, *shares: tuple[int, Fraction]) -> Plant:
        return _plant(alert, observe, slos, fires, because, shares, step=step)

    return (
        plant(True, "just above the threshold, after calm", (n_long, none), (n_long + 2, ABOVE * limit)),
        plant(False, "just below the threshold all the time", (n_long + 2, BELOW * limit)),
        plant(
            False, "too short for the long window", (n_long - spike, none), (spike, min(Fraction(1), 2 * limit))
        ),
        plant(False, "over since longer than the short window", (n_long, worse), (n_short + 2, none)),
        plant(True, "over, within the short window", (n_long, worse), (ended, none)),
    )


def _plant(
    alert: Alert,
    observe: Observe,
    slos: Mapping[str, Slo],
    fires: bool,
    because: str,
    shares: Shares,
    *,
    step: timedelta = STEP,
) -> Plant:
    match alert.source:
        case Slo(kind="freshness"):
            series = _updates(alert, alert.source, observe, fires)
        case Slo():
            series = tuple(_of_slo(alert.source, observe, slos, shares))
        case Saturation():
            series = (_gauge(select(alert.source.metric, where="observe.saturation: metric"), shares),)
        case None:
            because = "the fault" if fires else "its opposite"
            series = (_of_telemetry(alert.name, observe, fires),)
    return Plant(alert=alert.name, fires=fires, because=because, step=step, series=series)


def metric_labels(of: Select, **more: str) -> Labels:
    """Labels that a selector selects. Patterns get the simplest text that they match, where we can tell one."""
    found = {NAME: of.metric, **more}
    for matcher in of.matchers:
        if matcher.op == "=":
            found[matcher.label] = matcher.value
        elif matcher.op == "=~" and matcher.label not in more:
            found[matcher.label] = _matching(matcher.value)
    return labels_of(found.items())


def _matching(pattern: str) -> str:
    """`5..` → 500, `a|b` → a. Others are used as they stand: a drill that matches nothing is told as such."""
    first = pattern.split("|")[0].strip("()^$")
    return first.replace(".+", "x").replace(".*", "").replace("\\", "").replace(".", "0")


def _of_slo(slo: Slo, observe: Observe, slos: Mapping[str, Slo], shares: Shares) -> Iterator[Planted]:
    counted = Counted(slo=slo, vocabulary=observe.vocabulary)
    good = [(steps, 1 - bad) for steps, bad in shares]
    every = [(steps, Fraction(1)) for steps, _ in shares]
    match slo.kind:
        case "availability":
            yield _counter(metric_labels(counted.requests, **_good_code(counted)), good, ends_it=True)
            yield _counter(metric_labels(counted.errors), shares)
        case "latency":
            yield _counter(metric_labels(counted.buckets, le=counted.bound), good, ends_it=True)
            for slow in counted.slower:
                yield _counter(metric_labels(counted.buckets, le=slow), every, ends_it=True)
            yield _counter(metric_labels(counted.count), every, ends_it=True)
        case "ratio":
            one, total = counted.selected(slo.good, "good"), counted.selected(slo.total, "total")
            yield _counter(metric_labels(one), good, ends_it=True)
            if one.metric == total.metric:
                yield _counter(_others(one, total), shares)
            else:
                yield _counter(metric_labels(total), every, ends_it=True)
        case "composed":
            none = [(steps, Fraction(0)) for steps, _ in shares]
            for number, part in enumerate(slo.parts):
                yield from _of_slo(slos[part], observe, slos, none if number else shares)


def _good_code(counted: Counted) -> dict[str, str]:
    """The series of good requests is not that of errors: where a label tells errors, it gets another value."""
    told = {matcher.label for matcher in counted.requests.matchers}
    return {m.label: "2" if m.value == "5" else "200" for m in counted.errors.matchers if m.label not in told}


def _others(good: Select, total: Select) -> Labels:
    """Labels of events that the total selects and `good` does not."""
    patterns = {matcher.label: matcher.value.strip("()^$").split("|") for matcher in total.matchers}
    for matcher in good.matchers:
        for value in patterns.get(matcher.label, ["other"]):
            if not matcher.holds(value):
                return metric_labels(total, **{matcher.label: value})
    return metric_labels(total, outcome="other")


def _counter(labels: Labels, shares: Shares, *, ends_it: bool = False) -> Planted:
    rises = chain.from_iterable(repeat(float(round(EACH_STEP * share)), steps) for steps, share in shares)
    values = tuple(accumulate(rises, initial=0.0))
    return Planted(labels=labels, values=values, recovery=(values[-1] + (RECOVERY if ends_it else 0),))


def _gauge(of: Select, shares: Shares) -> Planted:
    values = tuple(float(min(Fraction(1), share)) for steps, share in shares for _ in range(steps + 1))
    return Planted(labels=metric_labels(of), values=values, recovery=(0.0,) * RELIEF)


def _updates(alert: Alert, slo: Slo, observe: Observe, fires: bool) -> tuple[Planted, ...]:
    """New all the time, then old at the end, for so long that the share of the window is above or below.

    The subquery looks every few seconds to minutes: the distance to the threshold is two of its steps.
    """
    assert alert.burn is not None
    steps = HISTORY // STEP
    margin = 2 * coarseness(alert.burn.long)
    old = HISTORY * float(alert.threshold) + (margin if fires else -margin)
    n_old = min(steps, max(0, old // STEP))
    age = -2 * slo.max_ms / 1000 - 1
    labels = metric_labels(Counted(slo=slo, vocabulary=observe.vocabulary).selected(slo.updated, "updated"))
    return (Planted(labels=labels, values=(0.0,) * (steps + 1 - n_old) + (age,) * n_old, clock=True),)


def _of_telemetry(name: str, observe: Observe, fires: bool, lately: int = 0) -> Planted:
    steps = lately or HISTORY // STEP
    requests = select(observe.vocabulary.requests, where="observe.metrics.requests")
    up = labels_of({NAME: "up", "job": "golive-drill"}.items())
    match name:
        case "NoTraffic":
            values = (1000.0,) * (steps + 1) if fires else tuple(map(float, range(steps + 1)))
            return Planted(labels=metric_labels(requests), values=values, recovery=(values[-1] + 1e6,))
        case "TargetsDown":
            return Planted(labels=up, values=(0.0 if fires else 1.0,) * (steps + 1), recovery=(1.0,))
        case "TelemetryLost":
            gone = GONE // STEP + 4 if fires else 0
            return Planted(labels=up, values=(1.0,) * (steps + 1 - gone), recovery=(1.0,), gone=gone)
    raise AssertionError(name)
