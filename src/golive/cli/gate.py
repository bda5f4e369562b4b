"""`golive gate`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, env_option, file_option, json_option
from golive.cli.settled import leave
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.gate.decision import GateDecision

FORMS = ("text", "junit", "sarif", "markdown", "oscal", "controls")
PHASES = ("operations", "readiness", "deployment", "monitoring", "incidents", "gate")


@click.command()
@env_option
@click.option("--phase", type=click.Choice(PHASES), default="operations", show_default=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="text",
    show_default=True,
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Write the form into this file.",
)
@click.option("--dry-run", is_flag=True, help="Decide, and record nothing.")
@file_option
@json_option
def gate(env: str, phase: str, form: str, output: Path | None, dry_run: bool, file: str, as_json: bool) -> None:
    """Decide from the evidence whether an environment is ready to be operated.

    Passed only when every claim is proven, or waived by somebody who may. Exit 0: passed. 1: a claim is refuted.
    3: something is unproven or stale. In GitHub Actions the summary of the step gets the table.

    Example: golive gate --env production --format junit --output gate.xml
    """
    from golive import assembly
    from golive.gate.outputs import text as words

    if output and not output.absolute().parent.is_dir():
        raise _unwritable(output, "its folder is not there")
    with assembly.gate(file, env) as at:
        decision = at.decide(phase)
        if not dry_run:
            at.record(decision, assembly.log_key(file))
    if output:
        _write(output, "w", _formed(decision, form))
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        _write(Path(summary), "a", words.markdown(decision))
    told = words.text(decision) if output else _formed(decision, form)
    answer(decision.body(), told, as_json=as_json)
    if decision.refuted:
        leave(Exit.FAILED)
    if not decision.passed:
        leave(Exit.WAITING)


def _formed(decision: "GateDecision", form: str) -> str:
    from golive.gate.outputs import assurance, machine, text

    forms = {
        "text": text.text,
        "markdown": text.markdown,
        "junit": machine.junit,
        "sarif": machine.sarif,
        "oscal": assurance.oscal,
        "controls": assurance.table,
    }
    return forms[form](decision)


def _write(path: Path, mode: str, words: str) -> None:
    """UTF-8 whatever the terminal's encoding is: XML and JSON say so of themselves."""
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.write(words)
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from error


def _unwritable(path: Path, why: str) -> Failure:
    return Failure(
        where=str(path),
        what="the gate's decision cannot be written here",
        why=why,
        next="name another file with --output",
        code=Exit.USAGE,
    )
