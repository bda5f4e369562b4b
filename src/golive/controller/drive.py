"""The loop: read the records, look at the world, plan, do the first step, record how it ended, again.

A crash anywhere is followed by the same loop in another process: it finds an intent without outcome,
records that the outcome is unknown, looks, and plans. There is no second code path for resuming.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from golive.controller.journal import Journal
from golive.controller.outside import Outside
from golive.controller.perform import Performed, judged, perform
from golive.controller.watching import Watching
from golive.errors import Failure
from golive.evidence.ledger import HeadMoved
from golive.evidence.record import Artifact, Json
from golive.release.past import Past, Settled, advance
from golive.release.plan import Plan, plan
from golive.release.sight import Seen
from golive.release.steps import Judge, Settle, Step, TurnBack, Wait
from golive.release.wanted import Wanted
from golive.spec.values import SmokeTest

LONGEST_WAIT = timedelta(milliseconds=500)  # an abort is noticed at least this often
ABORT_POLL = timedelta(milliseconds=200)  # while a step is performed
LOG_LINES = 200  # of each instance, kept as evidence when a rollout settles
STEP_LIMIT = timedelta(minutes=15)  # no single step may take longer; hooks and drains have their own limits


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What a watcher is shown after every look and every step."""

    wanted: Wanted
    past: Past
    seen: Seen | None
    plan: Plan
    ended: tuple[Step, Performed] | None = None
    blind: str = ""  # why nothing was seen


Watcher = Callable[[Moment], None]


@dataclass
class Drive:
    """One controller's work on one rollout. `past` is all it remembers, and it is a fold of the ledger."""

    outside: Outside
    journal: Journal
    wanted: Wanted
    smoke: SmokeTest | None
    watch: Watcher
    past: Past
    blind: str = ""  # why the last look failed

    def __post_init__(self) -> None:
        self._watching = Watching(self.wanted, self.outside)

    async def to_the_end(self) -> Settled:
        """Work until the rollout has settled, and say how."""
        self._catch_up()
        try:
            while self.past.rollout is not None:
                with contextlib.suppress(HeadMoved):  # somebody appended, an abort perhaps: plan again
                    await self._once(self.past.rollout.open)
                self._catch_up()
        finally:
            await self._watching.stop()
        return next(s for s in reversed(self.past.settled) if s.id == self.wanted.rollout)

    async def _once(self, dangling: tuple[int, str] | None) -> None:
        if dangling:
            self._close(dangling)
            return
        seen = await self._look()
        made = plan(self.wanted, seen, self.past, self.outside.clock.now())
        blind = "" if seen else self.blind
        self.watch(Moment(wanted=self.wanted, past=self.past, seen=seen, plan=made, blind=blind))
        if made.waiting_on:
            await self._wait(made.waiting_on)
        elif made.steps and not isinstance(made.steps[0], Wait):
            await self._step(made.steps[0], made, seen)

    def _catch_up(self) -> None:
        for record in self.journal.ledger.read(self.wanted.environment.name, after=self.past.head):
            self.past = advance(self.past, record)

    def _close(self, dangling: tuple[int, str]) -> None:
        """The previous controller died inside a step: say that nobody knows how it ended."""
        seq, key = dangling
        self.journal.append(
            "step.ended",
            rollout=self.wanted.rollout,
            body={"key": key, "because": "the controller ended before the outcome was recorded"},
            result="unknown",
            cause=(seq,),
            parent=self.past.head,
        )

    async def _look(self) -> Seen | None:
        try:
            instances, routing, assessment = await asyncio.gather(
                self.outside.target.observe(),
                self.outside.router.observe(),
                self._watching.look(self.past.rollout),
            )
        except Failure as failure:
            self.blind = self.outside.redact(str(failure))
            return None
        told = tuple(replace(i, why=self.outside.redact(i.why)) for i in instances)
        return Seen(instances=told, routing=routing, assessment=assessment)

    async def _wait(self, wait: Wait) -> None:
        left = wait.until - self.outside.clock.now()
        pause = min(left, LONGEST_WAIT, self.wanted.objectives.tick)
        await self.outside.clock.sleep(max(pause, timedelta(milliseconds=20)))

    async def _step(self, step: Step, made: Plan, seen: Seen | None) -> None:
        rollout = self.wanted.rollout
        if isinstance(step, TurnBack):
            body = {"because": step.because}
            self.journal.append("rollout.turned", rollout=rollout, body=dict(body), parent=made.parent)
            return
        if isinstance(step, Settle):
            await self._settle(step, made, seen)
            return
        began = self.journal.append(
            "step.began",
            rollout=rollout,
            body={"key": step.key, "text": step.text, "because": made.because},
            parent=made.parent,
        )
        assert seen is not None  # the planner performs nothing blindly
        ended = await self._performed(step, seen)
        ended = replace(ended, because=self.outside.redact(ended.because))
        self.journal.append(
            "step.ended",
            rollout=rollout,
            body=ended.as_body(step.key),
            result=ended.result,
            cause=(began.seq,),
            artifacts=ended.artifacts,
        )
        self.watch(Moment(wanted=self.wanted, past=self.past, seen=seen, plan=made, ended=(step, ended)))

    async def _settle(self, step: Settle, made: Plan, seen: Seen | None) -> None:
        weights: Json = {**seen.routing.weights} if seen else None
        self.journal.append(
            "rollout.settled",
            rollout=self.wanted.rollout,
            body={"outcome": step.outcome, "because": _reason(step, self.past), "weights": weights},
            artifacts=await self._start_log(),
            parent=made.parent,
        )

    async def _start_log(self) -> tuple[Artifact, ...]:
        """What the new revision's instances printed, as evidence; none when it cannot be had."""
        try:
            printed = await self.outside.logs.logs(self.wanted.new.name, LOG_LINES)
        except Failure:
            return ()
        text = "\n".join(f"── {name}\n" + "\n".join(lines) for name, lines in printed.items())
        path = f"deployments/{self.wanted.rollout}/instances.log"
        return (self.outside.artifacts.keep(path, text.encode() + b"\n", "text/plain"),) if printed else ()

    async def _performed(self, step: Step, seen: Seen) -> Performed:
        """Perform, unless an abort came in since the plan; one that arrives meanwhile cuts it short.

        What is left is the instant in which the effect itself happens: a shift that is being written when
        the abort becomes durable is finished, and taken back by the next plan.
        """
        going_back = self.past.rollout is not None and self.past.rollout.turn is not None
        if not going_back and self._abort_is_recorded():
            return Performed(result="unknown", because="not performed: an abort came first")
        work = asyncio.ensure_future(self._perform(step, seen))
        watcher = asyncio.ensure_future(self._abort_requested(going_back))
        try:
            await asyncio.wait(
                {work, watcher}, timeout=STEP_LIMIT.total_seconds(), return_when=asyncio.FIRST_COMPLETED
            )
            if not work.done():
                work.cancel()
                await asyncio.wait({work})
            return _ended(work)
        finally:
            work.cancel()
            watcher.cancel()

    async def _perform(self, step: Step, seen: Seen) -> Performed:
        if isinstance(step, Judge) and step.verdict:
            series = self._watching.record(self.past.rollout)
            return judged(step, step.verdict, seen.assessment, series, self.wanted.rollout, self.outside)
        return await perform(step, self.wanted, seen, self.smoke, self.outside)

    async def _abort_requested(self, going_back: bool) -> None:
        """Returns once an abort is in the ledger; never, when the rollout is going back already."""
        while True:
            await asyncio.sleep(ABORT_POLL.total_seconds())
            if not going_back and self._abort_is_recorded():
                return

    def _abort_is_recorded(self) -> bool:
        news = self.journal.ledger.read(self.wanted.environment.name, after=self.past.head)
        return any(record.draft.type == "abort.requested" for record in news)


def _ended(work: "asyncio.Future[Performed]") -> Performed:
    if work.cancelled():
        return Performed(result="unknown", because="it was cut short by an abort or by its time limit")
    return work.result()


def _reason(step: Settle, past: Past) -> str:
    turn = past.rollout.turn if past.rollout else None
    return f"{turn.because}: {step.because}" if turn else step.because
