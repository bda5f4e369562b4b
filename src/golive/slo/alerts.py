"""Every alert of a service: budgets that burn, silence, lost telemetry, shortage."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import Literal

from golive.slo.budget import MILLION
from golive.slo.promql import By, Expression, Number, Over, Select, Two, length
from golive.slo.ratios import Scope, recorded
from golive.slo.selector import select
from golive.slo.series import Matcher
from golive.slo.windows import BURNS, Burn
from golive.spec.observed import Observe, Saturation, Severity, Slo

Signal = Literal["latency", "traffic", "errors", "saturation"]
DRILL = "-drill-[0-9a-f]+-[0-9]+"  # behind the name of the service; see `plants`
SIGNALS: Mapping[str, Signal] = {"availability": "errors", "ratio": "errors", "composed": "errors"}
SHORTAGE = timedelta(minutes=5)
GONE = timedelta(minutes=5)  # since then nothing of it was scraped,
SEEN = timedelta(minutes=50)  # and within this it was; with GONE below an hour, so that a drill can plant it
DOWN = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One rule that calls somebody."""

    name: str
    signal: Signal
    severity: Severity
    of: Expression
    summary: str
    description: str
    runbook: str
    source: "Slo | Saturation | None"  # what it watches; None: traffic or telemetry
    threshold: Fraction = Fraction(0)  # of what it compares; see `plants`
    burn: Burn | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


def scope_of_rules(service: str, observe: Observe) -> Scope:
    """The service and its drills, told apart by service and environment."""
    names = observe.vocabulary
    return Scope(
        matchers=(Matcher(names.service, "=~", f"{service}({DRILL})?"),), by=(names.service, names.environment)
    )


def alerts(service: str, slos: tuple[Slo, ...], observe: Observe) -> tuple[Alert, ...]:
    """In order: each SLO, traffic, telemetry, saturation. Burn rates that nothing could reach are left out."""
    scope = scope_of_rules(service, observe)
    made = [alert for slo in slos for alert in _burning(slo, observe, scope)]
    made += _silent(observe, scope)
    made += _lost(observe, scope)
    made += [_short(one, observe, scope) for one in observe.saturation]
    return tuple(made)


def unreachable(slo: Slo) -> tuple[Burn, ...]:
    """The burn rates that this SLO can never reach: with every single event bad its budget burns slower."""
    return tuple(burn for burn in BURNS if threshold(slo, burn) >= 1)


def threshold(slo: Slo, burn: Burn) -> Fraction:
    """The share of bad events that burns so fast."""
    return burn.factor(slo.window) * Fraction(MILLION - slo.target_ppm, MILLION)


def camel(name: str) -> str:
    """`checkout-latency` as the name of an alert."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("-"))


def runbook(observe: Observe, own: str, alert: str) -> str:
    page = own or observe.runbook
    return page if "#" in page else f"{page}#{alert.lower()}"


def _burning(slo: Slo, observe: Observe, scope: Scope) -> Iterator[Alert]:
    narrowed = (Matcher("slo", "=", slo.name), *scope.matchers)
    for burn in BURNS:
        limit = threshold(slo, burn)
        if limit >= 1:
            continue
        above = [Two(">", Select(recorded(w), narrowed), Number(float(limit))) for w in (burn.long, burn.short)]
        name = f"{camel(slo.name)}Burn{length(burn.long)}"
        yield Alert(
            name=name,
            signal="latency" if slo.kind == "latency" else SIGNALS.get(slo.kind, "errors"),
            severity=burn.severity,
            of=Two("and", above[0], above[1]),
            summary=f"{slo.name}: {burn.budget_percent} % of the error budget went in {length(burn.long)}",
            description=f"more than {float(limit) * 100:.4g} % was bad in the last {length(burn.long)} and in the "
            f"last {length(burn.short)}; {100 - slo.target_ppm / 10_000:g} % may be, over {length(slo.window)}",
            runbook=runbook(observe, slo.runbook, name),
            source=slo,
            threshold=limit,
            burn=burn,
            labels={"slo": slo.name},
        )


def _silent(observe: Observe, scope: Scope) -> Iterator[Alert]:
    if observe.quiet is None:
        return
    requests = select(observe.vocabulary.requests, where="observe.metrics.requests")
    nothing = Two("==", scope.total(requests, observe.quiet), Number(0))
    twice, once = (
        By("sum", Over("count_over_time", scope.narrowed(requests), window), scope.by)
        for window in (2 * observe.quiet, observe.quiet)
    )
    yield Alert(
        name="NoTraffic",
        signal="traffic",
        severity="page",
        of=Two("and", nothing, Two(">", twice, once)),  # what is counted since a moment ago has not been quiet yet
        summary=f"no request in {length(observe.quiet)}",
        description="it is counted, and nothing comes: users do not reach it",
        runbook=runbook(observe, "", "NoTraffic"),
        source=None,
    )


def _lost(observe: Observe, scope: Scope) -> Iterator[Alert]:
    up = scope.narrowed(Select("up"))
    seen, lately = (By("sum", Over("count_over_time", up, w), scope.by) for w in (SEEN, GONE))
    yield Alert(
        name="TargetsDown",
        signal="traffic",
        severity="page",
        of=Two("==", By("max", Over("max_over_time", up, DOWN), scope.by), Number(0)),
        summary=f"nothing of it answered a scrape in {length(DOWN)}",
        description="every other alert is blind meanwhile",
        runbook=runbook(observe, "", "TargetsDown"),
        source=None,
    )
    yield Alert(
        name="TelemetryLost",
        signal="traffic",
        severity="page",
        of=Two("unless", seen, lately),
        summary=f"it was scraped within {length(SEEN)}, and no more for {length(GONE)}",
        description="its metrics are gone, and every other alert is blind meanwhile",
        runbook=runbook(observe, "", "TelemetryLost"),
        source=None,
    )


def _short(resource: Saturation, observe: Observe, scope: Scope) -> Alert:
    metric = select(resource.metric, where=f"observe.saturation ({resource.name}): metric")
    used = By("max", Over("avg_over_time", scope.narrowed(metric), SHORTAGE), scope.by)
    name = f"{camel(resource.name)}Short"
    return Alert(
        name=name,
        signal="saturation",
        severity="page",
        of=Two(">", used, Number(resource.limit_ppm / MILLION)),
        summary=f"{resource.name} is short",
        description=f"more than {resource.limit_ppm / 10_000:g} % was in use for {length(SHORTAGE)}",
        runbook=runbook(observe, "", name),
        source=resource,
        threshold=Fraction(resource.limit_ppm, MILLION),
    )
