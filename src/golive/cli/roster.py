"""`golive roster`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, file_option, json_option
from golive.cli.drafts import continue_draft, put_forward
from golive.cli.keys import ask, key_option
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from golive.gate.trust.values import Person, Roster


@click.group()
def roster() -> None:
    """Who may sign: persons with their keys and roles, in versions that they sign themselves.

    Example: golive roster init ann --role operations-lead
    """


def person_options(command: click.decorators.FC) -> click.decorators.FC:
    for option in (
        click.option("--email", "emails", multiple=True, help="As git names them; default for init: yours."),
        click.option("--account", "accounts", multiple=True, help="As records name them; default: PERSON."),
        click.option("--name", default="", help="In full; default: PERSON."),
        click.option("--role", "roles", multiple=True, required=True, help="A role they may sign in; repeatable."),
    ):
        command = option(command)
    return command


@roster.command()
@click.argument("person")
@person_options
@key_option
@file_option
@json_option
def init(
    person: str,
    roles: tuple[str, ...],
    name: str,
    accounts: tuple[str, ...],
    emails: tuple[str, ...],
    key: Path | None,
    file: str,
    as_json: bool,
) -> None:
    """Begin a roster with yourself as its first PERSON, signed with your key.

    Keep the digest that it prints: it is what everything later goes back to.

    Example: golive roster init ann --role operations-lead
    """
    from golive import assembly
    from golive.gate.trust.values import Key, Person, Roster
    from golive.gate.trust.versions import roster_statement

    with assembly.desk(file) as desk:
        before = desk.trust().roster
        if before.version:
            raise _there(before)
        signer = assembly.signer(key, ask)
        found = tuple(filter(None, emails or (assembly.email(file),)))
        first = Person(
            id=person,
            name=name or person,
            kind="human",
            roles=frozenset(roles),
            keys=(Key(public=signer.public),),
            accounts=frozenset(accounts or (person,)),
            emails=frozenset(found),
        )
        draft = roster_statement(Roster(version=1, threshold=1, persons={person: first}))
        put_forward(desk, draft, signer, "roster-1", as_json)


@roster.command()
@click.argument("person")
@person_options
@click.option("--their-key", required=True, metavar="KEY", help="Their .pub file, or its line (ssh-ed25519 …).")
@click.option("--kind", type=click.Choice(["human", "agent", "service"]), default="human", show_default=True)
@click.option("--threshold", type=click.IntRange(1), default=None, help="How many must sign the next version.")
@key_option
@file_option
@json_option
def add(
    person: str,
    roles: tuple[str, ...],
    name: str,
    accounts: tuple[str, ...],
    emails: tuple[str, ...],
    their_key: str,
    kind: str,
    threshold: int | None,
    key: Path | None,
    file: str,
    as_json: bool,
) -> None:
    """Put PERSON on the roster, or give somebody there another key, other roles, other names.

    Signatures of other kinds than human are recorded and count for nothing.

    Example: golive roster add bob --role sre --their-key bob.pub --email bob@example.org
    """
    from golive.evidence.signing.keys import public_key
    from golive.gate.trust.values import Key, Person

    path = Path(their_key)
    line = path.read_text(errors="replace") if path.is_file() else their_key
    public = public_key(line, their_key)
    known = Person(
        id=person,
        name=name or person,
        kind=kind,
        roles=frozenset(roles),
        keys=(Key(public=public),),
        accounts=frozenset(accounts or (person,)),
        emails=frozenset(emails),
    )
    _change(lambda now: _with(now, known, threshold), key, file, as_json)


@roster.command()
@click.argument("person")
@key_option
@file_option
@json_option
def remove(person: str, key: Path | None, file: str, as_json: bool) -> None:
    """Take PERSON off the roster: from then on nothing that they signed counts, also what they signed before.

    Example: golive roster remove bob
    """
    _change(lambda now: _without(now, person), key, file, as_json)


@roster.command("sign")
@click.argument("draft", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@key_option
@click.option("--yes", is_flag=True, help="Sign without being asked again.")
@file_option
@json_option
def sign_(draft: Path, key: Path | None, yes: bool, file: str, as_json: bool) -> None:
    """Put your signature under a DRAFT of the next roster; with the last one it is published.

    Example: golive roster sign roster-2.dsse.json
    """
    continue_draft(draft, key, yes=yes, file=file, as_json=as_json)


@roster.command()
@file_option
@json_option
def show(file: str, as_json: bool) -> None:
    """Who may sign now, in which role, with which key.

    Example: golive roster show
    """
    from golive import assembly
    from golive.gate.trust.bodies import roster_body

    with assembly.desk(file) as desk:
        found = desk.trust().roster
    answer({**roster_body(found), "digest": found.digest}, _page(found), as_json=as_json)


def _change(edit: "Callable[[Roster], Roster]", key: Path | None, file: str, as_json: bool) -> None:
    from golive import assembly
    from golive.gate.trust.versions import roster_statement

    with assembly.desk(file) as desk:
        now = desk.trust().roster
        if not now.version:
            raise Failure(
                where="roster",
                what="there is none yet",
                why="somebody begins it with their own key",
                next="golive roster init YOUR-NAME --role ROLE",
                code=Exit.USAGE,
            )
        draft = roster_statement(replace(edit(now), version=now.version + 1, digest=""))
        put_forward(desk, draft, assembly.signer(key, ask), f"roster-{now.version + 1}", as_json)


def _with(now: "Roster", person: "Person", threshold: int | None) -> "Roster":
    return replace(now, persons={**now.persons, person.id: person}, threshold=threshold or now.threshold)


def _without(now: "Roster", person: str) -> "Roster":
    if person not in now.persons:
        raise Failure(
            where="roster",
            what=f"there is no {person!r} in it",
            why=f"it names: {', '.join(now.persons)}",
            next="golive roster show",
            code=Exit.USAGE,
        )
    left = {name: known for name, known in now.persons.items() if name != person}
    return replace(now, persons=left, threshold=min(now.threshold, max(1, len(left))))


def _there(before: "Roster") -> Failure:
    return Failure(
        where="roster",
        what=f"there is one already, version {before.version}",
        why=f"it names: {', '.join(before.persons)}",
        next="golive roster add PERSON --role ROLE --their-key FILE.pub",
        code=Exit.USAGE,
    )


def _page(found: "Roster") -> str:
    if not found.version:
        return "there is no roster yet: nobody's sign-off counts\nnext: golive roster init YOUR-NAME --role ROLE"
    lines = [f"roster version {found.version}, {found.threshold} must sign the next one", f"digest {found.digest}"]
    for person in found.persons.values():
        lines.append(f"  {person.id:<12} {', '.join(sorted(person.roles))} ({person.kind})")
        lines += [f"               {key.public.fingerprint}" for key in person.keys]
        lines.append(f"               {', '.join(sorted(person.emails | person.accounts))}")
    return "\n".join(lines)
