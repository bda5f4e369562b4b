"""`golive task`."""

import click

from golive.cli.answer import answer, file_option, json_option


@click.group()
def task() -> None:
    """Tasks of the plan: list them, and move one when it may be moved.

    Example: golive task set operations --state completed
    """


@task.command("list")
@click.option("--task-file", default="", help="Default: plans/tasks.json and other usual places.")
@file_option
@json_option
def list_(task_file: str, file: str, as_json: bool) -> None:
    """Every task with its state and what it waits for.

    Example: golive task list
    """
    from golive import assembly

    path, found = assembly.tasks_of(file, task_file)
    rows = [{"id": one.id, "state": one.state, "title": one.title, "needs": list(one.needs)} for one in found]
    text = "\n".join(
        f"{one.id:<16} {one.state:<12} {one.title}" + (f"  (after {', '.join(one.needs)})" if one.needs else "")
        for one in found
    )
    answer({"file": str(path), "tasks": rows}, text or f"{path} holds no task", as_json=as_json)


@task.command("set")
@click.argument("name", metavar="TASK")
@click.option("--state", "--status", "state", required=True, help="Such as in_progress, completed, blocked.")
@click.option("--note", default="", help="Why; kept in its history.")
@click.option("--evidence", multiple=True, help="A file that shows it; repeatable.")
@click.option("-e", "--env", default="", help="The environment whose gate is asked.  [default: production]")
@click.option("--dry-run", is_flag=True, help="Say whether it may be moved; change nothing.")
@click.option("--task-file", default="", help="Default: plans/tasks.json and other usual places.")
@file_option
@json_option
def set_(
    name: str,
    state: str,
    note: str,
    evidence: tuple[str, ...],
    env: str,
    dry_run: bool,
    task_file: str,
    file: str,
    as_json: bool,
) -> None:
    """Move TASK, named by its id, title, area or label. Only what may follow its state; completed only when all
    that it depends on is, and for operations only when the gate is passed.

    Exit 0: done, or it was so before. 2: there is no such move. 3: it waits for something.

    Example: golive task set operations --state completed --evidence evidence/operations/perf.json
    """
    from golive import assembly

    asked = assembly.Move(task=name, state=state, note=note, evidence=evidence, environment=env, rehearsed=dry_run)
    change = assembly.move_task(file, task_file, asked)
    values = {
        "task": change.task.id,
        "from": change.task.state,
        "to": change.state,
        "changed": change.is_one,
        "dry_run": dry_run,
    }
    told = f"{change.task.id}: {change.task.state} → {change.state}"
    text = told if change.is_one else f"{change.task.id} is {change.state} already"
    answer(values, f"{text} (dry run: nothing was changed)" if dry_run else text, as_json=as_json)


@task.command()
@file_option
@json_option
def init(file: str, as_json: bool) -> None:
    """Make plans/tasks.json with one task: operations.

    Example: golive task init
    """
    from golive import assembly

    path = assembly.make_tasks(file)
    answer({"file": str(path)}, f"written: {path}\nnext: golive task list", as_json=as_json)
