"""Running a protocol: one command or question after the other, each recorded before and after it.

A command that finished is never run again. One that was interrupted is run again only when its effect class
allows, else somebody must say so. What golive can judge, it judges by claims; what only a person can do waits for
an answer, which says who gave it. A part is left only when all in it is done, answered or skipped with a reason.
"""

import json

from golive.controller.desk import Desk, refuse_credential
from golive.controller.following import commands, questions
from golive.controller.stage import Progress, Stage, Stop
from golive.errors import Exit, Failure
from golive.evidence.record import Json, Record
from golive.protocol.plan import Part, Plan
from golive.protocol.report import Checklist, checklist, markdown, page
from golive.protocol.run import ANSWERED, BEGAN, CHECKED, ENDED, TRUSTED, Word, newest, trusted


def trust(desk: Desk, digest: str, name: str, *, is_trusted: bool = True) -> None:
    """Record that the document of this digest may be run, or may not any more."""
    desk.journal("").append(TRUSTED, body={"document": digest, "name": name, "trusted": is_trusted})


def refuse_untrusted(desk: Desk, digest: str, name: str) -> None:
    """`Failure` (exit 4) for a document that nobody has said to trust, or that was changed since."""
    if digest not in trusted(desk.records()):
        raise Failure(
            where=name,
            what="this document is not trusted, so none of its commands is run",
            why=f"nobody has trusted SHA-256 {digest[:16]}…; a changed document is another document",
            next=f"read golive protocol plan {name}, then golive protocol trust {name}",
            code=Exit.REFUSED,
        )


async def run(
    plan: Plan, stage: Stage, *, name: str, start: str = "", only: str = "", fresh: bool = False
) -> Stop:
    """Begin a run of the document, or take up the one that is not finished, and go on as far as it can.

    `start` and `only` name a step; what they leave out is passed over and stays open.
    """
    refuse_untrusted(stage.desk, plan.digest, name)
    for command in plan.commands:
        refuse_credential(f"{name}: {command.key}", command.directive.text)
    parts = _chosen(plan, start, only)
    progress = Progress(plan=plan, stage=stage, id=_begun(plan, stage.desk, name, fresh))
    for part in parts:
        halves = (questions, commands) if part.gate else (commands, questions)  # a gate is judged first
        for half in halves:
            stop = await half(progress, part)
            if stop:
                return stop
    left_out = tuple(part.key for part in plan.parts if part not in parts)
    if not left_out:
        progress.note(ENDED, {"outcome": "completed"})
    return Stop(outcome="completed", run=progress.run, open=left_out)


def answer(desk: Desk, plan: Plan, key: str, *, word: Word, role: str, note: str) -> Record:
    """Record a person's answer to a question of the run that is under way."""
    refuse_credential("--note", note)
    found = newest(desk.records(), plan.digest)
    if found is None or found.ended:
        raise Failure(
            where=key,
            what="no run of this document is under way",
            why="answers belong to a run",
            next="golive protocol run FILE",
            code=Exit.USAGE,
        )
    known = [question.key for question in plan.questions] + [part.key for part in plan.parts if part.condition]
    if key not in known:
        raise Failure(
            where=key,
            what="there is no such question",
            why=f"the document asks at: {', '.join(known)}",
            next="golive protocol status FILE",
            code=Exit.USAGE,
        )
    body: dict[str, Json] = {"run": found.id, "key": key, "word": word, "because": note, "role": role}
    return desk.journal("").append(ANSWERED, body={**body, "by": desk.actor.id})


def _chosen(plan: Plan, start: str, only: str) -> tuple[Part, ...]:
    for asked in filter(None, (start, only)):
        if asked not in [part.id for part in plan.parts]:
            raise Failure(
                where=f"step {asked}",
                what="the document has no such step",
                why=f"it has: {', '.join(part.id or part.title for part in plan.parts)}",
                next="golive protocol plan FILE",
                code=Exit.USAGE,
            )
    if only:
        return tuple(part for part in plan.parts if part.id == only)
    ids = [part.id for part in plan.parts]
    return plan.parts[ids.index(start) :] if start else plan.parts


def _begun(plan: Plan, desk: Desk, name: str, fresh: bool) -> str:
    """The id of the run: the unfinished one, or a new one."""
    found = newest(desk.records(), plan.digest)
    if found and not found.ended and not fresh:
        return found.id
    id = desk.clock.new_id()
    body: dict[str, Json] = {"run": id, "document": plan.digest, "name": name}
    desk.journal("").append(BEGAN, body=body)
    return id


def keep_checklist(desk: Desk, plan: Plan, stop: Stop) -> Checklist:
    """Keep the checklist of a run as JSON, Markdown and HTML, and a record that names them."""
    found = checklist(plan, stop.run, stop.outcome)
    folder, keep = f"protocol/{stop.run.id}", desk.artifacts.keep
    text = json.dumps(found.body(), indent=2, ensure_ascii=False) + "\n"
    texts = (
        ("json", "application/json", text),
        ("md", "text/markdown", markdown(found)),
        ("html", "text/html", page(found)),
    )
    files = tuple(
        keep(f"{folder}/checklist.{end}", said.encode("utf-8", "replace"), kind) for end, kind, said in texts
    )
    body: dict[str, Json] = {"run": stop.run.id, "outcome": stop.outcome, "counts": dict(found.counts)}
    desk.journal("").append(CHECKED, body=body, artifacts=files)
    return found
