"""A task file on disk: found, read, and replaced whole or not at all."""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from golive.errors import Exit, Failure

USUAL = (
    "plans/tasks.json",
    "plans/tasks-enriched.json",
    "tasks.json",
    "tasks_active.json",
    "plans/tasks_active.json",
)
MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class TaskFile:
    """A file as it was read."""

    path: Path
    text: str
    sha256: str


def locate(root: Path, asked: str) -> Path | None:
    """The file that is named, else the first of the usual ones that is there."""
    if asked:
        return root / asked
    return next((root / name for name in USUAL if (root / name).is_file()), None)


def read(path: Path) -> TaskFile:
    """The file; `Failure` when it cannot be read, is no plain file, or no UTF-8."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(fd, "rb") as file:
            content = file.read(MOST_BYTES + 1)
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _failure(path, "it cannot be read", getattr(error, "strerror", None) or str(error)) from error
    if len(content) > MOST_BYTES:
        raise _failure(path, "it cannot be read", f"it is larger than {MOST_BYTES // 1024**2} MiB")
    return TaskFile(path=path, text=text, sha256=hashlib.sha256(content).hexdigest())


@contextlib.contextmanager
def changing(path: Path) -> Iterator[None]:
    """Nobody else changes the file through golive for as long as the block lasts."""
    try:
        fd = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise _failure(path, "its folder cannot be opened", error.strerror or str(error)) from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def replace(before: TaskFile, text: str) -> None:
    """Put `text` in place of what was read; refused when somebody changed it meanwhile. Durable on return.

    A crash leaves the old file or the new one, whole, and perhaps a hidden `.part` beside it.
    """
    path = before.path
    if read(path).sha256 != before.sha256:
        raise _failure(path, "somebody changed it meanwhile", "it is not what was read before")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        part.chmod(path.stat().st_mode & 0o7777)
        os.replace(part, path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise _failure(path, "it cannot be written", error.strerror or str(error)) from error


def create(path: Path, text: str) -> None:
    """A new file; `Failure` when something is there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise _failure(path, "it cannot be made", error.strerror or str(error)) from error


def _failure(path: Path, what: str, why: str) -> Failure:
    return Failure(where=str(path), what=what, why=why, next="golive task list", code=Exit.USAGE)
