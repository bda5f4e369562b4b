"""A group whose commands are modules of one package, imported on use; each holds the command of its name."""

import importlib
from collections.abc import Mapping

import click


class Chapter(click.Group):
    """`package` holds a module for each name of `contents`, which says what it does in one line."""

    package = ""
    contents: Mapping[str, str] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.contents)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.contents:
            return None
        command: click.Command = getattr(importlib.import_module(f"{self.package}.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self.contents.items()))
