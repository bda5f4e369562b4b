"""Checkpoints as files: each under its size, and the newest once more under a name of its own.

Written aside, synced, renamed: a crash leaves the one before. `checkpoints/<size>` comes first, so the newest is
always among those that were published.
"""

import os
from pathlib import Path

from golive.drivers.ledgers.faults import named
from golive.drivers.ledgers.locks import Lock, LockBusy
from golive.drivers.ledgers.projection import sync_folder
from golive.errors import Exit, Failure
from golive.evidence.tree.checkpoint import checkpoint_in
from golive.evidence.tree.note import MOST_BYTES, read

NEWEST = "operations/checkpoint"
FOLDER = "operations/checkpoints"
PATIENCE = 10.0  # seconds to wait for another process that publishes


class CheckpointFiles:
    """Implements `evidence.tree.checkpoint.Checkpoints` in an evidence folder."""

    def __init__(self, state_folder: Path, evidence_folder: Path) -> None:
        self._evidence = evidence_folder
        self._lock = Lock(state_folder / "checkpoint.lock")

    def newest(self) -> bytes | None:
        try:
            with (self._evidence / NEWEST).open("rb") as file:
                return file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return None

    def publish(self, size: int, content: bytes) -> None:
        with named(self._evidence):
            self._acquire()
            try:
                there = self.newest()
                if there is None or checkpoint_in(read(there, NEWEST), NEWEST).size < size:
                    self._write(f"{FOLDER}/{size}", content)
                    self._write(NEWEST, content)
            finally:
                self._lock.drop()

    def stored(self) -> dict[str, bytes]:
        """Every checkpoint by its path below the evidence folder."""
        folder = self._evidence / FOLDER
        names = sorted(os.listdir(folder)) if folder.is_dir() else []
        found = {f"{FOLDER}/{name}": _content(folder / name) for name in names if not name.startswith(".")}
        there = self.newest()
        return found if there is None else {**found, NEWEST: there}

    def _acquire(self) -> None:
        try:
            self._lock.acquire(f"pid {os.getpid()}", PATIENCE)
        except LockBusy as busy:
            raise Failure(
                where=str(self._lock.path),
                what=f"no checkpoint could be published within {PATIENCE:.0f} s",
                why=f"{busy or 'somebody'} publishes one",
                next="nothing is lost: the next command that records something publishes it",
                code=Exit.REFUSED,
            ) from None

    def _write(self, name: str, content: bytes) -> None:
        path = self._evidence / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)
