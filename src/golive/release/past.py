"""The past of one environment: a fold of its records.

`advance(past, record)` is the only place that gives records a meaning; controller, status and dry run all
fold with it. Record types: `rollout.wanted`, `step.began`, `step.ended`, `rollout.turned`,
`abort.requested`, `promote.granted`, `rollout.settled`, `environment.stopped`,
`ticket.closed`, `judge.calibrated`; others (`lease.taken` …) only move the head.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from golive.evidence.record import Json, Record, Result
from golive.evidence.shape import tampered
from golive.judge.series import calibration_from
from golive.judge.terms import Calibration
from golive.judge.verdict import Answer
from golive.release.revision import Revision
from golive.release.wanted import revision_from


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A step that was performed, or whose performer died (`unknown`)."""

    key: str
    seq: int
    at: datetime
    result: Result
    answer: Answer | None  # of a judge or smoke step
    because: str
    going_back: bool  # performed after the rollout had turned


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The moment from which a rollout only goes back. `mono_ns` and `boot` time the way back."""

    because: str
    at: datetime
    seq: int


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """A rollout that has not settled."""

    id: str
    wanted: Mapping[str, Json]
    seq: int
    at: datetime
    by: str
    ended: tuple[Ended, ...] = ()
    open: tuple[int, str] | None = None  # seq and key of an intent without outcome
    turn: Turn | None = None
    promoted: tuple[datetime, ...] = ()

    def last(self, key: str) -> Ended | None:
        """The newest ended step with this key."""
        return next((e for e in reversed(self.ended) if e.key == key), None)

    def passed(self, key: str) -> Ended | None:
        """The newest PASS of a judge step; an outcome that nobody knows is none."""
        return next((e for e in reversed(self.ended) if e.key == key and e.answer is Answer.PASS), None)

    def done(self, key: str) -> bool:
        return any(e.key == key and e.result == "ok" for e in self.ended)

    def failures(self, key: str, *, going_back: bool) -> int:
        """How often the step failed in a row, counted backwards from its newest end."""
        count = 0
        for ended in reversed(self.ended):
            if ended.key == key and ended.going_back == going_back:
                if ended.result == "ok":
                    break
                count += ended.result == "failed"
        return count


@dataclass(frozen=True, kw_only=True)
class Settled:
    """A rollout that came to its end."""

    id: str
    kind: str
    new: Revision
    old: Revision | None
    outcome: str
    because: str
    began_at: datetime
    at: datetime
    by: str
    ticket: Json = None  # as it was when the rollout opened
    closed: bool = False  # its outcome was written into the ticket


@dataclass(frozen=True, kw_only=True)
class Past:
    """Everything that the records of one environment say."""

    environment: str
    head: int = 0  # seq of its newest record
    epoch: int = 0
    rollout: Rollout | None = None
    up: bool = False  # something was made live and not stopped since
    line: tuple[Revision, ...] = ()  # revisions that went live, the live one last; a rollback cuts it
    settled: tuple[Settled, ...] = ()
    revisions: Mapping[str, Revision] = field(default_factory=dict)  # every one ever wanted, by name
    calibration: Calibration | None = None  # the newest

    @property
    def live(self) -> Revision | None:
        """What the environment last settled on; None before the first release and after `golive down`."""
        return self.line[-1] if self.line and self.up else None


def fold(records: Iterable[Record], environment: str) -> Past:
    """The past of `environment` after `records`; those of other environments are passed over."""
    past = Past(environment=environment)
    for record in records:
        past = advance(past, record)
    return past


def advance(past: Past, record: Record) -> Past:
    """The past after one more record; `Failure` (exit 5) when it does not say what its type needs."""
    try:
        return _advanced(past, record)
    except (KeyError, TypeError, ValueError, AttributeError, AssertionError) as error:
        what = f"this {record.draft.type} record does not say what it must"
        raise tampered(f"record {record.seq}", what, f"{type(error).__name__}: {error}") from error


def _advanced(past: Past, record: Record) -> Past:
    draft = record.draft
    if draft.environment != past.environment:
        return past
    past = replace(past, head=record.seq, epoch=max(past.epoch, draft.epoch))
    if draft.type == "rollout.wanted":
        return _opened(past, record)
    if draft.type == "environment.stopped":
        return replace(past, up=False)
    if draft.type == "judge.calibrated":
        return replace(past, calibration=calibration_from(draft.body["calibration"]))
    if draft.type == "ticket.closed":
        done = tuple(replace(s, closed=s.closed or s.id == draft.rollout) for s in past.settled)
        return replace(past, settled=done)
    if past.rollout is None or draft.rollout != past.rollout.id:
        return past
    match draft.type:
        case "step.began":
            return replace(past, rollout=replace(past.rollout, open=(record.seq, str(draft.body["key"]))))
        case "step.ended":
            return replace(past, rollout=_ended(past.rollout, record))
        case "rollout.turned" | "abort.requested":
            return replace(past, rollout=_turned(past.rollout, str(draft.body["because"]), record))
        case "promote.granted":
            return replace(past, rollout=replace(past.rollout, promoted=(*past.rollout.promoted, draft.at)))
        case "rollout.settled":
            return _settled(past, past.rollout, record)
    return past


def _opened(past: Past, record: Record) -> Past:
    draft = record.draft
    known = [revision_from(draft.body["new"]), revision_from(draft.body["old"])]
    return replace(
        past,
        rollout=Rollout(id=draft.rollout, wanted=draft.body, seq=record.seq, at=draft.at, by=draft.actor.id),
        revisions={**past.revisions, **{r.name: r for r in known if r}},
    )


def _ended(rollout: Rollout, record: Record) -> Rollout:
    draft = record.draft
    answer = draft.body.get("answer")
    ended = Ended(
        key=str(draft.body["key"]),
        seq=record.seq,
        at=draft.at,
        result=draft.result,
        answer=Answer(answer) if isinstance(answer, str) else None,
        because=str(draft.body.get("because", "")),
        going_back=rollout.turn is not None,
    )
    rollout = replace(rollout, ended=(*rollout.ended, ended), open=None)
    if ended.answer is Answer.FAIL:
        return _turned(rollout, ended.because, record)
    return rollout


def _turned(rollout: Rollout, because: str, record: Record) -> Rollout:
    """The first reason counts: a rollout turns once."""
    if rollout.turn:
        return rollout
    return replace(rollout, turn=Turn(because=because, at=record.draft.at, seq=record.seq))


def _settled(past: Past, rollout: Rollout, record: Record) -> Past:
    new = revision_from(rollout.wanted["new"])
    assert new is not None
    outcome = str(record.draft.body["outcome"])
    settled = Settled(
        id=rollout.id,
        kind=str(rollout.wanted["kind"]),
        new=new,
        old=revision_from(rollout.wanted["old"]),
        outcome=outcome,
        because=str(record.draft.body.get("because", "")),
        began_at=rollout.at,
        at=record.draft.at,
        by=rollout.by,
        ticket=rollout.wanted.get("ticket"),
    )
    line = _line_after(past.line, settled) if outcome == "succeeded" else past.line
    up = past.up or outcome == "succeeded"
    return replace(past, rollout=None, up=up, line=line, settled=(*past.settled, settled))


def _line_after(line: tuple[Revision, ...], settled: Settled) -> tuple[Revision, ...]:
    names = [revision.name for revision in line]
    if settled.kind == "rollback" and settled.new.name in names:
        return line[: names.index(settled.new.name) + 1]
    return (*(r for r in line if r.name != settled.new.name), settled.new)
