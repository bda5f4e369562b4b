"""Scrapes on disk: one row for each scrape of a place, its values as doubles in the order of a layout.

A layout is the list of a place's series; it is written once and again only when they change, so that keeping ten
thousand values costs one row. What was there and is no more gets one NaN. SQLite with a rollback journal: any
number of commands may read and write beside the one that scrapes, and one that is killed leaves the file as it
was before. A value takes eight bytes; see `thinning` for what becomes of old ones.
"""

import json
import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from operator import itemgetter
from pathlib import Path

from golive.drivers.metrics.exposition import Exposed, Known
from golive.drivers.metrics.thinning import TABLE, thin
from golive.errors import Failure
from golive.slo.evaluate import between
from golive.slo.promql import Select
from golive.slo.series import NAME, Labels, Series, labels_of

BUSY_S = 5.0  # another command writes for some milliseconds
GONE = float("nan")
PLANT_KEPT_MS = 3_600_000  # a drill that was killed leaves its series for an hour
MOST_REMEMBERED = 256  # selections of columns

TABLES = """
CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, labels TEXT NOT NULL UNIQUE, counter INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS layout (
  id INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL UNIQUE, ids BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS scrape (
  id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, place TEXT NOT NULL,
  layout INTEGER NOT NULL, held BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS scrape_of ON scrape (layout, at_ms);
CREATE INDEX IF NOT EXISTS scrape_at ON scrape (place, at_ms);
CREATE TABLE IF NOT EXISTS planted (
  id INTEGER PRIMARY KEY, labels TEXT NOT NULL, metric TEXT NOT NULL, first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL, times BLOB NOT NULL, held BLOB NOT NULL);
"""


@dataclass
class _Layout:
    """The series of one layout in order, and which of them each selector selects."""

    labels: tuple[Labels, ...]
    by_metric: dict[str, list[int]]
    chosen: dict[Select, tuple[int, ...]] = field(default_factory=dict)

    def columns(self, of: Select) -> tuple[int, ...]:
        if of not in self.chosen:
            if len(self.chosen) >= MOST_REMEMBERED:
                self.chosen.clear()
            there = self.by_metric.get(of.metric, ())
            self.chosen[of] = tuple(n for n in there if all(m.matches(self.labels[n]) for m in of.matchers))
        return self.chosen[of]


@dataclass
class _Written:
    """What was kept last of a place."""

    shown: tuple[Known, ...] | None  # None: another command kept it
    layout: int
    ids: tuple[int, ...]


class ScrapeStore:
    """One environment's scrapes. `close` it when done."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(TABLES + TABLE)
        self._layouts: dict[int, _Layout] = {}
        self._named: dict[int, Labels] = {}
        self._places: dict[str, _Written] = {}

    def close(self) -> None:
        self._db.close()

    def keep(self, place: str, at_ms: int, exposed: Exposed) -> None:
        """One scrape of a place; what it showed the last time and no more is gone from now on."""
        with self._told(), self._writing():
            before = self._places.get(place) or self._last_of(place)
            if before is None or exposed.series is not before.shown:
                ids = self._ids(exposed.series)
                gone = tuple(set(before.ids) - set(ids)) if before else ()
                if gone:
                    self._insert(place, at_ms, self._layout((*ids, *gone)), exposed.values, len(gone))
                before = _Written(shown=exposed.series, layout=self._layout(ids), ids=ids)
                if not gone:
                    self._insert(place, at_ms, before.layout, exposed.values, 0)
            else:
                self._insert(place, at_ms, before.layout, exposed.values, 0)
        self._places[place] = before  # only after the commit: what was rolled back was not written

    def places(self, since_ms: int) -> tuple[str, ...]:
        """What was scraped since then, in order of names."""
        with self._told():
            asked = "SELECT DISTINCT place FROM scrape WHERE at_ms >= ? ORDER BY place"
            return tuple(place for (place,) in self._db.execute(asked, (since_ms,)))

    def others(self) -> int:
        """Another number once another command has written."""
        with self._told():
            return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def thin(self, now_ms: int) -> int:
        """Keep what is old more coarsely, a part at each call; how many scrapes were dropped.

        Drills that were killed are forgotten.
        """
        with self._told(), self._writing():
            dropped = thin(self._db, now_ms)
            self._db.execute("DELETE FROM planted WHERE last_ms < ?", (now_ms - PLANT_KEPT_MS,))
        self._places.clear()  # their layouts may be among what was dropped
        return dropped

    def plant(self, series: Sequence[Series]) -> None:
        """Keep samples of made-up services beside the scraped ones; those of drills long past are dropped."""
        with self._told(), self._writing():
            rows = [
                (
                    _text(one.labels),
                    dict(one.labels)[NAME],
                    one.times_ms[0],
                    one.times_ms[-1],
                    array("q", one.times_ms).tobytes(),
                    array("d", one.values).tobytes(),
                )
                for one in series
                if one.times_ms
            ]
            newest = max((row[3] for row in rows), default=0)
            self._db.execute("DELETE FROM planted WHERE last_ms < ?", (newest - PLANT_KEPT_MS,))
            self._db.executemany(
                "INSERT INTO planted (labels, metric, first_ms, last_ms, times, held) VALUES (?,?,?,?,?,?)", rows
            )

    def uproot(self, label: str, marker: str) -> None:
        """Forget all planted series in whose label the marker stands: nothing of a drill stays."""
        with self._told(), self._writing():
            rows = self._db.execute("SELECT id, labels FROM planted").fetchall()
            ended = [(n,) for n, text in rows if marker in dict(json.loads(text)).get(label, "")]
            self._db.executemany("DELETE FROM planted WHERE id = ?", ended)

    def read(self, of: Select, begin_ms: int, end_ms: int) -> Iterable[Series]:
        """For `slo.evaluate.Store`: the series of a selector with their samples, both borders included."""
        with self._told():
            parts = [*self._scraped(of, begin_ms, end_ms), self._planted(of, begin_ms, end_ms)]
        parts = [part for part in parts if part]
        return parts[0] if len(parts) == 1 else _joined(parts)

    def _scraped(self, of: Select, begin_ms: int, end_ms: int) -> Iterator[list[Series]]:
        for (number,) in self._db.execute("SELECT id FROM layout").fetchall():
            layout = self._layout_of(number)
            columns = layout.columns(of)
            if not columns:
                continue
            rows = self._db.execute(
                "SELECT at_ms, held FROM scrape WHERE layout = ? AND at_ms BETWEEN ? AND ? ORDER BY at_ms",
                (number, begin_ms, end_ms),
            ).fetchall()
            if rows:
                times = tuple(at_ms for at_ms, _ in rows)
                held = _transposed([blob for _, blob in rows], columns, len(layout.labels))
                yield [
                    Series(labels=layout.labels[n], times_ms=times, values=values)
                    for n, values in zip(columns, held, strict=True)
                ]

    def _planted(self, of: Select, begin_ms: int, end_ms: int) -> list[Series]:
        rows = self._db.execute(
            "SELECT labels, times, held FROM planted WHERE metric = ? AND first_ms <= ? AND last_ms >= ?",
            (of.metric, end_ms, begin_ms),
        )
        found = []
        for text, times, held in rows.fetchall():
            labels = _labels(text)
            if all(matcher.matches(labels) for matcher in of.matchers):
                series = Series(labels=labels, times_ms=array("q", times), values=array("d", held))
                found.append(between(series, begin_ms, end_ms))
        return found

    def _ids(self, series: Sequence[Known]) -> tuple[int, ...]:
        rows = [(_text(one.labels), one.counter) for one in series]
        self._db.executemany("INSERT OR IGNORE INTO series (labels, counter) VALUES (?,?)", rows)
        known = dict(self._db.execute("SELECT labels, id FROM series"))
        return tuple(known[text] for text, _ in rows)

    def _layout(self, ids: Sequence[int]) -> int:
        blob = array("q", ids).tobytes()
        digest = sha256(blob).digest()
        self._db.execute("INSERT OR IGNORE INTO layout (digest, ids) VALUES (?,?)", (digest, blob))
        return int(self._db.execute("SELECT id FROM layout WHERE digest = ?", (digest,)).fetchone()[0])

    def _layout_of(self, number: int) -> _Layout:
        if number not in self._layouts:
            (blob,) = self._db.execute("SELECT ids FROM layout WHERE id = ?", (number,)).fetchone()
            ids = array("q", blob)
            if not self._named.keys() >= set(ids):
                rows = self._db.execute("SELECT id, labels FROM series").fetchall()
                new = [(n, text) for n, text in rows if n not in self._named]
                parsed = json.loads(
                    f"[{','.join(text for _, text in new)}]"
                )  # at once: ten times as fast as singly
                self._named.update((n, tuple(map(tuple, one))) for (n, _), one in zip(new, parsed, strict=True))
            labels = tuple(self._named[n] for n in ids)
            by_metric: dict[str, list[int]] = {}
            for place, one in enumerate(labels):
                by_metric.setdefault(one[0][1] if one[0][0] == NAME else dict(one)[NAME], []).append(place)
            self._layouts[number] = _Layout(labels=labels, by_metric=by_metric)
        return self._layouts[number]

    def _last_of(self, place: str) -> _Written | None:
        found = self._db.execute(
            "SELECT layout, ids, held FROM scrape JOIN layout ON layout.id = layout "
            "WHERE place = ? ORDER BY at_ms DESC, scrape.id DESC LIMIT 1",
            (place,),
        ).fetchone()
        if found is None:
            return None
        layout, ids, held = found
        there = tuple(n for n, value in zip(array("q", ids), array("d", held), strict=True) if value == value)
        return _Written(shown=None, layout=layout, ids=there)

    def _insert(self, place: str, at_ms: int, layout: int, values: "array[float]", gone: int) -> None:
        held = (values + array("d", [GONE] * gone)) if gone else values
        self._db.execute(
            "INSERT INTO scrape (at_ms, place, layout, held) VALUES (?,?,?,?)",
            (at_ms, place, layout, held.tobytes()),
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")  # fails while another command reads for too long: nothing may stay open
        except BaseException:
            if self._db.in_transaction:  # a full disk has ended it already
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise Failure(
                where=str(self.path),
                what="measured values cannot be kept or read",
                why=str(error),
                next="free some space; when the file is damaged, move it away and a new one is begun",
            ) from error


def _transposed(blobs: Sequence[bytes], columns: tuple[int, ...], width: int) -> Iterable[Sequence[float]]:
    """The values of each column over all rows."""
    rows = [memoryview(blob).cast("d") for blob in blobs]
    if len(columns) == 1:
        return [tuple(row[columns[0]] for row in rows)]
    if len(columns) < width:
        pick = itemgetter(*columns)
        return zip(*(pick(row) for row in rows), strict=True)
    return zip(*rows, strict=True)


def _joined(parts: Iterable[Sequence[Series]]) -> Iterator[Series]:
    """Parts of the same series, of several layouts, as one in order of time."""
    found: dict[Labels, list[Series]] = {}
    for one in chain.from_iterable(parts):
        if one.values:
            found.setdefault(one.labels, []).append(one)
    for labels, same in found.items():
        if len(same) == 1:
            yield same[0]
            continue
        pairs = sorted((at, value) for one in same for at, value in zip(one.times_ms, one.values, strict=True))
        times, values = zip(*pairs, strict=True)
        yield Series(labels=labels, times_ms=times, values=values)


def _text(labels: Labels) -> str:
    return json.dumps(labels, ensure_ascii=False, separators=(",", ":"))


def _labels(text: str) -> Labels:
    return labels_of((str(name), str(value)) for name, value in json.loads(text))
