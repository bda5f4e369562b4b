"""`golive deploy`."""

import asyncio

import click

from golive.cli.answer import answer, env_option, file_option, json_option
from golive.cli.settled import leave
from golive.errors import Exit


@click.command()
@env_option
@file_option
@click.option("--dry-run", is_flag=True, help="Print the steps; build nothing, start nothing, write nothing.")
@click.option(
    "--if-approved",
    is_flag=True,
    help="Go on only when enough people have signed for exactly this; else ask them and exit 3.",
)
@click.option("--why", default="", help="The reason, for the change ticket.")
@json_option
def deploy(env: str, file: str, dry_run: bool, if_approved: bool, why: str, as_json: bool) -> None:
    """Build a revision from this folder and take it to an environment.

    Health checks and smoke test come before any user's request; the strategy of the environment decides
    how traffic follows; a failed verdict takes it back. Exit 0: live. 1: failed, and traffic is back where
    it was. 3, with --if-approved: waiting for sign-offs; 4: refused. 7: could not be made safe.

    Example: golive deploy --env staging --why "faster search"
    """
    if dry_run:
        _foretell(env, file, as_json)
        return
    leave(asyncio.run(_deploy(env, file, why, if_approved, as_json)))


def _foretell(env: str, file: str, as_json: bool) -> None:
    from golive import assembly

    steps = asyncio.run(assembly.rehearse_deploy(file, env))
    text = "\n".join(f"{number:3}. {step}" for number, step in enumerate(steps, 1))
    note = "Nothing was built, started or written; these steps were played in a simulated world."
    answer({"environment": env, "dry_run": True, "steps": list(steps)}, f"{text}\n{note}", as_json=as_json)


async def _deploy(env: str, file: str, why: str, if_approved: bool, as_json: bool) -> Exit:
    from golive import assembly
    from golive.cli.progress import Progress
    from golive.cli.settled import tell
    from golive.controller import rollouts

    async with assembly.site(file, env) as site:
        with Progress() as progress:
            progress.line(f"building {site.spec.service} for {env}")
            settled = await rollouts.deploy(
                site, why=why, watch=progress, if_approved=if_approved, tell=progress.note
            )
        return await tell(site, settled, as_json=as_json)
