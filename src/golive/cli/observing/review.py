"""`golive observe review`."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from golive.cli.answer import answer, env_option, file_option, json_option
from golive.cli.observing.prove import Once
from golive.cli.settled import leave
from golive.errors import Exit

if TYPE_CHECKING:
    from golive.assembly.observe.reviewing import Reviewed

ENDS = {"proven": Exit.DONE, "refuted": Exit.FAILED}


@click.command()
@env_option
@click.option("--hours", type=click.FloatRange(0.02, 24 * 35), default=24, show_default=True, help="How far back.")
@click.option(
    "--load",
    type=click.Path(dir_okay=False),
    default="",
    help="A result of golive perf: what each SLO would do if it went on like this.",
)
@file_option
@json_option
def review(env: str, hours: float, load: str, file: str, as_json: bool) -> None:
    """Hold every threshold against what was: how often it would have called, how close it came, what fits better.

    The rules are replayed over the past, as golive observe watch or Prometheus kept it, at 288 moments. An alert
    that would have called is to be looked at: was it trouble, or is the threshold too tight? A deviation that is
    meant is documented, with an end: golive waive thresholds-reviewed --env ENV --days 14 --reason WHY.
    Exit 0: no threshold was crossed. 1: one was, or a budget went unseen. 3: there is no data.

    Example: golive observe review --env production --hours 168 --load perf.json
    """
    from golive.assembly.observe import reviewing

    reviewed = asyncio.run(reviewing.review(file, env, timedelta(hours=hours), load, Once()))
    answer(told(reviewed), "\n".join(text(env, reviewed)), as_json=as_json)
    leave(ENDS.get(reviewed.answer, Exit.WAITING))


def told(reviewed: "Reviewed") -> dict[str, Any]:
    """For programs: moments as text, shares between 0 and 1."""
    content = asdict(reviewed)
    content["since"] = reviewed.since.isoformat()
    for one in content["alerts"]:
        one["at"] = one["at"].isoformat() if one["at"] else None
    return content


def text(env: str, reviewed: "Reviewed") -> Iterator[str]:
    """State first, then why, each threshold, each budget, and the load."""
    words = {"proven": "no threshold was crossed", "refuted": "thresholds to look at"}
    yield f"{env}: {words.get(reviewed.answer, 'not known')}"
    yield f"why:      {reviewed.because}"
    for one in reviewed.alerts:
        close = "" if one.closest is None else f"{one.closest:>6.0%} of the threshold"
        calls = f"  {one.calls} calls, {one.minutes:g} min" if one.calls else ""
        mark = {"called": "✗", "no data": "?", "came near": "!"}.get(one.word, "✓")
        yield f"{mark} {one.alert:<24} {one.word:<10} {close}{calls}".rstrip()
        if one.suggestion:
            yield f"    {one.suggestion}"
    for slo in reviewed.budgets:
        if slo.bad is not None and slo.burnt is not None:
            yield f"budget:   {slo.slo}: {100 * slo.bad:.3g} % was bad, {100 * slo.burnt:.3g} % of the budget went"
        if slo.suggestion:
            yield f"    {slo.suggestion}"
    for load in reviewed.load:
        would = f"would call: {', '.join(load.calls)}" if load.calls else "would call nobody"
        yield f"load:     {load.slo}: {100 * load.bad:.3g} % bad, {load.burn_rate:.3g} times its budget; {would}"
