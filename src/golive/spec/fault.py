"""What is wrong with one value, before it is known where in the file that value stands."""

import json
from collections.abc import Iterable
from difflib import get_close_matches

Path = tuple[str | int, ...]  # ("environments", "production", "strategy", "weights", 0)


class Empty:
    """What stands in the tree for null, so that a key without a value is refused unless its kind takes null."""


EMPTY = Empty()

SHOWN = 60  # characters of an offending value that a message repeats


class Fault(ValueError):
    """One broken rule.

    `at` leads from the value that was looked at to the part that is at fault; `in_key` when it is the key
    of that part, not its value.
    """

    def __init__(self, what: str, *, why: str = "", next: str = "", at: Path = (), in_key: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.next = next
        self.at = at
        self.in_key = in_key


class Faults(ValueError):
    """Several broken rules of one value, so that all are told at once."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        super().__init__("several faults")
        self.faults = tuple(faults)


def shown(value: object) -> str:
    """The value as it would be written in YAML's flow style, cut to `SHOWN` characters."""
    text = json.dumps(value, ensure_ascii=False, default=lambda _: None)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def sort_of(value: object) -> str:
    """What a YAML value is, in words: text, a whole number, a list …"""
    match value:
        case None | Empty():
            return "empty"
        case bool():
            return "a truth value"
        case int():
            return "a whole number"
        case float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "a mapping"


def path_text(path: Path) -> str:
    """`environments.production.strategy.weights[0]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{word(part)}" for part in path)
    return text.removeprefix(".")


def word(name: str) -> str:
    """A name of the file's own, in quotes when it could be taken for more than a name."""
    return name if name.isprintable() and " " not in name and 0 < len(name) <= SHOWN else shown(name)


def printable(text: str) -> str:
    """The text with line breaks and whatever else cannot be seen as escapes, so that it stays one line."""
    return "".join(char if char.isprintable() else json.dumps(char).strip('"') for char in text)


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that a person most likely meant, or ""."""
    found = get_close_matches(name[:SHOWN], list(known), n=1, cutoff=0.6)
    return found[0] if found else ""


def instead(name: str, known: Iterable[str]) -> str:
    """The `next` of an unknown name: the nearest one, or all of them."""
    names = list(known)
    near = nearest(name, names)
    return f"did you mean `{near}`?" if near else "known here: " + ", ".join(names)
