"""Readings on disk: raw counters in SQLite, so that a controller that died half-way loses none.

One connection at a time, guarded by a lock on a file beside the database: SQLite before 3.51.3 can corrupt a
write-ahead log that two connections checkpoint at once.
"""

import fcntl
import json
import math
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from golive.drivers.metrics.envoy_readings import Reading
from golive.errors import Failure

KEPT = timedelta(days=7)
LOCK_LIMIT_S = 2.0  # others hold it for some milliseconds
MOST_TICKS = 2000  # of one revision: a soak of a day must not be 86,400 rows at every look

TABLE = """
CREATE TABLE IF NOT EXISTS reading (
  at_ms INTEGER NOT NULL,
  revision TEXT NOT NULL,
  present INTEGER NOT NULL,
  uptime_s INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  latency TEXT NOT NULL,
  PRIMARY KEY (at_ms, revision)
) WITHOUT ROWID
"""

COLUMNS = "at_ms, revision, present, uptime_s, requests, errors, latency"

# Falls are looked for in all readings, the left-out ones included: about 0.1 s for an hour of them, 1 s for a day.
THINNED = f"""
WITH series AS (
  SELECT *, at_ms / ? AS stretch {{kept}}
), sides AS (
  SELECT *, LAG(stretch) OVER w AS earlier,
    present <> LAG(present) OVER w OR requests < LAG(requests) OVER w OR uptime_s < LAG(uptime_s) OVER w AS began,
    present <> LEAD(present) OVER w OR requests > LEAD(requests) OVER w OR uptime_s > LEAD(uptime_s) OVER w AS ends
  FROM series WINDOW w AS (PARTITION BY revision ORDER BY at_ms)
)
SELECT {COLUMNS} FROM sides WHERE earlier IS NULL OR earlier <> stretch OR began OR ends
"""


@dataclass(frozen=True)
class Store:
    """One environment's readings. Every call opens, and closes, the file."""

    path: Path

    def exchange(self, readings: Iterable[Reading], since: datetime) -> list[Reading]:
        """Keep these; return those of the same revisions from `since` on, in order of time.

        Over a long time only some are returned. While counters rise that makes ticks longer and loses no
        request; the readings on both sides of a fall or an absence are always among them.
        """
        rows = [_row(reading) for reading in readings]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._alone(), closing(sqlite3.connect(self.path)) as connection:
                _prepare(connection)
                with connection:
                    connection.executemany("INSERT OR REPLACE INTO reading VALUES (?,?,?,?,?,?,?)", rows)
                    newest = max((row[0] for row in rows), default=0)
                    oldest = newest - int(KEPT.total_seconds() * 1000)
                    connection.execute("DELETE FROM reading WHERE at_ms < ?", (oldest,))
                return [_reading(row) for row in sorted({*_since(connection, rows, since), *rows})]
        except (sqlite3.Error, OSError) as error:
            raise Failure(
                where=str(self.path),
                what="measured values cannot be kept",
                why=str(error),
                next="free some space; when the file is damaged, move it away and a new one is begun",
            ) from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self.path.with_name(self.path.name + ".lock").open("a") as lock:
            deadline = time.monotonic() + LOCK_LIMIT_S
            while not _lock(lock.fileno()):
                if time.monotonic() > deadline:
                    raise OSError(f"another golive holds {lock.name}")
                time.sleep(0.005)
            yield


Row = tuple[int, str, bool, int, int, int, str]


def _row(reading: Reading) -> Row:
    return (
        int(reading.at.timestamp() * 1000),
        reading.revision,
        reading.present,
        reading.uptime_s,
        reading.requests,
        reading.errors,
        json.dumps(dict(reading.latency)) if reading.latency is not None else "",
    )


def _reading(row: Row) -> Reading:
    at_ms, revision, present, uptime_s, requests, errors, latency = row
    return Reading(
        at=datetime.fromtimestamp(at_ms / 1000, UTC),
        revision=revision,
        present=bool(present),
        uptime_s=uptime_s,
        requests=requests,
        errors=errors,
        latency={int(bound): count for bound, count in json.loads(latency).items()} if latency else None,
    )


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")  # a power cut may cost the newest readings, never the file
    connection.execute(TABLE)


def _since(connection: sqlite3.Connection, newest: Sequence[Row], since: datetime) -> Sequence[Row]:
    """The first reading of each stretch of time, and those on both sides of a fall."""
    names = [row[1] for row in newest]
    kept = f"FROM reading WHERE at_ms >= ? AND revision IN ({','.join('?' * len(names))})"
    begin_ms = math.ceil(since.timestamp() * 1000)
    (span_ms,) = connection.execute(f"SELECT MAX(at_ms) - MIN(at_ms) {kept}", (begin_ms, *names)).fetchone()
    least_ms = max(1, 2 * (span_ms or 0) // MOST_TICKS)
    stretch_ms = 1 << least_ms.bit_length() - 1  # a power of two: it seldom changes while the time grows
    return connection.execute(THINNED.format(kept=kept), (stretch_ms, begin_ms, *names)).fetchall()


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
