"""What is old is kept more coarsely: increases stay what they were, and it ends where it must."""

import tempfile
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from golive.drivers.metrics.exposition import Exposition
from golive.drivers.metrics.scrapes import ScrapeStore
from golive.slo.promql import Select

STEP = 15_000
HOUR = 3_600_000
T0 = 1_700_000_000_000 // HOUR * HOUR
END = 10**14


def kept(store: ScrapeStore, metric: str = "hits_total") -> dict[int, float]:
    (one,) = store.read(Select(metric), 0, END)
    return dict(zip(one.times_ms, one.values, strict=True))


def risen(values: list[float]) -> float:
    """What a counter rose by: after a fall it began at zero."""
    return sum(b if b < a else b - a for a, b in pairwise(values))


def filled(folder: str, hits: list[int]) -> ScrapeStore:
    store, reader = ScrapeStore(Path(folder) / "scrapes.sqlite3"), Exposition({})
    for n, count in enumerate(hits):
        told = f"# TYPE hits_total counter\nhits_total {count}\n# TYPE used gauge\nused {n % 3}\n"
        store.keep("shop", T0 + n * STEP, reader.read(told))
    return store


def all_thinned(store: ScrapeStore, now_ms: int) -> int:
    rounds = 0
    while store.thin(now_ms):
        rounds += 1
        assert rounds < 100
    return rounds


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=3, max_size=120),
    st.sets(st.integers(1, 119), max_size=6),
    st.sampled_from([4, 5, 6, 1_000]),
)
def test_no_increase_is_lost_whatever_falls(rises: list[int], restarts: set[int], at_once: int) -> None:
    count, hits = 0, []
    for n, rise in enumerate(rises):
        count = rise if n in restarts else count + rise
        hits.append(count)
    with tempfile.TemporaryDirectory() as folder:
        store = filled(folder, hits)
        before = kept(store)
        with patch("golive.drivers.metrics.thinning.AT_ONCE", at_once):
            all_thinned(store, T0 + 24 * HOUR)
        after = kept(store)
        store.close()
    assert risen(list(after.values())) == risen(list(before.values()))
    assert after.items() <= before.items()
    assert {min(before), max(before)} <= after.keys()


def test_one_scrape_of_each_minute_stays_and_what_is_young_stays_whole(tmp_path: Path) -> None:
    store = filled(str(tmp_path), list(range(480)))  # two hours
    now = T0 + 7 * HOUR
    all_thinned(store, now)
    times = sorted(kept(store))
    old = [at for at in times if at <= now - 6 * HOUR]
    young = [at for at in times if at > now - 6 * HOUR]
    assert old == [T0 + n * 60_000 for n in range(61)]
    assert len(young) == 239
    assert all_thinned(store, now) == 0
    all_thinned(store, T0 + 4 * 24 * HOUR)
    assert sorted(kept(store))[:-1] == [T0 + n * 300_000 for n in range(24)]


def test_a_long_past_is_thinned_a_part_at_a_time(tmp_path: Path) -> None:
    store = filled(str(tmp_path), list(range(2_500)))
    assert all_thinned(store, T0 + 48 * HOUR) > 2
    assert len(kept(store)) <= 2_500 / 4 + 4


def test_what_is_older_than_a_month_goes_and_so_does_its_layout(tmp_path: Path) -> None:
    store = filled(str(tmp_path), [1, 2, 3])
    for late in (0, STEP):
        read = Exposition({}).read("# TYPE hits_total counter\nhits_total 9\n")
        store.keep("shop", T0 + 36 * 24 * HOUR + late, read)
    store.keep("other", T0, Exposition({}).read("other_total 1\n"))
    store.thin(T0 + 36 * 24 * HOUR)
    assert list(kept(store).values()) == [9, 9]
    assert not list(store.read(Select("used"), 0, T0 + 35 * 24 * HOUR))
    left = store._db.execute(
        "SELECT COUNT(*), COUNT(DISTINCT layout.id) FROM scrape, layout WHERE layout = layout.id"
    )
    assert left.fetchone()[1] == store._db.execute("SELECT COUNT(*) FROM layout").fetchone()[0]


def test_a_gauge_that_falls_keeps_no_scrape(tmp_path: Path) -> None:
    store = filled(str(tmp_path), [0] * 240)
    all_thinned(store, T0 + 24 * HOUR)
    assert len(kept(store, "used")) <= 61


def test_a_series_that_was_there_for_a_moment_stays_with_its_end(tmp_path: Path) -> None:
    store, reader = ScrapeStore(tmp_path / "scrapes.sqlite3"), Exposition({})
    for n in range(24):
        extra = f"short_total {n}\n" if n in (9, 10) else ""
        store.keep("shop", T0 + n * STEP, reader.read(f"hits_total {n}\n{extra}"))
    all_thinned(store, T0 + 24 * HOUR)
    found = kept(store, "short_total")
    assert list(found.values())[:2] == [9, 10]
    assert str(list(found.values())[2:]) == "[nan]"
