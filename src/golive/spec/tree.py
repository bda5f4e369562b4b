"""A file as a tree of values that know their line and column."""

from dataclasses import dataclass

from golive.spec.fault import EMPTY, Path
from golive.spec.scalars import Scalar


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Mark:
    """A place in the file, counted from 1, in characters."""

    line: int
    column: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One value, where it stands, and where the key in front of it stands (None in a list)."""

    value: "Scalar | list[Node] | dict[str, Node]"
    mark: Mark
    key: Mark | None = None


def plain(node: Node, *, null: object = EMPTY) -> object:
    """The tree as dicts, lists and scalars, without marks."""
    match node.value:
        case dict(entries):
            return {key: plain(entry, null=null) for key, entry in entries.items()}
        case list(items):
            return [plain(item, null=null) for item in items]
        case None:
            return null
        case leaf:
            return leaf


def mark_of(root: Node, path: Path, *, key: bool = False) -> Mark:
    """Where the value at `path` stands, or with `key` its key.

    What is not in the file is placed at the key of the nearest thing around it.
    """
    node, found = root, True
    for part in path:
        inner = part_of(node, part)
        if inner is None:
            found = False
            break
        node = inner
    return node.key if node.key and (key or not found) else node.mark


def part_of(node: Node, part: str | int) -> Node | None:
    """The entry or item of that name or number, or None."""
    match node.value, part:
        case dict(entries), str():
            return entries.get(part)
        case list(items), int() if part < len(items):
            return items[part]
    return None
