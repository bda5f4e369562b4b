"""`golive protocol plan`."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, file_option, json_option

if TYPE_CHECKING:
    from golive.protocol.plan import Command, Part, Plan, Question


@click.command()
@click.argument("document", type=click.Path(dir_okay=False))
@file_option
@json_option
def plan(document: str, file: str, as_json: bool) -> None:
    """Say what DOCUMENT would run, what each command changes, and what waits for a person. Runs nothing.

    Example: golive protocol plan operations.md
    """
    from golive import assembly

    opened = assembly.open_document(document)
    found = assembly.protocol_plan(file, opened)
    answer(_values(found), _text(found, document), as_json=as_json)


def _values(found: "Plan") -> dict[str, object]:
    return {
        "title": found.title,
        "document": found.digest,
        "parts": [_part(part) for part in found.parts],
        "mentioned": [{"line": d.at.line, "argv": list(d.argv), "origin": d.origin} for d in found.mentioned],
    }


def _part(part: "Part") -> dict[str, object]:
    return {
        "key": part.key,
        "step": part.id,
        "title": part.title,
        "condition": part.condition,
        "gate": part.gate,
        "commands": [
            {"key": c.key, "argv": list(c.directive.argv), "effect": c.effect, "dry_run": c.known.dry_run}
            for c in part.commands
        ],
        "actions": [
            {"key": q.key, "text": q.item.text, "claims": list(q.claims), "evidence": asdict(q.item)["evidence"]}
            for q in part.questions
        ],
    }


def _text(found: "Plan", name: str) -> str:
    lines = [f"{found.title or name}", f"SHA-256 {found.digest}"]
    for part in found.parts:
        lines += ["", f"{part.name}: {part.title}" if part.id else part.title]
        lines += [f"  asks     does this step apply? ({part.condition})"] if part.condition else []
        lines += [_command(command) for command in part.commands]
        lines += [_question(question) for question in part.questions]
    lines += ["", *(f"not run   line {d.at.line}: {d.text} ({d.origin})" for d in found.mentioned)]
    waits = sum(not question.claims for question in found.questions)
    lines.append(
        f"{len(found.commands)} commands, {len(found.questions) - waits} actions that golive judges, "
        f"{waits} for a person"
    )
    return "\n".join([*lines, f"next: golive protocol trust {name}, then golive protocol run {name}"])


def _command(command: "Command") -> str:
    told = f"  runs     {command.key:<9} {command.directive.text}\n{'':21}{command.effect.replace('-', ' ')}"
    told += "; waits for sign-offs" if command.asks_approval else ""
    return told + (f"; dry run {command.known.dry_run}" if command.is_dry_run else "")


def _question(question: "Question") -> str:
    by = ", ".join(question.claims) if question.claims else "a person answers"
    by += "; where applicable, so a person may skip it" if question.where_applicable else ""
    return f"  asks     {question.key:<9} {question.item.text}\n{'':21}{by}"
