"""`golive spec`."""

import json

import click

from golive.cli.answer import answer, file_option, json_option


@click.group()
def spec() -> None:
    """The file golive.yaml: check it, explain a key, print its schema.

    Example: golive spec check
    """


@spec.command()
@file_option
@json_option
def check(file: str, as_json: bool) -> None:
    """Say what the file says, or everything that is wrong with it.

    Exit 0: it can be used. 2: it cannot; every fault is told with line and column.

    Example: golive spec check --file shop/golive.yaml
    """
    from golive import assembly
    from golive.assembly.observe import rules
    from golive.spec import summary

    found, _ = assembly.specification(file)
    rules.promised(file)  # selectors are read where rules are made of them
    next_step = f"next: golive deploy --env {next(iter(found.environments))} --dry-run"
    text = "\n".join([f"{file} is sound", *summary.lines(found), next_step])
    answer(summary.values(found), text, as_json=as_json)


@spec.command()
@json_option
def schema(as_json: bool) -> None:
    """Print the JSON Schema of the file (draft 2020-12), for editors.

    Example: golive spec schema > golive.schema.json
    """
    from golive.spec.schema import schema as described

    answer({"schema": described()}, json.dumps(described(), indent=2, ensure_ascii=False), as_json=as_json)


@spec.command()
@click.argument("key", default="")
@json_option
def explain(key: str, as_json: bool) -> None:
    """Say what a KEY means, takes and defaults to; without KEY, all of them as Markdown.

    Example: golive spec explain environments.production.strategy.weights
    """
    from dataclasses import asdict

    from golive.spec import reference
    from golive.spec.explain import explain as find
    from golive.spec.explain import text_of
    from golive.spec.keys import keys

    if key:
        found = find(key)
        answer({"key": found.name, **asdict(found)}, text_of(found), as_json=as_json)
    else:
        answer({"keys": [asdict(row) for row in keys().values()]}, reference.page().rstrip("\n"), as_json=as_json)
