"""The tasks of a file, in the shapes that teams have: a list, lanes of lists, or either under the key `tasks`.

Ids are text, also where the file has numbers. Ids are unique, dependencies known and without a circle: everything
else is a `Failure` that names every fault at once.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.errors import Exit, Failure
from golive.protocol.tasks import jsontext
from golive.protocol.tasks.jsontext import Node
from golive.protocol.tasks.states import SETTLED, State, state_of

STATE_KEYS = ("state", "status")
NAME_KEYS = ("title", "name", "description")
LABEL_KEYS = ("labels", "label", "tags", "tag")
AREA_KEYS = ("area",)
NEED_KEYS = ("blocked_by", "dependencies", "depends_on")
OPERATIONS = "operations"


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task as the file has it."""

    id: str
    title: str
    lane: str  # "" in a plain list
    area: str
    labels: tuple[str, ...]
    needs: tuple[str, ...]  # ids of the tasks that come before
    word: str  # its state as written; "" when there is none
    node: Node
    where: str  # "plans/tasks.json:4:3"

    @property
    def state(self) -> State | None:
        """None when the word is unknown."""
        return state_of(self.word)

    @property
    def names(self) -> frozenset[str]:
        """Id, title and labels in small letters."""
        return frozenset(name.casefold() for name in (self.id, self.title, *self.labels) if name)

    @property
    def places(self) -> frozenset[str]:
        """Its area and lane, which it shares with other tasks."""
        return frozenset(name.casefold() for name in (self.area, self.lane) if name)

    @property
    def is_operations(self) -> bool:
        """The task that stands for going live: the gate decides whether it may be completed."""
        return OPERATIONS in self.names


@dataclass(frozen=True, kw_only=True)
class Book:
    """A task file, read. `text` is the file as given."""

    name: str
    text: str
    tasks: tuple[Task, ...]

    def task(self, wanted: str) -> Task:
        """The one with this id, else title, label, area or lane; `Failure` for none and for several."""
        name = wanted.casefold()
        ways = (
            [task for task in self.tasks if task.id == wanted],
            [task for task in self.tasks if name in (task.id.casefold(), task.title.casefold())],
            [task for task in self.tasks if name in task.names],
            [task for task in self.tasks if name in task.places],
        )
        found = next((tasks for tasks in ways if tasks), [])
        if len(found) == 1:
            return found[0]
        raise _several(self, wanted, found) if found else _nothing(self, wanted)

    def open_needs(self, task: Task) -> tuple[Task, ...]:
        """What holds the task back: dependencies that are neither completed nor cancelled."""
        return tuple(other for other in self.tasks if other.id in task.needs and other.state not in SETTLED)

    def spelling(self, state: State) -> str:
        """How this file writes a state: the word that it uses already, else ours."""
        words = Counter(task.word for task in self.tasks if task.word and task.state == state)
        return words.most_common(1)[0][0] if words else state

    @property
    def state_key(self) -> str:
        """The key that most tasks of this file keep their state under."""
        used = Counter(key for task in self.tasks for key in STATE_KEYS if key in task.node.value)
        return used.most_common(1)[0][0] if used else STATE_KEYS[0]


def read(content: bytes, name: str) -> Book:
    """The tasks of a file; `Failure` when it is none, or says two things at once."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise _refusal(name, "this is not UTF-8", str(error), "save it as UTF-8") from error
    root = jsontext.read(text, name)
    tasks = tuple(_task(node, lane, text, name) for lane, node in _found(root))
    if not tasks and not _is_empty(root):
        why = "a list of tasks, lanes of such lists, or either under the key tasks; each task has an id"
        raise _refusal(name, "there is no task in this file", f"expected: {why}", "golive task init writes one")
    _checked(tasks, name)
    return Book(name=name, text=text, tasks=tasks)


def _found(root: Node) -> Iterator[tuple[str, Node]]:
    """Every task with its lane."""
    inner = root.get("tasks")
    place = root if inner is None or not isinstance(inner.value, list | dict) else inner
    lanes = place.value.items() if isinstance(place.value, dict) else [("", place)]
    for lane, node in lanes:
        are_tasks = not lane or any(item.get("id") for item in node.items)
        if are_tasks and all(isinstance(item.value, dict) for item in node.items):
            yield from ((lane, item) for item in node.items)


def _is_empty(root: Node) -> bool:
    inner = root.get("tasks") or root
    return inner.value == [] or (
        isinstance(inner.value, dict) and all(n.value == [] for n in inner.value.values())
    )


def _task(node: Node, lane: str, text: str, name: str) -> Task:
    return Task(
        id=_text(node, "id"),
        title=_text(node, *NAME_KEYS),
        lane=lane,
        area=_text(node, *AREA_KEYS),
        labels=tuple(label for key in LABEL_KEYS for label in _texts(node.get(key))),
        needs=tuple(dict.fromkeys(need for key in NEED_KEYS for need in _texts(node.get(key)))),
        word=_text(node, *STATE_KEYS),
        node=node,
        where=f"{name}:{jsontext.place(text, node.start)}",
    )


def _text(node: Node, *keys: str) -> str:
    found = node.get(*keys)
    return found.text if found else ""


def _texts(node: Node | None) -> list[str]:
    """The texts of a list; of objects, their ids; a lone text is a list of one."""
    if node is None:
        return []
    parts = node.items or ((node,) if node.text else ())
    return [said for part in parts if (said := part.text or _text(part, "id"))]


def _checked(tasks: Sequence[Task], name: str) -> None:
    faults = [*_twice(tasks), *_unknown_needs(tasks)]
    faults = faults or list(_circle(tasks, name))
    if faults:
        first = faults[0]
        raise Failure(
            where=first.where,
            what=first.what,
            why=first.why,
            next=first.next,
            code=first.code,
            also=tuple(faults[1:]),
        )


def _twice(tasks: Sequence[Task]) -> Iterator[Failure]:
    seen: dict[str, Task] = {}
    for task in tasks:
        if not task.id:
            yield _refusal(task.where, "this task has no id", "nothing can refer to it", "give it one")
        elif task.id in seen:
            why = f"the first is at {seen[task.id].where}"
            yield _refusal(task.where, f"two tasks have the id {task.id}", why, "rename one of them")
        seen.setdefault(task.id, task)


def _unknown_needs(tasks: Sequence[Task]) -> Iterator[Failure]:
    known = {task.id for task in tasks}
    for task in tasks:
        for need in task.needs:
            if need not in known:
                what = f"task {task.id} waits for {need}, which is not in this file"
                yield _refusal(task.where, what, "nobody could ever say that it is done", "mend the id")


def _circle(tasks: Sequence[Task], name: str) -> Iterator[Failure]:
    """Take away what waits for nothing, again and again; what is left waits for itself."""
    waiting = {task.id: set(task.needs) for task in tasks}
    followers: dict[str, list[str]] = {}
    for task in tasks:
        for need in task.needs:
            followers.setdefault(need, []).append(task.id)
    free = [id for id, needs in waiting.items() if not needs]
    while free:
        done = free.pop()
        del waiting[done]
        for follower in followers.get(done, []):
            waiting[follower].discard(done)
            if not waiting[follower]:
                free.append(follower)
    if waiting:
        names = ", ".join(list(waiting)[:10])
        yield _refusal(name, f"tasks wait for each other in a circle: {names}", "none could be first", "cut it")


def _nothing(book: Book, wanted: str) -> Failure:
    ids = ", ".join(task.id for task in book.tasks[:20]) or "nothing"
    why = f"the file has: {ids}"
    return _refusal(book.name, f"there is no task {wanted!r}", why, "golive task list says what there is")


def _several(book: Book, wanted: str, found: Sequence[Task]) -> Failure:
    why = ", ".join(task.id for task in found[:20])
    return _refusal(book.name, f"{len(found)} tasks are called {wanted!r}", why, "name one of them by its id")


def _refusal(where: str, what: str, why: str, next: str) -> Failure:
    return Failure(where=where, what=what, why=why, next=next, code=Exit.USAGE)
