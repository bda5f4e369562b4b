"""`golive protocol applies`."""

from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, json_option
from golive.cli.settled import leave
from golive.errors import Exit

if TYPE_CHECKING:
    from golive.protocol.applicability import Applicability

EXITS = {"yes": Exit.DONE, "no": Exit.FAILED, "unknown": Exit.WAITING}


@click.command()
@click.option("--brief", default="PROJECT-BRIEF.md", show_default=True, help="The brief of the project.")
@json_option
def applies(brief: str, as_json: bool) -> None:
    """Say whether a brief calls for live operations, and which of its lines say so.

    A list phases: in the front matter decides. Exit 0: yes. 1: no. 3: unknown, with the question to ask.

    Example: golive protocol applies --brief PROJECT-BRIEF.md
    """
    from golive import assembly

    found = assembly.applicability(brief)
    answer(found.body(), _text(found), as_json=as_json)
    if found.answer != "yes":
        leave(EXITS[found.answer])


def _text(found: "Applicability") -> str:
    said = {
        "yes": "yes: it calls for live operations",
        "no": "no: it does not call for live operations",
        "unknown": "unknown",
    }
    lines = [f"{found.name}: {said[found.answer]}"]
    lines += [f"  {_place(found, line)}{text}" for line, text in found.because]
    lines += [f"  contradiction: {_place(found, line)}{text}" for line, text in found.contradictions]
    lines += [f"  note: {_place(found, line)}{text}" for line, text in found.notes]
    return "\n".join([*lines, f"ask:  {found.question}"] if found.question else lines)


def _place(found: "Applicability", line: int) -> str:
    return f"{found.name}:{line}: "
