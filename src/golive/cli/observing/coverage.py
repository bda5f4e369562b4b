"""`golive observe coverage`."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, env_option, file_option, json_option
from golive.cli.settled import leave
from golive.errors import Exit

if TYPE_CHECKING:
    from golive.assembly.observe.covering import Covered

PLURAL = {"objective": "objectives", "alert": "alerts"}


@click.command()
@env_option
@click.option(
    "--dashboard",
    type=click.Path(dir_okay=False),
    default="",
    help="A dashboard of Grafana as JSON; default: the one that golive renders.",
)
@file_option
@json_option
def coverage(env: str, dashboard: str, file: str, as_json: bool) -> None:
    """What of all that is promised is really watched, and what is missing.

    Every objective needs data of the real service, an alert, a panel and an entry in the runbook; every alert a
    receiver, a rehearsal that holds (golive observe check), a drill of today's golive.yaml that saw it arrive
    (golive observe prove), and an entry. Runbooks are files beside golive.yaml, or pages that are fetched; an
    entry is a heading, or an id, as the alert's link names it. The claim monitoring-covered is recorded.
    Exit 0: nothing is missing. 1: something is; each hole is named.

    Example: golive observe coverage --env production
    """
    from golive.assembly.observe import covering

    covered = asyncio.run(covering.cover(file, env, dashboard))
    answer(asdict(covered), "\n".join(text(env, covered)), as_json=as_json)
    leave(Exit.DONE if covered.answer == "proven" else Exit.FAILED)


def text(env: str, covered: "Covered") -> Iterator[str]:
    """State first, then each aspect, then what is missing; the same hole of many is told once."""
    yield f"{env}: {covered.percent} of what is promised is watched"
    for of, plural in PLURAL.items():
        told = (f"{one.aspect} {one.there}/{one.all}" for one in covered.shares if one.of == of)
        yield f"{plural:<11} {', '.join(told)}"
    holes: dict[tuple[str, str], list[str]] = {}
    for point in covered.points:
        if point.hole:
            holes.setdefault((point.aspect, point.hole), []).append(point.name)
    for (aspect, hole), names in holes.items():
        several = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield f"✗ {aspect}: {hole} ({', '.join(names[:3])}{several})"
