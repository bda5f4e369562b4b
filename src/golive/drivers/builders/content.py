"""The digest of a folder: which paths it has, of which kind, with which bytes.

Format `golive-content-1`: a text that starts with that name and a NUL, then for each entry, in the order of
their paths as bytes: kind, space, SHA-256 in hex, space, path, NUL. Kinds: `f` a file, `x` a file that its
owner may execute, `l` a symbolic link (the SHA-256 is that of its target), `d` a folder (of nothing). Paths
are relative, with `/`. The digest is the SHA-256 of this text. Owners, times and other mode bits are left
out, and so is every `__pycache__`: what an interpreter leaves behind is no part of a revision.
"""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from golive.errors import Exit, Failure

HEADER = b"golive-content-1\0"
LEFT_OUT = "__pycache__"
NOTHING = hashlib.sha256().hexdigest()


@dataclass(frozen=True, kw_only=True, order=True)
class Entry:
    """One thing in a folder."""

    path: str  # relative; bytes that are not UTF-8 as surrogates (PEP 383)
    kind: str
    sha256: str

    def line(self) -> bytes:
        return f"{self.kind} {self.sha256} ".encode() + os.fsencode(self.path) + b"\0"


def preimage(entries: Iterable[Entry]) -> bytes:
    """The text whose SHA-256 is the digest."""
    return HEADER + b"".join(e.line() for e in sorted(entries, key=lambda e: os.fsencode(e.path)))


def entries(root: Path) -> list[Entry]:
    """Everything in `root`; `Failure` for a socket, device or pipe, and for a link that leaves `root`."""
    return [entry(root, path) for path in walk(root) if path]


def entry(root: Path, path: str) -> Entry:
    """What is at `path`, read from the disk."""
    place = root / path
    mode = place.lstat().st_mode
    if stat.S_ISDIR(mode):
        return Entry(path=path, kind="d", sha256=NOTHING)
    if stat.S_ISLNK(mode):
        return Entry(path=path, kind="l", sha256=hashlib.sha256(_target(root, place)).hexdigest())
    if not stat.S_ISREG(mode):
        raise Failure(
            where=str(place),
            what="a revision cannot hold this",
            why="it is a socket, a device or a pipe; files, folders and links have content that can be hashed",
            next="leave it out: add it to revision.exclude",
            code=Exit.USAGE,
        )
    return Entry(path=path, kind="x" if mode & stat.S_IXUSR else "f", sha256=_hashed(place))


def walk(root: Path) -> Iterator[str]:
    """Relative paths of everything in `root`, links not followed, `__pycache__` left out."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        with os.scandir(root / folder) as found:
            for item in found:
                path = f"{folder}/{item.name}" if folder else item.name
                if item.is_dir(follow_symlinks=False):
                    if item.name == LEFT_OUT:
                        continue
                    waiting.append(path)
                yield path


def differences(wanted: bytes, found: Iterable[Entry]) -> list[str]:
    """What is not as the text of a digest says, in words: `app.py was changed`."""
    before = dict(_lines(wanted))
    after = dict(_lines(preimage(found)))
    names = sorted(before.keys() | after.keys())
    return [
        f"{os.fsdecode(name)} {_change(name, before, after)}" for name in names if _change(name, before, after)
    ]


def _change(name: bytes, before: dict[bytes, bytes], after: dict[bytes, bytes]) -> str:
    if name not in after:
        return "is missing"
    if name not in before:
        return "was added"
    return "was changed" if before[name] != after[name] else ""


def _lines(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    for line in text.removeprefix(HEADER).split(b"\0")[:-1]:
        kind, sha256, path = line.split(b" ", 2)
        yield path, kind + sha256


def _hashed(place: Path) -> str:
    descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _target(root: Path, place: Path) -> bytes:
    """Where the link points, as it is written."""
    target = os.readlink(place)
    inside = os.path.realpath(root)
    reached = os.path.realpath(place)
    if os.path.isabs(target) or os.path.commonpath([inside, reached]) != inside:
        raise Failure(
            where=str(place),
            what=f"the link leaves the folder: it points to {target}",
            why="a revision holds everything that it runs, and is moved after it was built",
            next="copy the file instead, leave the link out (revision.exclude), or install without a venv: "
            "pip install --target lib",
            code=Exit.USAGE,
        )
    return os.fsencode(target)
