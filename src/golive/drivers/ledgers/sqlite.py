"""The ledger of a laptop or a single server: SQLite beside a file of lines, no service to run.

Reading does not touch the database: `read` and `head` look at `records.jsonl`, which holds every acknowledged
record, so a reader is never in the way of the one writer and writes nothing at all. Only who writes opens the
database, and from then on reads there. What each file is for: `docs/decisions/0001-ledger-as-journal.md`.
"""

import json
import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from golive.drivers.ledgers.faults import named
from golive.drivers.ledgers.locks import Lock, LockBusy, note_of_holder
from golive.drivers.ledgers.projection import read_head, read_projection
from golive.errors import Exit, Failure
from golive.evidence.ledger import Head, Holder, Lease
from golive.evidence.record import Actor, Draft, Record
from golive.evidence.shape import FILE_NAME, instant

if TYPE_CHECKING:
    from golive.drivers.ledgers.writer import Writer


class SqliteLedger:
    """Implements `evidence.ledger.Ledger` on `state_folder/ledger.sqlite3` and `evidence_folder/operations`.

    Both folders belong together and to one machine. The object may be used from several threads, and closes
    itself when the process ends; one that was killed leaves nothing to clean up.
    """

    def __init__(self, state_folder: Path, evidence_folder: Path) -> None:
        self._state = state_folder
        self._evidence = evidence_folder
        self._writer: Writer | None = None
        self._opening = threading.Lock()
        self._held: dict[Lease, Lock] = {}

    def take(self, environment: str, holder: Holder) -> Lease:
        """The lease is a lock that dies with this process, and a `lease.taken` record with the next epoch."""
        lock = self._controller_lock(environment)
        writing = self._writing()
        try:
            with named(self._state):
                lock.path.parent.mkdir(parents=True, exist_ok=True)
                lock.acquire(_note(holder))
        except LockBusy as busy:
            raise _worked_on(environment, _holder(str(busy))) from None
        try:
            epoch = writing.epoch(environment) + 1
            writing.append(_lease_taken(environment, holder, epoch), None)
        except BaseException:
            lock.drop()
            raise
        lease = Lease(environment=environment, epoch=epoch, holder=holder)
        self._held[lease] = lock
        return lease

    def release(self, lease: Lease) -> None:
        lock = self._held.pop(lease, None)
        if lock:
            lock.drop()

    @property
    def has_written(self) -> bool:
        """Whether this object opened the database, which only writing does."""
        return self._writer is not None

    def holder(self, environment: str) -> Holder | None:
        """Who works on the environment now; None when nobody does. Writes nothing."""
        with named(self._state):
            note = note_of_holder(self._controller_lock(environment).path)
        return None if note is None else _holder(note)

    def append(self, draft: Draft, *, parent: int | None = None, lease: Lease | None = None) -> Record:
        stamped = replace(draft, epoch=lease.epoch) if lease else draft
        return self._writing().append(stamped, parent)

    def read(self, environment: str | None = None, *, after: int = 0) -> Sequence[Record]:
        if self._writer and self._writer.is_reading:
            return self._writer.read(environment, after)
        return read_projection(self._evidence, environment, after=after)

    def head(self) -> Head:
        if self._writer and self._writer.is_reading:
            return self._writer.head()
        return read_head(self._evidence)

    def close(self) -> None:
        """Give back every lease and close the database; the object can be used again."""
        for lease in tuple(self._held):
            self.release(lease)
        if self._writer:
            self._writer.close()
            self._writer = None

    def _writing(self) -> "Writer":
        from golive.drivers.ledgers.writer import Writer  # sqlite3 and more: not needed for reading

        with self._opening:
            self._writer = self._writer or Writer(self._state, self._evidence)
            return self._writer

    def _controller_lock(self, environment: str) -> Lock:
        if not FILE_NAME.fullmatch(environment):
            raise Failure(
                where=f"environment {environment!r}",
                what="this cannot be the name of an environment",
                why="it names a folder: lower-case letters, digits, dot, dash, underscore; at most 100",
                next="rename the environment in golive.yaml",
                code=Exit.USAGE,
            )
        return Lock(self._state / "environments" / environment / "controller.lock")


def _lease_taken(environment: str, holder: Holder, epoch: int) -> Draft:
    """A ledger has no clock: the record says when the holder says it was."""
    return Draft(
        id=f"lease-{os.urandom(16).hex()}",
        at=holder.since,
        mono_ns=0,
        boot="",
        type="lease.taken",
        environment=environment,
        rollout="",
        epoch=epoch,
        actor=Actor(id=holder.actor),
        body={"where": holder.where},
    )


def _note(holder: Holder) -> str:
    return json.dumps({"actor": holder.actor, "where": holder.where, "since": instant(holder.since)})


def _holder(note: str) -> Holder | None:
    """None when the note is not one of ours, or half of one."""
    try:
        said = json.loads(note)
        since = datetime.fromisoformat(said["since"])
        return Holder(actor=said["actor"], where=said["where"], since=since)
    except (ValueError, KeyError, TypeError):
        return None


def _worked_on(environment: str, holder: Holder | None) -> Failure:
    who = f"{holder.actor} ({holder.where}) since {holder.since:%H:%M:%S} UTC" if holder else "somebody"
    return Failure(
        where=f"environments.{environment}",
        what=f"{environment} is being worked on by {who}",
        why="one controller at a time works on an environment; its lock ends with its process",
        next=f"golive status to watch it, golive abort --env {environment} to turn it back",
        code=Exit.REFUSED,
    )
