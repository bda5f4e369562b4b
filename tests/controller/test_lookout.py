"""A lookout round by round: what it tells, what it keeps before it tells, and what it survives."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from golive.controller.lookout import Lookout, Moment
from golive.errors import Failure
from golive.slo.evaluate import between
from golive.slo.firing import Watched
from golive.slo.plants import both_sides
from golive.slo.promql import Select
from golive.slo.rehearsal import series_of
from golive.slo.rulebook import RuleBook, rulebook
from golive.slo.series import NAME, Matcher, Series
from golive.spec.observed import Receiver
from golive.spec.parse import parse

SPEC = b"""service: shop
owner: team
revision: {run: [a]}
environments: {live: {target: {kind: local}}}
objectives: {error_rate: 1 %}
observe:
  saturation: []
  receivers: {page: {webhook: "http://127.0.0.1:1/"}}
"""
T0 = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class World:
    """Samples, memory, a receiver and a clock, all in this process."""

    book: RuleBook = field(default_factory=lambda: rulebook(parse(SPEC, name="golive.yaml")))
    at: datetime = T0
    series: list[Series] = field(default_factory=list)
    kept: list[Watched] = field(default_factory=lambda: [Watched()])
    came: list[tuple[str, str]] = field(default_factory=list)
    away: str = ""
    full: str = ""
    moments: list[Moment] = field(default_factory=list)
    thinned: int = 0
    wrote: int = 0

    def now(self) -> datetime:
        return self.at

    def read(self, of: Select, begin_ms: int, end_ms: int) -> Iterable[Series]:
        wanted = (Matcher(NAME, "=", of.metric), *of.matchers)
        found = (one for one in self.series if all(m.matches(one.labels) for m in wanted))
        return [s for s in (between(one, begin_ms, end_ms) for one in found) if s.values]

    def thin(self, now_ms: int) -> int:
        self.thinned += 1
        return 0

    def others(self) -> int:
        if self.full == "disk I/O error":
            raise Failure(where="scrapes.sqlite3", what="cannot be read", why=self.full)
        return self.wrote

    def load(self) -> Watched:
        return self.kept[-1]

    def save(self, watched: Watched) -> None:
        if self.full:
            raise Failure(where="lookout.json", what="cannot be written", why=self.full)
        self.kept.append(watched)

    async def scrape(self, at_ms: int) -> Mapping[str, str]:
        return {"front-door": ""}

    async def send(self, receiver: Receiver, message: Mapping[str, Any]) -> None:
        if self.away:
            raise Failure(where=receiver.webhook, what="no answer", why=self.away)
        self.came += [(one["labels"]["alertname"], one["status"]) for one in message["alerts"]]

    def fault(self, name: str) -> None:
        """What makes this alert fire, of the real service."""
        alert = next(one for one in self.book.alerts if one.name == name)
        plant, _ = both_sides(alert, self.book.observe, self.book.by_name)
        self.series = list(series_of(plant, {"service": "shop", "environment": "live"}, self.at))

    def round(self, after_s: float = 15, **options: bool) -> None:
        self.at += timedelta(seconds=after_s)
        asyncio.run(self.watch().round(**options))

    def watch(self) -> Lookout:
        return Lookout(
            book=lambda: self.book,
            scrape=self.scrape,
            samples=self,
            memory=self,
            send=self.send,
            clock=self,
            interval=timedelta(seconds=15),
            see=self.moments.append,
        )


def test_an_alert_is_told_once_and_its_end_once() -> None:
    world = World()
    world.round()
    assert world.came == []
    world.fault("NoTraffic")
    for _ in range(3):
        world.round(1)
    assert world.came == [("NoTraffic", "firing")]
    assert [one.alert for one in world.load().open] == ["NoTraffic"]
    world.series = []
    for _ in range(3):
        world.round(1)
    assert world.came == [("NoTraffic", "firing"), ("NoTraffic", "resolved")]
    assert world.load().firing == ()
    assert [(len(m.began), len(m.ended)) for m in world.moments] == [(0, 0), (1, 0)] + [(0, 0)] * 2 + [(0, 1)] + [
        (0, 0)
    ] * 2


def test_what_could_not_be_delivered_is_told_in_the_next_round_and_counted() -> None:
    world = World()
    world.fault("TargetsDown")
    world.away = "connection refused"
    world.round(1)
    assert (world.load().undelivered, world.load().deaf) == ({"page": 1}, {"page": "connection refused"})
    world.away = ""
    world.round(1)
    assert world.came == [("TargetsDown", "firing")]
    assert (world.load().undelivered, world.load().deaf) == ({"page": 1}, {})


def test_a_watch_that_is_killed_before_or_after_it_told_tells_again_and_ends_what_it_told() -> None:
    world = World()
    world.fault("NoTraffic")
    world.round(1)
    before_sending = next(one for one in world.kept if one.firing)
    assert before_sending.firing[0].tried
    assert before_sending.firing[0].told_ms is None
    world.kept = [before_sending]  # killed just behind the message
    world.round(1)
    assert world.came == [("NoTraffic", "firing")] * 2
    world.kept, world.series = [before_sending], []
    world.round(1)
    assert world.came[-1] == ("NoTraffic", "resolved")


def test_an_alert_without_a_receiver_is_watched_and_told_to_nobody() -> None:
    world = World(book=rulebook(parse(SPEC.replace(b"page:", b"ticket:"), name="golive.yaml")))
    world.fault("NoTraffic")
    world.round(1)
    assert (world.came, [one.alert for one in world.load().open]) == ([], ["NoTraffic"])
    assert world.load().unheard == ("page",)
    world.series = []
    world.round(1)
    assert world.load().firing == ()


def test_a_rule_that_fails_is_told_by_name_and_leaves_the_others_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.fault("NoTraffic")
    broken = world.read

    def read(of: Select, begin_ms: int, end_ms: int) -> Iterable[Series]:
        if of.metric == "up":
            raise ValueError("these are no samples")
        return broken(of, begin_ms, end_ms)

    monkeypatch.setattr(world, "read", read)
    world.round(1)
    assert world.load().failing == dict.fromkeys(
        ("TargetsDown", "TelemetryLost"), "ValueError: these are no samples"
    )
    assert world.came == [("NoTraffic", "firing")]


def test_what_is_told_has_the_labels_of_the_service_and_of_the_rule_but_no_metric() -> None:
    world = World()
    world.fault("AvailabilityBurn1h")
    world.round(1)
    told = {one.alert: dict(one.labels) for one in world.load().open}
    assert told["AvailabilityBurn1h"] == {"service": "shop", "environment": "live", "slo": "availability"}


def test_a_drill_is_seen_without_waiting_for_the_next_scrape_and_trouble_does_not_end_the_watch() -> None:
    world = World()

    async def some_rounds() -> None:
        running = asyncio.ensure_future(world.watch().run())
        await asyncio.sleep(0.05)
        world.full = "no space left"
        world.wrote += 1
        world.at += timedelta(seconds=1)
        await asyncio.sleep(0.4)
        world.full = ""
        world.fault("NoTraffic")
        world.wrote += 1
        await asyncio.sleep(0.4)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(some_rounds())
    troubles = [one.watched.trouble for one in world.moments]
    assert "lookout.json: cannot be written: no space left" in troubles
    assert world.came == [("NoTraffic", "firing")]


def test_a_golive_yaml_that_cannot_be_read_leaves_the_rules_before_at_work() -> None:
    world = World()
    good = world.book
    lookout = world.watch()

    def book() -> RuleBook:
        if world.away == "unreadable":
            raise Failure(where="golive.yaml:3", what="this is no key")
        return good

    lookout.book = book
    world.away = "unreadable"
    with pytest.raises(Failure):
        asyncio.run(lookout.round())  # there were none before
    world.away = ""
    asyncio.run(lookout.round())
    world.away = "unreadable"
    lookout.send = World.send.__get__(World(came=world.came))
    world.fault("NoTraffic")
    asyncio.run(lookout.round())
    assert world.load().trouble == "the rules before are in force: golive.yaml:3: this is no key"
    assert world.came == [("NoTraffic", "firing")]


def test_samples_that_cannot_be_asked_for_a_moment_do_not_end_the_lookout() -> None:
    world = World()

    async def for_a_while() -> bool:
        running = asyncio.ensure_future(world.watch().run())
        await asyncio.sleep(0.05)
        world.full = "disk I/O error"
        await asyncio.sleep(0.6)
        alive = not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return alive

    assert asyncio.run(for_a_while())


def test_old_samples_are_thinned_now_and_then() -> None:
    world = World()
    watch = world.watch()
    for _ in range(16):
        asyncio.run(watch.round())
    assert world.thinned == 2
