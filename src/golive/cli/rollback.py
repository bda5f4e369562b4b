"""`golive rollback`."""

import asyncio

import click

from golive.cli.answer import answer, env_option, file_option, json_option
from golive.cli.settled import leave
from golive.errors import Exit


@click.command()
@env_option
@file_option
@click.option("--to", "to", default=None, metavar="REVISION", help="Which one; default: the one before.")
@click.option("--dry-run", is_flag=True, help="Print the steps; change nothing.")
@click.option("--why", default="", help="The reason, for the change ticket.")
@json_option
def rollback(env: str, file: str, to: str | None, dry_run: bool, why: str, as_json: bool) -> None:
    """Go back to an earlier revision, through the same planner as a deploy.

    A revision that stands by takes the traffic at once; another one is started and checked first.

    Example: golive rollback --env production --why "checkout fails for guests"
    """
    if dry_run:
        _foretell(env, file, to, as_json)
        return
    leave(asyncio.run(_rollback(env, file, to, why, as_json)))


def _foretell(env: str, file: str, to: str | None, as_json: bool) -> None:
    from golive import assembly

    before = asyncio.run(assembly.observed(file, env))
    steps = asyncio.run(assembly.rehearse_rollback(file, env, to))
    after = asyncio.run(assembly.observed(file, env))
    text = "\n".join(f"{number:3}. {step}" for number, step in enumerate(steps, 1))
    same = before == after
    note = "Nothing was changed; these steps were played in a simulated world."
    if not same:
        note = f"Somebody changed {env} meanwhile: it was {before}, and is {after}. The dry run cannot reach it."
    values = {"environment": env, "dry_run": True, "steps": list(steps), "before": before, "after": after}
    seen = f"observed:  {after}, before and after" if same else ""
    answer({**values, "same": same}, "\n".join(filter(None, (text, note, seen))), as_json=as_json)
    if not same:
        leave(Exit.FAILED)


async def _rollback(env: str, file: str, to: str | None, why: str, as_json: bool) -> Exit:
    from golive import assembly
    from golive.cli.progress import Progress
    from golive.cli.settled import tell
    from golive.controller import rollouts

    async with assembly.site(file, env) as site:
        with Progress() as progress:
            settled = await rollouts.rollback(site, to=to, why=why, watch=progress)
        return await tell(site, settled, as_json=as_json)
