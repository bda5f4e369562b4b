"""Builds a revision from the service's folder: copy what is included, run the build command, name by digest.

    builds/lock       one build of this folder at a time
    builds/work/      the copy, with its own home and temp folders; always the same path, because some tools
                      write the path they work in into their results
    builds/inputs/    which input (files, command, variables) gave which revision
    cache/            what package tools may keep from one build to the next

A build that was killed leaves `work`, which the next one sweeps; never a revision under its name.
"""

import asyncio
import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator, Set
from contextlib import asynccontextmanager, contextmanager
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

import rfc8785

from golive.drivers.builders.command import Ended, run
from golive.drivers.builders.content import Entry, entry, preimage
from golive.drivers.builders.scrub import scrubbed
from golive.drivers.builders.selection import Selection
from golive.drivers.builders.shelf import FolderShelf, delete, manifest
from golive.errors import Exit, Failure
from golive.evidence.record import Artifact, Json
from golive.evidence.redaction import Redactor
from golive.release.revision import Revision
from golive.spec.values import Environment, Spec

LAST_LINES = 15
LOCK_POLL = 0.05  # seconds

Keep = Callable[[str, bytes, str], Artifact]  # path under evidence/operations, content, media type


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a build starts from; `digest` is over the files, the command and its variables."""

    files: tuple[Entry, ...]
    digest: str


@dataclass(frozen=True)
class FolderBuilder:
    """Implements `release.builder.Builder`. `root` is the folder of golive.yaml, `state` its `.golive`.

    `keep` stores the build log and redacts it; `redactor` is for what a message quotes from it. With
    `rebuild` the command runs even when the same input was built before.
    """

    root: Path
    state: Path
    _: KW_ONLY
    keep: Keep
    redactor: Redactor
    rebuild: bool = False

    async def build(self, spec: Spec, environment: Environment) -> tuple[Revision, tuple[Artifact, ...]]:
        """Build, or find what the same input gave before. See `release.builder.Builder`."""
        with _full_disk_told(self.state):
            settings = await asyncio.to_thread(self.shelf.keep_settings, environment)
            source = await asyncio.to_thread(self._survey, spec)
            digest = await self._known(source)
            if digest:
                return Revision(digest=digest, settings=settings), ()
            async with self._alone(spec):
                digest = await self._known(source)
                if digest:
                    return Revision(digest=digest, settings=settings), ()
                digest, log = await self._made(spec, source)
        return Revision(digest=digest, settings=settings), log

    @property
    def shelf(self) -> FolderShelf:
        """Where the revisions are."""
        return FolderShelf(self.state)

    def retire(self, keep: Set[str]) -> None:
        """Delete the revisions that are not in `keep`; see `FolderShelf.retire`."""
        self.shelf.retire(keep)

    @property
    def _builds(self) -> Path:
        return self.state.absolute() / "builds"

    def _survey(self, spec: Spec) -> Source:
        chosen = Selection(spec.revision.include, spec.revision.exclude).paths(self.root)
        files = tuple(entry(self.root, path) for path in sorted(chosen))
        asked: dict[str, Json] = {
            "files": hashlib.sha256(preimage(files)).hexdigest(),
            "build": list(spec.revision.build),
            "manifest": manifest(spec),
        }
        return Source(files=files, digest=hashlib.sha256(rfc8785.dumps(asked)).hexdigest())

    async def _known(self, source: Source) -> str:
        """The revision that this input gave before, when it is still there and unchanged; else ""."""
        if self.rebuild:
            return ""
        return await asyncio.to_thread(self._noted, source)

    def _noted(self, source: Source) -> str:
        with contextlib.suppress(OSError, ValueError, KeyError, Failure):
            digest = str(json.loads(self._note(source).read_bytes())["revision"])
            self.shelf.refuse_changed(digest)
            self.shelf.touch(digest)
            return digest
        return ""

    def _note(self, source: Source) -> Path:
        return self._builds / "inputs" / f"{source.digest}.json"

    @asynccontextmanager
    async def _alone(self, spec: Spec) -> AsyncIterator[None]:
        """Nobody else builds in this folder. The lock ends with the process that holds it."""
        self._builds.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._builds / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            deadline = time.monotonic() + spec.revision.build_timeout.total_seconds()
            while not _taken(descriptor):
                if time.monotonic() > deadline:
                    raise _busy(self._builds)
                await asyncio.sleep(LOCK_POLL)
            yield
        finally:
            os.close(descriptor)

    async def _made(self, spec: Spec, source: Source) -> tuple[str, tuple[Artifact, ...]]:
        await asyncio.to_thread(self._sweep)
        work = self._builds / "work"
        await asyncio.to_thread(_copy, self.root, work / "revision" / "files", source)
        log = await self._run(spec, source, work) if spec.revision.build else ()
        digest = await asyncio.to_thread(self.shelf.put, work / "revision", manifest(spec))
        await asyncio.to_thread(self._remember, source, digest)
        await asyncio.to_thread(self._sweep)
        return digest, log

    def _sweep(self) -> None:
        """Remove what an earlier build left; only called alone."""
        delete(self._builds / "work")

    async def _run(self, spec: Spec, source: Source, work: Path) -> tuple[Artifact, ...]:
        home, temp, cache = work / "home", work / "tmp", self.state.absolute() / "cache"
        for folder in (home, temp, cache):
            folder.mkdir(parents=True, exist_ok=True)
        ended = await run(
            spec.revision.build,
            folder=work / "revision" / "files",
            env=scrubbed(os.environ, home=home, temp=temp, cache=cache) | dict(spec.revision.env),
            timeout=spec.revision.build_timeout,
        )
        log = self.keep(f"builds/{source.digest[:12]}.log", ended.output, "text/plain")
        if ended.exit_code != 0:
            raise self._failed(spec, ended, log)
        return (log,)

    def _remember(self, source: Source, digest: str) -> None:
        note = self._note(source)
        note.parent.mkdir(parents=True, exist_ok=True)
        new = note.with_suffix(".new")
        new.write_text(json.dumps({"revision": digest}), encoding="ascii")
        new.replace(note)

    def _failed(self, spec: Spec, ended: Ended, log: Artifact) -> Failure:
        how = (
            f"it did not end within {spec.revision.build_timeout.total_seconds():g} s"
            if ended.exit_code is None
            else f"it exited {ended.exit_code}"
        )
        said = self.redactor.text(ended.output.decode("utf-8", errors="replace")).splitlines()[-LAST_LINES:]
        return Failure(
            where=self.redactor.text(f"revision.build: {' '.join(spec.revision.build)[:200]}"),
            what="the build failed",
            why="\n".join([f"{how}; the last lines of its log:", *(f"  {line}" for line in said)]),
            next=f"read evidence/{log.path}, mend it, and deploy again",
        )


def _copy(root: Path, files: Path, source: Source) -> None:
    """Copy the surveyed files; `Failure` when one of them changed since."""
    files.mkdir(parents=True)
    for item in source.files:
        place = files / item.path
        place.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(root / item.path, place, follow_symlinks=False)
            if item.kind != "l":
                place.chmod(0o755 if item.kind == "x" else 0o644)
        if not os.path.lexists(place) or entry(files, item.path) != item:
            raise Failure(
                where=str(root / item.path),
                what="the file changed while it was copied",
                why="a revision is built from one state of the folder",
                next="wait until nothing writes there, then deploy again",
            )


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _busy(builds: Path) -> Failure:
    return Failure(
        where=f"{builds}/lock",
        what="another build of this folder is running",
        why="it did not end within the time that a build may take",
        next="wait for it, or end it, then deploy again",
        code=Exit.REFUSED,
    )


@contextmanager
def _full_disk_told(state: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise Failure(
            where=str(error.filename or state),
            what="the disk is full" if full else "the revision cannot be built",
            why=error.strerror or str(error),
            next="make room (older revisions and .golive/cache can go), then deploy again"
            if full
            else "mend the file or its rights, then deploy again",
        ) from error
