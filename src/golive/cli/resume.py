"""`golive resume`."""

import asyncio

import click

from golive.cli.answer import answer, env_option, file_option, json_option
from golive.cli.settled import leave
from golive.errors import Exit


@click.command()
@env_option
@file_option
@json_option
def resume(env: str, file: str, as_json: bool) -> None:
    """Take up a rollout whose controller died: look, plan, go on.

    The rollout keeps the specification that it began with, whatever golive.yaml says now.

    Example: golive resume --env production
    """
    leave(asyncio.run(_resume(env, file, as_json)))


async def _resume(env: str, file: str, as_json: bool) -> Exit:
    from golive import assembly
    from golive.cli.progress import Progress
    from golive.cli.settled import tell
    from golive.controller import rollouts

    async with assembly.site(file, env, resuming=True) as site:
        with Progress() as progress:
            settled = await rollouts.resume(site, watch=progress)
        if settled is None:
            answer({"environment": env, "resumed": False}, f"{env}: nothing to resume", as_json=as_json)
            return Exit.DONE
        return await tell(site, settled, as_json=as_json)
