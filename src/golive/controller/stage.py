"""What a run of a protocol acts on, and what it tells on the way."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from golive.controller.desk import Desk
from golive.errors import Exit
from golive.evidence.record import Artifact, Json, Record
from golive.gate.claims.verdict import Judged
from golive.protocol.directives import Directives
from golive.protocol.plan import Part, Plan, Question
from golive.protocol.run import Answer, Run, Word, newest

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


@dataclass(frozen=True, kw_only=True)
class Progress:
    """One run under way; where it is, its records say."""

    plan: Plan
    stage: Stage
    id: str

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
