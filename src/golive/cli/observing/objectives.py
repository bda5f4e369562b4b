"""`golive observe objectives`."""

from typing import Any

import click

from golive.cli.answer import answer, file_option, json_option


@click.command()
@file_option
@json_option
def objectives(file: str, as_json: bool) -> None:
    """What is promised, how much may go wrong, and from which share of errors on somebody is called.

    Example: golive observe objectives
    """
    from golive.assembly.observe import rules

    told = rules.promised(file)
    answer({"slos": told}, "\n".join(line for slo in told for line in _lines(slo)), as_json=as_json)


def _lines(slo: dict[str, Any]) -> list[str]:
    lines = [f"{slo['name']}: {slo['target_percent']:g} % good within {slo['window']} ({slo['kind']})"]
    lines.append(f"  budget: {slo['budget_percent']:g} %, {slo['allowed_downtime']} of everything failing")
    for burn in slo["burns"]:
        if burn["reachable"]:
            lines.append(
                f"  {burn['severity']:<6} above {burn['above_percent']:g} % in {burn['long']} and {burn['short']}"
                f" ({burn['factor']:g} times); one bad event alone is enough up to {burn['alone_enough']} events"
            )
        else:
            lines.append(f"  {burn['severity']:<6} in {burn['long']}: left out, no share of errors burns so fast")
    return lines
