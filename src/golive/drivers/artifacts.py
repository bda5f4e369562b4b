"""Files under `evidence/operations` that records vouch for: redacted, written whole or not at all, never changed.

A file is written beside its final name, made durable, and renamed; only then can a record name it. Keeping the
same content under the same path again gives the same answer, so a controller that died may simply repeat.
Other content under a path that is taken gets a name with its digest in it: what a record vouches for is
never overwritten. Symbolic links below the evidence folder are not followed.
"""

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from golive.errors import Failure
from golive.evidence.record import Artifact
from golive.evidence.redaction import Redactor
from golive.evidence.shape import is_artifact_path, tampered
from golive.evidence.verification import Measured

ROOT = PurePosixPath("operations")
RECORDS = "operations/records.jsonl"  # the one file there that no record can vouch for

_CHUNK = 256 * 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW


class ArtifactStore:
    """Implements `controller.outside.Artifacts` and `evidence.verification.Files` in one evidence folder."""

    def __init__(self, evidence_folder: Path, redactor: Redactor) -> None:
        self._folder = evidence_folder
        self._redactor = redactor

    def keep(self, path: str, content: bytes, media_type: str) -> Artifact:
        """Write `content`, redacted, durably under `evidence/operations/path`; return what was written.

        Every part of `path` is `[a-z0-9][a-z0-9._-]{0,99}`. Raises `Failure` for another path, a symbolic link
        on the way, or a disk that does not take it; then no file of that name was made.
        """
        redactor = self._redactor.fresh()
        redacted = redactor.feed(content) + redactor.flush()
        digest = hashlib.sha256(redacted).hexdigest()
        place = _checked(path)
        with _named(self._folder / place), self._entered(place.parent, make=True) as folder:
            name = _place_for(folder, place, digest)
            if _digest_of(folder, name) != digest:
                _write(folder, name, redacted)
        return Artifact(
            path=str(place.parent / name),
            sha256=digest,
            size_bytes=len(redacted),
            media_type=media_type,
            redactions=redactor.hits.total(),
        )

    def read(self, artifact: Artifact) -> bytes:
        """The content that a record vouches for; `Failure` (exit 5) when it is missing or another."""
        place = PurePosixPath(artifact.path)
        try:
            with self._entered(place.parent) as folder, _reading(folder, place.name) as file:
                content = b"".join(_chunks(file))
        except OSError as error:
            raise tampered(artifact.path, "this file cannot be read", error.strerror or str(error)) from error
        if hashlib.sha256(content).hexdigest() != artifact.sha256:
            raise tampered(artifact.path, "this file was changed", f"recorded is SHA-256 {artifact.sha256[:16]}…")
        return content

    def paths(self) -> Iterator[str]:
        """Every file and link of the evidence folder, in no order, except the records."""
        for folder, names, files in os.walk(self._folder):
            links = [name for name in names if os.path.islink(os.path.join(folder, name))]
            for name in (*files, *links):
                path = Path(folder, name).relative_to(self._folder).as_posix()
                if path != RECORDS:
                    yield path

    def measure(self, path: str) -> Measured | None:
        """Size, SHA-256, kinds of credentials; None when it is no plain file, unreadable, or behind a link."""
        place = PurePosixPath(path)
        sha256, size_bytes, redactor = hashlib.sha256(), 0, self._redactor.fresh()
        try:
            with self._entered(place.parent) as folder, _reading(folder, place.name) as file:
                for chunk in _chunks(file):
                    sha256.update(chunk)
                    size_bytes += len(chunk)
                    redactor.feed(chunk)
        except OSError:
            return None
        redactor.flush()
        secrets = frozenset(redactor.hits)
        return Measured(size_bytes=size_bytes, sha256=sha256.hexdigest(), secrets=secrets)

    @contextlib.contextmanager
    def _entered(self, place: PurePosixPath, *, make: bool = False) -> Iterator[int]:
        """A descriptor of the folder `place`, reached part by part without following links."""
        if make:
            self._folder.mkdir(parents=True, exist_ok=True)
        fd = os.open(self._folder, _FOLDER & ~os.O_NOFOLLOW)  # the operator may have put it anywhere
        try:
            for part in place.parts:
                below = _stepped(fd, part, make=make)
                os.close(fd)
                fd = below
            yield fd
        finally:
            os.close(fd)


def _checked(path: str) -> PurePosixPath:
    if not is_artifact_path(path) or str(ROOT / path) == RECORDS:
        raise Failure(
            where=f"evidence/{ROOT}/{path}"[:200],
            what="this cannot be the path of an artifact",
            why="every part begins with a-z or 0-9 and has at most 100 of a-z 0-9 . _ -",
            next="rename the hook, rollout or environment that the path is made from",
        )
    return ROOT / path


def _stepped(fd: int, part: str, *, make: bool) -> int:
    """The descriptor of `part` in the folder `fd`."""
    if make:
        with contextlib.suppress(FileExistsError):
            os.mkdir(part, dir_fd=fd)
            os.fsync(fd)
    return os.open(part, _FOLDER, dir_fd=fd)


def _place_for(folder: int, place: PurePosixPath, digest: str) -> str:
    """The name as asked, or one with the digest in it when that is taken by other content."""
    taken = _digest_of(folder, place.name)
    if taken in ("", digest):
        return place.name
    stem = place.stem[: 99 - len(place.suffix) - 13]
    return f"{stem}.{digest[:12]}{place.suffix}"


def _digest_of(folder: int, name: str) -> str:
    """ "" when there is nothing of that name; something that is no plain file is an `OSError`."""
    sha256 = hashlib.sha256()
    try:
        with _reading(folder, name) as file:
            for chunk in _chunks(file):
                sha256.update(chunk)
    except FileNotFoundError:
        return ""
    return sha256.hexdigest()


@contextlib.contextmanager
def _reading(folder: int, name: str) -> Iterator[int]:
    fd = os.open(name, _READ, dir_fd=folder)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(f"{name} is not a plain file")
        yield fd
    finally:
        os.close(fd)


def _chunks(fd: int) -> Iterator[bytes]:
    while chunk := os.read(fd, _CHUNK):
        yield chunk


def _write(folder: int, name: str, content: bytes) -> None:
    """Whole and durable under `name`, or not at all; a crash leaves a hidden `.part` file that nobody names."""
    part = f".{name}.{os.getpid()}.part"
    try:
        with os.fdopen(os.open(part, _WRITE, 0o644, dir_fd=folder), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(part, dir_fd=folder)
        raise
    os.fsync(folder)


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Failure(
            where=str(path),
            what="this evidence file cannot be kept",
            why=error.strerror or str(error),
            next="mend the disk or the folder (space, rights, a link in the way), then golive resume",
        ) from error
