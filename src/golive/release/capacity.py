"""Getting instances of a revision ready behind the router, and taking them away again."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from golive.release.past import Rollout
from golive.release.revision import Revision
from golive.release.sight import Seen
from golive.release.steps import Attach, Narrow, Prepare, Start, Step, Stop, Wait

LOOK_AGAIN = timedelta(milliseconds=100)  # how soon readiness is looked at again


def provide(revision: Revision, size: int, seen: Seen, rollout: Rollout, now: datetime) -> Iterator[Step | Wait]:
    """What is missing until `size` instances are ready and healthy behind the router."""
    present = [i for i in seen.of(revision, size) if i.phase in ("starting", "running")]
    if len(present) < size:
        prepare = Prepare(revision=revision)
        if not rollout.done(prepare.key):
            yield prepare
        yield Start(revision=revision, instances=size)
    ready = seen.ready(revision, size)
    if len(ready) < size:
        yield Wait(on="health", why=_unready(revision, size, seen), until=now + LOOK_AGAIN)
    pool = seen.pool(revision)
    behind = seen.endpoints(revision, size)
    if not behind <= pool.endpoints or len(pool.endpoints) < size or not pool.endpoints <= _alive(revision, seen):
        yield Attach(revision=revision, endpoints=behind)
    if pool.healthy < size:
        yield Wait(
            on="router",
            why=f"{pool.healthy} of {size} of {revision.name} are healthy behind the router",
            until=now + LOOK_AGAIN,
        )


def reduce(revision: Revision, keep: int, seen: Seen) -> Iterator[Step]:
    """What remains until only the first `keep` instances exist: out of the router first, then stopped."""
    kept = seen.endpoints(revision, keep)
    if seen.pool(revision).endpoints - kept or (not keep and revision.name in seen.routing.pools):
        yield Narrow(revision=revision, endpoints=kept)
    if any(i.index >= keep for i in seen.of(revision)):
        yield Stop(revision=revision, keep=keep)


def _alive(revision: Revision, seen: Seen) -> frozenset[object]:
    return frozenset(i.endpoint for i in seen.of(revision) if i.endpoint)


def _unready(revision: Revision, size: int, seen: Seen) -> str:
    ready = len(seen.ready(revision, size))
    reasons = [i.why for i in seen.of(revision, size) if not i.ready and i.why]
    text = f"{ready} of {size} of {revision.name} are ready"
    return f"{text} ({reasons[0]})" if reasons else text
