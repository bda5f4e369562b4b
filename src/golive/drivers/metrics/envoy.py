"""What users' requests met, revision by revision, as Envoy counted it.

An interval counts from the first reading at or after the asked instant: one that began earlier would mix in
requests from before. Between two readings that lie far apart, as after a controller's death, there is one
long tick.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from golive.drivers.metrics.envoy_readings import parse, query, samples
from golive.drivers.metrics.envoy_store import Store
from golive.errors import Failure
from golive.judge.samples import Samples


class Admin(Protocol):
    """The way to Envoy's admin interface; `EnvoyRouter.admin` is one."""

    async def get(self, path: str) -> str:
        """The answer's text; `Failure` when there is none."""
        ...


def utc_now() -> datetime:
    return datetime.now(UTC)


class EnvoySamples:
    """Implements `judge.samples.SampleSource`: every reading looks at the counters once and keeps them."""

    def __init__(self, *, database: Path, admin: Admin, now: Callable[[], datetime] = utc_now) -> None:
        self.store = Store(database)
        self.admin = admin
        self.now = now

    async def read(self, revisions: Sequence[str], since: datetime) -> Samples:
        if not revisions:
            return Samples(bounds_ms=(), ticks=())
        at = self.now()  # before the question: what is counted after it belongs to the next tick
        try:
            readings = parse(await self.admin.get(query(revisions)), revisions, at)
            return await asyncio.to_thread(lambda: samples(self.store.exchange(readings, since)))
        except Failure as failure:
            return Samples(bounds_ms=(), ticks=(), note="; ".join(failure.lines()))
