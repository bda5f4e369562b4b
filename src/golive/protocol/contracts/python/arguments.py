"""One call of `add_argument` → an option, or a positional argument."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from golive.protocol.contracts.contract import Option
from golive.protocol.contracts.python.literals import UNKNOWN, dotted, texts, value

SWITCHES = ("store_true", "store_false", "store_const", "append_const", "count")
ENDING = ("help", "version")  # these end the program: nothing to look at afterwards
ACTIONS = ("store", "append", "extend", *SWITCHES, *ENDING)


@dataclass(frozen=True, kw_only=True)
class Positional:
    """A word without a flag; counts as of `Option`."""

    dest: str
    least: int = 1
    most: int | None = 1
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Argument:
    """What one call adds, and under which name the program finds it (`dest`; "" when it needs no look)."""

    dest: str
    option: Option | None = None
    positional: Positional | None = None


def argument(call: ast.Call, names: Mapping[str, object]) -> Argument | None:
    """What a call adds; None when its names or its kind are not written out."""
    flags = texts(tuple(value(arg, names) for arg in call.args))
    given = {word.arg: word.value for word in call.keywords if word.arg}
    if flags is None or any(word.arg is None for word in call.keywords):
        return None
    action = value(given["action"], names) if "action" in given else "store"
    optional = "BooleanOptionalAction" in dotted(given["action"]) if "action" in given else False
    counts = (0, 0) if optional or action in (*SWITCHES, *ENDING) else _counts(given, names)
    if counts is None or not (optional or action in ACTIONS):
        return None
    choices = texts(value(given.get("choices"), names)) or ()
    dest = _dest(flags, given, names)
    if not flags or not flags[0].startswith("-"):
        return Argument(
            dest=dest, positional=Positional(dest=dest, least=counts[0], most=counts[1], choices=choices)
        )
    if optional:
        flags += tuple(f"--no-{flag[2:]}" for flag in flags if flag.startswith("--"))
    option = Option(
        names=flags,
        least=counts[0],
        most=counts[1],
        choices=choices,
        required=value(given.get("required"), names) is True,
        default=_default(given, names),
        line=call.lineno,
    )
    return Argument(dest="" if action in ENDING else dest, option=option)


def _counts(given: Mapping[str, ast.expr], names: Mapping[str, object]) -> tuple[int, int | None] | None:
    if "nargs" not in given:
        return (1, 1)
    match value(given["nargs"], names):
        case None:
            return (1, 1)
        case "?":
            return (0, 1)
        case "*":
            return (0, None)
        case "+":
            return (1, None)
        case int() as number:
            return (number, number)
        case _ if dotted(given["nargs"]).endswith("REMAINDER"):
            return (0, None)
        case _:
            return None


def _dest(flags: tuple[str, ...], given: Mapping[str, ast.expr], names: Mapping[str, object]) -> str:
    named = value(given.get("dest"), names)
    if isinstance(named, str):
        return named
    long = next((flag for flag in flags if flag.startswith("--")), flags[0] if flags else "")
    return long.lstrip("-").replace("-", "_")


def _default(given: Mapping[str, ast.expr], names: Mapping[str, object]) -> str:
    found = value(given.get("default"), names)
    return "" if found is UNKNOWN or found is None else str(found)
