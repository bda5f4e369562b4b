"""`golive perf`."""

import asyncio
from pathlib import Path
from typing import Any

import click

from golive.cli.answer import answer, environments, file_option, json_option
from golive.cli.chapter import Chapter
from golive.cli.settled import leave
from golive.errors import Exit

EXITS = {"pass": Exit.DONE, "fail": Exit.FAILED, "inconclusive": Exit.WAITING}
OUTPUT = Path("evidence/operations/perf.json")
PARTS = {
    "compare": "Two revisions take turns on this machine: which is slower?",
    "history": "Earlier runs of a scenario, and where their level changed",
    "report": "Write page, summary and JUnit file of a perf.json anew",
    "scenarios": "Which loads there are, and what each means here",
    "schema": "The JSON Schema of perf.json",
}


class Performance(Chapter):
    """A module `cli/performance/compare.py` holds the click command `compare`."""

    package = "golive.cli.performance"
    contents = PARTS


def scenario_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """For completion."""
    from golive import assembly

    try:
        found = assembly.scenarios(ctx.params.get("file") or "golive.yaml")
    except Exception:  # no specification: nothing to complete
        return []
    return [name for name in found if name.startswith(incomplete)]


@click.group(cls=Performance, invoke_without_command=True)
@click.option(
    "--scenario",
    default="smoke",
    show_default=True,
    shell_complete=scenario_names,
    help="smoke, load, stress, spike, soak, or one of load.scenarios.",
)
@click.option(
    "-e",
    "--env",
    default="",
    shell_complete=environments,
    help="The environment; default: the first that production requires.",
)
@click.option("--rate", type=click.IntRange(1, 200_000), default=None, help="Another rate, requests per second.")
@click.option("--seconds", type=click.IntRange(1, 86_400), default=None, help="Another length.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=OUTPUT,
    show_default=True,
    help="perf.json; .html, .md and .xml are written beside it.",
)
@file_option
@json_option
@click.pass_context
def perf(
    ctx: click.Context,
    scenario: str,
    env: str,
    rate: int | None,
    seconds: int | None,
    output: Path,
    file: str,
    as_json: bool,
) -> None:
    """Put load on a running environment, and judge it by the objectives of golive.yaml.

    Open loop: users come when they come, and do not wait for each other's answers. Latency counts from when a
    request was due. The scenario stress looks for the highest rate that holds. A run is compared with the last
    accepted one of its scenario on a machine like this.
    Exit 0: every objective held. 1: one was broken, or the run is worse than the last. 3: not enough was measured,
    or not truly. 130: ended by Ctrl-C; what was measured is in NAME.partial.json.

    Example: golive perf --scenario smoke --output evidence/operations/perf.json
    """
    if ctx.invoked_subcommand:
        return
    from golive import assembly
    from golive.cli.performance.meter import Meter

    meter = Meter()
    chosen = assembly.environment_for_load(file, env)
    wish = asyncio.run(assembly.load_wish(file, chosen, scenario, rate=rate, seconds=seconds))
    meter.say(f"{scenario} on {chosen}: {wish.sentence()}")
    try:
        performed = asyncio.run(assembly.perf(file, wish, meter, meter.say))
    finally:
        meter.end()
    written = assembly.keep_performed(file, performed, output)
    answer({**performed.body, "output": str(output)}, text(performed.body, written), as_json=as_json)
    ended = performed.body["outcome"]["ended"]
    leave(Exit.INTERRUPTED if ended == "interrupted" else EXITS[str(performed.verdict.answer)])


def text(body: dict[str, Any], written: dict[str, Path]) -> str:
    """State first, then why, then where to look."""
    verdict, totals = body["verdict"], body["totals"]
    lines = [
        f"{body['environment']}: {verdict['answer']}",
        f"why:      {verdict['because']}",
        f"load:     {totals['sent']} requests, {totals['throughput_per_s']:.6g}/s answered well, "
        f"{totals['failed']} failed",
        f"latency:  {latency(totals['latency_ms'])}",
    ]
    lines += [f"failed:   {count} × {cause}" for cause, count in list(totals["causes"].items())[:3]]
    if body["comparison"]:
        lines.append(f"before:   {body['comparison']['because']}")
    if "partial" in written:
        return "\n".join([*lines, f"partial:  {written['partial']} (no result: nothing was recorded)"])
    return "\n".join([*lines, f"result:   {written['json']}", f"look at:  {written['html']}"])


def latency(found: dict[str, float | None]) -> str:
    """Quantiles on one line; nothing where nothing was measured."""
    told = [f"{name} {ms:g} ms" for name, ms in found.items() if ms is not None]
    return ", ".join(told) or "nothing was answered"
