"""Readings survive the controller; trouble with them is told, never raised at whoever judges."""

import asyncio
import fcntl
import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from golive.drivers.metrics import envoy_store
from golive.drivers.metrics.envoy import EnvoySamples
from golive.drivers.metrics.envoy_readings import Reading, samples
from golive.drivers.metrics.envoy_store import Store
from golive.errors import Failure
from golive.judge.samples import Samples

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


class Counters:
    """An admin interface whose counters the test sets."""

    def __init__(self) -> None:
        self.requests = 0
        self.answers = True

    async def get(self, path: str) -> str:
        if not self.answers:
            raise Failure(where="front door", what="Envoy does not answer", why="refused")
        uptime = {"name": "server.uptime", "value": 0}
        total = {"name": "cluster.new.membership_total", "value": 1}
        completed = {"name": "cluster.new.external.upstream_rq_completed", "value": self.requests}
        return json.dumps({"stats": [uptime, total, completed]})


class Watch:
    """A clock and the counters, read together."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = NOON
        self.counters = Counters()

    def read(self, second: float, requests: int, since: datetime = NOON) -> Samples:
        """What a new command, which remembers nothing, reads at this second."""
        self.now = NOON + timedelta(seconds=second)
        self.counters.requests = requests
        source = EnvoySamples(database=self.path, admin=self.counters, now=lambda: self.now)
        return asyncio.run(source.read(["new"], since))


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path / "production" / "metrics.sqlite3")


def requests_of(found: Samples) -> list[int]:
    return [tick.requests for tick in found.ticks]


def test_another_controller_reads_on_where_the_first_one_died(watch: Watch) -> None:
    watch.read(0, 100)
    watch.read(1, 110)
    assert requests_of(watch.read(4, 190)) == [10, 80]


def test_what_was_read_before_the_asked_instant_does_not_count(watch: Watch) -> None:
    since = NOON + timedelta(seconds=2)
    for second, requests in [(0, 0), (1, 1000), (2.5, 1010), (3, 1015)]:
        found = watch.read(second, requests, since)
    assert requests_of(found) == [5]


def test_an_unreachable_envoy_gives_no_ticks_and_a_note(watch: Watch) -> None:
    watch.read(0, 100)
    watch.read(1, 110)
    watch.counters.answers = False
    found = watch.read(2, 120)
    assert found.ticks == ()
    assert "Envoy does not answer" in found.note


def test_readings_older_than_a_week_are_dropped(watch: Watch) -> None:
    watch.read(0, 1)
    watch.read(1, 2)
    watch.read(timedelta(days=7).total_seconds() + 0.5, 3)
    with sqlite3.connect(watch.path) as connection:
        kept = connection.execute("SELECT requests FROM reading ORDER BY at_ms").fetchall()
    assert kept == [(2,), (3,)]


def readings(count: int, *, absent: int | None = None) -> list[Reading]:
    """One a second, ten requests each; `absent` is the second in which Envoy did not know the revision."""
    return [
        Reading(
            at=NOON + timedelta(seconds=second),
            revision="new",
            present=second != absent,
            uptime_s=second,
            requests=0 if second == absent else 10 * second,
        )
        for second in range(count)
    ]


def read_at_the_end(path: Path, taken: list[Reading]) -> Samples:
    """What is returned with the last reading, when the others were kept before."""
    store = Store(path)
    store.exchange(taken[:-1], NOON)
    return samples(store.exchange(taken[-1:], NOON))


def test_ten_minutes_are_read_tick_by_tick(tmp_path: Path) -> None:
    found = read_at_the_end(tmp_path / "m.sqlite3", readings(600))
    assert requests_of(found) == [10] * 599


def test_a_day_is_read_in_longer_ticks_and_no_request_is_lost(tmp_path: Path) -> None:
    found = read_at_the_end(tmp_path / "m.sqlite3", readings(86_400))
    assert len(found.ticks) <= envoy_store.MOST_TICKS
    assert sum(requests_of(found)) == 863_990


def test_an_absence_is_seen_however_long_the_time(tmp_path: Path) -> None:
    found = read_at_the_end(tmp_path / "m.sqlite3", readings(86_400, absent=40_000))
    assert "Envoy does not know new" in found.note


def test_a_reset_is_seen_however_long_the_time(tmp_path: Path) -> None:
    """Requests of before and after it are counted, those of its own second are not."""
    taken = readings(86_400)
    again = [replace(r, requests=r.requests - 400_000, uptime_s=r.uptime_s - 40_000) for r in taken[40_000:]]
    found = read_at_the_end(tmp_path / "m.sqlite3", taken[:40_000] + again)
    assert found.note == "counters of new were reset before 23:06:40 UTC, interval left out"
    assert sum(requests_of(found)) == 863_990 - 10


def test_a_damaged_file_is_told_and_not_raised(watch: Watch) -> None:
    watch.path.parent.mkdir(parents=True)
    watch.path.write_bytes(b"this is not a database" * 100)
    found = watch.read(0, 1)
    assert found.ticks == ()
    assert "not a database" in found.note


def test_readers_take_turns(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envoy_store, "LOCK_LIMIT_S", 0.05)
    watch.read(0, 1)
    with watch.path.with_name("metrics.sqlite3.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)  # even a reader that shares keeps a writer out
        assert "another golive holds" in watch.read(1, 2).note
    assert requests_of(watch.read(2, 3)) == [2]


def test_no_revisions_no_question(tmp_path: Path) -> None:
    source = EnvoySamples(database=tmp_path / "m", admin=Counters())
    assert asyncio.run(source.read([], NOON)) == Samples(bounds_ms=(), ticks=())
    assert not (tmp_path / "m").exists()
