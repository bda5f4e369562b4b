"""The block between two `---` lines at the top of a Markdown file, as fields with their lines.

Only a block that is closed and is a mapping is front matter: a file that begins with a rule is prose. Scalars stay
text as written (`no` is "no"). A key that stands twice is kept twice, and reported.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

MOST_CHARACTERS = 64 * 1024
DEEPEST = 12


@dataclass(frozen=True, kw_only=True)
class Field:
    """One entry of the front matter; its values are one text, those of a list, or `key: value` of a mapping."""

    name: str  # in small letters, with underscores
    written: str
    line: int
    values: tuple[tuple[int, str], ...]  # line and text


@dataclass(frozen=True, kw_only=True)
class Front:
    """What the top of a file says. `body_line` is the number of the first line after it."""

    fields: tuple[Field, ...] = ()
    twice: tuple[tuple[int, str], ...] = ()  # line of the second, and what stands twice
    body_line: int = 1
    fault: str = ""  # why there is none


def front_matter(lines: list[str]) -> Front:
    """The front matter of a file, or why it has none."""
    if not lines or lines[0].rstrip() != "---":
        return Front(fault="there is no front matter")
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), 0)
    if not end:
        return Front(fault="the front matter is not closed by a line ---")
    text = "\n".join(lines[1:end])
    if len(text) > MOST_CHARACTERS:
        return Front(fault=f"the front matter has more than {MOST_CHARACTERS} characters")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            return Front(fault="the front matter uses aliases", body_line=end + 2)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return Front(fault="what stands between the --- lines is not YAML")
    if not isinstance(root, MappingNode):
        return Front(fault="what stands between the --- lines is no list of fields")
    fields = tuple(_field(key, value) for key, value in root.value if isinstance(key, ScalarNode))
    return Front(fields=fields, twice=tuple(_twice(root)), body_line=end + 2)


def _field(key: ScalarNode, value: Node) -> Field:
    name = "_".join(key.value.strip().casefold().replace("-", " ").replace("_", " ").split())
    return Field(name=name, written=key.value, line=_line(key), values=tuple(_values(value, 0)))


def _values(node: Node, depth: int) -> Iterator[tuple[int, str]]:
    """The texts in a value; of a mapping, each text after its key."""
    match node:
        case ScalarNode():
            yield _line(node), node.value
        case SequenceNode() if depth < DEEPEST:
            for item in node.value:
                yield from _values(item, depth + 1)
        case MappingNode() if depth < DEEPEST:
            for key, value in node.value:
                name = key.value if isinstance(key, ScalarNode) else ""
                yield from ((line, f"{name}: {text}") for line, text in _values(value, depth + 1))


def _twice(root: MappingNode) -> Iterator[tuple[int, str]]:
    seen: dict[str, int] = {}
    for key, _ in root.value:
        name = key.value if isinstance(key, ScalarNode) else ""
        if name in seen:
            yield _line(key), f"the key {name} stands twice, first in line {seen[name]}"
        seen.setdefault(name, _line(key))


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 2  # the block begins in the second line
