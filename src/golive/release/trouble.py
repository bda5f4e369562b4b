"""Reasons to turn back, found by looking: the first one counts."""

from collections.abc import Iterator
from datetime import datetime

from golive.release.past import Rollout
from golive.release.sight import Seen
from golive.release.wanted import Wanted

MOST_TRIES = 3  # of one step, before the rollout turns back


def trouble(wanted: Wanted, seen: Seen, rollout: Rollout, now: datetime) -> str:
    """Why the rollout cannot go on, or ""."""
    return next(_reasons(wanted, seen, rollout, now), "")


def _reasons(wanted: Wanted, seen: Seen, rollout: Rollout, now: datetime) -> Iterator[str]:
    if now > wanted.deadline:
        yield f"the rollout did not finish before its deadline, {wanted.deadline:%H:%M:%S} UTC"
    for ended in rollout.ended:
        if rollout.failures(ended.key, going_back=False) >= MOST_TRIES:
            yield f"{ended.key}: failed {MOST_TRIES} times: {ended.because}"
    yield from _interrupted_hooks(wanted, rollout)
    yield from _sick_instances(wanted, seen, now)


def _interrupted_hooks(wanted: Wanted, rollout: Rollout) -> Iterator[str]:
    for when, hooks in (("before", wanted.environment.before), ("after", wanted.environment.after)):
        for hook in hooks:
            ended = rollout.last(f"hook {when} {hook.name}")
            if ended and ended.result == "unknown" and not hook.repeatable:
                yield f"hook {hook.name} was interrupted, and it is not known how far it came"


def _sick_instances(wanted: Wanted, seen: Seen, now: datetime) -> Iterator[str]:
    """A candidate that fails to start, is not ready in time, or loses readiness while it has traffic."""
    short = seen.pool(wanted.new).healthy < _needed(wanted, seen)
    for instance in seen.of(wanted.new):
        name = f"instance {instance.index} of {wanted.new.name}"
        if instance.phase == "failed":
            yield f"{name} failed: {instance.why}"
        elif not instance.ready and now - instance.started_at > wanted.grace:
            yield f"{name} was not ready within {wanted.grace.total_seconds():g} s: {instance.why}"
        elif not instance.ready and short:
            yield f"{name} lost readiness while it had traffic: {instance.why}"


def _needed(wanted: Wanted, seen: Seen) -> int:
    """How many instances the weight that was reached was given on."""
    reached = seen.weight(wanted.new)
    return max((stage.new for stage in wanted.stages if reached and stage.weight <= reached), default=0)
