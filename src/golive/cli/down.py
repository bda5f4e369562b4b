"""`golive down`."""

import asyncio

import click

from golive.cli.answer import answer, env_option, file_option, json_option


@click.command()
@env_option
@file_option
@json_option
def down(env: str, file: str, as_json: bool) -> None:
    """Stop an environment: front door, instances, supervisor. Records and builds stay.

    Undo it with a deploy.

    Example: golive down --env staging
    """
    asyncio.run(_down(env, file, as_json))


async def _down(env: str, file: str, as_json: bool) -> None:
    from golive import assembly
    from golive.controller import rollouts

    async with assembly.site(file, env) as site:
        await rollouts.down(site)
        answer({"environment": env, "stopped": True}, f"{env}: stopped", as_json=as_json)
