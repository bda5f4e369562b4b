"""`golive protocol`: a group whose commands are modules of `cli.protocols`, imported on use."""

import click

from golive.cli.chapter import Chapter

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


class Protocols(Chapter):
    """A module `cli/protocols/plan.py` holds the click command `plan`."""

    package = "golive.cli.protocols"
    contents = COMMANDS


@click.group(cls=Protocols)
def protocol() -> None:
    """Documents that people and assistants follow: check them, plan them, run them.

    Example: golive protocol plan operations.md
    """
