"""The report of an environment joined: what its engine kept, what the records say happened, where traffic is."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from golive.assembly.observe.alerting import engine_of
from golive.assembly.observe.lookout import memory_of
from golive.assembly.place import Folders, environment_of, folders, specification
from golive.assembly.views import past_of, read_back

if TYPE_CHECKING:
    from golive.release.past import Past
    from golive.slo.chain import KeepingEngine
    from golive.slo.report import Drawn, Mark, Report, Standing, Version
    from golive.slo.rulebook import RuleBook
    from golive.spec.values import Spec

POINTS = 180  # of each curve
FINEST = timedelta(seconds=15)


async def report(file: str, environment: str, length: timedelta) -> "Report":
    """How the environment did over this time, up to now. `Failure` (waiting) when nobody watches it."""
    from golive.drivers.clock import SystemClock
    from golive.slo.report import Report
    from golive.slo.rulebook import rulebook

    spec, _ = specification(file)
    environment_of(spec, environment, file)
    book, here = rulebook(spec), folders(file)
    engine, at = engine_of(spec, environment, here), SystemClock().now()
    firing = await engine.firing([spec.service])  # an engine that is away is told before anything else
    past, step = past_of(here, environment), max(FINEST, length / POINTS)
    prometheus = spec.observe.prometheus
    return Report(
        service=spec.service,
        environment=environment,
        at=at,
        since=at - length,
        step=step,
        source=f"Prometheus at {prometheus.url}" if prometheus else "golive's own lookout",
        unit=book.observe.vocabulary.unit,
        firing=_since(sorted({alert for alert, _ in firing}), spec, environment, here),
        standings=[one async for one in _standings(book, engine, environment, at)],
        drawn=[one async for one in _drawn(book, engine, environment, at - length, at, step)],
        versions=await _versions(book, engine, environment, here, at),
        marks=[mark for mark in _marks(past) if mark.at >= at - length],
    )


def _since(
    alerts: list[str], spec: "Spec", environment: str, here: Folders
) -> "list[tuple[str, datetime | None]]":
    label = spec.observe.vocabulary.service
    known = {
        one.alert: datetime.fromtimestamp(one.since_ms / 1000, UTC)
        for one in memory_of(here, environment).load().open
        if dict(one.labels).get(label) == spec.service
    }
    return [(alert, known.get(alert)) for alert in alerts]


async def _standings(
    book: "RuleBook", engine: "KeepingEngine", environment: str, at: datetime
) -> "AsyncIterator[Standing]":
    from golive.slo.promql import Select, text
    from golive.slo.ratios import recorded
    from golive.slo.report import Standing
    from golive.slo.rulebook import LEFT
    from golive.slo.series import Matcher
    from golive.slo.windows import BURNS

    names = book.observe.vocabulary
    where = (Matcher(names.service, "=", book.service), Matcher(names.environment, "=", environment))

    async def value(metric: str, slo: str) -> float | None:
        found = await engine.values(text(Select(metric, (Matcher("slo", "=", slo), *where))), at)
        return next((one for one in found if one == one), None)

    for slo in book.slos:
        budget = (1_000_000 - slo.target_ppm) / 1_000_000
        bad = [(burn, await value(recorded(burn.long), slo.name)) for burn in BURNS]
        burning = [(burn, None if share is None else share / budget) for burn, share in bad]
        yield Standing(slo=slo, left=await value(LEFT, slo.name), burning=burning)


async def _drawn(
    book: "RuleBook", engine: "KeepingEngine", environment: str, since: datetime, at: datetime, step: timedelta
) -> "AsyncIterator[Drawn]":
    """Every panel of the dashboard but budgets, which stand in the table."""
    from golive.slo.panels import rows
    from golive.slo.promql import text
    from golive.slo.report import Drawn, legend

    for row in rows(book, book.service, environment):
        if row.title == "Objectives":
            continue
        for panel in row.panels:
            lines = []
            for curve in panel.curves:
                found = await engine.curves(text(curve.of), since, at, step)
                lines += [(legend(curve.legend, series.labels), series) for series in found]
            yield Drawn(panel=panel, lines=lines)


async def _versions(
    book: "RuleBook", engine: "KeepingEngine", environment: str, here: Folders, at: datetime
) -> "list[Version]":
    from golive.slo.panels import rows
    from golive.slo.promql import text
    from golive.slo.report import Version

    label = book.observe.vocabulary.revision
    (panels,) = (row.panels for row in rows(book, book.service, environment) if row.title == "Revisions")
    figures: dict[str, list[float | None]] = {}
    for place, panel in enumerate(panels):
        for series in await engine.curves(text(panel.curves[0].of), at, at, FINEST):
            name = dict(series.labels).get(label, "")
            figures.setdefault(name, [None] * len(panels))[place] = series.values[-1]
    routing, _ = await read_back(here.environment(environment))
    weights = dict(routing.weights) if routing else {}
    return [
        Version(
            name=name,
            weight=weights.get(name, 0) if routing else None,
            rate_per_s=found[0],
            failed=found[1],
            p99=found[2],
        )
        for name, found in sorted(figures.items())
        if found[0] or name in weights
    ]


def _marks(past: "Past") -> "Iterator[Mark]":
    from golive.slo.report import Mark

    for one in past.settled:
        how = "" if one.outcome == "succeeded" else f" ({one.outcome.replace('_', ' ')})"
        back = "" if one.kind == "deploy" and not how else "↩ "
        yield Mark(at=one.at, text=f"{one.kind} {one.new.name}{how}", short=f"{back}{one.new.name[:7]}")
