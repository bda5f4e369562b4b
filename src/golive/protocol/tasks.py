"""Task files of a plan, in every shape that they have: read, and move one task, without touching anything else.

Shapes: a bare list; lanes (`{"backend": [...], "frontend": [...]}`); `{"tasks": [...]}`; and the vocabulary with
`status` in place of `state`. The file is edited where the task stands, so key order, unknown keys, indentation and
ids such as 1.10 stay as they are. Pure.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from golive.errors import Exit, Failure

SYNONYMS = {
    "todo": "pending",
    "open": "pending",
    "not_started": "pending",
    "active": "in_progress",
    "doing": "in_progress",
    "started": "in_progress",
    "done": "completed",
    "complete": "completed",
    "closed": "completed",
    "canceled": "cancelled",
}
# What may follow what. A task without a state is pending. Straight to completed is legal, since small plans record
# nothing in between; that it is done is what dependencies and the gate are asked for.
MOVES: Mapping[str, frozenset[str]] = {
    "pending": frozenset({"in_progress", "blocked", "completed", "cancelled"}),
    "in_progress": frozenset({"pending", "blocked", "completed", "cancelled"}),
    "blocked": frozenset({"pending", "in_progress", "cancelled"}),
    "completed": frozenset({"in_progress"}),
    "cancelled": frozenset({"pending"}),
}
DEPENDENCIES = ("blocked_by", "dependencies", "depends_on")
MOST_DEEP = 100
_BLANKS = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task as the file has it. `start` and `end` are where its braces stand."""

    id: str
    title: str
    state: str  # one of `MOVES`
    needs: tuple[str, ...]  # ids
    names: frozenset[str]  # id, title, area, labels, lane: what it may be called by
    start: int
    end: int
    members: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # key → where its value stands


@dataclass(frozen=True, kw_only=True)
class Change:
    """What moving a task makes of the file."""

    task: Task
    state: str
    text: str  # of the whole file

    @property
    def is_one(self) -> bool:
        return self.state != self.task.state


def tasks(text: str, name: str) -> tuple[Task, ...]:
    """Every task in the order of the file; `Failure` (exit 2) for a file that is no plan."""
    try:
        found = tuple(_tasks(text))
    except (ValueError, RecursionError) as error:
        shapes = "it is JSON: a list of tasks, lanes, or {tasks: […]}"
        raise _wrong(name, "this is no task file", str(error), shapes) from error
    _refuse_twice(found, name)
    _refuse_unknown(found, name)
    _refuse_circles(found, name)
    return found


def find(found: Sequence[Task], asked: str, name: str) -> Task:
    """The task of this id; else the only one that is called so."""
    exact = [task for task in found if task.id == asked]
    called = exact or [task for task in found if asked.lower() in task.names]
    if len(called) == 1:
        return called[0]
    if called:
        why = f"{', '.join(task.id for task in called)} are called so"
        raise _wrong(name, f"which task is {asked!r}?", why, "name it by its id")
    known = ", ".join(task.id for task in found[:20]) or "none"
    raise _wrong(name, f"there is no task {asked!r}", f"it has: {known}", "golive task list; golive task init")


def move(text: str, name: str, asked: str, state: str, *, entry: Mapping[str, object]) -> Change:
    """The file with the task in another state. `entry` is added to its history, with what it moved from and to.

    `Failure` (exit 2) for an unknown state or an illegal move; (exit 3) for completing before what it waits for.
    """
    found = tasks(text, name)
    task, wanted = find(found, asked, name), word(state, name)
    if wanted == task.state:
        return Change(task=task, state=wanted, text=text)
    if wanted not in MOVES[task.state]:
        legal = ", ".join(sorted(MOVES[task.state]))
        raise _wrong(name, f"{task.id} is {task.state}: it cannot become {wanted}", f"it may become: {legal}", "")
    if wanted == "completed":
        _refuse_open(task, found, name)
    told = {"event": "state", "from": task.state, "to": wanted, **entry}
    return Change(task=task, state=wanted, text=_edited(text, task, wanted, told))


def word(state: str, name: str) -> str:
    """The state that a word means."""
    plain = state.strip().lower().replace("-", "_").replace(" ", "_")
    plain = SYNONYMS.get(plain, plain)
    if plain not in MOVES:
        raise _wrong(name, f"{state!r} is no state of a task", f"there are: {', '.join(MOVES)}", "use one of them")
    return plain


def _refuse_open(task: Task, found: Sequence[Task], name: str) -> None:
    states = {one.id: one.state for one in found}
    waiting = [id for id in task.needs if states[id] != "completed"]
    if waiting:
        told = ", ".join(f"{id} ({states[id]})" for id in waiting)
        raise Failure(
            where=f"{name}: {task.id}",
            what=f"{task.id} cannot be completed: it waits for {told}",
            why="what a task depends on is done first",
            next=f"complete {waiting[0]}, or take the dependency out of the file",
            code=Exit.WAITING,
        )


def _refuse_twice(found: Sequence[Task], name: str) -> None:
    seen: set[str] = set()
    for task in found:
        if task.id in seen:
            raise _wrong(name, f"two tasks have the id {task.id}", "an id names one task", "rename one of them")
        seen.add(task.id)


def _refuse_unknown(found: Sequence[Task], name: str) -> None:
    known = {task.id for task in found}
    for task in found:
        for id in task.needs:
            if id not in known:
                raise _wrong(
                    name,
                    f"{task.id} waits for {id}, which is not there",
                    "nobody can tell whether it is done",
                    "correct the id, or add it",
                )


def _refuse_circles(found: Sequence[Task], name: str) -> None:
    """Takes away what waits for nothing until nothing is left; what stays goes in circles."""
    waiting = {task.id: set(task.needs) for task in found}
    while free := {id for id, needs in waiting.items() if not needs}:
        waiting = {id: needs - free for id, needs in waiting.items() if id not in free}
    if waiting:
        told = ", ".join(sorted(waiting)[:10])
        raise _wrong(name, f"these tasks wait for each other: {told}", "none could ever be done", "cut the circle")


def _wrong(name: str, what: str, why: str, next: str) -> Failure:
    return Failure(where=name, what=what, why=why, next=next, code=Exit.USAGE)


# ── where things stand in the text


def _tasks(text: str) -> Iterator[Task]:
    json.loads(text)  # says where it is no JSON
    start = _blanks(text, 0)
    if text[start] == "[":
        yield from _of_list(text, start, "")
        return
    if text[start] != "{":
        raise ValueError("it holds neither a list nor an object")
    for lane, (begin, _) in _members(text, start).items():
        if text[begin] == "[":
            yield from _of_list(text, begin, "" if lane == "tasks" else lane)


def _of_list(text: str, start: int, lane: str) -> Iterator[Task]:
    for begin, end in _elements(text, start):
        if text[begin] != "{":
            raise ValueError(f"a task is an object, not {text[begin:end][:40]}")
        members = _members(text, begin)
        if "id" not in members:
            raise ValueError(f"a task without an id: {text[begin:end][:60]}")
        yield _task(text, begin, end, members, lane)


def _task(text: str, begin: int, end: int, members: Mapping[str, tuple[int, int]], lane: str) -> Task:
    values: dict[str, Any] = {key: json.loads(text[a:b]) for key, (a, b) in members.items()}
    id = _as_text(text, members["id"])
    title = str(values.get("title") or values.get("name") or values.get("description") or "")
    labels = values.get("labels") or values.get("tags") or []
    called = [id, title, str(values.get("area", "")), lane, *(labels if isinstance(labels, list) else [])]
    state = str(values.get("state") or values.get("status") or "pending")
    return Task(
        id=id,
        title=title,
        state=word(state, f"task {id}"),
        needs=tuple(need for key in DEPENDENCIES if key in members for need in _ids(text, members[key])),
        names=frozenset(str(name).lower() for name in called if name),
        start=begin,
        end=end,
        members=members,
    )


def _ids(text: str, span: tuple[int, int]) -> list[str]:
    """Ids as text, whether the file has them as text or as numbers (1.10 is not 1.1)."""
    if text[span[0]] != "[":
        return [] if text[span[0] : span[1]] in ("null", '""') else [_as_text(text, span)]
    return [_as_text(text, element) for element in _elements(text, span[0])]


def _as_text(text: str, span: tuple[int, int]) -> str:
    raw = text[span[0] : span[1]]
    return str(json.loads(raw)) if raw.startswith('"') else raw


def _members(text: str, start: int) -> dict[str, tuple[int, int]]:
    """Each key of the object at `start` with the place of its value; a key that is there twice is refused."""
    found: dict[str, tuple[int, int]] = {}
    at = _blanks(text, start + 1)
    while text[at] != "}":
        key, after = json.JSONDecoder().raw_decode(text, at)
        if key in found:
            raise ValueError(f"the key {key!r} is there twice")
        begin = _blanks(text, _blanks(text, after) + 1)
        _, end = json.JSONDecoder().raw_decode(text, begin)
        found[key] = (begin, end)
        at = _blanks(text, end)
        at = _blanks(text, at + 1) if text[at] == "," else at
    return found


def _elements(text: str, start: int) -> Iterator[tuple[int, int]]:
    at = _blanks(text, start + 1)
    while text[at] != "]":
        _, end = json.JSONDecoder().raw_decode(text, at)
        yield at, end
        at = _blanks(text, end)
        at = _blanks(text, at + 1) if text[at] == "," else at


def _blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


# ── editing


def _edited(text: str, task: Task, state: str, entry: Mapping[str, object]) -> str:
    """The state where it stands, and one more line of history."""
    key = "status" if "status" in task.members and "state" not in task.members else "state"
    written = json.dumps(entry, ensure_ascii=False)
    edits = [_state_edit(text, task, key, state), _history_edit(text, task, written)]
    for begin, end, new in sorted(edits, reverse=True):
        text = text[:begin] + new + text[end:]
    return text


def _state_edit(text: str, task: Task, key: str, state: str) -> tuple[int, int, str]:
    if key in task.members:
        begin, end = task.members[key]
        return begin, end, json.dumps(state)
    place = task.members["id"][1]
    return place, place, f",{_between(text, task)}{json.dumps(key)}: {json.dumps(state)}"


def _history_edit(text: str, task: Task, entry: str) -> tuple[int, int, str]:
    if "history" not in task.members:
        place = max(end for _, end in task.members.values())
        return place, place, f',{_between(text, task)}"history": [{entry}]'
    begin, end = task.members["history"]
    if text[begin] != "[":
        return begin, end, f"[{entry}]"
    last = list(_elements(text, begin))
    if not last:
        return begin, end, f"[{entry}]"
    place = last[-1][1]
    before = text[last[-2][1] : last[-1][0]] if len(last) > 1 else f",{text[begin + 1 : last[0][0]] or ' '}"
    return place, place, before + entry


def _between(text: str, task: Task) -> str:
    """The blanks between two members of the task, as its author has them."""
    first = min(begin for begin, _ in task.members.values())
    opening = text[task.start + 1 : text.rfind('"', task.start, text.rfind(":", task.start, first))]
    blanks = _BLANKS.match(opening)
    return (blanks[0] if blanks else "") or " "
