"""What is looked at: the four signals, budgets and revisions, each panel with the expressions that it draws."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from golive.slo.alerts import Signal
from golive.slo.promql import By, Expression, Number, Over, Quantile, Select, Two, length
from golive.slo.ratios import Counted, Scope, recorded
from golive.slo.rulebook import LEFT, RuleBook
from golive.slo.selector import select
from golive.slo.series import Matcher
from golive.slo.windows import BURNS
from golive.spec.observed import Slo

Unit = Literal["reqps", "percentunit", "ms", "s", "none"]
RATE = timedelta(minutes=5)
QUANTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True)
class Curve:
    """One line of a panel, or several that a label tells apart. `legend` is Grafana's, such as {{le}}."""

    legend: str
    of: Expression


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One picture. Every curve must have data, and must move when what it shows changes."""

    title: str
    says: str
    signal: Signal
    unit: Unit
    curves: tuple[Curve, ...]
    limit: float | None = None  # a line that must not be crossed


@dataclass(frozen=True, kw_only=True)
class Row:
    """Panels under one heading."""

    title: str
    panels: tuple[Panel, ...]


def rows(book: RuleBook, service: str, environment: str) -> tuple[Row, ...]:
    """The dashboard, for a service and environment by name, or by Grafana's variables."""
    names = book.observe.vocabulary
    here = (Matcher(names.service, "=", service), Matcher(names.environment, "=", environment))
    scope = Scope(matchers=here, by=(names.service, names.environment))
    return (
        Row(title="Signals", panels=(*_signals(book, scope), *_saturation(book, scope))),
        Row(title="Objectives", panels=tuple(p for slo in book.slos for p in _objective(slo, scope))),
        Row(title="Revisions", panels=tuple(_revisions(book, here))),
    )


def _plain(book: RuleBook) -> Counted:
    """What all requests are counted by, whatever single SLOs say."""
    return Counted(slo=Slo(name="all", kind="availability", target_ppm=0), vocabulary=book.observe.vocabulary)


def _signals(book: RuleBook, scope: Scope) -> Iterator[Panel]:
    counted = _plain(book)
    yield Panel(
        title="Traffic",
        says="requests each second",
        signal="traffic",
        unit="reqps",
        curves=(Curve("requests", scope.total(counted.requests, RATE)),),
    )
    yield Panel(
        title="Errors",
        says="the share of requests that failed",
        signal="errors",
        unit="percentunit",
        curves=(Curve("failed", counted.bad(RATE, scope)),),
    )
    yield Panel(
        title="Latency",
        says="how long answers took",
        signal="latency",
        unit=book.observe.vocabulary.unit,
        curves=tuple(Curve(f"p{share * 100:g}", _quantile(share, counted, scope)) for share in QUANTILES),
    )
    yield Panel(
        title="Scrapes",
        says="1 where metrics are being read",
        signal="traffic",
        unit="none",
        curves=(Curve("up", By("min", scope.narrowed(Select("up")), scope.by)),),
    )


def _quantile(share: float, counted: Counted, scope: Scope) -> Expression:
    buckets = By("sum", Over("rate", scope.narrowed(counted.buckets), RATE), ("le", *scope.by))
    return Quantile(share, buckets)


def _saturation(book: RuleBook, scope: Scope) -> Iterator[Panel]:
    for resource in book.observe.saturation:
        metric = select(resource.metric, where=f"observe.saturation ({resource.name}): metric")
        yield Panel(
            title=f"Used: {resource.name}",
            says="the share that is in use",
            signal="saturation",
            unit="percentunit",
            curves=(Curve(resource.name, By("max", scope.narrowed(metric), scope.by)),),
            limit=resource.limit_ppm / 1_000_000,
        )


def _objective(slo: Slo, scope: Scope) -> Iterator[Panel]:
    signal: Signal = "latency" if slo.kind == "latency" else "errors"
    named = Matcher("slo", "=", slo.name)
    budget = Number((1_000_000 - slo.target_ppm) / 1_000_000)
    looked_at = sorted({burn.long for burn in BURNS} | {BURNS[0].short})
    yield Panel(
        title=f"{slo.name}: budget left",
        says=f"of {100 - slo.target_ppm / 10_000:g} % in {length(slo.window)}; below zero it is overspent",
        signal=signal,
        unit="percentunit",
        curves=(Curve("left", scope.narrowed(Select(LEFT), named)),),
        limit=0,
    )
    yield Panel(
        title=f"{slo.name}: burn rate",
        says=f"1 uses up the budget in {length(slo.window)}",
        signal=signal,
        unit="none",
        curves=tuple(
            Curve(length(w), Two("/", scope.narrowed(Select(recorded(w)), named), budget)) for w in looked_at
        ),
    )


def _revisions(book: RuleBook, here: tuple[Matcher, ...]) -> Iterator[Panel]:
    counted, label = _plain(book), book.observe.vocabulary.revision
    scope, legend = Scope(matchers=here, by=(label,)), f"{{{{{label}}}}}"
    yield Panel(
        title="Traffic by revision",
        says="requests each second",
        signal="traffic",
        unit="reqps",
        curves=(Curve(legend, scope.total(counted.requests, RATE)),),
    )
    yield Panel(
        title="Errors by revision",
        says="the share of requests that failed",
        signal="errors",
        unit="percentunit",
        curves=(Curve(legend, counted.bad(RATE, scope)),),
    )
    yield Panel(
        title="p99 by revision",
        says="how long 99 % of the answers took at most",
        signal="latency",
        unit=book.observe.vocabulary.unit,
        curves=(Curve(legend, _quantile(0.99, counted, scope)),),
    )
