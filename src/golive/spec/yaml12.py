"""YAML text to a tree. Own rules, on PyYAML's parse events.

Only what a specification needs is read: one document of mappings, lists and scalars with text keys. What
makes YAML ambiguous is refused, all of it at once: anchors, aliases, tags, merge keys, duplicate keys,
control characters. Limits end the reading at once, so that no input takes long: 1 MiB, 32 levels,
20,000 values. Messages never repeat a value: an unquoted secret may look like an alias or a tag.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml import AliasEvent, DocumentStartEvent, MappingStartEvent, ScalarEvent, SequenceStartEvent

from golive.spec import refusals
from golive.spec.fault import Fault, Path
from golive.spec.scalars import Scalar, scalar
from golive.spec.tree import Mark, Node

LARGEST_FILE = 2**20  # bytes
DEEPEST = 32  # levels of lists and mappings
MOST_VALUES = 20_000

Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where PyYAML was built with it

Event = Any  # PyYAML's events have no usable types
VALUE = (ScalarEvent, AliasEvent, MappingStartEvent, SequenceStartEvent)
COLLECTION = (MappingStartEvent, SequenceStartEvent)


@dataclass(frozen=True, kw_only=True)
class Misread:
    """A fault with its place in the text, and the path as far as it is known there."""

    fault: Fault
    mark: Mark
    path: Path = ()


class Unreadable(Exception):
    """The text is no tree; `found` says why."""

    def __init__(self, *found: Misread) -> None:
        super().__init__("unreadable")
        self.found = found


def read(text: bytes) -> Node:
    """The only document of the text, a mapping; `Unreadable` with every fault otherwise."""
    roots = read_all(text)
    if not roots:
        raise Unreadable(Misread(fault=refusals.nothing(), mark=Mark(line=1, column=1)))
    if len(roots) > 1:
        raise Unreadable(Misread(fault=refusals.second_document(), mark=roots[1].mark))
    if not isinstance(roots[0].value, dict):
        raise Unreadable(Misread(fault=refusals.no_mapping(roots[0].value), mark=roots[0].mark))
    return roots[0]


def read_all(text: bytes) -> tuple[Node, ...]:
    """Every document of the text, under the same rules."""
    reading = _Reading(events=yaml.parse(_decoded(text), Loader=Parser))
    try:
        roots = tuple(reading.documents())
    except yaml.MarkedYAMLError as error:
        raise Unreadable(Misread(fault=refusals.syntax(error), mark=_mark(error.problem_mark))) from None
    if reading.found:
        raise Unreadable(*reading.found)
    return roots


@dataclass
class _Reading:
    """One pass over the events; `found` collects what is refused but does not end the reading."""

    events: Iterator[Event]
    found: list[Misread] = field(default_factory=list)
    values: int = 0

    def documents(self) -> Iterator[Node]:
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                if event.tags or event.version not in (None, (1, 2)):
                    self._note(refusals.directive(), event, ())
                yield self._node(next(self.events), ())

    def _node(self, event: Event, path: Path, key: Mark | None = None) -> Node:
        self._within_limits(event, path)
        self._unadorned(event, path)
        return Node(value=self._value(event, path), mark=_mark(event.start_mark), key=key)

    def _value(self, event: Event, path: Path) -> Scalar | list[Node] | dict[str, Node]:
        match event:
            case MappingStartEvent():
                return self._mapping(path)
            case SequenceStartEvent():
                return self._sequence(path)
            case ScalarEvent():
                return self._scalar(event, path)
        return None  # an alias; it was noted

    def _mapping(self, path: Path) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        while isinstance(event := next(self.events), VALUE):
            mark, name = _mark(event.start_mark), self._key(event, path)
            inner = (*path, name)
            if name in entries:
                self._note(refusals.twice(entries[name].key or mark), event, inner)
            entries[name] = self._node(next(self.events), inner, mark)
        return entries

    def _sequence(self, path: Path) -> list[Node]:
        items: list[Node] = []
        while isinstance(event := next(self.events), VALUE):
            items.append(self._node(event, (*path, len(items))))
        return items

    def _key(self, event: Event, path: Path) -> str:
        if isinstance(event, COLLECTION):
            raise Unreadable(
                Misread(fault=refusals.no_text_key("a list or mapping"), mark=_mark(event.start_mark))
            )
        self._unadorned(event, path)
        if isinstance(event, AliasEvent):
            return ""
        value = self._scalar(event, path)
        if value == "<<" and _is_plain(event):
            self._note(refusals.merge_key(), event, path)
        elif not isinstance(value, str):
            self._note(
                refusals.no_text_key("empty" if value is None else "a number or a truth value"), event, path
            )
        return str(event.value)

    def _scalar(self, event: Event, path: Path) -> Scalar:
        try:
            value = scalar(event.value) if _is_plain(event) else str(event.value)
        except Fault as fault:
            self._note(fault, event, path)
            return None
        if isinstance(value, str) and (odd := _odd_character(value)):
            self._note(refusals.odd_character(odd), event, path)
        return value

    def _within_limits(self, event: Event, path: Path) -> None:
        self.values += 1
        if self.values > MOST_VALUES:
            raise Unreadable(Misread(fault=refusals.too_many(MOST_VALUES), mark=_mark(event.start_mark)))
        if len(path) >= DEEPEST and isinstance(event, COLLECTION):
            raise Unreadable(Misread(fault=refusals.too_deep(DEEPEST), mark=_mark(event.start_mark)))

    def _unadorned(self, event: Event, path: Path) -> None:
        if isinstance(event, AliasEvent):
            self._note(refusals.alias(), event, path)
        elif event.anchor is not None:
            self._note(refusals.anchor(), event, path)
        if getattr(event, "tag", None) is not None:
            self._note(refusals.tag(), event, path)

    def _note(self, fault: Fault, event: Event, path: Path) -> None:
        self.found.append(Misread(fault=fault, mark=_mark(event.start_mark), path=path))


def _decoded(raw: bytes) -> str:
    if len(raw) > LARGEST_FILE:
        raise Unreadable(Misread(fault=refusals.too_large(LARGEST_FILE), mark=Mark(line=1, column=1)))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", errors="replace")
        raise Unreadable(Misread(fault=refusals.not_utf8(raw[error.start]), mark=_end_of(before))) from None
    if odd := _odd_character(text):
        raise Unreadable(Misread(fault=refusals.odd_character(odd), mark=_end_of(text[: text.index(odd)])))
    return text


def _odd_character(text: str) -> str:
    """The first character that may not stand in the file, raw or escaped, or ""."""
    if text.isascii() and text.isprintable():
        return ""
    return next((c for c in text if not c.isprintable() and refusals.is_odd(c)), "")


def _is_plain(event: Event) -> bool:
    return not event.style  # libyaml gives "", the Python parser None


def _end_of(text: str) -> Mark:
    lines = text.split("\n")
    return Mark(line=len(lines), column=len(lines[-1]) + 1)


def _mark(mark: Any) -> Mark:
    return Mark(line=mark.line + 1, column=mark.column + 1)
