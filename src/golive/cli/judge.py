"""`golive judge`: why a verdict was given, what others would have said, and how calm a service is."""

import importlib

import click

PARTS = {
    "explain": "Why a rollout was promoted or rolled back, as a picture",
    "replay": "Judge a recorded watch again, beside the rules of other tools",
    "calibrate": "Learn how much the instances of one revision differ, from placebo canaries",
    "advise": "How long a canary takes to decide with today's traffic",
}


class Parts(click.Group):
    """Subcommands, imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(PARTS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in PARTS:
            return None
        command: click.Command = getattr(importlib.import_module(f"golive.cli.judging.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(PARTS.items()))


@click.command(cls=Parts)
def judge() -> None:
    """Why a verdict was given, what others would have said, and how calm a service is.

    Example: golive judge explain
    """
