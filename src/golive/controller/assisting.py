"""`judge.assist: load`: golive's own requests, the same to both revisions, when users' are too few to decide.

They carry the header that reaches one revision, so the router counts them apart from users' and no user is
rerouted; what came back is counted here. Each revision gets the same number in every tick, in turn.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from golive.controller.outside import Outside
from golive.judge.probe import Request
from golive.judge.samples import Samples, Tick
from golive.release.wanted import Wanted

MOST_OPEN = 64  # requests at a time
MOST_KEPT = 100_000  # answers between two looks


def joined(users: Samples, own: Sequence["Answered"], at: datetime) -> Samples:
    """Users' ticks, and after them one of golive's own load for each revision, in the same buckets."""
    at = max((tick.at for tick in users.ticks), default=at)
    ticks = [
        _tick([a for a in own if a.revision == name], name, users.bounds_ms, at)
        for name in sorted({answered.revision for answered in own})
    ]
    return replace(users, ticks=(*users.ticks, *ticks))


@dataclass(frozen=True)
class Answered:
    """One request of golive's own, and how it ended."""

    revision: str
    bad: bool
    elapsed_ms: int


def _tick(own: Sequence[Answered], revision: str, bounds_ms: Sequence[int], at: datetime) -> Tick:
    latency = [0] * (len(bounds_ms) + 1)
    for answered in own if bounds_ms else ():
        latency[bisect_left(bounds_ms, answered.elapsed_ms)] += 1
    return Tick(
        at=at,
        revision=revision,
        requests=len(own),
        errors=sum(answered.bad for answered in own),
        latency=tuple(latency) if bounds_ms else (),
        synthetic=True,
    )


class Assistant:
    """Sends while a stage is judged and both revisions serve; does nothing where it is not asked for."""

    def __init__(self, wanted: Wanted, outside: Outside) -> None:
        self._wanted, self._outside = wanted, outside
        self._answered: list[Answered] = []
        self._sender: asyncio.Task[None] | None = None

    @property
    def wished(self) -> bool:
        judging = self._wanted.judging
        return judging.assist == "load" and self._wanted.old is not None

    async def take(self, weight: int) -> tuple[Answered, ...]:
        """What was answered since the last call; starts sending at the first."""
        if not self.wished or not 0 < weight < 100:
            await self.stop()
            return ()
        if self._sender is None or self._sender.done():
            await self.stop()
            self._sender = asyncio.ensure_future(self._send())
        answered, self._answered = tuple(self._answered), []
        return answered

    async def stop(self) -> None:
        if self._sender:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)  # how it ended changes nothing
            self._sender = None

    async def _send(self) -> None:
        """Pairs of requests at a steady pace; late ones are not made up for."""
        routing = await self._outside.router.observe()
        names = [r.name for r in (self._wanted.new, self._wanted.old) if r]
        if not routing.header or not routing.entry:
            return
        pause, open_ = 1 / self._wanted.judging.assist_rate, asyncio.Semaphore(MOST_OPEN)
        async with asyncio.TaskGroup() as group:
            for turn in count():
                for name in names if turn % 2 else reversed(names):
                    await open_.acquire()
                    group.create_task(self._one(routing.entry, (routing.header, name), open_))
                await asyncio.sleep(pause)

    async def _one(self, entry: str, header: tuple[str, str], open_: asyncio.Semaphore) -> None:
        try:
            path = self._wanted.judging.assist_path
            reply = await self._outside.prober.call(
                Request(method="GET", url=entry + path, headers=dict([header]))
            )
            bad = bool(reply.fault) or reply.code >= 500
            if len(self._answered) < MOST_KEPT:
                self._answered.append(Answered(header[1], bad, reply.elapsed_ms))
        finally:
            open_.release()
