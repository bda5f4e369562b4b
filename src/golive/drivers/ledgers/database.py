"""The SQLite file: one table of lines, and what is needed to find them.

WAL with synchronous=FULL: a statement that returns is on the disk. The caller makes sure that nobody else
writes at the same time (`writer`): SQLite before 3.51.3 can corrupt a WAL when two connections write or
checkpoint at once. Troubles of the disk come out as `OSError`, a damaged file as `Failure` (exit 5).
"""

import errno
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from golive.evidence.record import Record
from golive.evidence.shape import read_trusted, tampered

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    seq INTEGER PRIMARY KEY, env TEXT NOT NULL, id TEXT NOT NULL UNIQUE, epoch INTEGER NOT NULL, line BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS records_of_environment ON records (env, seq);
"""
_ADD = "INSERT INTO records (seq, env, id, epoch, line) VALUES (?, ?, ?, ?, ?)"
_PATIENCE = 10.0  # seconds to wait for a connection that is just being closed by an ending process

_DISK_TROUBLE = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_NOMEM: errno.ENOMEM,
    sqlite3.SQLITE_BUSY: errno.EBUSY,
    sqlite3.SQLITE_LOCKED: errno.EBUSY,
}


class Database:
    """An open ledger database; made when it is not there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._translated():
            self._connection = sqlite3.connect(
                path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.executescript(_SCHEMA)
            # What an earlier process left in the WAL may never have reached the disk, if its fsync failed.
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._wal = self._wal_file()

    @property
    def is_cut_off(self) -> bool:
        """Whether another process has put away the write-ahead log that this connection writes into.

        It does so when it believes to be the last one, which is what it sees when something in this process has
        opened and closed the database's file: that gives back SQLite's locks (POSIX). What would be written then
        would be lost. To be asked under the writers' lock.
        """
        return self._wal_file() != self._wal

    def _wal_file(self) -> tuple[int, int] | None:
        try:
            found = os.stat(f"{self.path}-wal")
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def add(self, record: Record) -> None:
        """One record, durable on return."""
        with self._translated():
            self._connection.execute(_ADD, _row(record))

    def fill(self, records: Iterable[Record]) -> None:
        """All of `records`, or none when one of them cannot be had or saved."""
        with self._translated(), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(_ADD, map(_row, records))

    def lines(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """Number and line of every record with `seq > after`, in order."""
        yield from self._rows("SELECT seq, CAST(line AS BLOB) FROM records WHERE seq > ? ORDER BY seq", after)

    def rows(self) -> Iterator[tuple[int, str, str, int, bytes]]:
        """Everything there is: number, environment, id, epoch, line."""
        with self._translated():
            query = "SELECT seq, env, id, epoch, CAST(line AS BLOB) FROM records ORDER BY seq"
            yield from iter(self._connection.execute(query).fetchone, None)

    def refuse_damaged(self) -> None:
        """`Failure` (exit 5) unless SQLite finds its own file sound; reads all of it."""
        with self._translated():
            fault = self._connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if fault != "ok":
            raise tampered(str(self.path), "the database is damaged", fault)

    def records(self, environment: str | None, after: int) -> list[Record]:
        if environment is None:
            rows = self._rows("SELECT seq, CAST(line AS BLOB) FROM records WHERE seq > ? ORDER BY seq", after)
        else:
            query = "SELECT seq, CAST(line AS BLOB) FROM records WHERE env = ? AND seq > ? ORDER BY seq"
            rows = self._rows(query, environment, after)
        return [read_trusted(line, str(self.path)) for _, line in rows]

    def newest(self) -> Record | None:
        return self._record("SELECT CAST(line AS BLOB) FROM records ORDER BY seq DESC LIMIT 1")

    def by_id(self, id: str) -> Record | None:
        return self._record("SELECT CAST(line AS BLOB) FROM records WHERE id = ?", id)

    def newest_seq(self, environment: str) -> int:
        """0 when the environment has no record."""
        return self._number("SELECT max(seq) FROM records WHERE env = ?", environment)

    def epoch(self, environment: str) -> int:
        """The highest epoch of the environment, 0 before the first lease.

        Epochs never fall, so it is that of the newest record which was written under a lease.
        """
        query = "SELECT CAST(epoch AS INTEGER) FROM records WHERE env = ? AND epoch > 0 ORDER BY seq DESC LIMIT 1"
        return self._number(query, environment)

    def close(self) -> None:
        with self._translated():
            self._connection.close()

    def _record(self, query: str, *values: object) -> Record | None:
        row = self._first(query, *values)
        return read_trusted(row[0], str(self.path)) if row else None

    def _number(self, query: str, *values: object) -> int:
        row = self._first(query, *values)
        return int(row[0] or 0) if row else 0

    def _first(self, query: str, *values: object) -> tuple[Any, ...] | None:
        with self._translated():
            cursor = self._connection.execute(query, values)
            row: tuple[Any, ...] | None = cursor.fetchone()
            cursor.close()
            return row

    def _rows(self, query: str, *values: object) -> Iterator[tuple[int, bytes]]:
        with self._translated():
            yield from iter(self._connection.execute(query, values).fetchone, None)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            kind = _DISK_TROUBLE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
            if kind is None:
                raise tampered(str(self.path), "the database is damaged, or not golive's", str(error)) from error
            raise OSError(kind, str(error), str(self.path)) from error


def _row(record: Record) -> tuple[int, str, str, int, bytes]:
    draft = record.draft
    return record.seq, draft.environment, draft.id, draft.epoch, record.line.encode()
