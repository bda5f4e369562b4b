"""`golive perf scenarios`."""

import click

from golive.cli.answer import answer, file_option, json_option


@click.command()
@file_option
@json_option
def scenarios(file: str, as_json: bool) -> None:
    """Which scenarios there are, and what each means.

    Example: golive perf scenarios
    """
    from golive import assembly

    told = {name: assembly.scenario_sentence(one) for name, one in assembly.scenarios(file).items()}
    answer(told, "\n".join(f"{name:<12} {text}" for name, text in told.items()), as_json=as_json)
