"""Running a protocol: one command or question after the other, each recorded before and after it.

A command that finished is never run again. One that was interrupted is run again only when its effect class
allows, else somebody must say so. What golive can judge, it judges by claims; what only a person can do waits for
an answer, which says who gave it. A part is left only when all in it is done, answered or skipped with a reason.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Literal

from golive.controller.desk import Desk, refuse_credential
from golive.errors import Exit, Failure
from golive.evidence.claim import Verdict
from golive.evidence.record import Artifact, Json, Record
from golive.gate.claims.verdict import Judged
from golive.protocol.directives import Directives, Finished
from golive.protocol.document import Item
from golive.protocol.plan import MAY_REPEAT, Command, Part, Plan, Question
from golive.protocol.report import Checklist, checklist, markdown, page
from golive.protocol.run import (
    ANSWERED,
    BEGAN,
    CHECKED,
    COMMAND_BEGAN,
    COMMAND_ENDED,
    ENDED,
    TRUSTED,
    Answer,
    Ran,
    Run,
    Word,
    newest,
    trusted,
    word_of_exit,
)

Outcome = Literal["completed", "waiting", "refused", "halted"]
EXITS: Mapping[Outcome, Exit] = {
    "completed": Exit.DONE,
    "waiting": Exit.WAITING,
    "refused": Exit.REFUSED,
    "halted": Exit.FAILED,
}
SETTLED: frozenset[Word] = frozenset({"proven", "waived", "attested", "skipped"})


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One line of progress."""

    part: Part
    what: str
    word: str
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What a run acts on."""

    desk: Desk
    directives: Directives
    judge: Callable[[Sequence[str]], Awaitable[Mapping[str, Judged]]]  # tries what can be tried, then verdicts
    ask: Callable[[Part, Question], Answer | None]  # asks whoever is there; None when nobody is
    watch: Callable[[Notice], None]
    again: bool = False  # an interrupted command may be run again, whatever it changes


@dataclass(frozen=True, kw_only=True)
class Stop:
    """Where a run ended and why; with the keys of what is open."""

    outcome: Outcome
    run: Run
    where: str = ""
    because: str = ""
    open: tuple[str, ...] = ()


@dataclass(kw_only=True)
class _Progress:
    plan: Plan
    stage: Stage
    id: str
    file: str
    open: list[str] = field(default_factory=list)

    @property
    def run(self) -> Run:
        found = newest(self.stage.desk.records(), self.plan.digest)
        assert found
        return found

    def note(
        self,
        kind: str,
        body: Mapping[str, Json],
        cause: tuple[int, ...] = (),
        artifacts: tuple[Artifact, ...] = (),
    ) -> Record:
        journal = self.stage.desk.journal("")
        return journal.append(kind, body={"run": self.id, **body}, cause=cause, artifacts=artifacts)


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
    parts = _chosen(plan, start, only)
    progress = _Progress(plan=plan, stage=stage, id=_begun(plan, stage.desk, name, fresh), file=name)
    for part in parts:
        halves = (_questions, _commands) if part.gate else (_commands, _questions)  # a gate is judged first
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
    body: dict[str, Json] = {"run": id, "document": plan.digest, "name": name, "title": plan.title}
    desk.journal("").append(BEGAN, body=body)
    return id


async def _commands(progress: _Progress, part: Part) -> Stop | None:
    if part.condition and part.commands:
        stop = await _condition(progress, part)
        if stop or progress.run.answers[part.key].word == "skipped":
            return stop
    for command in part.commands:
        before = progress.run.ran.get(command.key)
        if before and before.ended == "done":
            progress.stage.watch(Notice(part=part, what=command.directive.text, word="done before"))
            continue
        if before and before.ended == "interrupted" and not _may_repeat(command, progress.stage):
            return _interrupted(progress, command, before)
        ran = await _perform(progress, part, command)
        if ran.ended != "done":
            return _stopped(progress, command, ran)
    return None


async def _condition(progress: _Progress, part: Part) -> Stop | None:
    """A conditional step is taken, or skipped, by somebody's word."""
    known = progress.run.answers.get(part.key)
    if known and known.word in SETTLED:
        return None
    said = progress.stage.ask(part, Question(key=part.key, item=_as_item(part)))
    if said is None:
        return Stop(
            outcome="waiting",
            run=progress.run,
            where=f"{part.name} ({part.key})",
            because=f"this step is conditional ({part.condition}): does it apply?",
            open=(part.key,),
        )
    _keep(progress, part.key, said)
    return None


def _as_item(part: Part) -> Item:
    return Item(text=f"{part.title} ({part.condition}): does this step apply?", at=part.at)


def _may_repeat(command: Command, stage: Stage) -> bool:
    return stage.again or command.effect in MAY_REPEAT or command.is_dry_run


def _interrupted(progress: _Progress, command: Command, before: Ran) -> Stop:
    return Stop(
        outcome="waiting",
        run=progress.run,
        where=f"{command.key}: {command.directive.text}",
        because=f"it was interrupted at {before.at:%Y-%m-%d %H:%M:%S} UTC, nobody knows how far it came, and its "
        f"effect ({command.effect.replace('-', ' ')}) does not allow to run it again unasked: look, then --again",
    )


def _stopped(progress: _Progress, command: Command, ran: Ran) -> Stop:
    outcome: Outcome = "halted" if ran.ended in ("failed", "interrupted") else ran.ended  # type: ignore[assignment]
    ended = "did not end in time" if ran.exit_code is None else f"exit {ran.exit_code}"
    return Stop(
        outcome=outcome,
        run=progress.run,
        where=f"{command.key}: {command.directive.text}",
        because=f"{ended}: {ran.because}" if ran.because else ended,
    )


async def _perform(progress: _Progress, part: Part, command: Command) -> Ran:
    """Intent, act, outcome; the output is kept before the record that names it."""
    argv = command.directive.argv
    progress.stage.watch(Notice(part=part, what=command.directive.text, word="runs"))
    body: dict[str, Json] = {"key": command.key, "argv": list(argv), "effect": command.effect}
    began = progress.note(COMMAND_BEGAN, body)
    try:
        done = await progress.stage.directives.perform(argv)
    except Failure as failure:
        said = {"ended": "failed", "exit_code": None, "took_ms": 0, "because": f"{failure.what}: {failure.why}"}
        progress.note(COMMAND_ENDED, {"key": command.key, **said, "wrote": {}}, cause=(began.seq,))
    else:
        outcome: dict[str, Json] = {
            "ended": word_of_exit(done.exit_code),
            "exit_code": done.exit_code,
            "took_ms": done.took // timedelta(milliseconds=1),
            "because": done.because,
            "wrote": dict(done.wrote),
        }
        files = _kept(progress, command, began.seq, done)
        progress.note(COMMAND_ENDED, {"key": command.key, **outcome}, cause=(began.seq,), artifacts=files)
    ran = progress.run.ran[command.key]
    notice = Notice(part=part, what=command.directive.text, word=ran.ended, because=ran.because)
    progress.stage.watch(notice)
    return ran


def _kept(progress: _Progress, command: Command, seq: int, done: Finished) -> tuple[Artifact, ...]:
    folder = f"protocol/{progress.id}/{seq}-{_file_name(command)}"
    keep = progress.stage.desk.artifacts.keep
    return (
        keep(f"{folder}.stdout.log", done.stdout, "text/plain"),
        keep(f"{folder}.stderr.log", done.stderr, "text/plain"),
    )


def _file_name(command: Command) -> str:
    stem = PurePosixPath(command.directive.script).stem.lower()
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in stem)[:60].strip("-") or "command"


async def _questions(progress: _Progress, part: Part) -> Stop | None:
    """Judge what golive can judge, ask for the rest; a refuted claim halts, an open question waits."""
    unsettled = [q for q in part.questions if not _is_settled(progress.run, q)]
    claims = [claim for question in unsettled for claim in question.claims]
    judged = await progress.stage.judge(tuple(dict.fromkeys(claims))) if claims else {}
    answers = {q.key: _answered(progress, part, q, judged) for q in unsettled}
    open = tuple(key for key, said in answers.items() if said.word == "open")
    failed = [key for key, said in answers.items() if said.word == "failed"]
    if failed:
        because = answers[failed[0]].because
        return Stop(outcome="halted", run=progress.run, where=failed[0], because=because, open=(*failed, *open))
    if open:
        because = answers[open[0]].because
        return Stop(outcome="waiting", run=progress.run, where=part.name, because=because, open=open)
    return None


def _is_settled(run: Run, question: Question) -> bool:
    """What a person said holds for the run; what golive judged is judged again."""
    known = run.answers.get(question.key)
    return (
        known is not None
        and known.word in SETTLED
        and not (question.claims and known.word in ("proven", "waived"))
    )


def _answered(progress: _Progress, part: Part, question: Question, judged: Mapping[str, Judged]) -> Answer:
    said = by_claims([judged[claim] for claim in question.claims if claim in judged]) if question.claims else None
    if said is None or said.word == "open":
        said = progress.stage.ask(part, question) or said or Answer(word="open", because="for a person to answer")
    before = progress.run.answers.get(question.key)
    if before is None or (before.word, before.because) != (said.word, said.because):
        _keep(progress, question.key, said)
    progress.stage.watch(Notice(part=part, what=question.item.text, word=said.word, because=said.because))
    return said


def by_claims(judged: Sequence[Judged]) -> Answer:
    """What the verdicts say of an action: refuted if one is, open if one is, else proven, or waived."""
    refuted = [one for one in judged if one.verdict is Verdict.REFUTED]
    unproven = [one for one in judged if one.verdict not in (Verdict.PROVEN, Verdict.WAIVED, Verdict.REFUTED)]
    cause = tuple(sorted({one.proof.seq for one in judged if one.proof}))
    if refuted:
        return Answer(word="failed", because="; ".join(_told(one) for one in refuted), records=cause)
    if unproven or not judged:
        told = "; ".join(_told(one) for one in unproven) or "no claim stands for it here"
        return Answer(word="open", because=told, records=cause)
    waived = [one for one in judged if one.verdict is Verdict.WAIVED]
    because = ", ".join(one.claim.id for one in judged)
    if waived:
        return Answer(word="waived", because="; ".join(_told(one) for one in waived), records=cause)
    return Answer(word="proven", because=because, records=cause)


def _told(one: Judged) -> str:
    return f"{one.claim.id} {one.verdict.lower()}: {one.because}"


def _keep(progress: _Progress, key: str, said: Answer) -> None:
    body: dict[str, Json] = {
        "key": key,
        "word": said.word,
        "because": said.because,
        "by": said.by,
        "role": said.role,
    }
    progress.note(ANSWERED, body, cause=said.records)


def keep_checklist(desk: Desk, plan: Plan, stop: Stop) -> Checklist:
    """Keep the checklist of a run as JSON, Markdown and HTML, and a record that names them."""
    found = checklist(plan, stop.run, stop.outcome)
    folder, keep = f"protocol/{stop.run.id}", desk.artifacts.keep
    text = json.dumps(found.body(), indent=2, ensure_ascii=False) + "\n"
    files = (
        keep(f"{folder}/checklist.json", text.encode(), "application/json"),
        keep(f"{folder}/checklist.md", markdown(found).encode(), "text/markdown"),
        keep(f"{folder}/checklist.html", page(found).encode(), "text/html"),
    )
    body: dict[str, Json] = {"run": stop.run.id, "outcome": stop.outcome, "counts": dict(found.counts)}
    desk.journal("").append(CHECKED, body=body, artifacts=files)
    return found
