"""The way back: all traffic on the old revision, then the new one stopped, then settled.

The old revision is brought to full size before it takes everything; when that is not possible in time,
whatever of it is ready takes the traffic all the same, because the new revision was found bad.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from golive.release.capacity import provide, reduce
from golive.release.past import Past, Rollout
from golive.release.revision import Revision
from golive.release.sight import Seen
from golive.release.steps import Settle, Shift, Step, Wait
from golive.release.wanted import Wanted

MOST_TRIES = 5  # of one step on the way back, before a person is called
FULL_SIZE_PATIENCE = timedelta(seconds=60)  # how long full size of the old revision is waited for


def backward(wanted: Wanted, seen: Seen, past: Past, rollout: Rollout, now: datetime) -> Iterator[Step | Wait]:
    """Everything that is left until the old revision has all traffic again."""
    stuck = _stuck(rollout)
    if stuck:
        yield Settle(outcome="needs_human", because=stuck)
        return
    if wanted.old is None and past.live == wanted.new:
        yield Settle(outcome="failed_safe", because="the live revision keeps its traffic")
        return
    if wanted.old is None:
        yield from _withdraw(wanted, seen)
    else:
        yield from _return(wanted, wanted.old, seen, rollout, now)


def _withdraw(wanted: Wanted, seen: Seen) -> Iterator[Step | Wait]:
    """A first release that failed: no revision has traffic, the front door says so."""
    if seen.weight(wanted.new):
        yield Shift(new=wanted.new, old=None, weight=0)
    yield from reduce(wanted.new, 0, seen)
    yield Settle(outcome="failed_safe", because="no revision is live: the first release failed")


def _return(wanted: Wanted, old: Revision, seen: Seen, rollout: Rollout, now: datetime) -> Iterator[Step | Wait]:
    if seen.weight(old) < 100:
        if not _good_enough(old, seen, rollout, now):
            yield from provide(old, wanted.environment.instances, seen, rollout, now)
        yield Shift(new=wanted.new, old=old, weight=0)
    yield from reduce(wanted.new, 0, seen)
    if not _good_enough(old, seen, rollout, now):
        yield from provide(old, wanted.environment.instances, seen, rollout, now)
    yield Settle(outcome="rolled_back", because=f"{old.name} has all traffic again")


def _good_enough(old: Revision, seen: Seen, rollout: Rollout, now: datetime) -> bool:
    """Patience for full size is over, and something of the old revision is ready."""
    late = rollout.turn is not None and now - rollout.turn.at > FULL_SIZE_PATIENCE
    return late and bool(seen.ready(old)) and seen.pool(old).healthy > 0


def _stuck(rollout: Rollout) -> str:
    for ended in rollout.ended:
        if ended.going_back and rollout.failures(ended.key, going_back=True) >= MOST_TRIES:
            return f"{ended.key}: failed {MOST_TRIES} times on the way back: {ended.because}"
    return ""
