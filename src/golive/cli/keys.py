"""What commands that sign have in common: the key, its passphrase, envelopes in files."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.evidence.signing.dsse import Envelope

F = TypeVar("F", bound=Callable[..., object])


def key_option(command: F) -> F:
    """`--key`, passed on as `key`."""
    return click.option(
        "--key",
        type=click.Path(path_type=Path, dir_okay=False),
        default=None,
        help="Your Ed25519 key: a private key file, or a .pub file whose key your ssh-agent holds. Default: the "
        "only key of the agent, else ~/.ssh/id_ed25519.",
    )(command)


def ask(question: str) -> str:
    """A passphrase from the terminal, unseen; "" when there is none."""
    if not sys.stdin.isatty():
        return ""
    answer: str = click.prompt(question, hide_input=True, default="", show_default=False, err=True)
    return answer


def read_envelope(path: Path) -> "Envelope":
    """The envelope in a file that somebody brought."""
    from golive.evidence.signing.dsse import MOST_BYTES, read

    try:
        with path.open("rb") as file:
            return read(file.read(MOST_BYTES + 1), str(path))
    except OSError as error:
        raise _file_trouble(path, error) from error


def write_new(path: Path, content: bytes) -> None:
    """A new file; one that is there is never overwritten."""
    try:
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise _file_trouble(path, error) from error


def _file_trouble(path: Path, error: OSError) -> Failure:
    return Failure(
        where=str(path),
        what="this file cannot be used",
        why=error.strerror or str(error),
        next="name another file",
        code=Exit.USAGE,
    )
