"""`golive waive`."""

from datetime import timedelta
from pathlib import Path

import click

from golive.cli.answer import answer, env_option, file_option, json_option
from golive.cli.keys import ask, key_option
from golive.cli.settled import leave
from golive.errors import Exit


@click.command()
@click.argument("claim")
@env_option
@click.option("--reason", required=True, help="Why it may go on without it; signed with it.")
@click.option("--days", type=click.IntRange(1, 365), default=7, show_default=True, help="Until when.")
@click.option("--role", default=None, help="The role you waive in; default: the only one of yours that may.")
@click.option("--revoke", is_flag=True, help="Take your waiver back.")
@click.option("--yes", is_flag=True, help="Sign without being asked again.")
@key_option
@file_option
@json_option
def waive(
    claim: str,
    env: str,
    reason: str,
    days: int,
    role: str | None,
    revoke: bool,
    yes: bool,
    key: Path | None,
    file: str,
    as_json: bool,
) -> None:
    """Sign for going on without CLAIM in one environment, for some days. It always ends by itself.

    Example: golive waive traces-received --env production --days 7 --reason "collector comes next week"
    """
    from golive import assembly
    from golive.controller import desk as at

    with assembly.desk(file) as desk:
        signer = assembly.signer(key, ask)
        waiver = at.waiver_for(
            desk,
            signer.public,
            claim=claim,
            environment=env,
            reason=reason,
            lasts=timedelta(days=days),
            role=role,
            revokes=revoke,
        )
        click.echo(waiver.statement().encoded().decode(), err=True)
        if not yes and not click.confirm("\nSign exactly this?", err=True):
            leave(Exit.WAITING)
        at.receive_waiver(desk, waiver, signer)
    word = "taken back" if revoke else f"waived until {waiver.not_after:%Y-%m-%d %H:%M} UTC"
    values = {"claim": claim, "environment": env, "until": waiver.not_after.isoformat(), "revoked": revoke}
    answer(values, f"{claim} in {env}: {word} by {waiver.person}\nnext: golive gate --env {env}", as_json=as_json)
