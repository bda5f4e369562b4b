"""Placebo canaries by exercise: the same load on every instance of the live revision, measured one by one.

Instances are asked directly, past the router, so no user is rerouted and the router's counters stay users' own.
It shows how much instances differ under the same load; what users' retries do to each other it cannot show.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from golive.controller.site import Site
from golive.errors import Exit, Failure
from golive.evidence.record import Artifact
from golive.judge.probe import Request
from golive.judge.samples import BOUNDS_MS, Tick
from golive.judge.series import calibration_body
from golive.judge.terms import Calibration
from golive.release.revision import Revision

TICK = timedelta(seconds=1)


@dataclass
class _Counter:
    """What one instance answered since the last tick."""

    requests: int = 0
    errors: int = 0
    latency: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_MS) + 1))

    def tick(self, at: datetime, revision: str, instance: str) -> Tick:
        made = Tick(
            at=at,
            revision=revision,
            requests=self.requests,
            errors=self.errors,
            latency=tuple(self.latency),
            instance=instance,
        )
        self.requests = self.errors = 0
        self.latency = [0] * (len(BOUNDS_MS) + 1)
        return made


async def under_load(
    site: Site, *, duration: timedelta, rate: int, path: str, watch: Callable[[str], None]
) -> tuple[Tick, ...]:
    """A tick a second for each instance, under `rate` requests per second to each."""
    live = site.past().live
    instances = await site.outside.target.observe() if live else ()
    addresses = {
        f"instance-{i.index}": f"http://{i.endpoint}"
        for i in instances
        if live and i.revision == live.name and i.ready and i.endpoint
    }
    if live is None or len(addresses) < 2:
        raise _refused(site.environment, live, len(addresses))
    counters = {name: _Counter() for name in addresses}
    ticks: list[Tick] = []
    async with asyncio.TaskGroup() as group:
        senders = [
            group.create_task(_send(site, base + path, rate, counters[name])) for name, base in addresses.items()
        ]
        for second in range(round(duration / TICK)):
            await asyncio.sleep(TICK.total_seconds())
            now = site.outside.clock.now()
            ticks += [counter.tick(now, live.name, name) for name, counter in counters.items()]
            watch(f"{second + 1} of {round(duration / TICK)} s, {sum(t.requests for t in ticks)} requests")
        for sender in senders:
            sender.cancel()
    return tuple(ticks)


async def _send(site: Site, url: str, rate: int, counter: _Counter) -> None:
    """Requests at a steady pace; those that are late are not made up for."""
    async with asyncio.TaskGroup() as group:
        while True:
            group.create_task(_one(site, url, counter))
            await asyncio.sleep(1 / rate)


async def _one(site: Site, url: str, counter: _Counter) -> None:
    reply = await site.outside.prober.call(Request(method="GET", url=url))
    counter.requests += 1
    counter.errors += bool(reply.fault) or reply.code >= 500
    counter.latency[bisect_left(BOUNDS_MS, reply.elapsed_ms)] += 1


def keep(site: Site, calibration: Calibration, artifact: Artifact) -> None:
    """Record what was learned; deploys from now on judge by it."""
    site.journal().append(
        "judge.calibrated",
        body={"calibration": calibration_body(calibration), "by": site.actor.id},
        result="ok",
        artifacts=(artifact,),
    )


def _refused(environment: str, live: Revision | None, instances: int) -> Failure:
    return Failure(
        where=environment,
        what=f"{instances} instances of {live.name} are ready" if live else "no revision is live",
        why="a placebo canary is one instance judged against the others: it takes two, better four or more",
        next=f"golive deploy --env {environment}, with instances: 4",
        code=Exit.WAITING,
    )
