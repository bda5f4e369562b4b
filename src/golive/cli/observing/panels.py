"""`golive observe panels`."""

import asyncio
from dataclasses import asdict
from datetime import timedelta

import click

from golive.cli.answer import answer, env_option, file_option, json_option
from golive.cli.observing.prove import Once
from golive.cli.settled import leave
from golive.errors import Exit


@click.command()
@env_option
@click.option(
    "--dashboard",
    type=click.Path(dir_okay=False),
    default="",
    help="A dashboard of Grafana as JSON; default: the one that golive renders.",
)
@click.option(
    "--patience", type=click.IntRange(1, 3600), default=30, show_default=True, help="Seconds for all to move."
)
@file_option
@json_option
def panels(env: str, dashboard: str, patience: int, file: str, as_json: bool) -> None:
    """See every panel with data, and see it move when a fault is planted.

    Each query of the dashboard is run on the real service, where it must give a number, and on made-up services
    with and without a fault, where it must differ. What stays the same whatever is planted shows nothing.
    Exit 0: all have data and move. 1: one does not.

    Example: golive observe panels --env production --dashboard observability/dashboard.json
    """
    from golive.assembly.observe import dashboards

    shown = asyncio.run(dashboards.prove_panels(file, env, dashboard, timedelta(seconds=patience), Once()))
    lines = [f"{env}: {shown.answer}", f"why:      {shown.because}"]
    for one in shown.panels:
        lines.append(f"{'✗' if one.hole else '✓'} {one.panel} ({one.ref})" + (f": {one.hole}" if one.hole else ""))
    answer(asdict(shown), "\n".join(lines), as_json=as_json)
    leave(Exit.DONE if shown.answer == "proven" else Exit.FAILED)
