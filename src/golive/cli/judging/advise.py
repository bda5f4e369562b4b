"""`golive judge advise`."""

import asyncio

import click

from golive.cli.answer import answer, env_option, file_option, json_option


@click.command()
@env_option
@click.option("--seconds", type=click.IntRange(1, 3600), default=10, show_default=True, help="How long to count.")
@file_option
@json_option
def advise(env: str, seconds: int, file: str, as_json: bool) -> None:
    """How long a canary takes to decide with today's traffic, at each weight.

    Counts users' requests for some seconds. With too few a canary decides nothing: raise the weight, soak
    longer, mix in load (`judge: {assist: load}`), or let a person decide.

    Example: golive judge advise --env production
    """
    from golive import assembly
    from golive.judge.advice import span

    rows = asyncio.run(assembly.advise(file, env, seconds))
    lines = ["weight  requests/s  twice the errors  five times  proof of not worse"]
    for weight, a in rows:
        seen = f"{_span(a.doubling_s):>16}  {_span(a.fivefold_s):>10}"
        lines.append(f"{weight:4} %  {a.per_second:10.3g}  {seen}  {span(a.proof_s):>18}")
    if rows and not rows[0][1].per_second:
        lines.append("No requests of users were seen: nothing can be decided. judge: {assist: load} sends some.")
    values = {
        "environment": env,
        "weights": [
            {
                "weight": weight,
                "per_second": a.per_second,
                "base_error_rate": a.base_rate,
                "doubling_s": a.doubling_s,
                "fivefold_s": a.fivefold_s,
                "proof_s": a.proof_s,
            }
            for weight, a in rows
        ],
    }
    answer(values, "\n".join(lines), as_json=as_json)


def _span(seconds: float | None) -> str:
    from golive.judge.advice import span

    return span(seconds) if seconds is not None else "no errors yet"
