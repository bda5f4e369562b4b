"""Commands: argument lists, or a line that is split like a shell would, but that no shell ever sees."""

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

from golive.spec.fault import Fault, Faults, shown, sort_of
from golive.spec.kind import Kind

OPERATORS = "|&;<>()"
LONGEST = 4000  # characters of one argument
ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
EXPANSION = re.compile(r"\$(?:\(|\{|[A-Za-z_][A-Za-z0-9_]*)")


def command(*, port: bool = False) -> Kind:
    """A command; with `port` it may hold `$PORT`, which golive replaces."""

    def read(value: Any) -> tuple[str, ...]:
        if isinstance(value, str):
            return _split(value, port)
        if not isinstance(value, list):
            raise Fault(
                f"{shown(value)} is {sort_of(value)}, not a command",
                why="a command is a list of arguments, or one line of text",
                next='write for instance ["python3", "app.py"] or python3 app.py',
            )
        return _listed(value)

    return Kind(
        words="a command",
        limits="a list of arguments, or a line without shell operators",
        read=read,
        write=list,
        schema={
            "oneOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "minItems": 1, "items": {"type": "string", "maxLength": LONGEST}},
            ]
        },
    )


def _listed(arguments: list[Any]) -> tuple[str, ...]:
    faults = [fault for index, argument in enumerate(arguments) for fault in _wrong(argument, index)]
    if faults:
        raise Faults(faults)
    if not arguments or not arguments[0].strip():
        raise Fault("the command names no program", next='write for instance ["python3", "app.py"]')
    return tuple(arguments)


def _wrong(argument: object, index: int) -> Iterator[Fault]:
    if not isinstance(argument, str):
        quoted = json.dumps(shown(argument)) if isinstance(argument, bool | int | float) else "the text"
        what = f"{shown(argument)} is {sort_of(argument)}, not text"
        yield Fault(what, why="arguments are text", next=f"write {quoted} in quotes", at=(index,))
    elif len(argument) > LONGEST:
        yield Fault(f"{len(argument)} characters", why=f"an argument has at most {LONGEST}", at=(index,))


def _split(line: str, port: bool) -> tuple[str, ...]:
    sign = _shell_sign(line, port)
    if sign:
        raise _needs_shell(line, sign, port)
    try:
        arguments = shlex.split(line)
    except ValueError as error:
        next_step = "close the quote, or write the command as a list of arguments"
        raise Fault(f"{shown(line)} cannot be split", why=str(error).lower(), next=next_step) from None
    if arguments and ASSIGNMENT.match(arguments[0]):
        raise Fault(
            f"{shown(arguments[0])} sets a variable",
            why="no shell reads the line, so it would be taken for a program",
            next="set it under `env`",
        )
    return _listed(list(arguments))


def _shell_sign(line: str, port: bool) -> str:
    """The first thing in the line that only a shell would understand, or ""."""
    quote, at = "", 0
    while at < len(line):
        char = line[at]
        if char == "\\" and quote != "'":
            at += 2
            continue
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in OPERATORS:
            return _run_of_operators(line, at)
        if quote != "'" and (found := _expansion(line, at, port)):
            return found
        at += 1
    return ""


def _run_of_operators(line: str, at: int) -> str:
    rest = line[at:]
    return rest[: len(rest) - len(rest.lstrip(OPERATORS))]


def _expansion(line: str, at: int, port: bool) -> str:
    if line[at] == "`":
        return "`"
    found = EXPANSION.match(line, at)
    if not found or (port and (found[0] == "$PORT" or line.startswith("${PORT}", at))):
        return ""
    return found[0]


def _needs_shell(line: str, sign: str, port: bool) -> Fault:
    why = "no shell reads the line, so it would be passed on as text"
    if sign[:1] == "$" and sign[1:2].isalpha():
        why = f"$PORT is all that is replaced, in `revision.run` only; {why}"
    listed = f'["sh", "-c", {json.dumps(line, ensure_ascii=False)}]'
    next_step = f"quote it if it is text; if a shell is meant, write {listed}"
    return Fault(f'"{sign}" needs a shell', why=why, next=next_step)
