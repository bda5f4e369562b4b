"""The commands and questions of one part: performed and judged, each recorded before and after."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import PurePosixPath

from golive.controller.desk import refuse_credential
from golive.controller.stage import SETTLED, Notice, Outcome, Progress, Stage, Stop
from golive.errors import Failure
from golive.evidence.claim import Verdict
from golive.evidence.record import Artifact, Json
from golive.gate.claims.verdict import Judged
from golive.protocol.directives import Finished
from golive.protocol.document import Item
from golive.protocol.plan import MAY_REPEAT, Command, Part, Question
from golive.protocol.run import ANSWERED, COMMAND_BEGAN, COMMAND_ENDED, Answer, Ran, Run, word_of_exit


async def commands(progress: Progress, part: Part) -> Stop | None:
    """Run those of the part that have not finished, once every halt in it was answered."""
    halted = _halts(progress, part)
    if halted:
        return halted
    if part.condition and part.commands:
        stop = await _condition(progress, part)
        if stop or progress.run.answers[part.key].word == "skipped":
            return stop
    for command in part.commands:
        before = progress.run.ran.get(command.key)
        if before and before.ended == "done":
            progress.stage.watch(Notice(part=part, what=command.directive.text, word="done before"))
            continue
        if before and before.ended == "interrupted" and not may_repeat(command, progress.stage):
            return _interrupted(progress, command, before)
        ran = await _perform(progress, part, command)
        if ran.ended != "done":
            return _stopped(progress, command, ran)
    return None


def _halts(progress: Progress, part: Part) -> Stop | None:
    """A halt condition waits for a named person's word before anything of its part is run."""
    for question in part.questions:
        if question.item.halt and not _is_settled(progress.run, question):
            said = progress.stage.ask(part, question)
            if said is None:
                because = f"the document halts here: {question.item.halt}"
                return Stop(
                    outcome="waiting", run=progress.run, where=part.name, because=because, open=(question.key,)
                )
            _keep(progress, question.key, said)
    return None


async def _condition(progress: Progress, part: Part) -> Stop | None:
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


def may_repeat(command: Command, stage: Stage) -> bool:
    return stage.again or command.effect in MAY_REPEAT or command.is_dry_run


def _interrupted(progress: Progress, command: Command, before: Ran) -> Stop:
    return Stop(
        outcome="waiting",
        run=progress.run,
        where=f"{command.key}: {command.directive.text}",
        because=f"it was interrupted at {before.at:%Y-%m-%d %H:%M:%S} UTC, nobody knows how far it came, and its "
        f"effect ({command.effect.replace('-', ' ')}) does not allow to run it again unasked: look, then --again",
    )


def _stopped(progress: Progress, command: Command, ran: Ran) -> Stop:
    outcome: Outcome = "halted" if ran.ended in ("failed", "interrupted") else ran.ended  # type: ignore[assignment]
    ended = "did not end in time" if ran.exit_code is None else f"exit {ran.exit_code}"
    return Stop(
        outcome=outcome,
        run=progress.run,
        where=f"{command.key}: {command.directive.text}",
        because=f"{ended}: {ran.because}" if ran.because else ended,
    )


async def _perform(progress: Progress, part: Part, command: Command) -> Ran:
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


def _kept(progress: Progress, command: Command, seq: int, done: Finished) -> tuple[Artifact, ...]:
    folder = f"protocol/{progress.id}/{seq}-{_file_name(command)}"
    keep = progress.stage.desk.artifacts.keep
    return (
        keep(f"{folder}.stdout.log", done.stdout, "text/plain"),
        keep(f"{folder}.stderr.log", done.stderr, "text/plain"),
    )


def _file_name(command: Command) -> str:
    stem = PurePosixPath(command.directive.script).stem.lower()
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in stem)[:60].strip("-") or "command"


async def questions(progress: Progress, part: Part) -> Stop | None:
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


def _answered(progress: Progress, part: Part, question: Question, judged: Mapping[str, Judged]) -> Answer:
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


def _keep(progress: Progress, key: str, said: Answer) -> None:
    refuse_credential(key, said.because)
    body: dict[str, Json] = {
        "key": key,
        "word": said.word,
        "because": said.because,
        "by": said.by,
        "role": said.role,
    }
    progress.note(ANSWERED, body, cause=said.records)
