"""`golive protocol integration`."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, file_option, json_option
from golive.cli.settled import leave
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.assembly.integration import Joint

MARKS = {"passed": "✓", "failed": "✗", "open": "○"}


@click.command()
@click.option("--phase", default="operations", show_default=True)
@click.option("-e", "--env", default="", help="The environment that is to be operated.  [default: production]")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Write it there.")
@file_option
@json_option
def integration(phase: str, env: str, output: Path | None, file: str, as_json: bool) -> None:
    """Say whether a phase joins up: scripts and flags, evidence, claims and sign-offs, hand-offs between phases.

    Reads only. Exit 0: all of it. 1: something does not fit or is refuted. 3: something is not proven yet.

    Example: golive protocol integration --phase operations
    """
    from golive import assembly

    found = assembly.integration(file, phase, env)
    report = _report(found)
    if output:
        _write(output, json.dumps(report, indent=2) + "\n")
    answer(report, _text(found), as_json=as_json)
    words = {one.word for one in found}
    if "failed" in words:
        leave(Exit.FAILED)
    if "open" in words:
        leave(Exit.WAITING)


def _report(found: "Sequence[Joint]") -> dict[str, object]:
    """With the names that older checkers gave it."""
    counts = {word: sum(one.word == word for one in found) for word in MARKS}
    issues = [
        {"severity": "critical" if one.word == "failed" else "warning", "type": one.group, "message": one.because}
        for one in found
        if one.word != "passed"
    ]
    groups: dict[str, list[dict[str, str]]] = {}
    for one in found:
        groups.setdefault(one.group, []).append(asdict(one))
    return {
        "status": "fail" if counts["failed"] else "warning" if counts["open"] else "pass",
        "summary": {
            "total_checks": len(found),
            "passed": counts["passed"],
            "failed": counts["failed"],
            "warnings": counts["open"],
        },
        "alignment": groups.get("alignment", []),
        "connectivity": groups.get("connectivity", []),
        "evidence": groups.get("evidence", []),
        "claims": groups.get("claims", []),
        "conflicts": [],
        "issues": issues,
        "recommendations": list(dict.fromkeys(one.next for one in found if one.next)),
    }


def _text(found: "Sequence[Joint]") -> str:
    lines = []
    for one in found:
        lines.append(f"{MARKS[one.word]} {one.group:<13} {one.what:<28} {one.because}")
        lines += [f"{'':17}next: {one.next}"] if one.next else []
    passed = sum(one.word == "passed" for one in found)
    return "\n".join([*lines, f"{passed} of {len(found)} fit"])


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure(
            where=str(path),
            what="the report cannot be written here",
            why=error.strerror or str(error),
            next="name another file with --output",
            code=Exit.USAGE,
        ) from error
