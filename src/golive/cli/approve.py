"""`golive approve`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, env_option, file_option, json_option
from golive.cli.keys import ask, key_option, read_envelope, write_new
from golive.cli.settled import leave
from golive.errors import Exit

if TYPE_CHECKING:
    from golive.evidence.signing.keys import Signer
    from golive.evidence.signing.predicates.signoff import SignOff, Word


@click.command()
@env_option
@click.option("--role", default=None, help="The role you sign in; default: the one of yours that is needed.")
@click.option("--reject", "word", flag_value="reject", help="Say no; it blocks the deploy until you take it back.")
@click.option("--abstain", "word", flag_value="abstain", help="Say that you saw it and leave it to others.")
@click.option("--revoke", "word", flag_value="revoke", help="Take back what you said before.")
@click.option("--emergency", is_flag=True, help="Approve alone, where the policy lets your role; needs --why.")
@click.option("--why", default="", help="A reason, signed with it.")
@key_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Write the sign-off into a new file, to be carried to the deploying checkout.",
)
@click.option(
    "--import",
    "carried",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help="Record a sign-off that somebody made elsewhere.",
)
@click.option(
    "--sshsig",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Also write the text, and beside it in FILE.sig a signature that ssh-keygen -Y verify accepts.",
)
@click.option("--yes", is_flag=True, help="Sign without being asked again.")
@file_option
@json_option
def approve(
    env: str,
    role: str | None,
    word: "Word | None",
    emergency: bool,
    why: str,
    key: Path | None,
    output: Path | None,
    carried: Path | None,
    sshsig: Path | None,
    yes: bool,
    file: str,
    as_json: bool,
) -> None:
    """Sign for the deploy that waits in an environment, with your own key, on your own machine.

    Shows exactly the text that is signed: what goes where, by which plan, what is different, and the newest
    record that you have seen. In a copy of the evidence (a clone), use --output and carry the file.

    Example: golive approve --env production --role operations-lead
    """
    from golive import assembly
    from golive.controller import desk as at
    from golive.gate.approval.signoffs import signed

    if emergency and not why:
        raise click.UsageError("--emergency needs --why.")
    with assembly.desk(file) as desk:
        if carried:
            _tell(at.receive(desk, read_envelope(carried)), "recorded", as_json)
            return
        request = at.open_request(desk, env)
        signer = assembly.signer(key, ask)
        signoff = at.sign_for(
            desk, request, signer.public, decision=word or "approve", role=role, emergency=emergency, why=why
        )
        click.echo(signoff.text, err=True)
        if not yes and not click.confirm("\nSign exactly this?", err=True):
            leave(Exit.WAITING)
        envelope = signed(signoff, signer)
        if sshsig:
            _write_sshsig(sshsig, signoff.text, signer)
        if output:
            write_new(output, envelope.encoded())
            _tell(signoff, f"written to {output}; {CARRY.format(env=env, name=output.name)}", as_json)
            return
        _tell(at.receive(desk, envelope), "recorded", as_json)


def _write_sshsig(path: Path, text: str, signer: "Signer") -> None:
    from golive.evidence.signing.sshsig import sign

    write_new(path, text.encode())
    write_new(path.with_name(f"{path.name}.sig"), sign(text.encode(), signer))


CARRY = "carry it to the deploying checkout and there: golive approve --env {env} --import {name}"


def _tell(signoff: "SignOff", where: str, as_json: bool) -> None:
    values = {
        "person": signoff.person,
        "role": signoff.role,
        "decision": signoff.decision,
        "environment": signoff.environment,
        "request": signoff.gate,
        "not_after": signoff.not_after.isoformat(),
    }
    text = f"{signoff.person} as {signoff.role}: {signoff.decision}, until {signoff.not_after:%Y-%m-%d %H:%M} UTC"
    next_step = f"next: golive deploy --env {signoff.environment} --if-approved"
    answer(values, f"{text}\n{where}\n{next_step}", as_json=as_json)
