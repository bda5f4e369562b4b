"""JSON whose values know where they stand, so that one of them can be replaced and nothing else moves.

Strict RFC 8259; numbers stay text (`1.10` is not `1.1`). A key that stands twice is a `Failure`: readers disagree
about which one counts. At most 64 levels deep.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from golive.errors import Exit, Failure

DEEPEST = 64
MOST_CHARACTERS = 16 * 1024 * 1024

_SPACE = re.compile(r"[ \t\n\r]*+")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\.)*+"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}


class Number(str):
    """A number as it is written."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A value and its place in the text. `value`: dict or list of nodes, text, `Number`, truth value or None."""

    value: Any
    start: int
    end: int
    first: int = -1  # where the first key or element begins; -1 when there is none

    def get(self, *names: str) -> "Node | None":
        """The member of an object by the first of these names that it has."""
        members = self.value if isinstance(self.value, dict) else {}
        return next((members[name] for name in names if name in members), None)

    @property
    def text(self) -> str:
        """A string or number as text; "" for anything else."""
        return str(self.value) if isinstance(self.value, str) else ""

    @property
    def items(self) -> tuple["Node", ...]:
        return tuple(self.value) if isinstance(self.value, list) else ()


def read(text: str, name: str) -> Node:
    """The only value of the text; `Failure` with line and column otherwise."""
    if len(text) > MOST_CHARACTERS:
        raise _failure(name, text, 0, f"it has more than {MOST_CHARACTERS} characters")
    reading = _Reading(text=text, name=name)
    root = reading.value(reading.space(1 if text.startswith("\ufeff") else 0), 0)
    end = reading.space(root.end)
    if end < len(text):
        reading.fail(end, "something follows the value")
    return root


@dataclass(frozen=True, kw_only=True)
class _Reading:
    text: str
    name: str

    def value(self, at: int, depth: int) -> Node:
        if depth > DEEPEST:
            self.fail(at, f"it is more than {DEEPEST} levels deep")
        match self.text[at : at + 1]:
            case "{":
                return self._object(at, depth)
            case "[":
                return self._array(at, depth)
            case '"':
                return self._string(at)
        return self._plain(at)

    def space(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        return found.end() if found else at

    def fail(self, at: int, why: str) -> NoReturn:
        raise _failure(self.name, self.text, at, why)

    def _object(self, start: int, depth: int) -> Node:
        members: dict[str, Node] = {}
        first = at = self.space(start + 1)
        if self._is(at, "}"):
            return Node(value=members, start=start, end=at + 1)
        while True:
            key = self._string(at)
            if key.value in members:
                self.fail(at, f"the key {key.value[:40]!r} stands twice in one object")
            at = self._expect(self.space(key.end), ":")
            member = members[key.value] = self.value(self.space(at), depth + 1)
            at = self.space(member.end)
            if self._is(at, "}"):
                return Node(value=members, start=start, end=at + 1, first=first)
            at = self.space(self._expect(at, ","))

    def _array(self, start: int, depth: int) -> Node:
        items: list[Node] = []
        first = at = self.space(start + 1)
        if self._is(at, "]"):
            return Node(value=items, start=start, end=at + 1)
        while True:
            items.append(self.value(at, depth + 1))
            at = self.space(items[-1].end)
            if self._is(at, "]"):
                return Node(value=items, start=start, end=at + 1, first=first)
            at = self.space(self._expect(at, ","))

    def _string(self, at: int) -> Node:
        found = _STRING.match(self.text, at)
        if not found:
            self.fail(at, "a text in double quotes belongs here")
        try:
            return Node(value=json.loads(found[0]), start=at, end=found.end())
        except ValueError:
            self.fail(at, "this text has an escape that JSON does not know")

    def _plain(self, at: int) -> Node:
        for word, value in _WORDS.items():
            if self.text.startswith(word, at):
                return Node(value=value, start=at, end=at + len(word))
        found = _NUMBER.match(self.text, at)
        if not found:
            self.fail(at, "a value belongs here")
        return Node(value=Number(found[0]), start=at, end=found.end())

    def _is(self, at: int, sign: str) -> bool:
        return self.text.startswith(sign, at)

    def _expect(self, at: int, sign: str) -> int:
        if not self._is(at, sign):
            self.fail(at, f"{sign!r} belongs here")
        return at + 1


def place(text: str, at: int) -> str:
    """Line and column of a character, both from 1."""
    begin = text.rfind("\n", 0, at) + 1
    return f"{text.count(chr(10), 0, at) + 1}:{at - begin + 1}"


def _failure(name: str, text: str, at: int, why: str) -> Failure:
    return Failure(
        where=f"{name}:{place(text, at)}",
        what="this is not JSON that can be changed safely",
        why=why,
        next="mend it by hand; nothing was written",
        code=Exit.USAGE,
    )
