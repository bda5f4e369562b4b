"""`golive doctor`."""

import asyncio

import click

from golive.cli.answer import answer, file_option, json_option
from golive.cli.settled import leave
from golive.errors import Exit

MARKS = {"ok": "✓", "warning": "!", "missing": "✗"}


@click.command()
@file_option
@json_option
def doctor(file: str, as_json: bool) -> None:
    """Say what is missing on this machine and in this folder, and the exact fix.

    Exit 0: nothing that a release needs is missing (warnings may remain). 1: something is.

    Example: golive doctor
    """
    from golive import assembly

    findings = asyncio.run(assembly.examine(file))
    lines = []
    for found in findings:
        lines.append(f"{MARKS[found.state]} {found.name:24} {found.what}")
        if found.fix:
            lines.append(f"  {'fix':24} {found.fix}")
    missing = [found.name for found in findings if found.state == "missing"]
    lines.append(f"missing: {', '.join(missing)}" if missing else "nothing that a release needs is missing")
    values = {"findings": [vars(found) for found in findings], "missing": missing}
    answer(values, "\n".join(lines), as_json=as_json)
    leave(Exit.FAILED if missing else Exit.DONE)
