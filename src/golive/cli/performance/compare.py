"""`golive perf compare`."""

import asyncio
from pathlib import Path

import click

from golive.cli.answer import answer, environments, file_option, json_option
from golive.cli.settled import leave
from golive.errors import Exit

EXITS = {"worse": Exit.FAILED, "not comparable": Exit.WAITING}
OUTPUT = Path("evidence/operations/perf-compare.json")


@click.command()
@click.argument("revision", default="")
@click.option("--against", default="", help="The other revision; default: the one that is live.")
@click.option("--scenario", default="load", show_default=True, help="Whose requests are sent.")
@click.option("-e", "--env", default="", shell_complete=environments, help="Whose settings both get.")
@click.option("--rate", type=click.IntRange(1, 200_000), default=None, help="Requests per second.")
@click.option("--seconds", type=click.IntRange(12, 3600), default=30, show_default=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), default=OUTPUT, show_default=True)
@file_option
@json_option
def compare(
    revision: str,
    against: str,
    scenario: str,
    env: str,
    rate: int | None,
    seconds: int,
    output: Path,
    file: str,
    as_json: bool,
) -> None:
    """Let two revisions take turns under the same load on this machine, and say whether one is slower.

    REVISION is the beginning of a name; without it the folder is built as it is. Both run beside the environment,
    an instance each; no user reaches them.
    Exit 0: no difference, or better. 1: worse. 3: too little was measured to say.

    Example: golive perf compare --env staging --against 3f2a91c04b7d
    """
    from golive import assembly
    from golive.cli.performance.meter import Meter

    meter = Meter()
    chosen = assembly.environment_for_load(file, env)
    wish = asyncio.run(assembly.load_wish(file, chosen, scenario, rate=rate))
    try:
        turns = asyncio.run(
            assembly.turns(file, wish, new=revision, against=against, seconds=seconds, watch=meter, tell=meter.say)
        )
    finally:
        meter.end()
    written = assembly.keep_turns(file, turns, output)
    comparison = turns.body["comparison"]
    lines = [f"{turns.new}: {comparison['answer']}", f"why:      {comparison['because']}"]
    lines += [_row(one) for one in comparison["metrics"]]
    lines += [f"look at:  {written['html']}"]
    answer({**comparison, "revision": turns.new, "output": str(output)}, "\n".join(lines), as_json=as_json)
    leave(EXITS.get(comparison["answer"], Exit.DONE))


def _row(metric: dict[str, float | str | None]) -> str:
    if metric["before"] is None or metric["now"] is None:
        return f"  {metric['name']:<7} not measured"
    unit = "%" if metric["name"] == "errors" else "ms"
    bounds = "" if metric["low_pct"] is None else f"  {metric['low_pct']:+g} to {metric['high_pct']:+g} %"
    return f"  {metric['name']:<7} {metric['before']:g} → {metric['now']:g} {unit}{bounds}  {metric['verdict']}"
