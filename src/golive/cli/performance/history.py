"""`golive perf history`."""

import click

from golive.cli.answer import answer, environments, file_option, json_option


@click.command()
@click.option("--scenario", default="", help="Only runs of this one.")
@click.option("-e", "--env", default="", shell_complete=environments, help="The environment.")
@file_option
@json_option
def history(scenario: str, env: str, file: str, as_json: bool) -> None:
    """Earlier runs as the evidence holds them, and where the level of p50 or p99 changed.

    Example: golive perf history --scenario load
    """
    from golive import assembly

    chosen = assembly.environment_for_load(file, env)
    runs = assembly.past_runs(file, chosen, scenario=scenario)
    rows = [_row(one) for one in runs]
    found = assembly.level_changes(runs)
    lines = [
        f"{one['run']}  {one['scenario']:<8} {one['revision'] or '-':<12}  {one['throughput_per_s']:>8g}/s  "
        f"p50 {one['p50_ms']} ms  p99 {one['p99_ms']} ms  {one['verdict']}"
        for one in rows
    ]
    lines += [
        f"{one['metric']} went from {one['from']:g} to {one['to']:g} ms with run {one['run']}" for one in found
    ]
    text = "\n".join(lines) or f"{chosen}: no run is recorded\nnext: golive perf --env {chosen}"
    answer({"environment": chosen, "runs": rows, "changes": found}, text, as_json=as_json)


def _row(run: object) -> dict[str, object]:
    from golive.assembly import PastRun

    assert isinstance(run, PastRun)
    body = run.body
    return {
        "run": body["run"],
        "scenario": body["scenario"]["name"],
        "revision": body["revision"][:12],
        "throughput_per_s": body["totals"]["throughput_per_s"],
        "p50_ms": body["totals"]["latency_ms"]["p50"],
        "p99_ms": body["totals"]["latency_ms"]["p99"],
        "machine": body["machine"]["fingerprint"],
        "verdict": body["verdict"]["answer"],
        "accepted": run.accepted,
        "capacity_per_s": body["knee"]["rate_per_s"] if body["knee"] else None,
    }
