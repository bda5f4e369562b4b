"""A task file with one task in another state: the same text, except what changes.

The state's word, the day it was updated (where the task keeps one), and one more entry in its history. Shape, key
order, indentation, line ends, unknown fields, final newline: as they were.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from golive.errors import Exit, Failure
from golive.protocol.tasks.book import STATE_KEYS, Book, Task
from golive.protocol.tasks.jsontext import Node
from golive.protocol.tasks.states import MAY_FOLLOW, NEEDS_A_REASON, State, may_follow

HISTORY = "history"
UPDATED = ("updated", "updated_at")
EVENT = "state-changed"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a task's history."""

    before: str  # as the file wrote it
    after: str
    at: datetime  # aware UTC
    actor: str
    record: str = ""  # the id of the ledger's record, where there is a ledger
    cause: str = ""  # what let it happen: the gate's record
    note: str = ""
    evidence: tuple[tuple[str, str], ...] = ()  # path and SHA-256

    def body(self) -> dict[str, Any]:
        said = {"record": self.record, "cause": self.cause, "note": self.note}
        return {
            "event": EVENT,
            "from": self.before,
            "to": self.after,
            "at": f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "actor": self.actor,
            **{key: value for key, value in said.items() if value},
            "evidence": [{"path": path, "sha256": digest} for path, digest in self.evidence],
        }


def refuse_unless_legal(book: Book, task: Task, after: State, note: str) -> State:
    """The task's state now; `Failure` when `after` may not follow, or something before it is open."""
    before = task.state
    if before is None:
        why = f"known are: {', '.join(MAY_FOLLOW)}, and usual other words for them"
        raise _refused(task, f"its state {task.word!r} is unknown", why, "mend it by hand", Exit.USAGE)
    if before == after:
        return before
    if not may_follow(before, after):
        what = f"it is {before}, and {after} cannot follow that"
        why = f"after {before} may come: {', '.join(MAY_FOLLOW[before])}"
        step = MAY_FOLLOW[before][0]
        raise _refused(task, what, why, f"golive task set {task.id} --state {step}", Exit.REFUSED)
    if before in NEEDS_A_REASON and not note.strip():
        what, why = f"it is {before}: leaving that needs a reason", "whoever reads the history will ask"
        raise _refused(task, what, why, "say it with --note", Exit.USAGE)
    waiting = book.open_needs(task) if after == "completed" else ()
    if waiting:
        names = ", ".join(f"{other.id} ({other.word or 'pending'})" for other in waiting)
        raise _refused(task, "it waits for others", f"still open: {names}", "complete those first", Exit.WAITING)
    return before


def changed(book: Book, task: Task, entry: Entry) -> str:
    """The file's text with the task in the state `entry.after`."""
    members: Mapping[str, Node] = task.node.value
    style = _Style.of(book.text, task.node)
    edits: list[tuple[int, int, str]] = []
    new: dict[str, Any] = {}
    keys = [key for key in STATE_KEYS if key in members]
    edits += [_over(members[key], style.dumped(entry.after)) for key in keys]
    if not keys:
        new[book.state_key] = entry.after
    edits += [_over(members[key], style.dumped(_day(members[key], entry))) for key in UPDATED if key in members]
    history = members.get(HISTORY)
    if history is None:
        new[HISTORY] = [entry.body()]
    else:
        edits.append(_appended(book.text, history, entry, style, task))
    if new:
        edits.append(_added(task.node, new, style))
    text = book.text
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


@dataclass(frozen=True, kw_only=True)
class _Style:
    """How an object is written: over several lines or in one, with which indentation and line ends."""

    newline: str  # with the indentation of a member; "" when it stands in one line
    unit: str
    ascii: bool
    tight: bool  # no space after colon and comma

    @staticmethod
    def of(text: str, node: Node) -> "_Style":
        inner = text[node.start : node.end]
        unit = re.search(r"\n([ \t]+)", text)
        return _Style(
            newline=_line_break(text, node),
            unit=unit[1] if unit else "  ",
            ascii=text.isascii(),
            tight='": ' not in inner and '":' in inner,
        )

    @property
    def comma(self) -> str:
        if self.newline:
            return f",{self.newline}"
        return "," if self.tight else ", "

    def dumped(self, value: object, newline: str = "") -> str:
        """JSON in one line, or in several that begin with `newline`."""
        if newline:
            lines = json.dumps(value, indent=self.unit, ensure_ascii=self.ascii).split("\n")
            return newline.join(lines)
        signs = (",", ":") if self.tight else (", ", ": ")
        return json.dumps(value, separators=signs, ensure_ascii=self.ascii)


def _line_break(text: str, node: Node) -> str:
    """What stands between the bracket and the first thing in it, when that has a line break."""
    gap = text[node.start + 1 : node.first] if node.first >= 0 else ""
    if "\n" not in gap:
        return ""
    return ("\r\n" if "\r\n" in gap else "\n") + gap[gap.rindex("\n") + 1 :]


def _over(node: Node, replacement: str) -> tuple[int, int, str]:
    return node.start, node.end, replacement


def _added(node: Node, new: Mapping[str, Any], style: _Style) -> tuple[int, int, str]:
    """New members after the last one."""
    last = max(member.end for member in node.value.values())
    colon = ":" if style.tight else ": "
    said = (f"{json.dumps(key)}{colon}{style.dumped(value, style.newline)}" for key, value in new.items())
    return last, last, "".join(f"{style.comma}{member}" for member in said)


def _appended(text: str, history: Node, entry: Entry, style: _Style, task: Task) -> tuple[int, int, str]:
    """One more entry, written as the ones before it."""
    if not isinstance(history.value, list):
        raise _refused(task, "its history is no list", "an entry cannot be added", "mend it by hand", Exit.USAGE)
    if not history.items:
        return _over(history, style.dumped([entry.body()], style.newline))
    last = history.items[-1]
    newline = _line_break(text, history)
    spread = newline if "\n" in text[last.start : last.end] else ""
    comma = f",{newline}" if newline else ("," if style.tight else ", ")
    return last.end, last.end, comma + style.dumped(entry.body(), spread)


def _day(node: Node, entry: Entry) -> object:
    """In the form that is there: a day, or an instant."""
    form = "%Y-%m-%d" if _DAY.fullmatch(node.text) else "%Y-%m-%dT%H:%M:%SZ"
    return entry.at.astimezone(UTC).strftime(form)


def _refused(task: Task, what: str, why: str, next: str, code: Exit) -> Failure:
    return Failure(where=f"{task.where}: task {task.id}", what=what, why=why, next=next, code=code)
