"""Bringing a task into another state: legal, with its dependencies closed and, where it counts, the gate passed.

With a ledger, `task.changing` is recorded before the file is written and `task.changed` after it. Whoever dies in
between leaves the file as it was or as it was to be, never half; the next change finds the open intent, compares
the file's digest with the two that the intent names, and records which of them it is. So both agree again.
"""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from golive.controller.desk import Desk
from golive.errors import Failure
from golive.evidence.record import Actor, Json, Record, Result
from golive.gate.decision import GateDecision
from golive.protocol.tasks.book import OPERATIONS, Task, read
from golive.protocol.tasks.change import Entry, changed, refuse_unless_legal
from golive.protocol.tasks.states import State

CHANGING, CHANGED = "task.changing", "task.changed"


class File(Protocol):
    """A task file. `replace` is whole and durable, or a `Failure` and nothing."""

    name: str

    def read(self) -> bytes: ...

    def alone(self) -> AbstractContextManager[None]: ...

    def replace(self, before: bytes, after: bytes) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants to be true of a task."""

    task: str  # id, title or label
    state: State
    actor: Actor
    at: datetime
    id: str  # of this change, in the records and in the history
    note: str = ""
    evidence: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How a wish went. `gate` is there when it was asked; nothing was written unless `written`."""

    task: Task
    before: State
    after: State
    written: bool
    gate: GateDecision | None = None
    record: Record | None = None

    @property
    def is_refused(self) -> bool:
        return bool(self.gate and not self.gate.passed)


def _is_gated(task: Task, wish: Wish) -> bool:
    """Whoever says operations means operations, whatever the task that is found by it is called."""
    return task.is_operations or wish.task.casefold() == OPERATIONS


AskGate = Callable[[], tuple[GateDecision, int]]  # the decision, and the number of its record (0: not recorded)


def set_state(file: File, wish: Wish, *, desk: Desk | None, ask: AskGate) -> Answer:
    """Do it, or say why not: a `Failure`, or an answer with a gate that has not passed."""
    with file.alone():
        if desk:
            close_open_intents(desk, file)
        content = file.read()
        book = read(content, file.name)
        task = book.task(wish.task)
        before = refuse_unless_legal(book, task, wish.state, wish.note)
        gate, cause = ask() if _is_gated(task, wish) and wish.state == "completed" else (None, 0)
        answer = Answer(task=task, before=before, after=wish.state, written=False, gate=gate)
        if answer.is_refused or before == wish.state:
            return answer
        entry = _entry(wish, task, book.spelling(wish.state), desk, cause)
        new = changed(book, task, entry).encode()
        record = _write(file, content, new, task, entry, desk, cause)
        return Answer(task=task, before=before, after=wish.state, written=True, gate=gate, record=record)


def close_open_intents(desk: Desk, file: File) -> None:
    """Record how changes of this file ended whose controller died."""
    records = desk.records()
    closed = {seq for record in records if record.draft.type == CHANGED for seq in record.draft.cause}
    for record in records:
        body = record.draft.body
        if record.draft.type == CHANGING and record.seq not in closed and body.get("file") == file.name:
            result, because = _found(body, file)
            _close(desk, record, result, because)


def _found(body: Mapping[str, Json], file: File) -> tuple[Result, str]:
    try:
        digest = _digest(file.read())
    except Failure as failure:
        return "unknown", f"found later: {failure}"
    if digest == body.get("after"):
        return "ok", "found later: the file was written before the controller died"
    if digest == body.get("before"):
        return "failed", "found later: the controller died before the file was written"
    return "unknown", "found later: the file is neither what it was nor what it was to be; somebody changed it"


def _entry(wish: Wish, task: Task, word: str, desk: Desk | None, cause: int) -> Entry:
    return Entry(
        before=task.word or "pending",
        after=word,
        at=wish.at,
        actor=wish.actor.id,
        record=wish.id if desk else "",
        cause=f"gate passed, record {cause}" if cause else "",
        note=wish.note,
        evidence=wish.evidence,
    )


def _write(
    file: File, before: bytes, after: bytes, task: Task, entry: Entry, desk: Desk | None, cause: int
) -> Record | None:
    """The intent, the file, the outcome; without a ledger only the file."""
    if desk is None:
        file.replace(before, after)
        return None
    body: dict[str, Json] = {
        "file": file.name,
        "task": task.id,
        "from": entry.before,
        "to": entry.after,
        "change": entry.record,
        "why": entry.note,
        "evidence": [{"path": path, "sha256": digest} for path, digest in entry.evidence],
        "before": _digest(before),
        "after": _digest(after),
    }
    intent = desk.journal("").append(CHANGING, body=body, cause=(cause,) if cause else ())
    try:
        file.replace(before, after)
    except Failure as failure:
        _close(desk, intent, "failed", str(failure))
        raise
    return _close(desk, intent, "ok", "")


def _close(desk: Desk, intent: Record, result: Result, because: str) -> Record:
    said = {key: intent.draft.body[key] for key in ("file", "task", "from", "to", "change")}
    body: dict[str, Json] = {**said, "because": because}
    return desk.journal("").append(CHANGED, body=body, result=result, cause=(intent.seq,))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
