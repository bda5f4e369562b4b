"""`golive judge replay`."""

from pathlib import Path

import click

from golive.cli.answer import answer, json_option
from golive.cli.judging.table import metric_lines, metric_values
from golive.cli.settled import leave
from golive.errors import Exit


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def replay(file: Path, as_json: bool) -> None:
    """Judge a recorded watch again, beside the documented rules of other tools.

    FILE has the shape of docs/reference/series.md; each verdict in evidence/ leaves one. When it says which
    evidence was found then, the digits are compared. Exit 0: the same, or nothing to compare with; 1: another.

    Example: golive judge replay evidence/operations/deployments/ID/series-10-120000000000.json
    """
    from golive import assembly
    from golive.judge.assessment import evidence
    from golive.judge.retelling import retell

    series = assembly.read_series(file)
    told = retell(series, peers=True)
    again = evidence(told.found)
    same = not series.evidence or again == series.evidence
    at, verdict = told.decided or (None, told.verdict)
    when = f"{at:%H:%M:%S} UTC" if at else "in the end"
    compared = "the same to the last digit as when it was kept" if series.evidence else "nothing to compare with"
    lines = [
        f"golive:   {verdict.answer} {when}: {verdict.because}",
        f"evidence: {compared if same else f'ANOTHER than was kept: {again}, kept {series.evidence}'}",
        *metric_lines(told.found),
        "",
        "what the documented rules of others say of the same watch:",
        *(f"{name:28} {r.answer:9} minute {r.minute:3}  {r.because}" for name, r in told.peers),
    ]
    values = {
        "answer": str(verdict.answer),
        "at": at.isoformat() if at else None,
        "because": verdict.because,
        "same_as_kept": same if series.evidence else None,
        "metrics": metric_values(told.found),
        "others": [
            {"rule": name, "answer": r.answer, "minute": r.minute, "because": r.because} for name, r in told.peers
        ],
    }
    answer(values, "\n".join(lines), as_json=as_json)
    leave(Exit.DONE if same else Exit.FAILED)
