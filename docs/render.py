"""Renews the pages of docs/reference that are made from the code: `make docs`.

commands.md from the command line's own help, golive-yaml.md from the keys of the specification.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from golive.cli import COMMANDS, golive

REFERENCE = Path(__file__).parent / "reference"
WIDTH = 100

HEAD = """# Commands

Every command answers on stdout and tells its progress on stderr; `--json` prints the same values as JSON with a
`schema_version`. `NO_COLOR` is honoured. Exit codes:

| code | meaning |
|---|---|
| 0 | done, or proven |
| 1 | failed or refuted, and made safe: traffic is where it was |
| 2 | wrong usage, or a specification that cannot be used |
| 3 | unproven, or waiting for a person |
| 4 | refused by policy, or by another controller at work |
| 5 | evidence tampered with, or incomplete |
| 7 | could not be made safe: act now |
| 130 | interrupted |
"""


def commands() -> str:
    """The page of commands."""
    with golive.make_context("golive", [], resilient_parsing=True) as top:
        pages = [section for name in COMMANDS for section in sections(top, name)]
    return HEAD + "".join(pages)


def sections(parent: click.Context, name: str) -> Iterator[str]:
    """A command's help, and that of its subcommands."""
    group = parent.command
    assert isinstance(group, click.Group)
    command = group.get_command(parent, name)
    assert command
    with click.Context(command, info_name=name, parent=parent, max_content_width=WIDTH) as context:
        context.terminal_width = WIDTH
        yield f"\n## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
        for sub in command.list_commands(context) if isinstance(command, click.Group) else ():
            yield from sections(context, sub)


def main() -> None:
    (REFERENCE / "commands.md").write_text(commands())
    keys = subprocess.run([sys.executable, "-m", "golive", "spec", "explain"], capture_output=True, check=True)
    (REFERENCE / "golive-yaml.md").write_bytes(keys.stdout)


if __name__ == "__main__":
    main()
