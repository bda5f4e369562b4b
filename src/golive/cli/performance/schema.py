"""`golive perf schema`."""

import json

import click


@click.command()
def schema() -> None:
    """Print the JSON Schema of perf.json.

    Example: golive perf schema > perf.schema.json
    """
    from golive.judge.performance.perfschema import SCHEMA

    click.echo(json.dumps(SCHEMA, indent=2))
