"""A group whose commands are modules of one package, imported on use; each holds the command of its name."""

import importlib
from collections.abc import Mapping
from keyword import iskeyword

import click


class Guessing(click.Group):
    """Names the command that was probably meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise _with_nearest(error, args[0], self.list_commands(ctx)) from None


def _with_nearest(error: click.UsageError, name: str, names: list[str]) -> click.UsageError:
    import difflib

    near = difflib.get_close_matches(name, names, n=1)
    return click.UsageError(f"{error.message} Did you mean {near[0]!r}?" if near else error.message, error.ctx)


class Chapter(Guessing):
    """`package` holds a module for each name of `contents`, which says what it does in one line."""

    package = ""
    contents: Mapping[str, str] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.contents)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.contents:
            return None
        called = f"{name}_" if iskeyword(name) else name  # as Python wants it
        command: click.Command = getattr(importlib.import_module(f"{self.package}.{called}"), called)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self.contents.items()))
