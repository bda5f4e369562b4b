"""A clock that moves only when somebody sleeps; ids are numbers in order."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from golive.drivers.simulated.world import World

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class SimulatedClock:
    """Implements `controller.outside.Clock` on a `World`."""

    world: World
    ids: Iterator[int] = field(default_factory=itertools.count)
    boot: str = "simulated"

    def now(self) -> datetime:
        return self.world.now

    def mono_ns(self) -> int:
        return (self.world.now - EPOCH) // timedelta(microseconds=1) * 1000

    def new_id(self) -> str:
        return f"id-{next(self.ids)}"

    async def sleep(self, duration: timedelta) -> None:
        self.world.sleep(duration)
