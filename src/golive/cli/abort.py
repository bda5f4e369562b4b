"""`golive abort`."""

import asyncio

import click

from golive.cli.answer import env_option, file_option, json_option
from golive.cli.settled import leave
from golive.errors import Exit, Failure


@click.command()
@env_option
@file_option
@click.option("--why", default="", help="The reason, for the record.")
@json_option
def abort(env: str, file: str, why: str, as_json: bool) -> None:
    """Stop a rollout and return traffic to where it was.

    Works at any time and from any terminal: the controller at work turns back, and when none is at work
    this command does it. Exit 0 once traffic is back.

    Example: golive abort --env production --why "wrong build"
    """
    leave(asyncio.run(_abort(env, file, why, as_json)))


async def _abort(env: str, file: str, why: str, as_json: bool) -> Exit:
    from golive import assembly
    from golive.cli.progress import Progress
    from golive.cli.settled import tell
    from golive.controller import rollouts

    async with assembly.site(file, env, resuming=True) as site:
        rollout = rollouts.abort(site, why=why)
        with Progress() as progress:
            progress.line(f"abort of {rollout} is recorded; from here on it only goes back")
            try:
                settled = await rollouts.resume(site, watch=progress)
            except Failure as held:
                if held.code is not Exit.REFUSED:
                    raise
                settled = None  # a controller is at work and reads the abort
            settled = settled or await rollouts.settled_by_another(site, rollout)
        code = await tell(site, settled, as_json=as_json)
        return Exit.DONE if settled.outcome in ("rolled_back", "failed_safe") else code
