"""`golive protocol run`."""

import asyncio
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, file_option, json_option, plain
from golive.cli.settled import leave

if TYPE_CHECKING:
    from golive.controller.stage import Notice, Stop
    from golive.protocol.plan import Part, Question
    from golive.protocol.run import Answer

MARKS = {
    "runs": "▶",
    "done": "✓",
    "done before": "✓",
    "proven": "✓",
    "waived": "✓",
    "attested": "✓",
    "skipped": "–",
    "failed": "✗",
    "refused": "✗",
}


@click.command()
@click.argument("document", type=click.Path(dir_okay=False))
@click.option("-e", "--env", default="", help="The environment that is to be operated.  [default: production]")
@click.option("--from", "start", default="", metavar="STEP", help="Begin at this step.")
@click.option("--only", default="", metavar="STEP", help="Only this step.")
@click.option("--yes", "role", default="", metavar="ROLE", help="Attest, in this role, what only a person can do.")
@click.option("--again", is_flag=True, help="Run an interrupted command again, whatever it changes.")
@click.option("--fresh", is_flag=True, help="Begin a new run, also when one is not finished.")
@click.option("--timeout", default=3600, show_default=True, help="Seconds that one command may take.")
@file_option
@json_option
def run(
    document: str,
    env: str,
    start: str,
    only: str,
    role: str,
    again: bool,
    fresh: bool,
    timeout: int,
    file: str,
    as_json: bool,
) -> None:
    """Follow DOCUMENT step by step: run its commands, judge its actions, ask for the rest.

    A run that was stopped, or died, is taken up where it was: what finished is not run again. Exit 0: all of it is
    done. 1: a command or claim failed. 3: something waits for a person. 4: refused.

    Example: golive protocol run operations.md
    """
    from golive import assembly

    opened = assembly.open_document(document)
    options = assembly.Options(
        environment=env, start=start, only=only, again=again, fresh=fresh, timeout=timedelta(seconds=timeout)
    )
    asker = _Asker(role=role, person=assembly.person(), on_terminal=sys.stdin.isatty() and not as_json)
    stop = asyncio.run(assembly.run_protocol(file, opened, options, ask=asker.ask, watch=_watch, heard=_heard))
    answer(_values(stop), _text(stop, document), as_json=as_json)
    if stop.outcome != "completed":
        from golive.controller.stage import EXITS

        leave(EXITS[stop.outcome])


class _Asker:
    """Whoever is there: a role that was named beforehand, a person at the terminal, or nobody."""

    def __init__(self, *, role: str, person: str, on_terminal: bool) -> None:
        self._role, self._person, self._on_terminal = role, person, on_terminal

    def ask(self, part: "Part", question: "Question") -> "Answer | None":
        from golive.protocol.run import Answer

        if self._on_terminal:
            return self._typed(part, question)
        # what golive can judge, and what the document halts for, is never just attested beforehand
        if self._role and not question.claims and not question.item.halt:
            return Answer(word="attested", because="--yes", by=self._person, role=self._role)
        return None

    def _typed(self, part: "Part", question: "Question") -> "Answer | None":
        from golive.protocol.run import Answer

        click.echo(plain(f"\n{part.name}: {question.item.text}"), err=True)
        if question.item.halt:
            click.echo(plain(f"halt: {question.item.halt}"), err=True)
        choice = click.prompt(
            "done, skip, or leave open?", type=click.Choice(["done", "skip", "leave"]), default="leave", err=True
        )
        if choice == "leave":
            return None
        note = click.prompt("how is it known?" if choice == "done" else "why?", err=True)
        word = "attested" if choice == "done" else "skipped"
        return Answer(word=word, because=note, by=self._person, role=self._role)  # type: ignore[arg-type]


def _watch(notice: "Notice") -> None:
    mark = MARKS.get(notice.word, "○")
    because = f": {notice.because}" if notice.because else ""
    click.echo(plain(f"{mark} {notice.part.name}: {notice.what} [{notice.word}]{because}"), err=True)


def _heard(lines: bytes) -> None:
    for line in lines.decode(errors="replace").splitlines():
        click.echo(plain(f"    {line}"), err=True)


def _values(stop: "Stop") -> dict[str, object]:
    return {
        "outcome": stop.outcome,
        "run": stop.run.id,
        "where": stop.where,
        "because": stop.because,
        "open": list(stop.open),
        "checklist": f"evidence/operations/protocol/{stop.run.id}/",
    }


def _text(stop: "Stop", document: str) -> str:
    lines = [stop.outcome + (f" at {stop.where}" if stop.where else "")]
    lines += [f"why:       {stop.because}"] if stop.because else []
    lines += [f"open:      {key}" for key in stop.open]
    lines.append(f"checklist: evidence/operations/protocol/{stop.run.id}/checklist.md")
    lines += [f"next:      {step}" for step in _next(stop, document)]
    return "\n".join(lines)


def _next(stop: "Stop", document: str) -> list[str]:
    if stop.outcome == "completed" and not stop.open:
        return ["golive evidence verify"]
    answers = [
        f'golive protocol answer {document} "{key}" --done --as ROLE --note "how it is known"'
        for key in stop.open[:1]
    ]
    return [*answers, f"golive protocol run {document}"]
