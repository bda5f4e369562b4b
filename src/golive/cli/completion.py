"""`golive completion`."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for your shell.

    Example: golive completion bash > ~/.local/share/bash-completion/completions/golive
    """
    from golive.cli import golive

    script = get_completion_class(shell)
    assert script
    click.echo(script(golive, {}, "golive", "_GOLIVE_COMPLETE").source())
