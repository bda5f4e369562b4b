"""Tasks of the plan, joined to their file, the records, and the gate that completing operations asks."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from golive.assembly.desk import desk
from golive.assembly.place import folders, specification
from golive.assembly.protocols import usual_environment
from golive.assembly.readiness import gate
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.protocol.tasks import Change, Task

OPERATIONS = "operations"
FIRST = """{
  "tasks": [
    {
      "id": "operations",
      "title": "Operations, deployment and observability",
      "state": "pending"
    }
  ]
}
"""


@dataclass(frozen=True, kw_only=True)
class Move:
    """What somebody asks for."""

    task: str
    state: str
    note: str = ""
    evidence: tuple[str, ...] = ()
    environment: str = ""
    rehearsed: bool = False


def tasks_of(file: str, asked: str) -> "tuple[Path, tuple[Task, ...]]":
    """The task file and what it holds."""
    from golive.drivers import taskfiles
    from golive.protocol.tasks import tasks

    path = _located(file, asked)
    return path, tasks(taskfiles.read(path).text, str(path))


def move_task(file: str, asked: str, move: Move) -> "Change":
    """Move one task: ask the gate where operations would be completed, record the intent, then write the file.

    Killed in between, the record tells of a move that the file does not show: the next command makes it, as if it
    were the first, and records it again.
    """
    from golive.drivers import taskfiles
    from golive.drivers.checkout import person
    from golive.drivers.clock import SystemClock
    from golive.protocol import tasks

    path = _located(file, asked)
    with taskfiles.changing(path):
        before = taskfiles.read(path)
        entry = {
            "at": SystemClock().now().isoformat(timespec="seconds"),
            "actor": person(),
            **({"note": move.note} if move.note else {}),
            **({"evidence": list(move.evidence)} if move.evidence else {}),
        }
        change = tasks.move(before.text, str(path), move.task, move.state, entry=entry)
        if change.is_one and change.state == "completed" and OPERATIONS in change.task.names:
            _refuse_before_the_gate(file, move.environment, change.task.id)
        if change.is_one and not move.rehearsed:
            _record(file, path, change, move.note)
            taskfiles.replace(before, change.text)
    return change


def make_tasks(file: str) -> Path:
    """A first task file; `Failure` when there is one."""
    from golive.drivers import taskfiles

    path = folders(file).root / taskfiles.USUAL[0]
    taskfiles.create(path, FIRST)
    return path


def _located(file: str, asked: str) -> Path:
    from golive.drivers import taskfiles

    path = taskfiles.locate(folders(file).root, asked)
    if path is None:
        raise Failure(
            where=str(folders(file).root),
            what="there is no task file here",
            why=f"looked for: {', '.join(taskfiles.USUAL)}",
            next="golive task init makes one; --task-file names another",
            code=Exit.USAGE,
        )
    return path


def _refuse_before_the_gate(file: str, environment: str, task: str) -> None:
    """`Failure` unless the operations gate of the environment is passed now."""
    spec, _ = specification(file)
    chosen = usual_environment(spec, environment, file)
    with gate(file, chosen) as at:
        decision = at.decide("operations")
    if decision.passed:
        return
    open = ", ".join(one.claim.id for one in decision.open)
    raise Failure(
        where=f"task {task}",
        what=f"the operations gate of {chosen} is not passed, so this task is not completed",
        why=f"open: {open or 'nothing was judged'}",
        next=f"golive gate --env {chosen} says what to do for each",
        code=Exit.FAILED if decision.refuted else Exit.WAITING,
    )


def _record(file: str, path: Path, change: "Change", note: str) -> None:
    """In the records of the service, where there is one."""
    if not Path(file).exists():
        return
    with desk(file) as at:
        at.journal("").append(
            "task.changed",
            body={
                "task": change.task.id,
                "from": change.task.state,
                "to": change.state,
                "file": path.name,
                "sha256": hashlib.sha256(change.text.encode("utf-8")).hexdigest(),
                "because": note,
            },
        )
