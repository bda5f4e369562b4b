"""Checkpoints as files: each under its size, and the newest once more under a name of its own.

Written aside, synced, renamed: a crash leaves the one before. `checkpoints/<size>` comes first, so the newest is
always among those that were published. What was published last is told by those, not by the copy under the
other name, which a crash may leave behind: so no seal ever builds on an older head and writes over a later one.
Links, devices and folders in a checkpoint's place are read as nothing, which is no checkpoint.
"""

import errno
import os
import stat
from pathlib import Path

from golive.drivers.ledgers.faults import named
from golive.drivers.ledgers.locks import Lock, LockBusy
from golive.drivers.ledgers.projection import sync_folder
from golive.errors import Exit, Failure
from golive.evidence.shape import tampered
from golive.evidence.tree.checkpoint import checkpoint_in
from golive.evidence.tree.note import MOST_BYTES, read

NEWEST = "operations/checkpoint"
FOLDER = "operations/checkpoints"
PATIENCE = 10.0  # seconds to wait for another process that publishes

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # opening a pipe would wait for somebody who writes into it
_NOT_PLAIN = (errno.ELOOP, errno.ENXIO)  # what opening a link or a socket says


class CheckpointFiles:
    """Implements `evidence.tree.checkpoint.Checkpoints` in an evidence folder."""

    def __init__(self, state_folder: Path, evidence_folder: Path) -> None:
        self._evidence = evidence_folder
        self._lock = Lock(state_folder / "checkpoint.lock")

    def newest(self) -> bytes | None:
        """The largest that was published; `Failure` (exit 5) when a file does not hold what it should."""
        sizes = [int(name) for name in self._names() if name.isdecimal()]
        copy = _content(self._evidence / NEWEST)
        if copy is not None and copy != _content(self._evidence / _path(_size(copy, NEWEST))):
            raise tampered(NEWEST, "the newest head is not among those that were published", "")
        return self._published(max(sizes)) if sizes else None

    def publish(self, size: int, content: bytes) -> None:
        with named(self._evidence):
            self._acquire()
            try:
                there = self.newest()
                if there is None or _size(there, NEWEST) < size:
                    self._write(_path(size), content)
                    self._write(NEWEST, content)
            finally:
                self._lock.drop()

    def stored(self) -> dict[str, bytes]:
        """Every checkpoint by its path below the evidence folder."""
        paths = [*(f"{FOLDER}/{name}" for name in self._names()), NEWEST]
        found = {path: _content(self._evidence / path) for path in paths}
        return {path: content for path, content in found.items() if content is not None}

    def _published(self, size: int) -> bytes:
        content = _content(self._evidence / _path(size)) or b""
        if _size(content, _path(size)) != size:
            raise tampered(_path(size), "this head has the name of another", "")
        return content

    def _names(self) -> list[str]:
        folder = self._evidence / FOLDER
        if folder.is_symlink():
            raise tampered(FOLDER, "this folder is a link", "heads are kept in the evidence folder itself")
        names = sorted(os.listdir(folder)) if folder.is_dir() else []
        return [name for name in names if not name.startswith(".")]

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
        part = path.with_name(".checkpoint.part")  # one name, so that the next one takes what a crash left
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)


def _path(size: int) -> str:
    return f"{FOLDER}/{size}"


def _size(content: bytes, where: str) -> int:
    return checkpoint_in(read(content, where), where).size


def _content(path: Path) -> bytes | None:
    """None when there is nothing; no bytes when it is no plain file."""
    try:
        fd = os.open(path, _READ)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in _NOT_PLAIN:
            return b""
        raise
    try:
        return os.read(fd, MOST_BYTES + 1) if stat.S_ISREG(os.fstat(fd).st_mode) else b""
    finally:
        os.close(fd)
