"""What users' requests met, revision by revision, as Prometheus scraped it.

Nothing is kept here: Prometheus holds the history, so a controller that takes over reads the same ticks again.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from golive.drivers.metrics.prometheus_answers import RawSeries, Unusable, raw_series
from golive.drivers.metrics.prometheus_ticks import Found, bounds, instants, ticks
from golive.errors import Failure
from golive.judge.samples import Samples
from golive.spec.values import PrometheusChoice

TIMEOUT_S = 10.0
MOST_BYTES = 64 * 1024 * 1024
SETTLED = timedelta(seconds=1)  # a scrape is stored a moment after it was made
UNITS_MS = {"s": 1_000.0, "ms": 1.0}


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class PrometheusSamples:
    """Implements `judge.samples.SampleSource`."""

    choice: PrometheusChoice
    now: Callable[[], datetime] = utc_now

    async def read(self, revisions: Sequence[str], since: datetime) -> Samples:
        return await self.between(revisions, since, self.now() - SETTLED)

    async def between(
        self, revisions: Sequence[str], since: datetime, until: datetime, *, by_instance: bool = False
    ) -> Samples:
        """The ticks from one moment to another; with `by_instance` one for each instance, for placebo canaries."""
        at = instants(since, until, self.choice.step)
        if len(at) < 2 or not revisions:
            return Samples(bounds_ms=(), ticks=())
        try:
            found = [await self._found(revision, at[0], at[-1]) for revision in revisions]
        except Failure as failure:
            return Samples(bounds_ms=(), ticks=(), note="; ".join(failure.lines()))
        unit_ms = UNITS_MS[self.choice.unit]
        bounds_ms, note = bounds(found, unit_ms)
        label = self.choice.instance if by_instance else ""
        made = [t for one in found for t in ticks(one, at, bounds_ms, unit_ms=unit_ms, instance=label)]
        ordered = tuple(sorted(made, key=lambda tick: (tick.at, tick.revision, tick.instance)))
        return Samples(bounds_ms=bounds_ms, ticks=ordered, note=note)

    async def _found(self, revision: str, begin: datetime, end: datetime) -> Found:
        choice = self.choice

        async def series(selector: str) -> tuple[RawSeries, ...]:
            return await self._series(selector, revision, begin, end) if selector else ()

        return Found(
            revision=revision,
            requests=await series(choice.requests),
            errors=await series(choice.errors),
            latency=await series(choice.latency),
            gauges={name: await series(selector) for name, selector in choice.gauges.items()},
        )

    async def _series(self, selector: str, revision: str, begin: datetime, end: datetime) -> tuple[RawSeries, ...]:
        """Raw samples from a step before the first instant on: what a counter stood at then lies before it."""
        import httpx2

        span = int((end - begin + 2 * self.choice.step).total_seconds()) + 1
        query = f"{selector.replace('{revision}', revision)}[{span}s]"
        url = f"{self.choice.url.rstrip('/')}/api/v1/query"
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),  # of the whole: a server that trickles must not hold a rollout
                httpx2.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT_S) as client,
                client.stream("POST", url, data={"query": query, "time": f"{end.timestamp():.3f}"}) as answer,
            ):
                content = bytearray()
                async for chunk in answer.aiter_bytes():
                    content += chunk
                    if len(content) > MOST_BYTES:
                        raise Unusable("the answer is larger than 64 MiB")
            return raw_series(bytes(content), unit_ms=UNITS_MS[self.choice.unit])
        except (httpx2.HTTPError, Unusable, OSError) as error:
            raise Failure(
                where=self.choice.url,
                what="Prometheus gave no usable answer",
                why=f"{query}: {str(error) or type(error).__name__}",
                next="ask it the same in its own page, and mend environments.NAME.metrics",
            ) from error
