"""What `golive evidence` hands to auditors as tables."""

from pathlib import Path

import click

from golive.cli.answer import answer, json_option


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
