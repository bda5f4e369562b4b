"""How every command answers: the same values as text on stdout or, with `--json`, as one JSON object.

Progress goes to stderr. Terminal escapes are stripped from everything that is printed, because names,
logs and error texts may come from outside.
"""

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from golive.errors import Failure

SCHEMA_VERSION = 1

F = TypeVar("F", bound=Callable[..., Any])


def json_option(command: F) -> F:
    """`--json`, passed on as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print the same values as JSON.")(command)


def file_option(command: F) -> F:
    """`--file`, the specification; passed on as `file`."""
    return click.option(
        "-f", "--file", default="golive.yaml", show_default=True, help="The specification of the service."
    )(command)


def env_option(command: F) -> F:
    """`--env`, required; passed on as `env`."""
    return click.option(
        "-e",
        "--env",
        required=True,
        shell_complete=environments,
        help="The environment, as named in golive.yaml.",
    )(command)


def environments(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """The environments that golive.yaml names, for completion in the shell; none when it cannot be read."""
    from golive import assembly

    try:
        spec, _ = assembly.specification(str(ctx.params.get("file") or "golive.yaml"))
    except Failure:
        return []
    return [name for name in spec.environments if name.startswith(begun)]


def answer(values: Mapping[str, object], text: str, *, as_json: bool) -> None:
    """Print the answer: `values` as JSON, or `text`."""
    if as_json:
        click.echo(json.dumps({"schema_version": SCHEMA_VERSION, **values}, indent=2, ensure_ascii=False))
    else:
        click.echo(plain(text))


def report(failure: Failure) -> int:
    """Print a failure (text on stderr; JSON on stdout with `--json`) and return its exit code."""
    if "--json" in sys.argv:
        click.echo(json.dumps({"schema_version": SCHEMA_VERSION, "failure": failure.as_json()}, indent=2))
    else:
        click.echo(plain("\n".join(failure.lines())), err=True)
    return int(failure.code)


def plain(text: str) -> str:
    """The text without control characters and bidirectional marks (newline and tab stay)."""
    return "".join(c if c in "\n\t" or (c.isprintable() and c not in _BIDI) else "�" for c in text)


_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
