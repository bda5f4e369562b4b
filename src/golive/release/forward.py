"""The way to the new revision: stage by stage, each a promise kept before the next weight."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from golive.judge.decision import Stand, judge
from golive.judge.samples import Event
from golive.judge.terms import Terms
from golive.judge.verdict import Answer, Then, Verdict
from golive.release.capacity import provide, reduce
from golive.release.past import Past, Rollout
from golive.release.sight import Seen
from golive.release.stages import Stage
from golive.release.steps import Confirm, Judge, RunHook, Settle, Shift, Smoke, Step, Wait
from golive.release.wanted import Wanted

SHORTEST_WATCH = timedelta(seconds=10)
LOOK_AGAIN = timedelta(seconds=1)  # how soon an undecided judge is asked again
FRESH = timedelta(seconds=30)  # a PASS older than this does not raise a weight


def forward(wanted: Wanted, seen: Seen, past: Past, rollout: Rollout, now: datetime) -> Iterator[Step | Wait]:
    """Everything that is left until the new revision is live and the environment tidy."""
    reached = seen.weight(wanted.new)
    early = _clearly_bad(wanted, reached, seen, rollout, now)
    if early:
        yield early
        return
    yield from _hooks(wanted, rollout, "before")
    yield from _baseline(wanted, seen, rollout, now)
    for number, stage in enumerate(wanted.stages):
        if reached <= stage.weight:
            yield from _stage(wanted, number, seen, rollout, now)
    last_smoke = Smoke(revision=wanted.new, marked=False)
    if wanted.smoke and not rollout.done(last_smoke.key):
        yield last_smoke
    yield from _hooks(wanted, rollout, "after")
    yield from _tidy(wanted, seen, past)
    yield Settle(outcome="succeeded", because=f"{wanted.new.name} has all traffic")


def verdict(wanted: Wanted, stage: Stage, seen: Seen, rollout: Rollout, now: datetime) -> Verdict:
    """What the judge says of a stage now; before the soak is over it passes only what is proven."""
    since = shifted_at(wanted, stage, rollout)
    stand = Stand(weight=stage.weight, since=since, soak=stage.soak, now=now)
    return judge(seen.assessment, terms(wanted), stand)


def terms(wanted: Wanted) -> Terms:
    """What the judge holds the new revision to; the watch is planned to last as long as all soaks together."""
    planned = sum((stage.soak for stage in wanted.stages if stage.judged), timedelta(0))
    metrics = wanted.environment.metrics
    slowest = metrics.step if metrics else timedelta(0)
    return Terms(
        new=wanted.new.name,
        old=wanted.old.name if wanted.old else None,
        objectives=replace(wanted.objectives, tick=max(wanted.objectives.tick, slowest)),
        judging=wanted.judging,
        calibration=wanted.calibration,
        horizon=max(planned, SHORTEST_WATCH),
    )


def weights(wanted: Wanted, rollout: Rollout) -> tuple[Event, ...]:
    """Every weight that the new revision was given, in order of time."""
    found = []
    for number, stage in enumerate(wanted.stages):
        at = shifted_at(wanted, stage, rollout)
        if at is not None:
            fresh = number == 0 or stage.new > wanted.stages[number - 1].new
            found.append(Event(at=at, weight=stage.weight, fresh=fresh, soak=stage.soak))
    return tuple(sorted(found, key=lambda event: event.at))


def shifted_at(wanted: Wanted, stage: Stage, rollout: Rollout) -> datetime | None:
    """When the new revision got the stage's weight; None when no record says so."""
    shift = Shift(new=wanted.new, old=wanted.old, weight=stage.weight)
    ended = rollout.last(shift.key)
    return ended.at if ended and ended.result != "failed" else None


def _clearly_bad(wanted: Wanted, reached: int, seen: Seen, rollout: Rollout, now: datetime) -> Judge | None:
    """A failing verdict ends a judged stage at once, whatever else it waits for."""
    for number, stage in enumerate(wanted.stages):
        if stage.judged and stage.weight == reached:
            found = verdict(wanted, stage, seen, rollout, now)
            if found.answer is Answer.FAIL:
                return Judge(stage=number, weight=stage.weight, verdict=found)
    return None


def _baseline(wanted: Wanted, seen: Seen, rollout: Rollout, now: datetime) -> Iterator[Step | Wait]:
    """After a reboot nothing has traffic: the live revision gets it back before anything new happens."""
    if wanted.old and not seen.routing.weights:
        yield from provide(wanted.old, wanted.environment.instances, seen, rollout, now)
        yield Shift(new=wanted.new, old=wanted.old, weight=0)


def _hooks(wanted: Wanted, rollout: Rollout, when: str) -> Iterator[Step]:
    hooks = wanted.environment.before if when == "before" else wanted.environment.after
    for hook in hooks if wanted.kind == "deploy" else ():
        step = RunHook(when="before" if when == "before" else "after", name=hook.name)
        if not rollout.done(step.key):
            yield step


def _stage(wanted: Wanted, number: int, seen: Seen, rollout: Rollout, now: datetime) -> Iterator[Step | Wait]:
    stage = wanted.stages[number]
    yield from provide(wanted.new, stage.new, seen, rollout, now)
    if seen.weight(wanted.new) < stage.weight:
        yield from _before_weight(wanted, number, seen, rollout, now)
        yield Shift(new=wanted.new, old=wanted.old, weight=stage.weight)
    if wanted.old and stage.old < wanted.environment.instances:
        yield from reduce(wanted.old, stage.old, seen)
    if stage.soak and not _early(wanted, number, seen, rollout, now):
        yield from _soak(wanted, stage, rollout, now)
    if stage.judged:
        yield from _judged(wanted, number, seen, rollout, now)


def _before_weight(
    wanted: Wanted, number: int, seen: Seen, rollout: Rollout, now: datetime
) -> Iterator[Step | Wait]:
    smoke = Smoke(revision=wanted.new, marked=True)
    if number == 0 and wanted.smoke and wanted.kind == "deploy" and not rollout.done(smoke.key):
        yield smoke
    if wanted.approval and not seen.weight(wanted.new):
        confirm = Confirm(revision=wanted.new)
        ended = rollout.last(confirm.key)
        if ended is None or ended.result != "ok" or now - ended.at > FRESH:
            yield confirm


def _early(wanted: Wanted, number: int, seen: Seen, rollout: Rollout, now: datetime) -> bool:
    """Whether the rest of the soak is not needed: the new revision is proven not worse."""
    stage = wanted.stages[number]
    since = shifted_at(wanted, stage, rollout)
    if not stage.judged or since is None or seen.weight(wanted.new) != stage.weight:
        return False
    passed = rollout.passed(Judge(stage=number, weight=stage.weight, verdict=None).key)
    if passed is not None and passed.at >= since:
        return True
    return verdict(wanted, stage, seen, rollout, now).answer is Answer.PASS


def _soak(wanted: Wanted, stage: Stage, rollout: Rollout, now: datetime) -> Iterator[Wait]:
    since = shifted_at(wanted, stage, rollout) or now
    if now < since + stage.soak:
        yield Wait(
            on="soak",
            why=f"{wanted.new.name} soaks at {stage.weight} % for {stage.soak.total_seconds():g} s",
            until=since + stage.soak,
        )


def _judged(wanted: Wanted, number: int, seen: Seen, rollout: Rollout, now: datetime) -> Iterator[Step | Wait]:
    """A PASS, a person's word where the stage asks for it, and a PASS that is still fresh after that."""
    stage = wanted.stages[number]
    since = shifted_at(wanted, stage, rollout) or now
    granted = any(at >= since for at in rollout.promoted)
    passed = rollout.passed(Judge(stage=number, weight=stage.weight, verdict=None).key)
    if passed is None or passed.at < since:
        yield from _conclude(wanted, number, seen, rollout, now, granted=granted)
    if stage.ask and not granted:
        yield Wait(
            on="person",
            why=f"a person decides at {stage.weight} %: golive promote --env {wanted.environment.name}",
            until=wanted.deadline,
        )
    if passed and passed.at >= since and now - passed.at > FRESH and seen.weight(wanted.new) < 100:
        yield from _conclude(wanted, number, seen, rollout, now, granted=granted)


def _conclude(
    wanted: Wanted, number: int, seen: Seen, rollout: Rollout, now: datetime, *, granted: bool
) -> Iterator[Step | Wait]:
    stage = wanted.stages[number]
    found = verdict(wanted, stage, seen, rollout, now)
    if found.answer is not Answer.INCONCLUSIVE:
        yield Judge(stage=number, weight=stage.weight, verdict=found)
        return
    if granted and _then(wanted, found) == "ask":
        told = Verdict(answer=Answer.PASS, because=f"a person promoted it; {found.because}")
        yield Judge(stage=number, weight=stage.weight, verdict=told)
        return
    yield from _hold(wanted, number, found, rollout, now)


def _hold(wanted: Wanted, number: int, found: Verdict, rollout: Rollout, now: datetime) -> Iterator[Step | Wait]:
    """An inconclusive verdict holds for the objective's patience; then it fails or asks, never loops."""
    stage = wanted.stages[number]
    since = shifted_at(wanted, stage, rollout) or now
    limit = since + stage.soak + (timedelta(0) if found.then else wanted.objectives.patience)
    if now < limit:
        yield Wait(on="traffic", why=found.because, until=min(limit, now + LOOK_AGAIN))
    elif _then(wanted, found) == "ask":
        why = f"{found.because}; a person decides: golive promote --env {wanted.environment.name}"
        yield Wait(on="person", why=why, until=wanted.deadline)
    else:
        failed = Verdict(answer=Answer.FAIL, because=f"still undecided after {limit - since}: {found.because}")
        yield Judge(stage=number, weight=stage.weight, verdict=failed)


def _then(wanted: Wanted, found: Verdict) -> Then:
    """What follows when the verdict stays open."""
    return found.then or wanted.objectives.no_data


def _tidy(wanted: Wanted, seen: Seen, past: Past) -> Iterator[Step]:
    """Stop what is neither live nor on standby, and what is more than the wanted size."""
    yield from reduce(wanted.new, wanted.environment.instances, seen)
    for name in sorted(seen.names() - {wanted.new.name} - set(wanted.standby)):
        if name in past.revisions and not seen.routing.weights.get(name):
            yield from reduce(past.revisions[name], 0, seen)
