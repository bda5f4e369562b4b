"""Looking at a ledger without touching it: file and database as they were at one moment.

The database is copied with its WAL and the copy is opened, because even reading a WAL database writes beside
it. What is checked must not be changed by the check.
"""

import contextlib
import errno
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from golive.drivers.ledgers.checkpoints import NEWEST, CheckpointFiles
from golive.drivers.ledgers.faults import named
from golive.drivers.ledgers.locks import LockBusy, still
from golive.drivers.ledgers.projection import FILE, complete_lines, torn_end
from golive.errors import Exit, Failure
from golive.evidence.manifest import PATH
from golive.evidence.shape import read_trusted, tampered
from golive.evidence.verification import Log

PATIENCE = 10.0  # seconds to wait for a moment at which nobody writes
DATABASE = "ledger.sqlite3"  # as in `writer`, which is not imported just to look


@contextlib.contextmanager
def inspected(evidence_folder: Path, state_folder: Path) -> Iterator[Log]:
    """The log at one moment, for as long as the block lasts; without a database when there is none."""
    path = evidence_folder / FILE
    if path.is_symlink():
        raise tampered(str(path), "this is no plain file", "it is a link, which may lead elsewhere tomorrow")
    with tempfile.TemporaryDirectory(prefix="golive-verify-") as copy:
        with named(evidence_folder), _still(state_folder):
            size_bytes = path.stat().st_size if path.exists() else 0
            _copy(state_folder, Path(copy))
            checkpoints = CheckpointFiles(state_folder, evidence_folder).stored()
        torn = torn_end(path, size_bytes)
        database, where = Path(copy) / DATABASE, str(state_folder / DATABASE)
        yield Log(
            where=str(path),
            lines=complete_lines(path, size_bytes),
            torn=torn,
            ledger=_rows(database, where) if database.exists() else None,
            ledger_where=where,
            checkpoints=checkpoints,
            newest=NEWEST,
        )


def manifest_of(evidence_folder: Path) -> bytes | None:
    """The manifest as it is; None when there is none. A link is one that says nothing."""
    path = evidence_folder / PATH
    if path.is_symlink():
        return b""
    try:
        with path.open("rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def _still(state_folder: Path) -> Iterator[None]:
    try:
        with still(state_folder / "ledger.lock", PATIENCE):
            yield
    except LockBusy as busy:
        raise Failure(
            where=str(state_folder / "ledger.lock"),
            what=f"somebody wrote all the time for {PATIENCE:.0f} s",
            why=f"{busy or 'somebody'} holds the lock",
            next="try again",
            code=Exit.REFUSED,
        ) from None


def _copy(state_folder: Path, copy: Path) -> None:
    """By another process: closing any descriptor of the database gives back every lock that SQLite has on it in
    this one (POSIX, fcntl), and the next one to close it elsewhere would take itself for the last."""
    for name in (DATABASE, f"{DATABASE}-wal"):
        if (state_folder / name).exists():
            ran = subprocess.run(
                ["cp", "--", str(state_folder / name), str(copy / name)], capture_output=True, check=False
            )
            if ran.returncode:
                raise OSError(errno.EIO, ran.stderr.decode(errors="replace").strip(), str(state_folder / name))


def _rows(path: Path, where: str) -> Iterator[tuple[bytes, str]]:
    """Each line of the copy, and what its row's columns contradict in it; a damaged one under its own name."""
    from golive.drivers.ledgers.database import Database

    try:
        database = Database(path)
        database.refuse_damaged()
        for seq, environment, id, epoch, line in database.rows():
            record = read_trusted(line, f"{where}:{seq}")
            due = (record.seq, record.draft.environment, record.draft.id, record.draft.epoch)
            found = (seq, environment, id, epoch)
            yield line, "" if found == due else f"{found} in the columns, {due} in the line"
        database.close()
    except Failure as failure:
        raise tampered(failure.where.replace(str(path), where), failure.what, failure.why) from failure
