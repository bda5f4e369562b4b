"""`golive perf report`."""

from pathlib import Path

import click

from golive.cli.answer import answer, json_option


@click.command()
@click.argument("result", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def report(result: Path, as_json: bool) -> None:
    """Write the page, the summary and the JUnit file of a perf.json beside it.

    Example: golive perf report evidence/operations/perf.json
    """
    from golive import assembly

    written = assembly.rewrite_reports(result)
    values = {kind: str(path) for kind, path in written.items()}
    answer(values, "\n".join(f"{kind:<6} {path}" for kind, path in values.items()), as_json=as_json)
