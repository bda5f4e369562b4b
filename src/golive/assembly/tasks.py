"""Task files of a checkout, joined to the gate and the records."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from golive.assembly.desk import desk
from golive.assembly.place import folders, specification
from golive.assembly.readiness import gate
from golive.assembly.seal import log_key
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.controller.desk import Desk
    from golive.controller.tasks import Answer
    from golive.gate.decision import GateDecision
    from golive.protocol.tasks.book import Book
    from golive.protocol.tasks.states import State

PRODUCTION = "production"
FIRST_TASKS = "plans/tasks.json"
FIRST_TASK = """[
  {
    "id": "operations",
    "title": "Operations, deployment and observability",
    "labels": ["operations"],
    "blocked_by": [],
    "state": "in_progress",
    "history": []
  }
]
"""


def task_book(spec: str, file: str | None, wanted: str = "") -> "Book":
    """The task file that is named, or the first usual one (the first with the task `wanted`, if one has it)."""
    from golive.drivers.taskfiles import TaskFile
    from golive.protocol.tasks.book import read

    root = folders(spec).root
    books = [read(TaskFile(root, name).read(), name) for name in ([file] if file else _usual(root))]
    names = wanted.casefold()
    return next((book for book in books if any(names in task.names for task in book.tasks)), books[0])


def set_task(
    spec: str,
    file: str | None,
    task: str,
    state: "State",
    *,
    note: str,
    evidence: Sequence[str],
    environment: str | None,
) -> "Answer":
    """Bring a task into a state; the gate of `environment` is asked where it is to decide."""
    from golive.controller.tasks import Wish, set_state
    from golive.drivers.checkout import person
    from golive.drivers.clock import SystemClock
    from golive.drivers.taskfiles import TaskFile, measured
    from golive.evidence.record import Actor
    from golive.evidence.redaction import Redactor

    root, clock = folders(spec).root, SystemClock()
    name = task_book(spec, file, task).name
    wish = Wish(
        task=task,
        state=state,
        actor=Actor(id=person()),
        at=clock.now(),
        id=clock.new_id(),
        note=Redactor({}).text(note),
        evidence=tuple(measured(root, path) for path in evidence),
    )
    with _desk_if_any(spec) as at:
        return set_state(TaskFile(root, name), wish, desk=at, ask=lambda: _asked(spec, environment))


def first_tasks(spec: str, *, dry_run: bool) -> tuple[str, str]:
    """Write a first task file, and say what was done; one that is there is kept."""
    from golive.drivers.firstfiles import add, foretell
    from golive.spec.draft.files import File

    files = (File(path=FIRST_TASKS, text=FIRST_TASK),)
    (deed,) = (foretell if dry_run else add)(folders(spec).root, files)
    return deed


def gated_environment(spec: str, environment: str | None) -> str:
    """The environment whose gate decides: the one named, else production, else the only one."""
    names = list(specification(spec)[0].environments)
    if environment or PRODUCTION in names or len(names) == 1:
        return environment or (PRODUCTION if PRODUCTION in names else names[0])
    raise Failure(
        where=f"{spec}: environments",
        what="which one is to be ready?",
        why=f"none is called {PRODUCTION}; there are: {', '.join(names)}",
        next="name it with --env",
        code=Exit.USAGE,
    )


def _usual(root: Path) -> Sequence[str]:
    from golive.drivers.taskfiles import USUAL, usual

    found = usual(root)
    if found:
        return found
    raise Failure(
        where=str(root),
        what="there is no task file here",
        why=f"looked for: {', '.join(USUAL)}",
        next="golive task init writes a first one, or name yours with --file",
        code=Exit.USAGE,
    )


@contextmanager
def _desk_if_any(spec: str) -> "Iterator[Desk | None]":
    """The records, where there is a specification to keep them for."""
    if not Path(spec).exists():
        yield None
        return
    with desk(spec) as at:
        yield at


def _asked(spec: str, environment: str | None) -> "tuple[GateDecision, int]":
    """What `golive gate` decides now; recorded as it does when it has passed."""
    with gate(spec, gated_environment(spec, environment)) as at:
        decision = at.decide("operations")
        return decision, at.record(decision, log_key(spec)).seq if decision.passed else 0
