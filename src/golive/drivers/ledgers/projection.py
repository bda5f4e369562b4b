"""`evidence/operations/records.jsonl`: the ledger's lines as a file that can be read with anything.

The file is only ever appended to, after the database has the line and before anybody is told. So it holds
every acknowledged record; what it may lack after a crash is the last, unacknowledged one, or half of it.
`settle` mends exactly that. Every other difference is tampering, and is refused (exit 5).
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from golive.drivers.ledgers.faults import named
from golive.evidence.ledger import Head
from golive.evidence.record import Record
from golive.evidence.shape import NO_DIGEST, digest_of, read_trusted, tampered

FILE = Path("operations") / "records.jsonl"  # in the evidence folder

Lines = Iterable[tuple[int, bytes]]  # number and line of records in the database


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Up to where file and database were found to be equal: record `seq`, which ends at byte `end`."""

    seq: int = 0
    end: int = 0
    digest: str = NO_DIGEST

    def after(self, line: bytes) -> "Mark":
        return Mark(seq=self.seq + 1, end=self.end + len(line) + 1, digest=digest_of(line))

    def is_followed_by(self, line: bytes) -> bool:
        """Cheaply: the line has the right number and names the right digest; `canonical.decode` reads it all."""
        return b'"prev":"%s"' % self.digest.encode() in line and b'"seq":%d,' % (self.seq + 1) in line


def read_projection(evidence_folder: Path, environment: str | None = None, *, after: int = 0) -> list[Record]:
    """The acknowledged records with `seq > after`, of one environment or all; empty when there is no file.

    A plain read: no database, no lock, nothing written, so it serves status and dry runs beside a working
    controller. The chain of digests is followed cheaply; a line that does not follow is a `Failure` (exit 5).
    """
    wanted = b'"env":' + _quoted(environment) if environment is not None else b""
    return [
        record
        for seq, line, place in _linked(evidence_folder / FILE)
        if seq > after and wanted in line
        for record in [read_trusted(line, place)]
        if environment is None or record.draft.environment == environment
    ]


def read_head(evidence_folder: Path) -> Head:
    """The newest acknowledged record; looks at the end of the file only."""
    seq, digest = 0, NO_DIGEST
    for line in _last_lines(evidence_folder / FILE):
        seq, digest = read_trusted(line, str(evidence_folder / FILE)).seq, digest_of(line)
    return Head(seq=seq, digest=digest)


def complete_lines(path: Path, size: int | None = None) -> Iterator[bytes]:
    """The lines that end with a newline, without it, up to byte `size`; none when there is no file."""
    with named(path):
        if not path.exists():
            return
        file = path.open("rb")
    place = 0
    with file:
        for line in file:
            place += len(line)
            if not line.endswith(b"\n") or (size is not None and place > size):
                return
            yield line[:-1]


def torn_end(path: Path, size: int) -> bytes:
    """What comes after the last newline up to byte `size`; empty when there is no file."""
    if not size:
        return b""
    with path.open("rb") as file:
        file.seek(size - 1)
        if file.read(1) == b"\n":
            return b""
    whole = sum(len(line) + 1 for line in complete_lines(path, size))
    with path.open("rb") as file:
        file.seek(whole)
        return file.read(size - whole)


def append(path: Path, line: bytes, mark: Mark) -> Mark:
    """Write the line that follows `mark`, durable on return. `OSError` when that cannot be promised."""
    with _opened(path) as file:
        file.seek(mark.end)
        _write_durably(file, line + b"\n")
    return mark.after(line)


def settle(path: Path, lines_after: Callable[[int], Lines], known: Mark) -> Mark:
    """Make the file equal to the database, whose records above a number `lines_after` gives.

    Looks only at what comes after `known`, unless the file became shorter. A missing suffix is appended, a torn
    last line completed; else `Failure` (exit 5) with file and line. Returns the mark of the last record.
    """
    with _opened(path) as file:
        if file.seek(0, os.SEEK_END) < known.end:
            known = Mark()
        file.seek(known.end)
        mark, missing = _compare(file, lines_after(known.seq), known, path)
        if missing:
            return _complete(file, mark, missing)
        if file.read(1):
            raise tampered(
                f"{path}:{mark.seq + 1}",
                f"the file has more than the {mark.seq} records of the ledger",
                "a line is written into the database first, so it cannot be missing there",
            )
        return mark


def cut_torn_line(path: Path) -> None:
    """Drop what follows the last newline: half a line that nobody was told of."""
    end = sum(len(line) + 1 for line in complete_lines(path))
    with _opened(path) as file:
        file.truncate(end)
        _write_durably(file, b"")


def _compare(file: BinaryIO, lines: Lines, known: Mark, path: Path) -> tuple[Mark, Lines | None]:
    """The last record that both have, and those from the first that the file lacks on; None: it lacks none."""
    mark, left = known, iter(lines)
    for seq, line in left:
        due = line + b"\n"
        found = file.read(len(due))
        if found == due:
            mark = mark.after(line)
        elif _is_torn(found, due):
            return mark, chain([(seq, line)], left)
        else:
            raise tampered(
                f"{path}:{seq}",
                "this line is not what the ledger holds",
                f"its SHA-256 begins {digest_of(found[:-1])[:16]}, that of the ledger's {digest_of(line)[:16]}",
            )
    return mark, None


def _complete(file: BinaryIO, mark: Mark, missing: Lines) -> Mark:
    """Append what the database has and the file lacks, unless it does not follow."""
    file.seek(mark.end)
    for seq, line in missing:
        if not mark.is_followed_by(line):
            raise tampered(
                f"ledger.sqlite3:{seq}", "this record does not follow the one before", "in the database"
            )
        file.write(line + b"\n")
        mark = mark.after(line)
    file.truncate()
    _write_durably(file, b"")
    return mark


def _is_torn(found: bytes, due: bytes) -> bool:
    """Cut off by a crash: a beginning of what is due, with nothing behind it but blocks never written."""
    return len(found) < len(due) and due.startswith(found.rstrip(b"\0"))


def _linked(path: Path) -> Iterator[tuple[int, bytes, str]]:
    """Number, line and place of every complete line, each holding the digest of the one before."""
    mark = Mark()
    for line in complete_lines(path):
        place = f"{path}:{mark.seq + 1}"
        if not mark.is_followed_by(line):
            raise tampered(
                place, "this line does not follow the one before", f"whose SHA-256 is {mark.digest[:16]}…"
            )
        mark = mark.after(line)
        yield mark.seq, line, place


def _last_lines(path: Path) -> list[bytes]:
    """The last complete line, as a list of one or none."""
    with named(path):
        if not path.exists():
            return []
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 2 * 65_536))
            return file.read().split(b"\n")[:-1][-1:]


def _quoted(text: str) -> bytes:
    """As canonical JSON writes it."""
    return json.dumps(text, ensure_ascii=False).encode()


def _opened(path: Path) -> BinaryIO:
    """For reading and writing, made if need be; a symbolic link is refused (`OSError`)."""
    is_new = not path.exists()
    if is_new:
        path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    if is_new:
        for folder in path.parents[:3]:  # operations, evidence, and the service's folder
            sync_folder(folder)
    return os.fdopen(fd, "r+b")


def _write_durably(file: BinaryIO, content: bytes) -> None:
    file.write(content)
    file.flush()
    os.fdatasync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the folder's entries durable: a new file can be found after a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
