"""Writing: one process at a time, the database first, then the file, then the answer.

Every touch of the database that can write (opening, appending, checkpointing, closing) happens under an
exclusive lock on `ledger.lock`; `locks.Lock` dies with its process. After any fault of the disk this writer
writes no more: what a failed fsync left behind is unknown, and only a new process that reads again may go on.
"""

import contextlib
import os
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

from golive.drivers.ledgers.database import Database
from golive.drivers.ledgers.faults import named, read_only
from golive.drivers.ledgers.locks import Lock, LockBusy
from golive.drivers.ledgers.projection import (
    FILE,
    Mark,
    append,
    complete_lines,
    cut_torn_line,
    settle,
    sync_folder,
)
from golive.errors import Exit, Failure
from golive.evidence.canonical import seal
from golive.evidence.chain import START, follow, placed
from golive.evidence.ledger import Head, HeadMoved
from golive.evidence.record import Draft, Record

DATABASE = "ledger.sqlite3"
PATIENCE = 10.0  # seconds that an append may wait for those of others


class Writer:
    """The one that writes for this process. Opens the database at the first touch, not before."""

    def __init__(self, state_folder: Path, evidence_folder: Path) -> None:
        self._state = state_folder
        self._file = evidence_folder / FILE
        self._lock = Lock(state_folder / "ledger.lock")
        self._turn = threading.RLock()
        self._mark = Mark()
        self._opened: Database | None = None
        self._closing: Callable[[], object] = self._lock.drop
        self._is_broken = False

    @property
    def is_reading(self) -> bool:
        """Whether the database can be asked: it is open, and no write has failed."""
        return self._opened is not None and not self._is_broken

    def append(self, draft: Draft, parent: int | None) -> Record:
        """See `evidence.ledger.Ledger`; the draft has its lease's epoch already."""
        with self._alone() as database:
            known = database.by_id(draft.id)
            if known:
                return known
            _refuse_outdated(draft, parent, database)
            last = database.newest()
            head = _head(last)
            record = seal(placed(draft, last), seq=head.seq + 1, prev=head.digest)
            database.add(record)
            self._mark = append(self._file, record.line.encode(), self._mark)
            return record

    def epoch(self, environment: str) -> int:
        """The highest that the environment has seen."""
        with self._alone() as database:
            return database.epoch(environment)

    def read(self, environment: str | None, after: int) -> list[Record]:
        with self._turn, named(self._state):
            return self._database().records(environment, after)

    def head(self) -> Head:
        with self._turn, named(self._state):
            return _head(self._database().newest())

    def close(self) -> None:
        """Checkpoint and close; also done when the process ends in an orderly way."""
        with self._turn:
            self._closing()
            self._opened = None

    @contextlib.contextmanager
    def _alone(self) -> Iterator[Database]:
        """Nobody else writes for as long as the block lasts; file and database are equal when it begins."""
        with self._turn, named(self._state):
            if self._is_broken:
                raise read_only(self._state)
            try:
                self._acquire()
                with self._lock.held():
                    if self._opened is not None and self._opened.is_cut_off:
                        self._opened.close()
                        self._opened = None
                    database = self._database()
                    self._mark = settle(self._file, database.lines, self._mark)
                    yield database
            except OSError:
                self._is_broken = True
                raise

    def _database(self) -> Database:
        if self._opened is None:
            database = Database(self._state / DATABASE)
            self._closing = weakref.finalize(self, _close, self._lock, database)
            sync_folder(self._state)
            sync_folder(self._state.parent)
            if database.newest() is None and self._file.exists():
                database.fill(self._proven_records())
            self._opened = database
        return self._opened

    def _proven_records(self) -> Iterator[Record]:
        """The file's records, for a database that was lost (a fresh clone); `Failure` unless the chain holds.

        Half a line at the end is dropped before the database commits, so that a crash in between repeats this.
        """
        yield from follow(complete_lines(self._file), str(self._file))
        cut_torn_line(self._file)

    def _acquire(self) -> None:
        self._state.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._lock.acquire(_who(), PATIENCE)
        except LockBusy as busy:
            raise Failure(
                where=str(self._lock.path),
                what=f"the ledger was not free within {PATIENCE:.0f} s",
                why=f"{busy or 'somebody'} is writing into it",
                next="try again; if that one hangs, end it: its lock ends with it and nothing is lost",
                code=Exit.REFUSED,
            ) from None
        if self._lock.is_orphan():
            self._is_broken = True
            self._lock.drop()
            raise Failure(
                where=str(self._state),
                what="the state folder was deleted or replaced while golive worked in it",
                why="its lock no longer keeps other controllers out",
                next="golive status, then golive resume: the ledger is made again from the evidence folder",
                code=Exit.REFUSED,
            )


def _refuse_outdated(draft: Draft, parent: int | None, database: Database) -> None:
    highest = database.epoch(draft.environment)
    if 0 < draft.epoch < highest + (draft.type == "lease.taken"):
        raise Failure(
            where=draft.environment,
            what="this controller was replaced by another one",
            why=f"its epoch is {draft.epoch}, the ledger has seen {highest}",
            next="golive status says who works on it",
            code=Exit.REFUSED,
        )
    if parent is not None and parent != database.newest_seq(draft.environment):
        raise HeadMoved


def _head(newest: Record | None) -> Head:
    return Head(seq=newest.seq, digest=newest.digest) if newest else START


def _close(lock: Lock, database: Database) -> None:
    """Closing may checkpoint. When the lock cannot be had, SQLite's own lock keeps the last one apart."""
    with contextlib.suppress(LockBusy, OSError):
        lock.acquire(_who(), 1.0)
    with contextlib.suppress(OSError):
        database.close()
    lock.drop()


def _who() -> str:
    return f"pid {os.getpid()} on {os.uname().nodename}"
