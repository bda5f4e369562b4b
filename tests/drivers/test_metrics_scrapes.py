"""What services show, read and kept: what is gone, what a crash leaves, what a plant adds."""

import math
import sqlite3
from array import array
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from golive.drivers.metrics.exposition import Exposition
from golive.drivers.metrics.scrapes import ScrapeStore
from golive.errors import Failure
from golive.slo.evaluate import Store, evaluate
from golive.slo.promql import By, Over, Select
from golive.slo.series import NAME, Matcher, Series, labels_of

T0 = 1_700_000_000_000
STEP = 15_000


def shown(text: str, **own: str) -> dict[tuple[tuple[str, str], ...], float]:
    read = Exposition(own).read(text)
    return dict(zip((one.labels for one in read.series), read.values, strict=True))


def counters(*counts: float) -> str:
    lines = [f'hits_total{{path="/{n}"}} {count}' for n, count in enumerate(counts)]
    return "\n".join(["# TYPE hits_total counter", *lines, ""])


def path_of(labels: tuple[tuple[str, str], ...]) -> str:
    return dict(labels)["path"]


def test_a_line_gets_the_labels_of_its_place_and_keeps_its_own_under_another_name() -> None:
    read = shown('up_to{job="mine",le="+Inf"} 4\n', job="envoy", service="shop")
    expected = labels_of(
        {NAME: "up_to", "exported_job": "mine", "job": "envoy", "service": "shop", "le": "+Inf"}.items()
    )
    assert read == {expected: 4.0}


def test_what_is_read_again_is_the_same_object_until_a_series_comes_or_goes() -> None:
    reader = Exposition({})
    first, again = reader.read(counters(1, 2)), reader.read(counters(3, 4))
    assert again.series is first.series
    assert list(again.values) == [3.0, 4.0]
    assert reader.read(counters(3, 4, 5)).series is not first.series


def test_a_value_that_is_no_number_is_told_with_its_line_also_when_the_series_is_known() -> None:
    reader = Exposition({})
    reader.read(counters(1, 2))
    with pytest.raises(ValueError, match="line 3"):
        reader.read(counters(1, 2).replace(" 2.0", " many").replace(" 2\n", " many\n"))


@pytest.mark.parametrize("text", ["a 1\na 2\n", "a\n", 'a{b="c} 1\n', "<html>no</html>\n", "{,\r=1E+n"])
def test_what_is_no_exposition_is_refused_whole(text: str) -> None:
    with pytest.raises(ValueError):
        Exposition({}).read(text)


def test_a_time_behind_the_value_is_not_taken_for_the_value() -> None:
    reader = Exposition({})
    for value in (5, 6):
        read = reader.read(f'a{{b="c d"}} {value} 1700000000000\nplain {value} 1700000000000\n')
        assert list(read.values) == [value, value]


def test_a_time_that_looks_like_the_value_is_not_taken_for_it_the_next_time() -> None:
    reader = Exposition({})
    assert list(reader.read("plain 7 7\n").values) == [7]
    assert list(reader.read("plain 7 8\n").values) == [7]


def test_a_line_of_blanks_makes_no_new_series() -> None:
    reader = Exposition({})
    assert reader.read("a 1\n  \n").series is reader.read("a 2\n  \n").series


def test_what_was_refused_is_not_remembered() -> None:
    reader = Exposition({})
    for n in range(3):
        with pytest.raises(ValueError, match="line 2"):
            reader.read(f"new_{n} 1\nbroken\n")
    assert not reader._known


def test_more_series_than_are_read_are_told_and_not_kept() -> None:
    reader = Exposition({})
    with pytest.raises(ValueError, match="more than 50000 series"):
        reader.read("".join(f"a_{n} 1\n" for n in range(50_002)))
    assert not reader._known


@given(st.text(st.sampled_from('ab_{}",=\\ #1.eE+-NaInf\t\r'), max_size=40))
def test_whatever_is_shown_it_is_read_or_refused(text: str) -> None:
    try:
        read = Exposition({"job": "a"}).read(text)
    except ValueError:
        return
    assert len(read.series) == len(read.values)


def test_what_may_fall_is_told_from_what_only_rises() -> None:
    text = (
        '# TYPE a counter\na 1\n# TYPE g gauge\ng 1\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nx_total 1\n'
    )
    read = Exposition({}).read(text)
    assert [one.counter for one in read.series] == [True, False, True, True, True]


values = st.floats(allow_nan=False) | st.sampled_from([math.inf, -math.inf])
words = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\u2028\u2029\x85"), max_size=6
)


@given(st.lists(st.tuples(st.sampled_from(["a", "b_total", "c:d"]), words, values), max_size=8))
def test_reading_agrees_with_the_library_whatever_stands_in_a_label(
    lines: list[tuple[str, str, float]],
) -> None:
    def escaped(word: str) -> str:
        return word.replace("\\", "\\\\").replace('"', '\\"')

    told = {(name, word): value for name, word, value in lines}
    text = "".join(f'{name}{{w="{escaped(word)}"}} {value!r}\n' for (name, word), value in told.items())
    expected = {
        labels_of({NAME: sample.name, **sample.labels}.items()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    reader = Exposition({})
    for _ in range(2):
        read = reader.read(text)
        assert dict(zip((one.labels for one in read.series), read.values, strict=True)) == expected


@pytest.fixture
def store(tmp_path: Path) -> ScrapeStore:
    return ScrapeStore(tmp_path / "scrapes.sqlite3")


def fill(
    store: ScrapeStore, *scrapes: tuple[float, ...], reader: Exposition | None = None, begin: int = 0
) -> None:
    reader = reader or Exposition({"service": "shop"})
    for n, counts in enumerate(scrapes, begin):
        store.keep("shop", T0 + n * STEP, reader.read(counters(*counts)))


def all_of(store: ScrapeStore, *matchers: Matcher) -> dict[str, Series]:
    return {path_of(one.labels): one for one in store.read(Select("hits_total", matchers), T0, T0 + 10**7)}


def test_what_was_kept_is_read_by_selector_and_time_borders_included(store: ScrapeStore) -> None:
    fill(store, (0, 0), (1, 10), (2, 20), (3, 30))
    (one,) = store.read(Select("hits_total", (Matcher("path", "=", "/1"),)), T0 + STEP, T0 + 2 * STEP)
    assert list(one.times_ms) == [T0 + STEP, T0 + 2 * STEP]
    assert list(one.values) == [10.0, 20.0]
    assert not list(store.read(Select("hits_total", (Matcher("path", "=", "/9"),)), T0, T0 + STEP))
    assert not list(store.read(Select("other"), T0, T0 + STEP))


def test_a_series_that_comes_later_and_one_that_goes_are_each_one_series(store: ScrapeStore) -> None:
    reader = Exposition({})
    fill(store, (1,), (2, 5), (3, 6), (4,), (5,), reader=reader)
    found = all_of(store)
    assert list(found["/0"].values) == [1, 2, 3, 4, 5]
    assert list(found["/1"].values)[:2] == [5, 6]
    assert math.isnan(found["/1"].values[2])
    assert list(found["/1"].times_ms) == [T0 + n * STEP for n in (1, 2, 3)]
    at = datetime.fromtimestamp((T0 + 4 * STEP) / 1000, UTC)
    now = evaluate(Select("hits_total"), at, Store(read=store.read, recordings={}))
    assert [path_of(labels) for labels in now] == ["/0"]


def test_a_place_that_shows_nothing_takes_all_its_series_with_it(store: ScrapeStore) -> None:
    fill(store, (1, 2), (2, 3), ())
    assert all(math.isnan(one.values[-1]) for one in all_of(store).values())


def test_another_command_that_goes_on_knows_what_was_there(tmp_path: Path) -> None:
    first = ScrapeStore(tmp_path / "scrapes.sqlite3")
    fill(first, (1, 2))
    first.close()
    fill(ScrapeStore(tmp_path / "scrapes.sqlite3"), (5,), begin=1)
    found = all_of(ScrapeStore(tmp_path / "scrapes.sqlite3"))
    assert list(found["/0"].values) == [1, 5]
    assert math.isnan(found["/1"].values[-1])


def test_another_command_that_finds_nothing_there_ends_what_was(tmp_path: Path) -> None:
    fill(ScrapeStore(tmp_path / "scrapes.sqlite3"), (1, 2))
    fill(ScrapeStore(tmp_path / "scrapes.sqlite3"), (), begin=1)
    found = all_of(ScrapeStore(tmp_path / "scrapes.sqlite3"))
    assert all(math.isnan(one.values[-1]) for one in found.values())


def test_a_layout_that_waits_for_its_first_scrape_outlives_the_thinning_of_another_command(tmp_path: Path) -> None:
    store, other = (ScrapeStore(tmp_path / "scrapes.sqlite3") for _ in range(2))
    reader, month = Exposition({}), 36 * 24 * 240
    fill(store, (1, 2), (2, 3), reader=reader)
    fill(store, (1, 2), (2,), reader=reader, begin=month)  # its own layout comes with the next one
    assert other.thin(T0 + month * STEP) > 0
    fill(store, (3,), reader=reader, begin=month + 2)
    one = next(iter(store.read(Select("hits_total", (Matcher("path", "=", "/0"),)), T0, T0 + 2 * month * STEP)))
    assert list(one.values) == [1, 2, 3]


def test_a_place_that_was_silent_for_more_than_a_month_goes_on(store: ScrapeStore) -> None:
    reader, month = Exposition({}), 36 * 24 * 240
    fill(store, (1,), reader=reader)
    assert store.thin(T0 + month * STEP) == 1
    fill(store, (7,), reader=reader, begin=month)
    (one,) = store.read(Select("hits_total"), T0, T0 + 2 * month * STEP)
    assert list(one.values) == [7]


def test_a_commit_that_fails_leaves_the_store_usable(tmp_path: Path) -> None:
    store, reader = ScrapeStore(tmp_path / "scrapes.sqlite3"), Exposition({})
    fill(store, (1,), (2,), (3,), reader=reader)
    store._db.execute("PRAGMA busy_timeout = 10")
    with sqlite3.connect(store.path) as other:
        slow = other.execute("SELECT * FROM scrape")
        slow.fetchone()  # reads, and does not end
        with pytest.raises(Failure, match=r"scrapes\.sqlite3"):
            fill(store, (4,), reader=reader, begin=3)
        slow.close()
    fill(store, (5,), reader=reader, begin=4)
    assert list(all_of(store)["/0"].values) == [1, 2, 3, 5]


def test_another_command_does_not_say_again_what_is_gone(tmp_path: Path) -> None:
    for n, counts in enumerate([(1, 2), (5,)]):
        fill(ScrapeStore(tmp_path / "scrapes.sqlite3"), counts, begin=n)
    fill(ScrapeStore(tmp_path / "scrapes.sqlite3"), (6,), begin=2)
    assert len(all_of(ScrapeStore(tmp_path / "scrapes.sqlite3"))["/1"].values) == 2


def test_a_rate_passes_over_the_moment_at_which_a_series_was_gone(store: ScrapeStore) -> None:
    reader = Exposition({})
    fill(store, (0, 0), (15, 15), (30, 30), (45, 45), (60,), reader=reader)
    at = datetime.fromtimestamp((T0 + 4 * STEP) / 1000, UTC)
    found = evaluate(
        Over("rate", Select("hits_total"), timedelta(minutes=1)), at, Store(read=store.read, recordings={})
    )
    assert {path_of(labels): round(rate, 6) for labels, rate in found.items()} == {"/0": 1.0, "/1": 1.0}


def test_rates_are_those_of_series_in_memory_falls_included(store: ScrapeStore) -> None:
    counts = [(n * 3.0, (n % 7) * 2.0) for n in range(24)]
    fill(store, *counts)
    at = datetime.fromtimestamp((T0 + 23 * STEP) / 1000, UTC)
    asked = By("sum", Over("rate", Select("hits_total"), timedelta(minutes=5)), ("service",))
    times = tuple(T0 + n * STEP for n in range(24))
    series = [
        Series(
            labels=labels_of({NAME: "hits_total", "path": f"/{n}", "service": "shop"}.items()),
            times_ms=times[3:],
            values=tuple(row[n] for row in counts)[3:],
        )
        for n in range(2)
    ]
    plain = evaluate(asked, at, Store(read=lambda of, begin, end: series, recordings={}))
    assert evaluate(asked, at, Store(read=store.read, recordings={})) == plain
    ((_, rate),) = plain.items()
    assert rate > 0.2


def test_planted_series_stand_beside_scraped_ones_and_leave_no_trace(store: ScrapeStore) -> None:
    fill(store, (1,), (2,))
    labels = labels_of({NAME: "hits_total", "path": "/drill", "service": "shop-drill-ab-0"}.items())
    store.plant([Series(labels=labels, times_ms=(T0, T0 + STEP), values=(7.0, 9.0))])
    assert list(all_of(store)["/drill"].values) == [7, 9]
    store.uproot("service", "drill-cd")
    assert len(all_of(store)) == 2
    store.uproot("service", "drill-ab")
    assert list(all_of(store)) == ["/0"]


def test_a_drill_that_was_killed_is_forgotten_by_a_later_one(store: ScrapeStore) -> None:
    def drill(name: str, at_ms: int) -> Series:
        return Series(labels=labels_of({NAME: "m", "path": name}.items()), times_ms=(at_ms,), values=(1.0,))

    store.plant([drill("old", T0)])
    store.plant([drill("new", T0 + 2 * 3_600_000)])
    assert [path_of(one.labels) for one in store.read(Select("m"), T0, T0 + 10**8)] == ["new"]


def test_a_drill_that_was_killed_is_forgotten_after_an_hour_by_whoever_thins(store: ScrapeStore) -> None:
    store.plant([Series(labels=labels_of({NAME: "m"}.items()), times_ms=(T0,), values=(1.0,))])
    store.thin(T0 + 3_600_000)
    assert len(list(store.read(Select("m"), T0, T0))) == 1
    store.thin(T0 + 3_600_001)
    assert not list(store.read(Select("m"), T0, T0))


def test_a_scrape_that_fails_half_way_is_not_there_and_the_next_one_is_whole(store: ScrapeStore) -> None:
    reader = Exposition({})
    fill(store, (1, 2), reader=reader)
    store._db.execute("CREATE TRIGGER full BEFORE INSERT ON scrape BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(Failure) as told:
        fill(store, (2, 3, 4), reader=reader, begin=1)
    assert told.value.why == "full"
    store._db.execute("DROP TRIGGER full")
    assert store._db.execute("SELECT COUNT(*) FROM series").fetchone() == (2,)
    fill(store, (3, 4, 5), reader=reader, begin=2)
    found = all_of(store)
    assert list(found["/0"].values) == [1, 3]
    assert list(found["/2"].values) == [5]
    assert found["/2"].times_ms[0] == T0 + 2 * STEP


def test_the_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "scrapes.sqlite3").write_bytes(b"no database, but long enough to be looked at" * 40)
    with pytest.raises(Failure) as told:
        ScrapeStore(tmp_path / "scrapes.sqlite3")
    assert "scrapes.sqlite3" in told.value.where


def test_a_row_is_eight_bytes_for_each_value(store: ScrapeStore) -> None:
    fill(store, (1.5, 2.5))
    with sqlite3.connect(store.path) as other:
        (held,) = other.execute("SELECT held FROM scrape").fetchone()
    assert array("d", held).tolist() == [1.5, 2.5]
