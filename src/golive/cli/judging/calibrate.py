"""`golive judge calibrate`."""

import asyncio
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click

from golive.cli.answer import answer, env_option, file_option, json_option


@click.command()
@env_option
@click.option(
    "--history",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A recorded series with ticks of single instances; without it, load is put on them now.",
)
@click.option("--since", type=click.IntRange(1, 168), help="Hours of Prometheus' history to learn from.")
@click.option("--seconds", type=click.IntRange(60, 86_400), default=300, show_default=True, help="Of load.")
@click.option(
    "--rate",
    type=click.IntRange(1, 500),
    default=20,
    show_default=True,
    help="Requests per second to each instance.",
)
@click.option("--path", default="/", show_default=True, help="What is asked for; safe to repeat.")
@click.option(
    "--watch",
    type=click.IntRange(10, 86_400),
    help="Seconds that each placebo canary is watched; default: as long as 24 of them allow, an hour at most.",
)
@file_option
@json_option
def calibrate(
    env: str,
    history: Path | None,
    since: int | None,
    seconds: int,
    rate: int,
    path: str,
    watch: int | None,
    file: str,
    as_json: bool,
) -> None:
    """Learn how much the instances of one revision differ, from placebo canaries.

    Each instance of the live revision is judged against the others, though nothing was released: evidence is
    tempered until hardly any of these would be rolled back. Without it only gross faults are rolled back by
    evidence, and nothing is proven. Exit 0: recorded, and used for 30 days; 3: not enough instances or time.

    Example: golive judge calibrate --env production --path /products
    """
    from golive import assembly

    asked = assembly.Calibrating(
        history=history,
        since=timedelta(hours=since) if since else None,
        load=timedelta(seconds=seconds),
        rate=rate,
        path=path,
        watch=timedelta(seconds=watch) if watch else None,
    )
    found, kept = asyncio.run(assembly.calibrate(file, env, asked, _tell))
    if sys.stderr.isatty():
        click.echo("", err=True)
    most = 100 * 3 / found.canaries if not found.alarms else None
    doubt = f", so at most about {most:.2g} % of such rollouts are false alarms (95 %)" if most else ""
    lines = [
        f"{env}: {found.canaries} placebo canaries of {found.watch.total_seconds():g} s each, "
        f"{found.alarms} would be rolled back{doubt}",
        *(f"{name:8} evidence divided by {p.fine:g}, minutes by {p.minutes:g}, gross by {p.gross:g}"
          for name, p in found.phi.items()),
        f"history:  {kept}",
    ]  # fmt: skip
    values = {
        "environment": env,
        "canaries": found.canaries,
        "alarms": found.alarms,
        "watch_s": found.watch.total_seconds(),
        "phi": {name: asdict(p) for name, p in found.phi.items()},
        "history": kept,
    }
    answer(values, "\n".join(lines), as_json=as_json)


def _tell(text: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{text:70}", err=True, nl=False)
