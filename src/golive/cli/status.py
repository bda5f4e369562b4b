"""`golive status`."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, environments, file_option, json_option

if TYPE_CHECKING:
    from golive.assembly import View

LOOK_EVERY_S = 1.0


@click.command()
@click.option(
    "-e",
    "--env",
    default=None,
    shell_complete=environments,
    help="One environment; default: every one with a record.",
)
@file_option
@click.option("--watch", is_flag=True, help="Look again every second until interrupted.")
@json_option
def status(env: str | None, file: str, watch: bool, as_json: bool) -> None:
    """Where traffic is, what is being done and by whom, and how the last rollouts ended.

    Traffic and health are read from the running front door, everything else from the records.

    Example: golive status --watch
    """
    from golive import assembly

    while True:
        views, signals = asyncio.run(_looked(file, env))
        if watch and not as_json:
            click.clear()
        told = {
            "environments": [_values(*one) for one in zip(views, signals, strict=True)],
            "log_head": str(assembly.head(file)),
        }
        answer(told, "\n\n".join(map(_text, views, signals)) or NOTHING, as_json=as_json)
        if not watch:
            return
        time.sleep(LOOK_EVERY_S)


NOTHING = "nothing was deployed yet\nnext: golive deploy --env ENVIRONMENT"


async def _looked(file: str, env: str | None) -> "tuple[Sequence[View], Sequence[str]]":
    from golive import assembly
    from golive.assembly.observe import glance

    views = await assembly.views(file, env)
    return views, [await glance.signals(file, view.past.environment) for view in views]


def _values(view: "View", signals: str) -> Mapping[str, object]:
    past, routing = view.past, view.routing
    rollout = past.rollout
    return {
        "environment": past.environment,
        "live": past.live.name if past.live else None,
        "entry": routing.entry if routing else None,
        "weights": dict(routing.weights) if routing else None,
        "pools": {
            name: {"healthy": pool.healthy, "endpoints": sorted(map(str, pool.endpoints))}
            for name, pool in (routing.pools if routing else {}).items()
        },
        "unreachable": view.unreachable,
        "rollout": {"id": rollout.id, "by": rollout.by, "since": rollout.at.isoformat()} if rollout else None,
        "turned_back_because": rollout.turn.because if rollout and rollout.turn else None,
        "controller": view.holder,
        "signals": signals,
        "last": [
            {"rollout": s.id, "kind": s.kind, "revision": s.new.name, "outcome": s.outcome, "at": s.at.isoformat()}
            for s in past.settled[-3:]
        ],
    }


def _text(view: "View", signals: str) -> str:
    past = view.past
    lines = [f"{past.environment}: {_state(view)}", f"  traffic    {_traffic(view)}"]
    if view.routing:
        lines += [
            f"  {name:10} {pool.healthy} of {len(pool.endpoints)} healthy, {view.routing.weights.get(name, 0)} %"
            for name, pool in sorted(view.routing.pools.items())
        ]
    if signals:
        lines.append(f"  signals    {signals}")
    if past.rollout:
        lines.append(f"  rollout    {past.rollout.id}, by {past.rollout.by} since {past.rollout.at:%H:%M:%S} UTC")
        lines.append(f"  controller {view.holder or 'none: golive resume --env ' + past.environment}")
    for settled in past.settled[-3:]:
        lines.append(
            f"  {settled.at:%m-%d %H:%M} {settled.kind} {settled.new.name}: "
            f"{settled.outcome.replace('_', ' ')}, {settled.because}"
        )
    return "\n".join(lines)


def _state(view: "View") -> str:
    past = view.past
    if past.rollout:
        return f"going back: {past.rollout.turn.because}" if past.rollout.turn else "a rollout is under way"
    return f"{past.live.name} is live" if past.live else "nothing is live"


def _traffic(view: "View") -> str:
    if view.routing is None and not view.past.up and not view.past.rollout:
        return "none: the environment is stopped"
    if view.routing is None:
        return f"unknown: {view.unreachable}"
    shares = ", ".join(f"{share} % {name}" for name, share in view.routing.weights.items())
    return f"{shares or 'none'}" + (f" at {view.routing.entry}" if view.routing.entry else "")
