"""Thresholds held against what was: how often each would have called, how close it came, which value fits better.

A threshold that called is to be looked at: either there was trouble, or it is too tight. One that was silent while
a budget went is too loose. Neither is decided here: a deviation that is meant is waived, with a reason and an end.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from golive.slo.alerts import Alert
from golive.slo.promql import By, Expression, Over, Select
from golive.slo.ratios import Counted, Scope, recorded
from golive.slo.rulebook import RuleBook
from golive.slo.selector import select
from golive.slo.series import Matcher, Series
from golive.spec.observed import Saturation, Slo
from golive.spec.quantities import duration_text

NEAR = 0.8  # of the threshold
FAR = 0.1
ROOM = 1.25  # what a limit is set above the highest use that was fine
ENOUGH = timedelta(days=1)  # a calmer time than this says nothing about stricter values


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of the past for one alert. The least of the values, divided by `limit`, is how close it came.

    `fires` for an alert that has no distance: it holds wherever there is a value.
    """

    alert: Alert
    of: tuple[Expression, ...]
    limit: float
    fires: bool = False


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """One alert over the past. `closest` is its peak as a share of the threshold; None: no data or distance."""

    alert: str
    signal: str
    severity: str
    looked: int  # moments with data
    calls: int  # how often it would have begun
    minutes: float  # how long it would have lasted, all together
    closest: float | None
    at: datetime | None  # of the peak
    suggestion: str

    @property
    def word(self) -> str:
        if self.calls:
            return "called"
        if not self.looked:
            return "no data"
        return "came near" if self.closest is not None and self.closest >= NEAR else "silent"


@dataclass(frozen=True, kw_only=True)
class Burnt:
    """What one SLO used up in the time that was looked at; None: no data."""

    slo: str
    bad: float | None  # share
    burnt: float | None  # of its whole budget, if traffic is the same all the time
    suggestion: str = ""


def asked(book: RuleBook, environment: str) -> Iterator[Asked]:
    """The questions of every alert, about the real service alone."""
    names = book.observe.vocabulary
    where = (Matcher(names.service, "=", book.service), Matcher(names.environment, "=", environment))
    scope = Scope(matchers=where, by=(names.service, names.environment))
    for alert in book.alerts:
        match alert.source:
            case Slo() if alert.burn:
                narrowed = (Matcher("slo", "=", alert.source.name), *where)
                windows = (alert.burn.long, alert.burn.short)
                of = tuple(Select(recorded(window), narrowed) for window in windows)
                yield Asked(alert=alert, of=of, limit=float(alert.threshold))
            case Saturation():
                metric = scope.narrowed(select(alert.source.metric, where="observe.saturation: metric"))
                used = By("max", Over("avg_over_time", metric, timedelta(minutes=5)), scope.by)
                yield Asked(alert=alert, of=(used,), limit=alert.source.limit_ppm / 1_000_000)
            case _:
                yield Asked(alert=alert, of=(alert.of,), limit=1.0, fires=True)


def bad_in(book: RuleBook, slo: Slo, environment: str, length: timedelta) -> Expression | None:
    """The share that was bad in the whole time; None for a composed SLO, and for freshness over days."""
    if slo.kind in ("composed", "freshness"):
        return None
    names = book.observe.vocabulary
    where = (Matcher(names.service, "=", book.service), Matcher(names.environment, "=", environment))
    scope = Scope(matchers=where, by=(names.service, names.environment))
    return Counted(slo=slo, vocabulary=names).bad(length, scope)


def replayed(of: Asked, found: Sequence[Series], step: timedelta, looked: int) -> Replayed:
    """`found` has one series for each question; `looked` is how many moments had data of the service at all."""
    step_ms = step // timedelta(milliseconds=1)
    closeness = _closeness(of, found)
    over = [at for at, share in closeness if of.fires or share > 1]
    peak_at, peak = max(closeness, key=lambda pair: pair[1]) if closeness and not of.fires else (0, None)
    return Replayed(
        alert=of.alert.name,
        signal=of.alert.signal,
        severity=of.alert.severity,
        looked=looked if of.fires else len(closeness),
        calls=sum(not n or at - over[n - 1] > 1.5 * step_ms for n, at in enumerate(over)),
        minutes=round(len(over) * step.total_seconds() / 60, 1),
        closest=peak,
        at=None if peak is None else _moment(peak_at),
        suggestion="" if peak is None else suggestion(of.alert, peak, long=len(closeness) * step >= ENOUGH),
    )


def _closeness(of: Asked, found: Sequence[Series]) -> list[tuple[int, float]]:
    """Where every question has a number: the least of them, as a share of the limit."""
    if len(found) < len(of.of):
        return []
    tables = [
        {at: value / of.limit for at, value in zip(one.times_ms, one.values, strict=True) if value == value}
        for one in found
    ]
    return [(at, min(table[at] for table in tables)) for at in sorted(set.intersection(*map(set, tables)))]


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def suggestion(alert: Alert, closest: float, *, long: bool) -> str:
    """Which value the past speaks for; "" where it speaks for none other. `long`: it is a day or more."""
    match alert.source:
        case Slo() as slo if alert.burn and closest > 0:
            factor = float(alert.burn.factor(slo.window))
            budget = closest * float(alert.threshold) / factor  # at which this peak lies on the threshold
            if closest > 1:
                silent = _down(100 * (1 - budget))
                return f"silent with a target of {silent} %" if budget < 1 else "no target would have been silent"
        case Saturation() as resource:
            peak = closest * resource.limit_ppm / 10_000
            fits = math.ceil(min(100.0, ROOM * peak))
            if closest > 1:
                return f"silent with a limit of {fits} %" if fits < 100 else "it was full: more of it is needed"
            if long and closest < 0.5 and fits < resource.limit_ppm / 10_000:
                return f"a limit of {max(1, fits)} % would have been silent too"
    return ""


def stricter(slo: Slo, replays: Iterable[Replayed], book: RuleBook, step: timedelta) -> str:
    """A target with which none of its alerts would have called at twice the trouble; "" where none is stricter."""
    own = {alert.name: alert for alert in book.alerts if alert.source == slo and alert.burn}
    found = [(own[one.alert], one) for one in replays if one.alert in own]
    peaks = [one.closest for _, one in found if one.closest is not None and one.looked * step >= ENOUGH]
    if not found or len(peaks) < len(found) or not 0 < max(peaks) < FAR:
        return ""
    factors = (float(alert.burn.factor(slo.window)) for alert, _ in found if alert.burn)
    budgets = [
        2 * peak * float(alert.threshold) / factor
        for (alert, _), peak, factor in zip(found, peaks, factors, strict=True)
    ]
    return f"a target of {_down(100 * (1 - max(budgets)))} % would have been silent at twice the trouble"


def _down(percent: float) -> str:
    """Rounded down to the first digit behind the nines: 99.9537 is 99.95."""
    digits = max(0, -math.floor(math.log10(max(1e-6, 100 - percent))))
    return f"{math.floor(percent * 10**digits + 1e-9) / 10**digits:.{digits}f}"


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """One SLO held against a load: what it would mean if it went on like this."""

    slo: str
    bad: float
    burn_rate: float  # 1 uses up the budget exactly
    calls: tuple[str, ...]  # alerts that would fire


def against(book: RuleBook, load: Mapping[str, Any]) -> tuple[Loaded, ...]:
    """Each SLO over all requests, held against a result of golive perf. `KeyError` where it is none."""
    return tuple(_loaded(book, slo, load) for slo in book.slos if _is_of_all(slo))


def _is_of_all(slo: Slo) -> bool:
    return slo.kind in ("availability", "latency") and not (slo.requests or slo.errors or slo.latency)


def _loaded(book: RuleBook, slo: Slo, load: Mapping[str, Any]) -> Loaded:
    bad = float(load["totals"]["error_ratio"])
    if slo.kind == "latency":
        bad = 1 - max((share for share, ms in load["percentiles"] if ms <= slo.max_ms), default=0.0)
    budget = (1_000_000 - slo.target_ppm) / 1_000_000
    calls = tuple(a.name for a in book.alerts if a.source == slo and a.burn and bad > float(a.threshold))
    return Loaded(slo=slo.name, bad=bad, burn_rate=bad / budget if budget else math.inf, calls=calls)


def loose(burnt: Iterable[Burnt], replays: Iterable[Replayed], book: RuleBook) -> tuple[str, ...]:
    """SLOs whose whole budget went while none of their alerts called."""
    called = {one.alert for one in replays if one.calls}
    heard = {alert.labels["slo"] for alert in book.alerts if alert.name in called and "slo" in alert.labels}
    return tuple(one.slo for one in burnt if one.burnt is not None and one.burnt > 1 and one.slo not in heard)


def said(replays: Sequence[Replayed], blind: Sequence[str], length: timedelta) -> tuple[str, str]:
    """The answer and why: refuted, nothing where data is missing, else proven. `blind` are SLOs; see `loose`."""
    time = duration_text(timedelta(seconds=round(length.total_seconds())))
    called, nothing = [one for one in replays if one.calls], [one for one in replays if not one.looked]
    if called:
        first = called[0]
        more = f", and {len(called) - 1} more" if len(called) > 1 else ""
        return "refuted", f"{first.alert} would have called {first.calls} times in {time}{more}"
    if blind:
        return "refuted", f"the whole budget of {', '.join(blind)} went in {time}, and no alert would have called"
    if nothing:
        return "nothing", f"no data in {time} of {', '.join(one.alert for one in nothing[:3])}"
    closest = max(replays, key=lambda one: one.closest or 0.0)
    return (
        "proven",
        f"no threshold was crossed in {time}; {closest.alert} came closest: {closest.closest or 0:.0%}",
    )
