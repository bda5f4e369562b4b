"""The drill of all alerts: plant, watch each on its way to a person, end it, and take the drill away."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from golive.errors import Failure
from golive.slo.alerts import Alert
from golive.slo.chain import Engine, Notifying, Pager, Seen, Switchboard, Told, told
from golive.slo.plants import Plant, both_sides
from golive.slo.promql import text
from golive.slo.rehearsal import series_of
from golive.slo.rulebook import RuleBook
from golive.slo.series import Series
from golive.spec.observed import Severity

PAUSE = timedelta(milliseconds=200)
READY = timedelta(seconds=15)  # after a start or reload Prometheus knows no Alertmanager for some seconds


class Clock(Protocol):
    def now(self) -> datetime: ...


@dataclass(frozen=True, kw_only=True)
class Ways:
    """What alerts go through. `receivers` are names in Alertmanager."""

    engine: Engine
    switchboard: Switchboard
    pagers: Mapping[Severity, Pager]
    receivers: Mapping[Severity, str]
    patience: timedelta  # for all to arrive, and again for all to end


@dataclass
class Drilled:
    """One alert in its drill: a service that must raise it, and one that must not."""

    alert: Alert
    above: str
    below: str
    plants: tuple[Plant, Plant]
    seen: Seen


@dataclass(frozen=True, kw_only=True)
class Drill:
    """All alerts of a service, at once."""

    book: RuleBook
    environment: str
    marker: str  # hexadecimal, never used before
    ways: Ways
    clock: Clock
    tell: Callable[[str], None]
    drilled: list[Drilled] = field(default_factory=list)

    async def run(self) -> tuple[tuple[Alert, Seen, Told], ...]:
        """Every alert with what was seen, and where its way ended. The drill's series are ended in any case."""
        self._prepare()
        before = await self._ready()
        failed_before = await self.ways.switchboard.undelivered()
        began = self.clock.now()
        try:
            self.tell(f"planting {2 * len(self.drilled)} made-up services")
            await self.ways.engine.write(self._series(began))
            await self._until("arrived", began, self._look, lambda d: d.seen.arrived is not None)
            await self._controls()
            await self._explain(before, failed_before)
            await self._recover()
        finally:
            await self.ways.engine.write(self._gone(began))
        return tuple((one.alert, one.seen, told(one.seen)) for one in self.drilled)

    def _prepare(self) -> None:
        book = self.book
        for number, alert in enumerate(book.alerts):
            plants = both_sides(alert, book.observe, book.by_name)
            name = f"{book.service}-drill-{self.marker}"
            receiver, pager = self.ways.receivers.get(alert.severity, ""), self.ways.pagers.get(alert.severity)
            seen = Seen(
                alert=alert.name,
                receiver=receiver,
                expected=text(alert.of),
                recovers=any(one.recovery for one in plants[0].series) and (pager is None or pager.tells_end),
            )
            above, below = f"{name}-{2 * number}", f"{name}-{2 * number + 1}"
            self.drilled.append(Drilled(alert=alert, above=above, below=below, plants=plants, seen=seen))

    async def _ready(self) -> Notifying:
        rules = await self.ways.engine.loaded()
        for one in self.drilled:
            one.seen.loaded = rules.get(one.alert.name)
        began = self.clock.now()
        while not (found := await self.ways.engine.notifying()).switchboards:
            if self.clock.now() - began > READY:
                break
            await asyncio.sleep(PAUSE.total_seconds())
        return found

    def _series(self, at: datetime) -> list[Series]:
        found = list[Series]()
        for one in self.drilled:
            for service, plant in zip((one.above, one.below), one.plants, strict=True):
                found += series_of(plant, self._where(service), at)
        return found

    def _where(self, service: str) -> dict[str, str]:
        names = self.book.observe.vocabulary
        return {names.service: service, names.environment: self.environment}

    async def _until(
        self,
        word: str,
        began: datetime,
        look: "Callable[[Sequence[Drilled], datetime], object]",
        done: Callable[[Drilled], bool],
    ) -> None:
        while True:
            waiting = [one for one in self.drilled if one.seen.loaded and not done(one)]
            self.tell(f"{len(self.drilled) - len(waiting)} of {len(self.drilled)} {word}")
            if not waiting or self.clock.now() - began > self.ways.patience:
                return
            await look(waiting, began)  # type: ignore[misc]
            await asyncio.sleep(PAUSE.total_seconds())

    async def _look(self, waiting: Sequence[Drilled], began: datetime) -> None:
        services = {one.above for one in waiting}
        firing = await self.ways.engine.firing(services)
        routed = {(r.alert, r.service): r for r in await self.ways.switchboard.routed(services)}
        for one in waiting:
            key = (one.alert.name, one.above)
            after = self.clock.now() - began
            if key in firing and one.seen.fired is None:
                one.seen.fired = after
            if key in routed:
                one.seen.routed = routed[key]
                one.seen.routed_after = one.seen.routed_after or after
                if await self._has(one, "firing"):
                    one.seen.arrived = self.clock.now() - began
                    one.seen.fired = one.seen.fired or after

    async def _has(self, one: Drilled, state: str) -> bool:
        pager = self.ways.pagers.get(one.alert.severity)
        if pager is None:
            return False
        try:
            arrived = await pager.arrived(one.above)
        except Failure as failure:  # a receiver that is away is what a drill is to find
            one.seen.deaf = f"{failure.where}: {failure.why}"
            return False
        return bool({(one.alert.name, state), ("*", state)} & arrived)

    async def _controls(self) -> None:
        firing = await self.ways.engine.firing({one.below for one in self.drilled})
        for one in self.drilled:
            one.seen.control_fired = (one.alert.name, one.below) in firing

    async def _explain(self, before: Notifying, failed_before: Mapping[str, int]) -> None:
        after, failed = await self.ways.engine.notifying(), await self.ways.switchboard.undelivered()
        rules = await self.ways.engine.loaded()
        for one in self.drilled:
            one.seen.loaded = rules.get(one.alert.name)
            one.seen.switchboards = after.switchboards
            one.seen.dropped = after.dropped - before.dropped
            one.seen.undelivered = {kind: count - failed_before.get(kind, 0) for kind, count in failed.items()}

    async def _recover(self) -> None:
        began = self.clock.now()
        arrived = [one for one in self.drilled if one.seen.arrived is not None and one.seen.recovers]
        await self.ways.engine.write([s for one in arrived for s in self._ends(one, began)])

        async def look(waiting: Sequence[Drilled], since: datetime) -> None:
            for one in waiting:
                if await self._has(one, "resolved"):
                    one.seen.resolved = self.clock.now() - since

        await self._until("ended", began, look, lambda one: one not in arrived or one.seen.resolved is not None)

    def _ends(self, one: Drilled, at: datetime) -> list[Series]:
        end_ms = round(at.timestamp() * 1000)
        planted = one.plants[0].series
        found = list[Series]()
        for series, plant in zip(series_of(one.plants[0], self._where(one.above), at), planted, strict=True):
            count = len(plant.recovery)
            times = tuple(end_ms - count + 1 + n for n in range(count))
            if count:
                found.append(replace(series, times_ms=times, values=plant.recovery))
        return found

    def _gone(self, began: datetime) -> list[Series]:
        now_ms = round(self.clock.now().timestamp() * 1000) + 1
        return [replace(one, times_ms=(now_ms,), values=(float("nan"),)) for one in self._series(began)]
