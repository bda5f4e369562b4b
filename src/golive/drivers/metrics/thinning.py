"""What is old is kept more coarsely, so that a month fits: no increase of a counter is lost by it.

Of each stretch of time the first scrape stays, and both sides of every fall of a counter and of every change of
layout: what rose in between is still the difference of what is left. Gauges keep one value of each stretch, as it
happened to be.
"""

import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from operator import le

# Older than this: one scrape of each stretch.
STAGES = (
    (timedelta(hours=6), timedelta(minutes=1)),
    (timedelta(days=3), timedelta(minutes=5)),
)
KEPT = timedelta(days=35)  # the longest usual window of an SLO, and some days
AT_ONCE = 1_000  # scrapes of a place that one call looks at: it must not keep a scrape waiting

TABLE = """
CREATE TABLE IF NOT EXISTS thinned (
  place TEXT NOT NULL, stretch_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
  PRIMARY KEY (place, stretch_ms)) WITHOUT ROWID;
"""
Row = tuple[int, int, int, bytes]  # id, at_ms, layout, values


def thin(db: sqlite3.Connection, now_ms: int) -> int:
    """One round, inside the caller's transaction; returns how many scrapes were dropped."""
    past = (now_ms - _ms(KEPT),)
    layouts = db.execute("SELECT DISTINCT layout FROM scrape WHERE at_ms < ?", past).fetchall()
    dropped = db.execute("DELETE FROM scrape WHERE at_ms < ?", past).rowcount
    unused = "DELETE FROM layout WHERE id = ? AND id NOT IN (SELECT layout FROM scrape)"
    db.executemany(unused, layouts)  # not one that waits for its first scrape
    for (place,) in db.execute("SELECT DISTINCT place FROM scrape").fetchall():
        for age, stretch in STAGES:
            dropped += _stage(db, place, now_ms - _ms(age), _ms(stretch))
    return dropped


def _stage(db: sqlite3.Connection, place: str, oldest_kept_ms: int, stretch_ms: int) -> int:
    asked = (place, stretch_ms)
    found = db.execute("SELECT until_ms FROM thinned WHERE place = ? AND stretch_ms = ?", asked).fetchone()
    until_ms = found[0] if found else -1
    rows: list[Row] = db.execute(
        "SELECT id, at_ms, layout, held FROM scrape WHERE place = ? AND at_ms >= ? ORDER BY at_ms, id LIMIT ?",
        (place, until_ms, AT_ONCE),
    ).fetchall()  # the first one was looked at the last time: it stays, and says what the next is compared with
    if len(rows) < 3 or rows[1][1] > oldest_kept_ms:
        return 0
    surplus = list(_surplus(db, rows, oldest_kept_ms, stretch_ms))
    db.executemany("DELETE FROM scrape WHERE id = ?", [(n,) for n in surplus])
    last_ms = max(row[1] for row in rows[:-1] if row[1] <= oldest_kept_ms)
    kept_ms = max(row[1] for row in rows[:-1] if row[1] <= last_ms and row[0] not in set(surplus))
    db.execute("INSERT OR REPLACE INTO thinned VALUES (?,?,?)", (*asked, kept_ms))
    return len(surplus)


def _surplus(db: sqlite3.Connection, rows: Sequence[Row], oldest_kept_ms: int, stretch_ms: int) -> Iterator[int]:
    counters: dict[int, list[int]] = {}
    borders = set[int]()
    for before, after in pairwise(rows):
        if before[2] not in counters:
            counters[before[2]] = _counters(db, before[2])
        if before[2] != after[2] or _fell(before[3], after[3], counters[before[2]]):
            borders |= {before[0], after[0]}
    for before, row in pairwise(rows[:-1]):
        if row[1] > oldest_kept_ms:
            return
        if row[0] not in borders and before[1] // stretch_ms == row[1] // stretch_ms:
            yield row[0]


def _counters(db: sqlite3.Connection, layout: int) -> list[int]:
    """At which places of a layout values only rise."""
    (blob,) = db.execute("SELECT ids FROM layout WHERE id = ?", (layout,)).fetchone()
    counted = {n for (n,) in db.execute("SELECT id FROM series WHERE counter")}
    return [place for place, n in enumerate(array("q", blob)) if n in counted]


def _fell(before: bytes, after: bytes, counters: Sequence[int]) -> bool:
    one, other = memoryview(before).cast("d"), memoryview(after).cast("d")
    rising = map(le, [one[n] for n in counters], [other[n] for n in counters])
    return not all(rising)  # what is gone, NaN, is in no order


def _ms(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)
