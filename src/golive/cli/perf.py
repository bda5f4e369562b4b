"""`golive perf`."""

import asyncio
import sys
from pathlib import Path

import click

from golive.cli.answer import answer, environments, file_option, json_option
from golive.cli.settled import leave
from golive.errors import Exit

EXITS = {"pass": Exit.DONE, "fail": Exit.FAILED, "inconclusive": Exit.WAITING}


@click.command()
@click.option("--scenario", type=click.Choice(["smoke"]), default="smoke", show_default=True)
@click.option(
    "-e",
    "--env",
    default="",
    shell_complete=environments,
    help="The environment; default: the first that production requires.",
)
@click.option("--rate", type=click.IntRange(1, 20_000), default=20, show_default=True, help="Requests per second.")
@click.option("--seconds", type=click.IntRange(1, 3600), default=10, show_default=True)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("evidence/operations/perf.json"),
    show_default=True,
)
@file_option
@json_option
def perf(scenario: str, env: str, rate: int, seconds: int, output: Path, file: str, as_json: bool) -> None:
    """Put load on a running environment, and judge it by the objectives of golive.yaml.

    Constant open-loop load on the paths of smoke test and health check; latency counts from when a request
    was due.
    Exit 0: every objective held. 1: one was broken. 3: not enough was measured, and no file is written.

    Example: golive perf --scenario smoke --output evidence/operations/perf.json
    """
    from golive import assembly

    chosen = assembly.environment_for_load(file, env)
    asked = assembly.Scenario(name=scenario, rate=rate, seconds=seconds)
    measured = asyncio.run(assembly.perf(file, chosen, asked, _watch))
    if sys.stderr.isatty():
        click.echo("", err=True)
    verdict = measured.verdict
    if verdict.answer != "inconclusive":
        assembly.keep_measured(file, measured, output)
    where = str(output) if verdict.answer != "inconclusive" else "nothing was written: there is no result"
    lines = [
        f"{chosen}: {verdict.answer}",
        f"why:      {verdict.because}",
        f"latency:  {_latency(measured.body['latency_ms'])}",
        f"result:   {where}",
    ]
    answer({**measured.body, "output": where}, "\n".join(lines), as_json=as_json)
    leave(EXITS[verdict.answer])


def _latency(found: object) -> str:
    return ", ".join(f"{name} {ms} ms" for name, ms in found.items()) if isinstance(found, dict) else ""


def _watch(told: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{told}", err=True, nl=False)
