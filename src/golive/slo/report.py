"""How a service does, on one page: promises and what is left of them, the four signals, revisions side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import cycle

from golive.paper.document import document, table
from golive.paper.plots import BLUE, GREEN, GREY, ORANGE, PURPLE, Line, Plot, svg
from golive.slo.panels import Panel, Unit
from golive.slo.series import Labels, Series
from golive.slo.windows import Burn
from golive.spec.observed import Slo
from golive.spec.quantities import duration_text

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, GREY)
UNITS: Mapping[Unit, tuple[str, float]] = {
    "reqps": ("/s", 1),
    "percentunit": ("%", 100),
    "ms": ("ms", 1),
    "s": ("s", 1),
    "none": ("", 1),
}
TICKS = 6
OWN_STYLE = """<style>
.bar { background: var(--box); height: 1rem; border-radius: 4px; min-width: 8rem; } .bar div { height: 100%;
  border-radius: 4px; background: #009E73; } .bar.low div { background: #D55E00; }
</style>"""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A panel with what its curves gave, by legend; times in unix milliseconds."""

    panel: Panel
    lines: Sequence[tuple[str, Series]]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How one objective stands. `left` is the share of its budget, below 0 when overspent; None: no data."""

    slo: Slo
    left: float | None
    burning: Sequence[tuple[Burn, float | None]]  # by how many times too fast, over the long window

    @property
    def word(self) -> str:
        if self.left is None:
            return "no data"
        return "overspent" if self.left < 0 else "within budget"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Something that happened to the environment, such as a release."""

    at: datetime
    text: str
    short: str  # beside a line


@dataclass(frozen=True, kw_only=True)
class Version:
    """One revision over the last minutes; None where nothing is known."""

    name: str
    weight: int | None  # percent of the traffic
    rate_per_s: float | None
    failed: float | None  # share
    p99: float | None


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that the page shows."""

    service: str
    environment: str
    at: datetime
    since: datetime
    step: timedelta  # from point to point of a curve
    source: str  # where the figures are from
    unit: str  # of latency
    firing: Sequence[tuple[str, datetime | None]]  # alerts, and since when, where it is known
    standings: Sequence[Standing]
    drawn: Sequence[Drawn]
    versions: Sequence[Version]
    marks: Sequence[Mark]


def page(report: Report) -> str:
    """HTML that stands alone."""
    return document(f"{report.service} in {report.environment}", _parts(report))


def _parts(report: Report) -> Iterator[str]:
    yield OWN_STYLE
    yield f"<h1>{escape(report.service)} in {escape(report.environment)}</h1>"
    yield (
        f"<p>{report.since:%Y-%m-%d %H:%M} to {report.at:%H:%M} UTC ({duration_text(_length(report))}), from "
        f"{escape(report.source)}. Written by <code>golive observe report</code>; it does not renew itself.</p>"
    )
    yield _state(report)
    yield "<h2>Objectives</h2>"
    yield _standings(report)
    yield "<p>Budgets count what was measured: where nothing was, nothing is known.</p>"
    yield "<h2>Revisions, over the last five minutes</h2>"
    yield _versions(report) or "<p>No revision was asked anything.</p>"
    yield "<h2>Signals</h2>"
    known = [one for one in report.drawn if any(series.values for _, series in one.lines)]
    for drawn in known:
        yield svg(_plot(drawn, report))
    empty = [one.panel.title for one in report.drawn if one not in known]
    if empty:
        yield f'<p class="loud">No data: {escape(", ".join(empty))}</p>'
    if report.marks:
        yield "<h2>What happened</h2>"
        yield table(("when (UTC)", ""), [(f"{one.at:%Y-%m-%d %H:%M:%S}", one.text) for one in report.marks])


def _length(report: Report) -> timedelta:
    seconds = round((report.at - report.since).total_seconds())
    return timedelta(seconds=seconds)


def _state(report: Report) -> str:
    if report.firing:
        told = ", ".join(
            f"{alert} since {since:%H:%M:%S} UTC" if since else alert for alert, since in report.firing
        )
        many = "1 alert fires" if len(report.firing) == 1 else f"{len(report.firing)} alerts fire"
        return f'<p class="verdict fail"><strong>{many}</strong>: {escape(told)}</p>'
    if any(one.left is None for one in report.standings):
        return '<p class="verdict inconclusive"><strong>not known</strong>: an objective has no data</p>'
    if any(one.left is not None and one.left < 0 for one in report.standings):
        return '<p class="verdict fail"><strong>no alert fires</strong>, and a budget is overspent</p>'
    return '<p class="verdict pass"><strong>no alert fires</strong>, every objective is within its budget</p>'


def _standings(report: Report) -> str:
    rows = []
    for one in report.standings:
        burns = ", ".join(
            f"{'-' if factor is None else f'{factor:.3g}'} ({duration_text(burn.long)})"
            for burn, factor in one.burning
        )
        left = "-" if one.left is None else f"{100 * one.left:.3g} %"
        bar = max(0.0, min(1.0, one.left or 0.0)) * 100
        low = " low" if one.left is not None and one.left < 0.25 else ""
        promised = f"{one.slo.target_ppm / 10_000:g} % in {duration_text(one.slo.window)}"
        rows.append(
            f"<tr><td>{escape(one.slo.name)}</td><td>{escape(promised)}</td><td>{one.word}</td>"
            f'<td>{left}<div class="bar{low}"><div style="width:{bar:.1f}%"></div></div></td>'
            f"<td>{escape(burns)}</td></tr>"
        )
    head = "".join(f"<th>{name}</th>" for name in ("objective", "promised", "", "budget left", "burns × (over)"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{''.join(rows)}\n</tbody></table>"


def _plot(drawn: Drawn, report: Report) -> Plot:
    unit, factor = UNITS[drawn.panel.unit]
    begin = report.since.timestamp()
    lines = [
        Line(
            name=legend,
            colour=colour,
            points=[
                (at / 1000 - begin, factor * value)
                for at, value in zip(series.times_ms, series.values, strict=True)
                if value == value
            ],
        )
        for (legend, series), colour in zip(drawn.lines, cycle(COLOURS), strict=False)
        if series.values
    ]
    limit = drawn.panel.limit
    return Plot(
        title=drawn.panel.title,
        unit=unit,
        lines=lines,
        ticks=_ticks(report),
        level=(limit * factor, f"limit {limit * factor:g} {unit}") if limit is not None else None,
        marks=[(one.at.timestamp() - begin, one.short) for one in report.marks],
        logarithmic=False,
        span=(0.0, _length(report).total_seconds()),
        gap=2.5 * report.step.total_seconds(),
    )


def _ticks(report: Report) -> list[tuple[float, str]]:
    length = _length(report).total_seconds()
    clock = "%H:%M" if length < 86_400 else "%m-%d %H:%M"
    moments = (n * length / TICKS for n in range(TICKS + 1))
    return [(moment, f"{report.since + timedelta(seconds=moment):{clock}}") for moment in moments]


def _versions(report: Report) -> str:
    rows = [
        (
            one.name,
            "-" if one.weight is None else f"{one.weight} %",
            _number(one.rate_per_s, "/s"),
            _number(None if one.failed is None else 100 * one.failed, " %"),
            _number(one.p99, f" {report.unit}"),
        )
        for one in report.versions
    ]
    return table(("revision", "traffic", "requests", "failed", "p99"), rows)


def _number(value: float | None, unit: str) -> str:
    return "-" if value is None or value != value else f"{value:.3g}{unit}"


def legend(template: str, labels: Labels) -> str:
    """Grafana's legend filled in: `{{le}}` becomes the label's value."""
    found = template
    for name, value in labels:
        found = found.replace(f"{{{{{name}}}}}", value)
    return found
