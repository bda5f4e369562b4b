"""The proof of a dashboard: faults are planted under names of the drill's own, and each query must see them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from golive.controller.alarms import PAUSE, Clock
from golive.errors import Failure
from golive.slo.chain import Engine
from golive.slo.dashboards import Looked, Query, Values, hole
from golive.slo.plants import both_sides
from golive.slo.rehearsal import series_of
from golive.slo.rulebook import RuleBook
from golive.slo.series import Series


@dataclass(frozen=True, kw_only=True)
class PanelProof:
    """All queries of a dashboard at once. `patience`: recordings of made-up services need an evaluation or two."""

    book: RuleBook
    environment: str
    marker: str
    engine: Engine
    queries: Sequence[Query]
    clock: Clock
    patience: timedelta
    tell: Callable[[str], None]
    control: Query  # one that cannot move: asked once, at the end
    pairs: list[tuple[str, str]] = field(default_factory=list)  # services with a fault, and without

    async def run(self) -> tuple[Looked, ...]:
        """What each query gave, asked again until it is well or patience ends."""
        await self.engine.loaded()  # an engine that is away is told before anything is planted
        began = self.clock.now()
        series = self._series(began)
        found: dict[Query, Looked] = {}
        try:
            self.tell(f"planting {2 * len(self.pairs)} made-up services")
            await self.engine.write(series)
            while True:
                for query in self.queries:
                    if query not in found or hole(found[query]):
                        found[query] = await self._looked(query)
                well = sum(not hole(looked) for looked in found.values())
                self.tell(f"{well} of {len(self.queries)} queries have data and move")
                if well == len(self.queries) or self.clock.now() - began > self.patience:
                    return (*(found[query] for query in self.queries), await self._looked(self.control))
                await asyncio.sleep(PAUSE.total_seconds())
        finally:
            await self.engine.write(self._gone(series))

    def _series(self, at: datetime) -> list[Series]:
        found = list[Series]()
        for number, alert in enumerate(self.book.alerts):
            name = f"{self.book.service}-drill-{self.marker}"
            services = (f"{name}-{2 * number}", f"{name}-{2 * number + 1}")
            self.pairs.append(services)
            plants = both_sides(alert, self.book.observe, self.book.by_name)
            for service, plant in zip(services, plants, strict=True):
                found += series_of(plant, self._where(service), at)
        return found

    def _where(self, service: str) -> dict[str, str]:
        names = self.book.observe.vocabulary
        return {names.service: service, names.environment: self.environment}

    async def _looked(self, query: Query) -> Looked:
        at = self.clock.now()  # one moment for all: what only grows older would move by itself
        try:
            real = await self._values(query, self.book.service, at)
            pairs = list[tuple[Values, Values]]()
            for faulty, well in self.pairs:
                pairs.append((await self._values(query, faulty, at), await self._values(query, well, at)))
                if hole(Looked(query=query, real=real or (0.0,), pairs=pairs)) == "":
                    break
            return Looked(query=query, real=real, pairs=pairs)
        except Failure as failure:
            return Looked(query=query, real=(), pairs=(), error=failure.why)

    async def _values(self, query: Query, service: str, at: datetime) -> Values:
        return await self.engine.values(query.about(service, self.environment), at)

    def _gone(self, series: Sequence[Series]) -> list[Series]:
        now_ms = round(self.clock.now().timestamp() * 1000) + 1
        return [Series(labels=one.labels, times_ms=(now_ms,), values=(float("nan"),)) for one in series]
