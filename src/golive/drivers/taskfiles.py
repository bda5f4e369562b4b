"""Task files on disk: finding one, reading it, replacing it whole.

A new content is written beside the file, synced, and renamed over it: whoever reads sees the old file or the new
one. It keeps the file's mode. One writer at a time holds a lock on the folder (`flock`, gone with its process);
editors know nothing of it, so the content is compared once more right before the rename.
"""

import contextlib
import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from golive.errors import Exit, Failure

USUAL = (
    "plans/tasks.json",
    "plans/tasks-enriched.json",
    "tasks.json",
    "tasks-enriched.json",
    "plans/tasks_active.json",
    "tasks_active.json",
)
MOST_BYTES = 16 * 1024 * 1024
PATIENCE = 10.0  # seconds that a writer waits for another one


def usual(root: Path) -> tuple[str, ...]:
    """The task files that are in this folder, in the order in which they are looked at."""
    return tuple(name for name in USUAL if (root / name).is_file())


class TaskFile:
    """One task file; `name` is what people are told. Implements `controller.tasks.File`."""

    def __init__(self, root: Path, name: str) -> None:
        self.name = name
        self._path = Path(os.path.realpath(root / name))  # the file behind a link, not the link

    def read(self) -> bytes:
        with self._told("it cannot be read"), self._path.open("rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError("it is not a plain file")
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise self._failure("it is too large", f"it has more than {MOST_BYTES} bytes", Exit.USAGE)
        return content

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """No other golive changes a task file of this folder for as long as the block lasts."""
        with self._told("its folder cannot be locked"):
            fd = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._lock(fd)
            yield
        finally:
            os.close(fd)

    def replace(self, before: bytes, after: bytes) -> None:
        """Put `after` in the place of `before`, whole and durably; `Failure` when the file is another by now."""
        part = self._path.with_name(f".{self._path.name}.part")
        with self._told("it cannot be written"):
            mode = stat.S_IMODE(self._path.stat().st_mode)
            _write(part, after, mode)
            if self._path.read_bytes() != before:
                part.unlink()
                raise self._failure("somebody changed it meanwhile", "nothing was written", Exit.REFUSED)
            part.rename(self._path)
            _sync(self._path.parent)

    def _lock(self, fd: int) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > end:
                    raise self._failure("another golive holds it", "it waits for 10 s", Exit.REFUSED) from None
                time.sleep(0.02)
            else:
                return

    @contextlib.contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            code = Exit.USAGE if isinstance(error, FileNotFoundError) else Exit.FAILED
            raise self._failure(what, error.strerror or str(error), code) from error

    def _failure(self, what: str, why: str, code: Exit) -> Failure:
        next = "golive task init writes one" if not self._path.exists() else "look at it, then try again"
        return Failure(where=self.name, what=what, why=why, next=next, code=code)


def measured(root: Path, path: str) -> tuple[str, str]:
    """A file of evidence: its path as given, and its SHA-256. What is not there is a `Failure`."""
    try:
        with (root / path).open("rb") as file:
            return path, hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Failure(
            where=path,
            what="this evidence is not there",
            why=error.strerror or str(error),
            next="name a file that exists; nothing was written",
            code=Exit.USAGE,
        ) from error


def _write(part: Path, content: bytes, mode: int) -> None:
    """Whole and synced; what a killed writer left under this name is overwritten."""
    part.unlink(missing_ok=True)
    fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(fd, mode)
        os.fsync(fd)


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
