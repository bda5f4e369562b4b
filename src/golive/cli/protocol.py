"""`golive protocol`: a group whose commands are modules of `cli.protocols`, imported on use."""

import importlib

import click

COMMANDS = {
    "validate": "Say what is wrong with a document, line by line",
    "plan": "Say what would run, what it changes, and what waits for a person",
    "trust": "Let the commands of a document be run",
    "run": "Follow a document step by step, and keep the evidence",
    "status": "Where a run is, and what is open",
    "answer": "Answer for what only a person can do",
    "integration": "Say whether a phase joins up: scripts, evidence, claims, hand-offs",
    "applies": "Say whether a brief calls for live operations",
}


class Chapter(click.Group):
    """The commands of `COMMANDS`; a module `cli/protocols/plan.py` holds the click command `plan`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"golive.cli.protocols.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Chapter)
def protocol() -> None:
    """Documents that people and assistants follow: check them, plan them, run them.

    Example: golive protocol plan operations.md
    """
