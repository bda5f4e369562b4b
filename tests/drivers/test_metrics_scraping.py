"""Sources that answer, fail, lie and go: what is kept of them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from golive.drivers.metrics.host import A_WHILE_S, Host
from golive.drivers.metrics.scrapes import ScrapeStore
from golive.drivers.metrics.scraping import Scraper, Source
from golive.errors import Failure
from golive.slo.promql import Select

T0 = 1_700_000_000_000
OWN = {"service": "shop", "environment": "live"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ScrapeStore]:
    with closing(ScrapeStore(tmp_path / "scrapes.sqlite3")) as opened:
        yield opened


def says(text: str) -> Callable[[], Awaitable[str]]:
    async def read() -> str:
        if not text:
            raise Failure(where="x", what="no answer", why="connection refused")
        return text

    return read


def scraper(store: ScrapeStore, *sources: Source) -> Scraper:
    async def find() -> tuple[Source, ...]:
        return sources

    return Scraper(store=store, find=find, own=OWN)


def last(store: ScrapeStore, metric: str) -> dict[str, float]:
    return {dict(one.labels)["instance"]: one.values[-1] for one in store.read(Select(metric), T0, T0 + 10**6)}


def test_each_source_is_kept_with_its_labels_and_its_up(store: ScrapeStore) -> None:
    sources = [
        Source(name="web-0", job="service", read=says('hits_total{path="/"} 3\n# EOF'), own={"revision": "abc"}),
        Source(name="machine", job="machine", read=says("load 0.5"), counts=False),
    ]
    assert asyncio.run(scraper(store, *sources).scrape(T0)) == {"web-0": "", "machine": ""}
    (hits,) = store.read(Select("hits_total"), T0, T0)
    named = {"__name__": "hits_total", "path": "/", "job": "service", "instance": "web-0", "revision": "abc"}
    assert dict(hits.labels) == {**named, **OWN}
    assert (last(store, "up"), last(store, "load")) == ({"web-0": 1.0}, {"machine": 0.5})


@pytest.mark.parametrize("answer", ["", "hits_total\n", 'a{b="c" 1\n', "hits_total 1\nhits_total 2\n"])
def test_a_source_that_gives_no_metrics_is_down_and_its_series_are_gone(store: ScrapeStore, answer: str) -> None:
    good = Source(name="web-0", job="service", read=says("hits_total 3\n"))
    bad = Source(name="web-0", job="service", read=says(answer))
    scraping = scraper(store, good)
    asyncio.run(scraping.scrape(T0))
    scraping.find = scraper(store, bad).find
    why = asyncio.run(scraping.scrape(T0 + 1000))["web-0"]
    assert why
    assert last(store, "up") == {"web-0": 0.0}
    assert last(store, "hits_total")["web-0"] != last(store, "hits_total")["web-0"]  # not a number: gone
    scraping.find = scraper(store, good).find
    assert asyncio.run(scraping.scrape(T0 + 2000)) == {"web-0": ""}
    assert (last(store, "up"), last(store, "hits_total")) == ({"web-0": 1.0}, {"web-0": 3.0})


def test_a_source_that_is_no_longer_there_is_ended_also_by_a_scraper_that_never_saw_it(store: ScrapeStore) -> None:
    old = Source(name="web-0", job="service", read=says("hits_total 3\n"))
    new = Source(name="web-1", job="service", read=says("hits_total 1\n"))
    asyncio.run(scraper(store, old).scrape(T0))
    asyncio.run(scraper(store, new).scrape(T0 + 1000))
    assert {place for place, value in last(store, "up").items() if value == 1} == {"web-1"}
    gone = last(store, "up")["web-0"]
    assert gone != gone


def test_a_source_that_hangs_costs_its_time_only_and_is_told(
    store: ScrapeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never() -> str:
        await asyncio.sleep(60)
        return ""

    monkeypatch.setattr("golive.drivers.metrics.scraping.TIMEOUT", timedelta(seconds=0.05))
    hangs = Source(name="web-0", job="service", read=never)
    fine = Source(name="web-1", job="service", read=says("a 1\n"))
    found = asyncio.run(scraper(store, hangs, fine).scrape(T0))
    assert found == {"web-0": "no answer within 0.05 s", "web-1": ""}


def test_this_machine_tells_shares_of_what_it_has(tmp_path: Path, store: ScrapeStore) -> None:
    host = Host(tmp_path)
    assert "cpu" not in host.text()  # an instant says nothing
    time.sleep(A_WHILE_S)
    asyncio.run(scraper(store, Source(name="machine", job="machine", read=says(host.text()))).scrape(T0))
    for name in ("cpu", "memory", "filesystem"):
        assert 0 <= last(store, f"system_{name}_utilization_ratio")["machine"] <= 1
