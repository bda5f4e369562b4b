"""golive's own lookout as the engine of rules and as the switchboard.

The lookout is another process; nothing here evaluates an alert. Only `values`, for dashboards, is computed here.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from golive.errors import Exit, Failure
from golive.slo.chain import Loaded, Notifying, Routed
from golive.slo.evaluate import Store, evaluate
from golive.slo.firing import Firing, Watched
from golive.slo.parse import parse
from golive.slo.promql import Expression
from golive.slo.series import Labels, Series


@dataclass(frozen=True, kw_only=True)
class LookoutEngine:
    """Implements `Engine`, `History` and `Switchboard` of `slo.chain`. `label` is the one with the service's name.

    `receivers` tells for each alert by which name its receiver goes, "" for none; `store` is made anew for each
    question, `plant` keeps samples where the lookout reads them.
    """

    environment: str
    label: str
    load: Callable[[], Watched]
    plant: Callable[[Sequence[Series]], None]
    store: Callable[[], Store]
    receivers: Mapping[str, str]
    now_ms: Callable[[], int]

    async def write(self, series: Sequence[Series]) -> None:
        await asyncio.to_thread(self.plant, series)

    async def loaded(self) -> Mapping[str, Loaded]:
        watched = self._watched()
        return {
            name: Loaded(query=query, error=watched.failing.get(name, "")) for name, query in watched.rules.items()
        }

    async def firing(self, services: Collection[str]) -> Collection[tuple[str, str]]:
        return {(one.alert, self._service(one)) for one in self._open(services)}

    async def notifying(self) -> Notifying:
        self._watched()
        return Notifying(switchboards=1, dropped=0)

    async def routed(self, services: Collection[str]) -> Sequence[Routed]:
        found = ((one, self.receivers.get(one.alert, "")) for one in self._open(services))
        return [
            Routed(alert=one.alert, service=self._service(one), receivers=(name,) if name else ())
            for one, name in found
        ]

    async def undelivered(self) -> Mapping[str, int]:
        return {f"to {severity}": count for severity, count in self._watched().undelivered.items()}

    async def values(self, query: str, at: datetime) -> tuple[float, ...]:
        expression = parse(query, where="the query")
        found = await asyncio.to_thread(evaluate, expression, at, self.store())
        return tuple(value for _, value in sorted(found.items()))

    async def curves(self, query: str, begin: datetime, end: datetime, step: timedelta) -> Sequence[Series]:
        return await asyncio.to_thread(self._curves, parse(query, where="the query"), begin, end, step)

    def _curves(self, of: Expression, begin: datetime, end: datetime, step: timedelta) -> Sequence[Series]:
        store, at = self.store(), begin
        found: dict[Labels, tuple[list[int], list[float]]] = {}
        while at <= end:
            for labels, value in evaluate(of, at, store).items():
                times_ms, values = found.setdefault(labels, ([], []))
                times_ms.append(round(at.timestamp() * 1000))
                values.append(value)
            at += step
        return [Series(labels=labels, times_ms=times, values=values) for labels, (times, values) in found.items()]

    def _open(self, services: Collection[str]) -> list[Firing]:
        return [one for one in self._watched().open if self._service(one) in services]

    def _service(self, one: Firing) -> str:
        return dict(one.labels).get(self.label, "")

    def _watched(self) -> Watched:
        watched = self.load()
        if not watched.is_awake(self.now_ms()):
            raise Failure(
                where=self.environment,
                what="nothing watches this environment, so no alert can fire",
                why="no Prometheus is named in golive.yaml, and golive's own lookout does not run"
                if not watched.at_ms
                else f"the lookout's last round is {(self.now_ms() - watched.at_ms) // 1000} s ago",
                next=f"golive observe watch --env {self.environment} --background",
                code=Exit.WAITING,
            )
        return watched
