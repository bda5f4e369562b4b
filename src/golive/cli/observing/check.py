"""`golive observe check`."""

import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, environments, file_option, json_option
from golive.cli.settled import leave
from golive.errors import Exit, Failure
from golive.paper.junit import Case, suite

if TYPE_CHECKING:
    from golive.assembly.observe.rules import Checked, Engine


@click.command()
@click.option("-e", "--env", default="", shell_complete=environments, help="Default: the first of golive.yaml.")
@click.option("--fast", is_flag=True, help="By golive's own evaluator only, not by promtool.")
@click.option(
    "--junit", type=click.Path(dir_okay=False, path_type=Path), default=None, help="Write JUnit XML, too."
)
@file_option
@json_option
def check(env: str, fast: bool, junit: Path | None, file: str, as_json: bool) -> None:
    """Put each rule through made-up series: does it fire when it must, and stay silent when it must?

    A burn rate meets five: just above its threshold, just below, too short a trouble, one that is over, one that
    just ended. Nothing runs and nothing is sent; whether an alert reaches a person is not shown by this. Where
    promtool is installed it answers the same questions of the same rules.
    Exit 0: every rule did what it must. 1: one did not.

    Example: golive observe check
    """
    from golive.assembly.observe import rules

    checked = rules.rehearsed(file, env)
    engine = None if fast else _by_promtool(file)
    bad = any(one.broken for one in checked) or bool(engine and engine.ran and not engine.passed)
    values = {
        "holds": not bad,
        "alerts": [asdict(one) for one in checked],
        "promtool": asdict(engine) if engine else None,
    }
    if junit:
        _write(junit, suite("golive observe check", "golive.observe", _cases(checked, engine)))
    answer(values, _text(checked, engine, bad), as_json=as_json)
    leave(Exit.FAILED if bad else Exit.DONE)


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise Failure(
            where=str(path),
            what="the result cannot be written here",
            why=error.strerror or str(error),
            next="name another file with --junit",
            code=Exit.USAGE,
        ) from error


def _cases(checked: "tuple[Checked, ...]", engine: "Engine | None") -> Iterator[Case]:
    """One for each history, and one for promtool."""
    for one in checked:
        yield from (Case(name=f"{one.alert} {told}") for told in one.held)
        yield from (Case(name=f"{one.alert} {told}", failure="it did not") for told in one.broken)
    if engine is None or not engine.ran:
        yield Case(name="promtool agrees", skipped=engine.said if engine else "--fast")
    else:
        yield Case(name="promtool agrees", failure="" if engine.passed else engine.said)


def _by_promtool(file: str) -> "Engine":
    from golive.assembly.observe import rules

    with tempfile.TemporaryDirectory(prefix="golive-rules-") as folder:
        rules.write_rendered(rules.rendered(file), Path(folder))
        return rules.promtool(Path(folder))


def _text(checked: "tuple[Checked, ...]", engine: "Engine | None", bad: bool) -> str:
    shown = sum(len(one.held) + len(one.broken) for one in checked)
    wrong = sum(bool(one.broken) for one in checked)
    lines = [f"{wrong} of {len(checked)} rules are wrong" if wrong else f"{len(checked)} rules do what they must"]
    lines.append(f"why:      {shown} made-up histories were put through them")
    for one in checked:
        lines.append(f"{'✗' if one.broken else '✓'} {one.alert:<24} {one.signal:<10} {len(one.held)} held")
        lines += [f"    not so: {told}" for told in one.broken]
    if engine:
        lines.append("promtool: " + ("agrees" if engine.passed else engine.said))
    if not bad:
        lines.append("next:     golive observe render, and give the files to Prometheus and Alertmanager")
    return "\n".join(lines)
