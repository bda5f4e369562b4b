"""The four signals in one line, for whoever glances at the state: what golive's own lookout says."""

from golive.assembly.place import folders, specification
from golive.errors import Failure


async def signals(file: str, environment: str) -> str:
    """ "" where no lookout of golive's own is at work; a state must be told also where signals cannot."""
    here = folders(file)
    if not (here.environment(environment) / "lookout.json").exists():
        return ""
    from golive.assembly.observe.alerting import engine_of
    from golive.drivers.clock import SystemClock
    from golive.slo.panels import rows
    from golive.slo.promql import text
    from golive.slo.rulebook import rulebook

    try:
        spec, _ = specification(file)
        if spec.observe.prometheus is not None:
            return ""
        book, engine, at = rulebook(spec), engine_of(spec, environment, here), SystemClock().now()
        firing = sorted({alert for alert, _ in await engine.firing([spec.service])})
        (panels,) = (row.panels for row in rows(book, spec.service, environment) if row.title == "Signals")
        found = []
        for panel in panels:
            if panel.title != "Scrapes":
                values = await engine.values(text(panel.curves[-1].of), at)
                found += [_said(panel.title, panel.unit, value) for value in values[:1] if value == value]
    except Failure:
        return ""
    return f"{', '.join(found) or 'no data'}; {', '.join(firing) or 'no alert'} fires"


def _said(title: str, unit: str, value: float) -> str:
    name = title.removeprefix("Used: ").lower()
    match unit:
        case "reqps":
            return f"{value:.3g} requests/s"
        case "percentunit":
            return f"{name} {100 * value:.3g} %"
    return f"p99 {value:.3g} {unit}"
