"""`golive promote`."""

import asyncio

import click

from golive.cli.answer import answer, env_option, file_option, json_option


@click.command()
@env_option
@file_option
@json_option
def promote(env: str, file: str, as_json: bool) -> None:
    """Let a rollout that waits for a person go on to its next weight.

    The word counts for the present weight only. A verdict that has gone stale meanwhile is taken again.

    Example: golive promote --env production
    """
    asyncio.run(_promote(env, file, as_json))


async def _promote(env: str, file: str, as_json: bool) -> None:
    from golive import assembly
    from golive.controller import rollouts

    async with assembly.site(file, env) as site:
        rollout = rollouts.promote(site)
        answer(
            {"environment": env, "rollout": rollout, "promoted_by": site.actor.id},
            f"{env}: {rollout} may go on (by {site.actor.id})",
            as_json=as_json,
        )
