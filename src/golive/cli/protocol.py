"""`golive protocol`: its commands are modules of `cli.protocols`, imported when they are used."""

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


class Table(click.Group):
    """A group whose commands are modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"golive.cli.protocols.{name}"), name)
        return command


@click.command(cls=Table)
def protocol() -> None:
    """Check, plan and run a protocol: a Markdown document that people follow.

    Example: golive protocol plan operations.md
    """
