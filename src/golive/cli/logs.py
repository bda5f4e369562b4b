"""`golive logs`."""

import asyncio

import click

from golive.cli.answer import answer, env_option, file_option, json_option


@click.command()
@env_option
@file_option
@click.option("--revision", default=None, help="Only instances of this revision.")
@click.option("-n", "--lines", default=20, show_default=True, help="Newest lines of each instance.")
@json_option
def logs(env: str, file: str, revision: str | None, lines: int, as_json: bool) -> None:
    """What the instances print, newest lines of each.

    Example: golive logs --env production -n 50
    """
    from golive import assembly

    found = asyncio.run(assembly.logs(file, env, revision, lines))
    text = "\n\n".join(f"── {name}\n" + "\n".join(printed) for name, printed in found.items())
    answer(
        {"environment": env, "logs": {name: list(printed) for name, printed in found.items()}},
        text or "no instance has printed anything",
        as_json=as_json,
    )
