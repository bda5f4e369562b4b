"""What `golive evidence` hands to auditors as tables."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, json_option

if TYPE_CHECKING:
    from golive.gate.mapping import Served


@click.command()
@click.argument("folder", default="evidence", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("-e", "--env", default=None, help="Only this environment.")
@json_option
def changes(folder: Path, env: str | None, as_json: bool) -> None:
    """Every change as one row of CSV: who asked, signed, tested and deployed it, and how it ended.

    The evidence in FOLDER is verified first, and approvers are those whose signatures counted when the deploy
    began. Exit 5 when the evidence does not hold: then there is no table.

    Example: golive evidence changes --env production > changes.csv
    """
    from golive import assembly
    from golive.gate.outputs.changes import table

    found = assembly.changes(folder, env)
    answer({"changes": [change.body() for change in found]}, table(found).rstrip("\n"), as_json=as_json)


@click.command()
@click.argument("folder", default="evidence", type=click.Path(path_type=Path, exists=True, file_okay=False))
@json_option
def controls(folder: Path, as_json: bool) -> None:
    """Each control of SOC 2, ISO 27001, NIST and DORA with the claims and the records in FOLDER that serve it.

    Where a claim stands is for golive gate to say: golive gate --env ENV --format controls.

    Example: golive evidence controls
    """
    from golive import assembly

    found = assembly.controls(folder)
    answer({"controls": [_body(one) for one in found]}, "\n".join(map(_told, found)), as_json=as_json)


def _body(one: "Served") -> dict[str, object]:
    return {
        "id": one.control.id,
        "asks": one.control.asks,
        "claims": list(one.claims),
        "records": {kind or "every": count for kind, count in one.records.items()},
        "newest": one.newest,
    }


def _told(one: "Served") -> str:
    counts = ", ".join(f"{kind or 'every record'} {count}" for kind, count in one.records.items())
    newest = f", the newest is {one.newest}" if one.newest else ""
    lines = [f"{one.control.id}: {one.control.asks}"]
    lines += [f"  claims   {', '.join(one.claims)}"] if one.claims else []
    return "\n".join([*lines, f"  records  {counts}{newest}"])
