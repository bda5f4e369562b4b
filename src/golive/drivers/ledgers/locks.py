"""Locks that die with their process: `flock` on a file that also says who holds it.

No expiry and no clock: the kernel gives a lock back when its process ends, however it ends. The file stays.
Works on local file systems; on network file systems it is as good as their `flock`.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

GLANCE = 0.1  # seconds: how long somebody who only looks whether a lock is held may be in the way


class LockBusy(Exception):
    """Somebody else holds the lock; the text is what they wrote into it, perhaps nothing."""


class Lock:
    """One lock file, held or not. Not shared between threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = -1

    def acquire(self, note: str, patience: float = GLANCE) -> None:
        """Take the lock within `patience` seconds and write `note` into it, or raise `LockBusy`."""
        if self._fd < 0:
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        if not _locked(self._fd, time.monotonic() + patience):
            noted = os.pread(self._fd, 1000, 0).decode(errors="replace")
            self.drop()
            raise LockBusy(noted)
        _note(self._fd, note)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Give the lock back at the end of the block, and keep the file open for the next time."""
        try:
            yield
        finally:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def drop(self) -> None:
        """Give the lock back, held or not, and close the file."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def is_orphan(self) -> bool:
        """Whether the file was deleted or replaced since it was opened: then the lock protects nothing."""
        try:
            there, ours = os.stat(self.path), os.fstat(self._fd)
        except FileNotFoundError:
            return True
        return (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino)


def note_of_holder(path: Path) -> str | None:
    """What the present holder wrote; None when nobody holds the lock. Writes nothing."""
    try:
        with path.open("rb") as file:
            if _try(file.fileno(), fcntl.LOCK_SH):
                return None
            return file.read(1000).decode(errors="replace")
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def still(path: Path, patience: float) -> Iterator[None]:
    """Nobody writes under this lock for as long as the block lasts. Writes nothing; no file, no lock."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        yield
        return
    with file:
        if not _locked(file.fileno(), time.monotonic() + patience, fcntl.LOCK_SH):
            raise LockBusy(file.read(1000).decode(errors="replace"))
        yield


def _locked(fd: int, deadline: float, kind: int = fcntl.LOCK_EX) -> bool:
    """The kernel has no `flock` with a time limit, so ask again, after 1 ms at first and 20 ms at most."""
    pause = 0.001
    while not _try(fd, kind):
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)
    return True


def _try(fd: int, kind: int) -> bool:
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _note(fd: int, note: str) -> None:
    """For whoever is refused; a lock is held whether or not its note could be written."""
    with contextlib.suppress(OSError):
        content = note.encode()
        if os.pread(fd, len(content) + 1, 0) != content:
            os.pwrite(fd, content, 0)
            os.ftruncate(fd, len(content))
