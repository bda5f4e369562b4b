"""`golive policy`."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, env_option, file_option, json_option
from golive.cli.drafts import continue_draft, put_forward
from golive.cli.keys import ask, key_option

if TYPE_CHECKING:
    from golive.gate.trust.values import Policy


@click.group()
def policy() -> None:
    """What each environment asks for before a deploy, in versions that the roster signs.

    Example: golive policy set --env production --persons 2 --role operations-lead
    """


@policy.command("set")
@env_option
@click.option("--persons", type=click.IntRange(1, 20), default=2, show_default=True, help="How many must sign.")
@click.option("--role", "roles", multiple=True, help="A role that one of them must sign in; repeatable.")
@click.option("--distinct-roles", type=click.IntRange(1, 20), default=None, help="Default: as many as persons.")
@click.option(
    "--hours", type=click.IntRange(1, 24 * 30), default=24, show_default=True, help="How long one holds."
)
@click.option(
    "--emergency-role", "emergency", multiple=True, help="A role that may approve alone in an emergency."
)
@click.option("--waiver-role", "waiver", multiple=True, help="A role that may waive a claim.")
@key_option
@file_option
@json_option
def set_(
    env: str,
    persons: int,
    roles: tuple[str, ...],
    distinct_roles: int | None,
    hours: int,
    emergency: tuple[str, ...],
    waiver: tuple[str, ...],
    key: Path | None,
    file: str,
    as_json: bool,
) -> None:
    """Ask for sign-offs before every deploy to an environment.

    Example: golive policy set --env production --persons 2 --role operations-lead --emergency-role on-call
    """
    from golive import assembly
    from golive.gate.trust.values import Quorum
    from golive.gate.trust.versions import policy_statement

    with assembly.desk(file) as desk:
        now = desk.trust().policy
        quorum = Quorum(
            persons=persons,
            roles=tuple(sorted(set(roles))),
            distinct_roles=min(persons, distinct_roles or persons),
            lifetime=timedelta(hours=hours),
        )
        wanted = replace(
            now,
            version=now.version + 1,
            quorums={**now.quorums, env: quorum},
            emergency_roles=tuple(sorted(emergency)) or now.emergency_roles,
            waiver_roles=tuple(sorted(waiver)) or now.waiver_roles,
            digest="",
        )
        put_forward(desk, policy_statement(wanted), assembly.signer(key, ask), f"policy-{wanted.version}", as_json)


@policy.command("sign")
@click.argument("draft", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@key_option
@click.option("--yes", is_flag=True, help="Sign without being asked again.")
@file_option
@json_option
def sign_(draft: Path, key: Path | None, yes: bool, file: str, as_json: bool) -> None:
    """Put your signature under a DRAFT of the next policy; with the last one it is published.

    Example: golive policy sign policy-2.dsse.json
    """
    continue_draft(draft, key, yes=yes, file=file, as_json=as_json)


@policy.command()
@file_option
@json_option
def show(file: str, as_json: bool) -> None:
    """What each environment asks for now.

    Example: golive policy show
    """
    from golive import assembly
    from golive.gate.trust.bodies import policy_body

    with assembly.desk(file) as desk:
        found = desk.trust().policy
    answer({**policy_body(found), "digest": found.digest}, _page(found), as_json=as_json)


def _page(found: "Policy") -> str:
    if not found.version:
        return (
            "there is no policy yet: no environment asks for sign-offs\nnext: golive policy set --env production"
        )
    lines = [f"policy version {found.version}", f"digest {found.digest}"]
    for name, quorum in found.quorums.items():
        roles = f", among them {', '.join(quorum.roles)}" if quorum.roles else ""
        lines.append(
            f"  {name}: {quorum.persons} persons in {quorum.distinct_roles} roles{roles}; a sign-off holds "
            f"{quorum.lifetime}"
        )
    lines.append(f"  alone in an emergency: {', '.join(found.emergency_roles) or 'nobody'}")
    lines.append(f"  may waive a claim: {', '.join(found.waiver_roles) or 'nobody'}")
    return "\n".join(lines)
