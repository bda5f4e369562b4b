"""`golive observe prove`."""

import asyncio
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, env_option, file_option, json_option
from golive.cli.settled import leave
from golive.errors import Exit

if TYPE_CHECKING:
    from golive.assembly.observe.alerting import Shown


@click.command()
@env_option
@click.option(
    "--patience",
    type=click.IntRange(1, 3600),
    default=None,
    help="Seconds for all alerts to arrive, and again to end; default: the longest timeout of observe.receivers.",
)
@file_option
@json_option
def prove(env: str, patience: int | None, file: str, as_json: bool) -> None:
    """See every alert fire, reach its receiver, and end.

    For each alert two made-up services are written into Prometheus by remote write, or into the store of golive's
    own lookout, under names that only this drill has: one just above the threshold, one just below. The first must
    fire, take the route of the real alert, and arrive; the second must stay silent. Nothing of the real service is
    touched. Whoever is called hears of it: the name of the service says that it is a drill.
    Exit 0: all arrived. 1: one did not, and the hop where its way ended is named. 3: nobody watches.

    Example: golive observe prove --env production
    """
    from golive.assembly.observe import alerting

    limit = timedelta(seconds=patience or 0)
    shown = asyncio.run(alerting.prove_alerts(file, env, limit, Once()))
    answer(asdict(shown), text(env, shown), as_json=as_json)
    leave(Exit.DONE if shown.answer == "proven" else Exit.FAILED)


class Once:
    """Says a line when it is another than the last."""

    def __init__(self) -> None:
        self.last = ""

    def __call__(self, line: str) -> None:
        if line != self.last:
            self.last = line
            click.echo(line, err=True)


def text(env: str, shown: "Shown") -> str:
    """State first, then why, then each alert with the times of its hops."""
    lines = [f"{env}: {shown.answer}", f"why:      {shown.because}"]
    for one in shown.alerts:
        hops = {"fired": one.fired_ms, "routed": one.routed_ms, "arrived": one.arrived_ms, "ended": one.ended_ms}
        times = ", ".join(f"{hop} {ms / 1000:.1f} s" for hop, ms in hops.items() if ms is not None)
        lines.append(f"{'✗' if one.broken else '✓'} {one.alert:<24} {one.signal:<10} {times}")
        if one.broken:
            lines.append(f"    {one.broken}: {one.because}")
    if any(one.broken == "receiver" and "names no receiver" in one.because for one in shown.alerts):
        lines.append(
            "next:     golive spec explain observe.receivers; where no pager is at hand: golive observe listen"
        )
    return "\n".join(lines)
