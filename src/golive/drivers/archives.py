"""One file with a whole evidence folder, and taking it apart again without trusting it.

Packing is deterministic: sorted names, no times, no owners, plain ustar headers (POSIX.1-1988). It may run while
somebody records: what it packs fits together. Unpacking is our own, because archives are a way in: every header
must be, byte for byte, the one that packing writes for that name and size. So there is no link, device, folder,
owner, mode or extension header to be wrong about, and nothing is read whole into memory. Names follow our rules,
each file is made anew below a folder that is entered part by part without following links, and count, size and
growth have limits. What breaks a rule ends it, and leaves nothing behind.
"""

import contextlib
import gzip
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from golive.errors import Exit, Failure
from golive.evidence.shape import is_artifact_path

Stream = IO[bytes] | gzip.GzipFile

README = "README.txt"  # for whoever opens the archive; no evidence, so it is not taken out
RECORDS = "operations/records.jsonl"

MOST_FILES = 100_000
MOST_BYTES = 4 * 2**30  # of all files together
MOST_GROWTH = 200  # times the archive's own size, beyond the first bytes
FIRST_BYTES = 16 * 2**20

# Not the disk's fault: damaged bytes, and a name that is there twice, or as a file and a folder.
_HOSTILE = (gzip.BadGzipFile, zlib.error, EOFError, ValueError, FileExistsError, NotADirectoryError)
_MOST_README = 2**16
_HEADS = "operations/checkpoints/"
_RENEWED = ("manifest.json", "operations/checkpoint")  # written anew by every command that records something
_LONGEST_LINE = 2**16
_BLOCK = tarfile.BLOCKSIZE
_CHUNK = 256 * 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


def pack(evidence: Path, archive: Path, readme: bytes = b"") -> int:
    """Write the evidence folder's files into a new archive, after `readme`; how many they were."""
    if not (evidence / RECORDS).is_file():
        raise _unusable(evidence, "there is no evidence here", f"{RECORDS} is not there", "golive evidence list")
    part = archive.with_name(f".{archive.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
            count = _packed(evidence, packed, readme)
        os.link(part, archive)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", "") or str(error)
        what, next = "the archive cannot be written", "name another file with --output"
        raise _unusable(archive, what, why, next) from error
    finally:
        part.unlink(missing_ok=True)
    return count


def unpack(archive: Path, folder: Path) -> int:
    """Take an archive apart into `folder`, which must not exist yet; how many files it held."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        if folder.exists() or folder.is_symlink():
            raise FileExistsError(0, "it is there already")
        part.mkdir(mode=0o755, parents=True)
    except OSError as error:
        why = error.strerror or str(error)
        raise _unusable(folder, "this folder cannot be made", why, "name a new folder") from error
    try:
        count = _taken_apart(archive, part)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return count


def _packed(evidence: Path, packed: Stream, readme: bytes) -> int:
    """What is renewed is read first, then which heads there are, then how far the records go, then all the rest:
    each of them fits to what is taken later, whatever is recorded meanwhile."""
    renewed = {name: _read(evidence / name) for name in _RENEWED if _is_plain(evidence / name)}
    heads = {name for name in _files(evidence) if name.startswith(_HEADS)}
    records_bytes = _whole_lines(evidence / RECORDS)
    others = {name for name in _files(evidence) if not name.startswith(_HEADS)}
    names = sorted((heads | others) - (set(_RENEWED) - renewed.keys()))
    if readme:
        _put(packed, README, readme)
    for name in names:
        if name in renewed:
            _put(packed, name, renewed[name])
        else:
            _copy(packed, evidence / name, name, records_bytes if name == RECORDS else None)
    packed.write(bytes(2 * _BLOCK))
    return len(names)


def _read(path: Path) -> bytes:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        return file.read()


def _put(packed: Stream, name: str, content: bytes) -> None:
    packed.write(_header(name, len(content)) + content + bytes(-len(content) % _BLOCK))


def _copy(packed: Stream, path: Path, name: str, size_bytes: int | None) -> None:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        size = os.fstat(file.fileno()).st_size if size_bytes is None else size_bytes
        packed.write(_header(name, size))
        _pour(file, packed, size, name)
        packed.write(bytes(-size % _BLOCK))


def _header(name: str, size_bytes: int) -> bytes:
    """The one header that a file of that name and size has; `ValueError` when it is too long or too large."""
    member = tarfile.TarInfo(name)
    member.size = size_bytes
    return member.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")


def _whole_lines(path: Path) -> int:
    """Bytes up to the end of the last line that is complete; a writer may be at the next."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        start = file.seek(max(0, size - _LONGEST_LINE))
        return start + file.read(size - start).rfind(b"\n") + 1


def _taken_apart(archive: Path, folder: Path) -> int:
    try:
        with archive.open("rb") as raw, gzip.GzipFile(fileobj=raw) as packed:
            most = min(MOST_BYTES, max(FIRST_BYTES, archive.stat().st_size * MOST_GROWTH))
            return _unpacked(packed, folder, most)
    except _HOSTILE as error:
        raise Failure(
            where=str(archive),
            what="this archive is not taken apart",
            why=str(error),
            next="ask for it again, as golive evidence export makes it",
            code=Exit.TAMPERED,
        ) from error
    except OSError as error:
        why = error.strerror or str(error)
        raise _unusable(folder, "the files cannot be written", why, "mend the disk or the rights") from error


def _unpacked(packed: Stream, folder: Path, most: int) -> int:
    count, left = 0, most
    may_be_readme = True
    while any(block := packed.read(_BLOCK)):
        name, size_bytes = _told(block)
        left -= size_bytes + _BLOCK
        if left < 0 or count >= MOST_FILES:
            raise ValueError(f"it holds more than is taken out: over {most} bytes or {MOST_FILES} files")
        if name == README and may_be_readme and size_bytes <= _MOST_README:
            packed.read(size_bytes)
        elif is_artifact_path(name):
            _write(folder, PurePosixPath(name), packed, size_bytes)
            count += 1
        else:
            raise ValueError(f"{name[:100]!r} is not a name that evidence has")
        may_be_readme = False
        if any(packed.read(-size_bytes % _BLOCK)):
            raise ValueError(f"something is hidden behind {name!r}")
    if packed.read(2 * _BLOCK) != bytes(_BLOCK):
        raise ValueError("it does not end as it must")
    return count


def _told(block: bytes) -> tuple[str, int]:
    """Name and size in a header; `ValueError` when it is not the header of a plain file of that name and size."""
    if len(block) < _BLOCK:
        raise ValueError("it ends early")
    name = "/".join(filter(None, (_text(block[345:500]), _text(block[:100]))))
    size_bytes = int(block[124:135], 8)
    if block != _header(name, size_bytes):
        raise ValueError(f"{name[:100]!r} is no plain file with the one header that it may have")
    return name, size_bytes


def _text(field: bytes) -> str:
    return field.rstrip(b"\0").decode("ascii")


def _write(folder: Path, place: PurePosixPath, content: Stream, size_bytes: int) -> None:
    with contextlib.ExitStack() as entered:
        fd = _opened(entered, folder, None)
        for part in place.parent.parts:
            with contextlib.suppress(FileExistsError):
                os.mkdir(part, dir_fd=fd)
            fd = _opened(entered, part, fd)
        with os.fdopen(os.open(place.name, _NEW, 0o644, dir_fd=fd), "wb") as file:
            _pour(content, file, size_bytes, str(place))


def _opened(entered: contextlib.ExitStack, folder: str | Path, within: int | None) -> int:
    fd = os.open(folder, _FOLDER, dir_fd=within)
    entered.callback(os.close, fd)
    return fd


def _pour(content: Stream, into: Stream, size_bytes: int, name: str) -> None:
    left = size_bytes
    while left and (chunk := content.read(min(left, _CHUNK))):
        into.write(chunk)
        left -= len(chunk)
    if left:
        raise ValueError(f"{name} ends early")


def _files(evidence: Path) -> Iterator[str]:
    """Every plain file whose name evidence may have; leftovers of a crash are left out."""
    for folder, _, names in os.walk(evidence):
        for name in names:
            path = Path(folder, name)
            relative = path.relative_to(evidence).as_posix()
            if _is_plain(path) and is_artifact_path(relative):
                yield relative


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _unusable(where: Path, what: str, why: str, next: str) -> Failure:
    return Failure(where=str(where), what=what, why=why, next=next, code=Exit.USAGE)
