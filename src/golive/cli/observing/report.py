"""`golive observe report`."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from golive.cli.answer import answer, env_option, file_option, json_option
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.slo.report import Report


@click.command()
@env_option
@click.option("--hours", type=click.FloatRange(0.05, 24 * 35), default=6, show_default=True, help="How far back.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False),
    default="report.html",
    show_default=True,
    help="The page; what was there before is replaced.",
)
@file_option
@json_option
def report(env: str, hours: float, out: str, file: str, as_json: bool) -> None:
    """How a service does, as a page that stands alone: objectives and budgets, the four signals, revisions.

    Where there is no Grafana, or for people who have none: no script, no outside address. Releases and rollbacks
    are marked. The figures are those of golive observe watch, or of the Prometheus that golive.yaml names.

    Example: golive observe report --env production --hours 24 --out report.html
    """
    from golive.assembly.observe import reporting
    from golive.slo.report import page

    found = asyncio.run(reporting.report(file, env, timedelta(hours=hours)))
    _write(Path(out), page(found))
    answer({**told(found), "page": out}, text(found, out), as_json=as_json)


def _write(path: Path, content: str) -> None:
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_text(content, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise Failure(
            where=str(path),
            what="the page cannot be written",
            why=error.strerror or str(error),
            next="name another place: --out FILE",
            code=Exit.USAGE,
        ) from error


def text(found: "Report", out: str) -> str:
    """State first, then each objective."""
    lines = [
        f"{found.environment}: {', '.join(alert for alert, _ in found.firing) or 'no alert'} fires",
        f"page:     {out}",
    ]
    for one in found.standings:
        left = "no data" if one.left is None else f"{100 * one.left:.3g} % of the budget is left"
        lines.append(f"{'✗' if one.left is None or one.left < 0 else '✓'} {one.slo.name}: {left}")
    empty = [one.panel.title for one in found.drawn if not any(series.values for _, series in one.lines)]
    lines += [f"no data:  {', '.join(empty)}"] if empty else []
    return "\n".join(lines)


def told(found: "Report") -> dict[str, Any]:
    """The figures of the page for programs; shares between 0 and 1."""
    return {
        "environment": found.environment,
        "at": found.at.isoformat(),
        "since": found.since.isoformat(),
        "firing": [alert for alert, _ in found.firing],
        "objectives": [
            {
                "name": one.slo.name,
                "budget_left": one.left,
                "burns": {f"{burn.long.total_seconds():.0f} s": factor for burn, factor in one.burning},
            }
            for one in found.standings
        ],
        "revisions": [
            {
                "name": one.name,
                "weight": one.weight,
                "rate_per_s": one.rate_per_s,
                "failed": one.failed,
                "p99": one.p99,
            }
            for one in found.versions
        ],
        "happened": [{"at": one.at.isoformat(), "what": one.text} for one in found.marks],
    }
