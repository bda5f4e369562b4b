"""Reading every source of metrics of an environment, all at once, and keeping what each showed.

A source that does not answer has `up` 0 and nothing else from then on; one that is no longer there is ended. The
machine itself has no `up`: it always answers, and would hide that nothing else does.
"""

import asyncio
from array import array
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from golive.drivers.metrics.exposition import Exposed, Exposition
from golive.drivers.metrics.scrapes import ScrapeStore
from golive.errors import Failure

TIMEOUT = timedelta(seconds=5)
FORGOTTEN = timedelta(minutes=5)  # after this nobody asks for the last value of what ended
UP, DOWN = "\nup 1\n", "up 0\n"


@dataclass(frozen=True, kw_only=True)
class Source:
    """One place that shows metrics in Prometheus' text format."""

    name: str  # of the instance; unique among the sources of an environment
    job: str
    read: Callable[[], Awaitable[str]]  # `Failure` when it does not answer
    own: Mapping[str, str] = field(default_factory=dict)  # labels of it alone
    counts: bool = True  # whether it has an `up`


@dataclass
class Scraper:
    """All sources of one environment, those that `find` tells; every series gets the labels `own`."""

    store: ScrapeStore
    find: Callable[[], Awaitable[Sequence[Source]]]
    own: Mapping[str, str]
    _known: dict[str, Exposition] = field(default_factory=dict, init=False)

    async def scrape(self, at_ms: int) -> Mapping[str, str]:
        """Each source by name: why it could not be read, or "". `Failure` when nothing can be kept."""
        sources = await self.find()
        texts = await asyncio.gather(*(_read(source) for source in sources))
        found = {}
        for source, (text, why) in zip(sources, texts, strict=True):
            exposed, wrong = self._exposed(source, text, why)
            found[source.name] = why or wrong
            if exposed is not None:
                await asyncio.to_thread(self.store.keep, source.name, at_ms, exposed)
        since_ms = at_ms - FORGOTTEN // timedelta(milliseconds=1)
        for place in set(self.store.places(since_ms)) - set(found):
            await asyncio.to_thread(self.store.keep, place, at_ms, Exposed(series=(), values=array("d")))
            self._known.pop(place, None)
        return found

    def _exposed(self, source: Source, text: str, why: str) -> tuple[Exposed | None, str]:
        if source.name not in self._known:
            self._known[source.name] = Exposition(
                {**self.own, **source.own, "job": source.job, "instance": source.name}
            )
        exposition = self._known[source.name]
        if not why:
            try:
                return exposition.read(text.rstrip("\n") + (UP if source.counts else "\n")), ""
            except ValueError as error:
                why = str(error)
        return exposition.read(DOWN if source.counts else ""), why


async def _read(source: Source) -> tuple[str, str]:
    try:
        async with asyncio.timeout(TIMEOUT.total_seconds()):
            return await source.read(), ""
    except Failure as failure:
        return "", f"{failure.what}: {failure.why}" if failure.why else failure.what
    except TimeoutError:
        return "", f"no answer within {TIMEOUT.total_seconds():g} s"
