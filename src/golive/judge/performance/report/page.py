"""perf.json as a page that stands alone: no script, no outside address, readable in light and in dark. Pure."""

from collections.abc import Iterator, Mapping
from html import escape
from math import log10
from typing import Any

from golive.paper import plots
from golive.paper.document import document, table
from golive.paper.plots import BLUE, GREEN, GREY, ORANGE, PURPLE, Line, Plot

CURVE_TICKS = ((0.5, "50 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %"), (0.9999, "99.99 %"))
MOST_ROWS = 200


def page(body: Mapping[str, Any]) -> str:
    """The whole page."""
    title = f"{body['scenario']['name']} on {body['environment']} of {body['service']}"
    return document(title, _parts(body, title))


def _parts(body: Mapping[str, Any], title: str) -> Iterator[str]:
    verdict = body["verdict"]
    yield f"<h1>{escape(title)}</h1>"
    yield f"<p>{escape(_when(body))}</p>"
    kind = verdict["answer"] if verdict["answer"] in ("pass", "fail") else "inconclusive"
    why = escape(verdict["because"])
    yield f'<p class="verdict {kind}"><strong>{escape(verdict["answer"])}</strong>: {why}</p>'
    yield from _loud(body)
    yield from _objectives(body)
    yield from _comparison(body)
    yield from _knee(body)
    yield "<h2>Over time</h2>"
    yield from _over_time(body)
    yield plots.svg(_curve(body))
    yield from _resources(body)
    yield from _requests(body)
    yield from _failures(body)
    yield from _made(body)


def _when(body: Mapping[str, Any]) -> str:
    revision = body["revision"][:12] or "not known"
    return f"{body['began']}, run {body['run']}, revision {revision}, {body['url']}"


def _loud(body: Mapping[str, Any]) -> Iterator[str]:
    outcome = body["outcome"]
    if outcome["ended"] != "whole":
        yield f'<p class="loud">The load was {escape(outcome["ended"])}: {escape(outcome["because"])}</p>'
    if body["generator"]["bottleneck"]:
        yield f'<p class="loud">The generator was the bottleneck: {escape(body["generator"]["bottleneck"])}</p>'


def _objectives(body: Mapping[str, Any]) -> Iterator[str]:
    words = {True: "holds", False: "broken", None: "not known"}
    rows = [
        (one["name"], f"{one['limit']:g} {one['unit']}", f"{one['measured']:g} {one['unit']}", words[one["holds"]])
        for one in body["objectives"]
    ]
    if rows:
        yield "<h2>Objectives</h2>"
        yield table(("objective", "at most", "measured", ""), rows)


def _comparison(body: Mapping[str, Any]) -> Iterator[str]:
    found = body["comparison"]
    if not found:
        return
    yield "<h2>Compared</h2>"
    yield f"<p><strong>{escape(found['answer'])}</strong>: {escape(found['because'])}</p>"
    rows = [
        (one["name"], _ms(one["before"]), _ms(one["now"]), _bounds(one), one["verdict"])
        for one in found["metrics"]
    ]
    if rows:
        yield table(("metric", "before (ms, %)", "now", "change", ""), rows)
    for one in found["changes"]:
        change = f"{one['metric']} went from {one['from']:g} to {one['to']:g} ms with {one['run']}."
        yield f"<p>{escape(change)}</p>"


def _bounds(metric: Mapping[str, Any]) -> str:
    if metric["low_pct"] is None:
        return "" if metric["change_pct"] is None else f"{metric['change_pct']:+g}"
    return f"{metric['change_pct']:+g} % ({metric['low_pct']:+g} to {metric['high_pct']:+g})"


def _knee(body: Mapping[str, Any]) -> Iterator[str]:
    knee = body["knee"]
    if not knee:
        return
    yield f"<h2>Capacity: {knee['rate_per_s']} requests/s</h2><p>Limited by {escape(knee['limited_by'])}.</p>"
    steps = sorted(knee["steps"], key=lambda one: one["rate_per_s"])
    held = [(float(one["rate_per_s"]), one["p99_ms"]) for one in steps if one["holds"]]
    broken = [(float(one["rate_per_s"]), one["p99_ms"]) for one in steps if not one["holds"]]
    rates = sorted({one["rate_per_s"] for one in steps})
    yield plots.svg(
        Plot(
            title="p99 by rate",
            unit="ms",
            lines=(
                Line(name="holds", colour=BLUE, points=held, dots=True),
                Line(name="does not hold", colour=ORANGE, points=broken, dashed=True, dots=True),
            ),
            ticks=[(float(rate), f"{rate}/s") for rate in rates],
            marks=[(float(knee["rate_per_s"]), "knee")] if held else (),
        )
    )
    rows = [
        (
            f"{one['rate_per_s']}/s",
            f"{one['achieved_per_s']:g}/s",
            _ms(one["p99_ms"]),
            f"{100 * one['error_ratio']:g} %",
            one["because"],
        )
        for one in knee["steps"]
    ]
    yield table(("asked", "answered", "p99 ms", "errors", "because"), rows)


def _over_time(body: Mapping[str, Any]) -> Iterator[str]:
    intervals = body["intervals"]

    def line(name: str, colour: str, value: Any, *, dashed: bool = False) -> Line:
        points = [(one["at_s"] + one["length_s"] / 2, value(one)) for one in intervals]
        return Line(name=name, colour=colour, points=points, dashed=dashed)

    def per_second(key: str) -> Any:
        return lambda one: one[key] / one["length_s"] if one["length_s"] else None

    latency = [
        line(name, colour, lambda one, name=name: one["latency_ms"][name])
        for name, colour in (("p50", BLUE), ("p99", ORANGE), ("max", GREY))
    ]
    yield plots.svg(Plot(title="Latency, from when a request was due", unit="ms", lines=latency))
    rates = [
        line("asked", GREY, per_second("asked"), dashed=True),
        line("sent", BLUE, per_second("sent")),
        line("answered well", GREEN, per_second("ok")),
    ]
    yield plots.svg(Plot(title="Requests per second", unit="/s", lines=rates, logarithmic=False))
    if body["totals"]["failed"]:
        errors = line("failed", ORANGE, per_second("failed"))
        yield plots.svg(Plot(title="Failures per second", unit="/s", lines=(errors,), logarithmic=False))


def _curve(body: Mapping[str, Any]) -> Plot:
    """Latency by share of requests; the axis gives each nine the same room."""
    points = [(_nines(share), ms) for share, ms in body["percentiles"] if share < 1]
    most = max((x for x, _ in points), default=0)
    level = next((one for one in body["objectives"] if one["unit"] == "ms"), None)
    return Plot(
        title="Latency by share of requests",
        unit="ms",
        lines=(Line(name="", colour=PURPLE, points=points),),
        ticks=[(_nines(share), name) for share, name in CURVE_TICKS if _nines(share) <= most],
        level=(level["limit"], f"{level['name']} at most") if level else None,
    )


def _nines(share: float) -> float:
    return -log10(1 - share)


def _resources(body: Mapping[str, Any]) -> Iterator[str]:
    series = body["resources"]["series"]
    if not series:
        return
    yield f"<h2>What the service used</h2><p>Read from {escape(body['resources']['from'])}.</p>"
    shown = (
        ("cpu_cores", "CPU", "cores", 1.0, BLUE),
        ("memory_bytes", "Memory", "MiB", 1 / 2**20, GREEN),
        ("files", "Open files", "", 1.0, PURPLE),
        ("gc_s", "Garbage collection, seconds per second", "s/s", 1.0, ORANGE),
        ("gc_runs", "Garbage collections per second", "/s", 1.0, ORANGE),
    )
    for key, title, unit, factor, colour in shown:
        points = [(one["at_s"], None if one[key] is None else one[key] * factor) for one in series]
        drawn = Line(name="", colour=colour, points=points)
        yield plots.svg(Plot(title=title, unit=unit, lines=(drawn,), logarithmic=False))


def _requests(body: Mapping[str, Any]) -> Iterator[str]:
    rows = [
        (
            name,
            str(one["ended"]),
            str(one["failed"]),
            *(_ms(one["latency_ms"][key]) for key in ("p50", "p95", "p99")),
        )
        for name, one in body["requests"].items()
    ]
    if rows:
        yield "<h2>Requests</h2>"
        yield table(("request", "ended", "failed", "p50 ms", "p95 ms", "p99 ms"), rows[:MOST_ROWS])


def _failures(body: Mapping[str, Any]) -> Iterator[str]:
    causes = body["totals"]["causes"]
    if not causes:
        return
    yield "<h2>Failures</h2>"
    yield table(("cause", "requests"), [(cause, str(count)) for cause, count in causes.items()][:MOST_ROWS])
    yield table(("first ones", "", ""), [(f["at"], f["cause"], f["detail"]) for f in body["failures"][:20]])


def _made(body: Mapping[str, Any]) -> Iterator[str]:
    made, machine = body["generator"], body["machine"]
    yield "<h2>How it was measured</h2>"
    late = made["late_ms"]
    rows = [
        ("generator", f"{made['engine']} {made['version']}, processes: {made['processes']} {made['loop']}"),
        ("its own lateness", f"p50 {late['p50']:g} ms, p99 {late['p99']:g} ms, at most {late['max']:g} ms"),
        (
            "its busiest process",
            "not known" if made["cpu_share"] is None else f"{made['cpu_share']:.0%} of a core",
        ),
        ("waited for a connection", f"{made['held']} requests"),
        ("sent again on a new connection", f"{made['reconnected']} requests"),
        ("machine", ", ".join(f"{key} {value}" for key, value in machine.items() if value != "")),
    ]
    rows += [("it could not measure", made["note"])] if made["note"] else []
    if not made["open_loop"]:
        rows.append(
            ("closed loop", "users wait for answers, so a slow service is asked less: latencies are flattered")
        )
    yield table(("", ""), rows)


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
