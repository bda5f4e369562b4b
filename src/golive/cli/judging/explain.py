"""`golive judge explain`."""

from pathlib import Path

import click

from golive.cli.answer import answer, file_option, json_option
from golive.cli.judging.table import metric_lines, metric_values


@click.command()
@click.argument("rollout", default="")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the picture goes; default: judge-ROLLOUT.svg in this folder.",
)
@file_option
@json_option
def explain(rollout: str, output: Path | None, file: str, as_json: bool) -> None:
    """Why a rollout was promoted or rolled back: evidence on each metric over time, as a picture.

    ROLLOUT is the beginning of its id; without it, the newest that was judged. The evidence is computed again
    from the recorded counts.

    Example: golive judge explain
    """
    from golive import assembly
    from golive.judge.picture import svg
    from golive.judge.retelling import retell

    series = assembly.series_of(file, rollout)
    told = retell(series)
    path = output or Path(f"judge-{_file_name(series.rollout)}.svg")
    path.write_text(svg(told.story), encoding="utf-8")
    lines = [
        f"rollout:  {series.rollout}, {told.story.old or 'nothing'} → {told.story.new}",
        f"verdicts: {'; '.join(f'{at:%H:%M:%S} {text}' for at, text in series.marks) or 'none'}",
        f"in short: {told.story.conclusion}",
        *metric_lines(told.found),
        f"picture:  {path}",
    ]
    values = {
        "rollout": series.rollout,
        "new": told.story.new,
        "old": told.story.old,
        "conclusion": told.story.conclusion,
        "marks": [{"at": at.isoformat(), "text": text} for at, text in series.marks],
        "metrics": metric_values(told.found),
        "picture": str(path),
    }
    answer(values, "\n".join(lines), as_json=as_json)


def _file_name(rollout: str) -> str:
    """Evidence may be a stranger's: an id is never a way to another folder."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in rollout)[:64]
