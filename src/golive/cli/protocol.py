"""`golive protocol`: a group whose commands are modules of this package, imported on use."""

import importlib

import click

COMMANDS = {
    "applies": "Say whether a brief calls for live operations",
}


class Chapter(click.Group):
    """The commands of `COMMANDS`; a module `cli/applies.py` holds the click command `applies`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"golive.cli.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Chapter)
def protocol() -> None:
    """Documents that people and assistants follow step by step.

    Example: golive protocol applies --brief PROJECT-BRIEF.md
    """
