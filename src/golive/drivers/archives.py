"""One file with a whole evidence folder, and taking it apart again without trusting it.

Packing is deterministic: sorted names, no times, no owners. Unpacking is our own, because archives are a way in:
plain files and folders only (no link, no device), names by our rules, each made anew below a folder that is
entered part by part without following links, and limits on count, size and growth. What breaks a rule ends it.
"""

import contextlib
import gzip
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from golive.errors import Exit, Failure
from golive.evidence.shape import is_artifact_path

MOST_FILES = 100_000
MOST_BYTES = 4 * 2**30  # of all files together
MOST_GROWTH = 200  # times the archive's own size, beyond a first MiB
_CHUNK = 256 * 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


def pack(evidence: Path, archive: Path) -> int:
    """Write the evidence folder's files into a new archive; how many they were."""
    names = sorted(_files(evidence))
    part = archive.with_name(f".{archive.name}.{os.getpid()}.part")
    try:
        with (
            part.open("xb") as raw,
            gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            for name in names:
                _add(tar, evidence / name, name)
        os.link(part, archive)
    except OSError as error:
        raise Failure(
            where=str(archive),
            what="the archive cannot be written",
            why=error.strerror or str(error),
            next="name another file with --output",
            code=Exit.USAGE,
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return len(names)


def unpack(archive: Path, folder: Path) -> int:
    """Take an archive apart into `folder`, which must not exist yet; how many files it held."""
    try:
        folder.mkdir(mode=0o755, parents=True)
        with archive.open("rb") as raw, gzip.GzipFile(fileobj=raw) as packed:
            most = min(MOST_BYTES, max(2**20, archive.stat().st_size * MOST_GROWTH))
            return _unpacked(tarfile.open(fileobj=packed, mode="r|"), folder, archive, most)
    except (OSError, EOFError, tarfile.TarError, ValueError) as error:
        raise _refused(archive, "it cannot be taken apart", str(error)) from error


def _unpacked(tar: tarfile.TarFile, folder: Path, archive: Path, most: int) -> int:
    names: set[str] = set()
    size_bytes = 0
    for member in tar:
        if member.isdir():
            continue
        fault = _fault(member, names)
        if fault:
            raise _refused(archive, f"{member.name[:100]!r} is not taken out", fault)
        size_bytes += member.size
        if size_bytes > most or len(names) >= MOST_FILES:
            raise _refused(archive, "it holds more than is taken out", f"over {most} bytes or {MOST_FILES} files")
        names.add(member.name.casefold())
        content = tar.extractfile(member)
        assert content
        _write(folder, PurePosixPath(member.name), content, member.size)
    return len(names)


def _fault(member: tarfile.TarInfo, names: set[str]) -> str:
    if not member.isreg() or member.issparse():
        return "it is no plain file"
    if not is_artifact_path(member.name):
        return "its name is not one that evidence has"
    if member.name.casefold() in names:
        return "its name is there twice"
    return ""


def _write(folder: Path, place: PurePosixPath, content: IO[bytes], size_bytes: int) -> None:
    fd = os.open(folder, _FOLDER)
    try:
        for part in place.parent.parts:
            fd = _entered(fd, part)
        with os.fdopen(os.open(place.name, _NEW, 0o644, dir_fd=fd), "wb") as file:
            left = size_bytes
            while left and (chunk := content.read(min(left, _CHUNK))):
                file.write(chunk)
                left -= len(chunk)
            if left:
                raise ValueError(f"{place} ends early")
    finally:
        os.close(fd)


def _entered(fd: int, part: str) -> int:
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(part, dir_fd=fd)
        return os.open(part, _FOLDER, dir_fd=fd)
    finally:
        os.close(fd)


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(fd, "rb") as file:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = os.fstat(fd).st_size, 0o644, 0
        tar.addfile(member, file)


def _files(evidence: Path) -> Iterator[str]:
    """Every plain file whose name evidence may have; leftovers of a crash are left out."""
    for folder, _, names in os.walk(evidence):
        for name in names:
            path = Path(folder, name)
            relative = path.relative_to(evidence).as_posix()
            if path.is_file() and not path.is_symlink() and is_artifact_path(relative):
                yield relative


def _refused(archive: Path, what: str, why: str) -> Failure:
    return Failure(
        where=str(archive),
        what=what,
        why=why,
        next="ask for the archive again, as golive evidence export makes it",
        code=Exit.TAMPERED,
    )
