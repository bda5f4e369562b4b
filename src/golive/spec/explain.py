"""What one key of golive.yaml means, for a person who points at it."""

import re
from typing import NoReturn

from golive.errors import Exit, Failure
from golive.spec.fault import instead
from golive.spec.keys import ANY_NAME, ITEM, Key, keys, name_of, names_at

BRACKETS = re.compile(r"\[[^\]]*\]")


def explain(name: str) -> Key:
    """The key that a path such as `environments.production.strategy.weights[0]` points at.

    Names and places may be given as they are in a file or as `*` and `[]`, and places may be left out.
    An unknown key is a `Failure` with the nearest known one.
    """
    path: tuple[str, ...] = ()
    for part in BRACKETS.sub("", name).split("."):
        path = _inward(path, part) or _refuse(name, path, part)
    return keys()[_without_names(path)]


def text_of(key: Key) -> str:
    """The key's row as lines for a terminal."""
    rows = [("takes", key.takes), ("limits", key.limits), ("default", _default(key)), ("example", key.example)]
    rows += [("keys", ", ".join(key.inner))]
    return "\n".join([key.name, "", key.meaning, "", *(f"{label:<8} {value}" for label, value in rows if value)])


def _inward(path: tuple[str, ...], part: str) -> tuple[str, ...]:
    """From a key to the one called `part` in it; through the items of a list, which need not be mentioned."""
    around = keys().get(path)
    if around and around.named:
        return (*path, ANY_NAME)
    ways = ((*path, part), (*path, ITEM, part))
    return next((way for way in ways if way in keys()), ())


def _without_names(path: tuple[str, ...]) -> tuple[str, ...]:
    """The key itself, when the path ends with a name of the operator's own."""
    return path[:-1] if path[-1] == ANY_NAME else path


def _refuse(name: str, path: tuple[str, ...], part: str) -> NoReturn:
    known = names_at(path)
    place = name_of(_without_names(path)) if path else "golive.yaml"
    raise Failure(
        where=name or "golive spec explain",
        what=f"`{part}` is not a key of {place}",
        why="" if known else f"there are no keys below {place}",
        next=instead(part, known) if known else f"golive spec explain {place}",
        code=Exit.USAGE,
    )


def _default(key: Key) -> str:
    return "must be given" if key.required else key.default
