"""`golive task`."""

from typing import TYPE_CHECKING, get_args

import click

from golive.cli.answer import F, answer, json_option
from golive.cli.settled import leave
from golive.errors import Exit
from golive.protocol.tasks.states import State

if TYPE_CHECKING:
    from golive.controller.tasks import Answer
    from golive.protocol.tasks.book import Book, Task


def tasks_option(command: F) -> F:
    """`--file`, the task file; and `--spec`, the specification beside which it is looked for."""
    named = click.option(
        "-f", "--file", default=None, help="The task file. Default: plans/tasks.json and the like."
    )
    spec = click.option(
        "--spec", default="golive.yaml", show_default=True, help="The specification of the service."
    )
    return named(spec(command))


@click.group()
def task() -> None:
    """The team's task file: what there is, and which state each task is in.

    Example: golive task set operations --state completed
    """


@task.command("list")
@tasks_option
@json_option
def list_(file: str | None, spec: str, as_json: bool) -> None:
    """Every task with its state and what it waits for.

    Example: golive task list
    """
    from golive import assembly

    book = assembly.task_book(spec, file)
    text = "\n".join([book.name, *(_row(book, one) for one in book.tasks)])
    answer({"file": book.name, "tasks": [_values(book, one) for one in book.tasks]}, text, as_json=as_json)


@task.command()
@click.argument("name")
@tasks_option
@json_option
def show(name: str, file: str | None, spec: str, as_json: bool) -> None:
    """One task, by its id, title or label, as the file has it.

    Example: golive task show operations
    """
    from golive import assembly

    book = assembly.task_book(spec, file, name)
    one = book.task(name)
    text = f"{one.where}\n{book.text[one.node.start : one.node.end]}"
    answer({"file": book.name, **_values(book, one)}, text, as_json=as_json)


@task.command("set")
@click.argument("name")
@click.option("--state", "--status", type=click.Choice(get_args(State)), required=True, help="The state to be in.")
@click.option("--note", default="", help="Why; kept in the history.")
@click.option("--evidence", multiple=True, metavar="PATH", help="A file that shows it; repeatable.")
@click.option("-e", "--env", default=None, help="Whose gate decides. Default: production, or the only one.")
@tasks_option
@json_option
def set_(
    name: str,
    state: State,
    note: str,
    evidence: tuple[str, ...],
    env: str | None,
    file: str | None,
    spec: str,
    as_json: bool,
) -> None:
    """Bring a task into a state, if that may follow and what it waits for is done.

    The task operations is completed only when golive gate passes. Exit 0: done, or it was so already. 1: the gate
    is refuted. 2: no such task or file. 3: dependencies or claims are open. 4: this state cannot follow.

    Example: golive task set operations --state completed --evidence evidence/operations/perf.json
    """
    from golive import assembly

    done = assembly.set_task(spec, file, name, state, note=note, evidence=evidence, environment=env)
    answer(_outcome(done), _told(done), as_json=as_json)
    if done.is_refused:
        leave(Exit.FAILED if done.gate and done.gate.refuted else Exit.WAITING)


@task.command()
@click.option("--dry-run", is_flag=True, help="Say what would be written; write nothing.")
@click.option("--spec", default="golive.yaml", show_default=True, help="The specification of the service.")
@json_option
def init(dry_run: bool, spec: str, as_json: bool) -> None:
    """Write plans/tasks.json with the task operations, in progress. A file that is there is kept.

    Example: golive task init
    """
    from golive import assembly

    path, deed = assembly.first_tasks(spec, dry_run=dry_run)
    answer({"path": path, "deed": deed}, f"{deed:<13} {path}\nnext: golive task list", as_json=as_json)


def _row(book: "Book", one: "Task") -> str:
    waits = ", ".join(other.id for other in book.open_needs(one))
    lane = f"{one.lane}: " if one.lane else ""
    return f"  {one.id:<14} {one.state or f'{one.word}?':<12} {lane}{one.title}" + (
        f"  ← {waits}" if waits else ""
    )


def _values(book: "Book", one: "Task") -> dict[str, object]:
    return {
        "id": one.id,
        "title": one.title,
        "lane": one.lane,
        "state": one.state,
        "state_as_written": one.word,
        "labels": list(one.labels),
        "waits_for": [other.id for other in book.open_needs(one)],
        "where": one.where,
    }


def _outcome(done: "Answer") -> dict[str, object]:
    return {
        "task": done.task.id,
        "before": done.before,
        "after": done.before if done.is_refused else done.after,
        "written": done.written,
        "record": done.record.seq if done.record else None,
        "gate": done.gate.body() if done.gate else None,
    }


def _told(done: "Answer") -> str:
    from golive.gate.outputs.text import row

    name = f"{done.task.where}: task {done.task.id}"
    if done.is_refused and done.gate:
        still = "although the file says completed" if done.before == done.after else f"it stays {done.before}"
        rows = [row(one) for one in done.gate.open] or ["  nothing is asked for"]
        lines = [f"{name}: the gate of {done.gate.environment} has not passed, {still}", *rows]
        return "\n".join([*lines, f"next: golive gate --env {done.gate.environment}"])
    if not done.written:
        return f"{name}: it is {done.before} already, nothing was written"
    kept = f"\nrecord: {done.record.seq}" if done.record else ""
    return f"{name}: {done.before} → {done.after}{kept}"
