"""`golive observe watch`."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from golive.cli.answer import answer, env_option, file_option, json_option, plain
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.controller.lookout import Moment
    from golive.slo.firing import Firing, Watched


@click.command()
@env_option
@click.option(
    "--interval", type=click.IntRange(1, 60), default=15, show_default=True, help="Seconds from scrape to scrape."
)
@click.option("--background", is_flag=True, help="Go on after this command; golive down ends it too.")
@click.option("--stop", is_flag=True, help="End the lookout that runs in the background.")
@file_option
@json_option
def watch(env: str, interval: int, background: bool, stop: bool, file: str, as_json: bool) -> None:
    """Watch a service where there is no Prometheus: scrape, evaluate its rules, call its receivers.

    The front door, each instance (observe.scrape) and this machine are read every 15 seconds and kept for 35 days
    in .golive; the rules are those that golive observe render writes. Alerts go to observe.receivers as
    Alertmanager's webhooks, again every 4 hours while they last, and once when they end. What could not be
    delivered is tried again each round. Runs until Ctrl-C, or in the background.

    Example: golive observe watch --env production --background
    """
    from golive.assembly.observe import lookout

    if background and stop:
        raise Failure(
            where="--background, --stop",
            what="only one of them can be meant",
            why="one begins a lookout, the other ends it",
            next=f"golive observe watch --env {env} --background",
            code=Exit.USAGE,
        )
    if stop:
        there = asyncio.run(lookout.end_lookout(file, env))
        said = "the lookout was ended" if there else "no lookout was running"
        answer({"environment": env, "stopped": there}, f"{env}: {said}", as_json=as_json)
    elif background:
        seen = asyncio.run(lookout.lookout_in_background(file, env, timedelta(seconds=interval)))
        answer(told(env, seen), "\n".join(text(env, seen)), as_json=as_json)
    else:
        with suppress(KeyboardInterrupt):
            asyncio.run(lookout.watch(file, env, timedelta(seconds=interval), Looking(env)))
        click.echo(f"{env}: nobody watches any more", err=True)


class Looking:
    """Says what changed, and at first what is watched."""

    def __init__(self, env: str) -> None:
        self.env = env
        self.last = ""

    def __call__(self, moment: "Moment") -> None:
        watched, now = moment.watched, datetime.now().astimezone().isoformat(timespec="seconds")
        state = "\n".join(text(self.env, watched))
        if state != self.last:
            self.last = state
            click.echo(plain(f"{now}  {state}"))
        for word, changed in (("fires", moment.began), ("ended", moment.ended)):
            for one in changed:
                click.echo(plain(f"{now}  {word:<6} {one.alert}: {where(one)}"))


def where(one: "Firing") -> str:
    return ", ".join(value for _, value in one.labels)


def text(env: str, watched: "Watched") -> Iterator[str]:
    """What is watched, and what is wrong with it; the same as long as nothing changes."""
    if watched.trouble:
        yield f"! {watched.trouble}"
    if watched.rules:
        yield f"{env}: {len(watched.rules)} alerts are watched, {len(watched.open)} fire"
    if watched.unheard:
        yield f"! nobody is called for a {' or a '.join(watched.unheard)}: golive spec explain observe.receivers"
    for place, why in sorted(watched.places.items()):
        yield f"{'✗' if why else '✓'} {place}" + (f": {why}" if why else "")
    for alert, why in sorted(watched.failing.items()):
        yield f"✗ {alert}: {why}"
    for severity, why in sorted(watched.deaf.items()):
        yield f"✗ receiver of {severity}: the last message did not arrive, and is sent again: {why}"


def told(env: str, watched: "Watched") -> dict[str, Any]:
    """The same for programs."""
    return {
        "environment": env,
        "at_ms": watched.at_ms,
        "interval_ms": watched.interval_ms,
        "places": dict(watched.places),
        "alerts": sorted(watched.rules),
        "failing": dict(watched.failing),
        "firing": [
            {"alert": one.alert, "labels": dict(one.labels), "since_ms": one.since_ms} for one in watched.open
        ],
        "undelivered": dict(watched.undelivered),
        "deaf": dict(watched.deaf),
        "trouble": watched.trouble,
        "unheard": list(watched.unheard),
    }
