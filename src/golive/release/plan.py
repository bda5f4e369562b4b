"""The planner: what is wanted, seen and recorded, and the time → what remains to be done.

`plan` is pure and is called again after every single step; nobody follows an old plan. Resuming after a
crash is therefore not a case of its own: whoever calls next sees the world as it is. Its rules:

- A revision gets weight only when enough of its instances are ready and healthy behind the router.
- The weight rises only after a fresh PASS: of the judge where the stage is judged, else of health and smoke.
- The old revision keeps its size until a stage says otherwise; traffic never has less than full capacity.
- Once a rollout has turned (abort, failed verdict, fault, deadline) it only plans the way back.
- Waiting has an end, trying again has a limit: every rollout settles.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from golive.release.back import backward
from golive.release.forward import forward
from golive.release.past import Past, Rollout, Turn
from golive.release.sight import Seen
from golive.release.steps import Settle, Step, TurnBack, Wait
from golive.release.trouble import trouble
from golive.release.wanted import Wanted

RETRY_PAUSE = timedelta(seconds=1)  # between two tries of the same step
BLIND_PAUSE = timedelta(seconds=1)  # between two looks when the world cannot be seen


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What remains. Perform `steps[0]` unless `waiting_on` says to look again first.

    `steps` after the first are a forecast: they are planned anew once it is done. `parent` is the record
    that the plan was made after; an intent with another parent is refused by the ledger.
    """

    steps: tuple[Step | Wait, ...]
    because: str
    waiting_on: Wait | None
    parent: int


def plan(wanted: Wanted, seen: Seen | None, past: Past, now: datetime) -> Plan:
    """Plan from here. `seen` is None when the world could not be observed; empty steps mean settled."""
    if past.rollout is None:
        return Plan(steps=(), because="nothing is under way", waiting_on=None, parent=past.head)
    steps = tuple(_remaining(wanted, seen, past, past.rollout, now))
    steps = _paced(steps, past.rollout, now)
    head = steps[0]
    return Plan(
        steps=steps,
        because=past.rollout.turn.because if past.rollout.turn else "on the way to the new revision",
        waiting_on=head if isinstance(head, Wait) else None,
        parent=past.head,
    )


def _remaining(
    wanted: Wanted, seen: Seen | None, past: Past, rollout: Rollout, now: datetime
) -> Iterator[Step | Wait]:
    limit = wanted.environment.deadline
    if rollout.turn and now - rollout.turn.at > limit:
        yield Settle(outcome="needs_human", because=f"the way back took longer than {limit}")
    elif seen is None:
        yield from _blind(wanted, rollout, now)
    elif rollout.turn:
        yield from backward(wanted, seen, past, rollout, now)
    elif reason := trouble(wanted, seen, rollout, now):
        turned = replace(rollout, turn=Turn(because=reason, at=now, seq=past.head))
        yield TurnBack(because=reason)
        yield from backward(wanted, seen, past, turned, now)
    else:
        yield from forward(wanted, seen, past, rollout, now)


def _blind(wanted: Wanted, rollout: Rollout, now: datetime) -> Iterator[Step | Wait]:
    if rollout.turn is None and now > wanted.deadline:
        yield TurnBack(because="the deadline passed while the environment could not be observed")
    yield Wait(on="sight", why="the environment cannot be observed", until=now + BLIND_PAUSE)


def _paced(steps: tuple[Step | Wait, ...], rollout: Rollout, now: datetime) -> tuple[Step | Wait, ...]:
    """Put a pause before a step that was tried a moment ago: its effect may only be on its way."""
    head = steps[0]
    last = None if isinstance(head, Wait) else rollout.last(head.key)
    if last is None or last.result == "unknown" or now - last.at >= RETRY_PAUSE:
        return steps
    why = f"{last.key} failed: {last.because}" if last.result == "failed" else f"{last.key} takes effect"
    return (Wait(on="retry", why=why, until=last.at + RETRY_PAUSE), *steps)
