"""`golive observe import`."""

import click
import yaml

from golive.cli.answer import answer, file_option, json_option
from golive.cli.settled import leave
from golive.errors import Exit


@click.command("import")
@click.argument("documents", type=click.Path(dir_okay=False))
@file_option
@json_option
def import_(documents: str, file: str, as_json: bool) -> None:
    """Read SLOs from OpenSLO v1 documents, as golive.yaml says them. Nothing is written.

    What would mean something else here is left out, with the reason: calendar windows, time slices, thresholds of
    raw values, expressions that are no plain selector.
    Exit 0: all were taken. 1: one was left out.

    Example: golive observe import openslo.yml
    """
    from golive.assembly.observe import rules

    found = rules.take_openslo(file, documents)
    written = yaml.safe_dump(
        {"observe": {"slos": list(found.slos)}}, sort_keys=False, width=110, allow_unicode=True
    )
    lines = [f"# {len(found.slos)} SLOs for golive.yaml; golive spec check, then golive observe check", written]
    if not found.slos and not found.left_out:
        lines.append(
            f"# {documents} holds no document of kind SLO; golive observe render writes some, as an example"
        )
    lines += [f"# left out: {name}: {why}" for name, why in found.left_out]
    values = {"slos": list(found.slos), "left_out": [{"name": name, "why": why} for name, why in found.left_out]}
    answer(values, "\n".join(lines).rstrip(), as_json=as_json)
    leave(Exit.FAILED if found.left_out or not found.slos else Exit.DONE)
