"""Commands of a document as child processes: argv only, few variables, limits in time and in output.

The document is not trusted with the operator's environment: a child sees `KEPT`, what golive.yaml names, and what
golive adds. It has no terminal and no input. Output goes to files that are looked at while they grow, so that a
child that prints without end is ended before it fills the disk. What a child leaves running is left alone.
"""

import asyncio
import hashlib
import os
import signal
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO

from golive.errors import Exit, Failure
from golive.protocol.directives import Finished
from golive.protocol.invocation import INTERPRETER

KEPT = ("HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "SSH_AUTH_SOCK", "TMPDIR", "TZ", "USER", "XDG_CONFIG_HOME")
MOST_BYTES = 4 * 1024 * 1024  # of each stream that are kept
TOO_MUCH_BYTES = 64 * 1024 * 1024  # of both together; who prints more is ended
GLANCE_S = 0.1  # how often the output is looked at
PATIENCE_S = 5.0  # between asking a command to end and ending it
SAID = 300  # characters of its last words


@dataclass(frozen=True, kw_only=True)
class LocalDirectives:
    """Implements `protocol.directives.Directives` in one folder."""

    root: Path
    evidence: Path
    environ: Mapping[str, str]  # of golive itself
    names: frozenset[str] = frozenset()  # further variables to pass on
    extra: Mapping[str, str] = field(default_factory=dict)
    timeout: timedelta = timedelta(hours=1)
    redact: Callable[[bytes], bytes] = lambda content: content
    heard: Callable[[bytes], None] = lambda content: None  # what it prints, redacted, as it comes

    async def perform(self, argv: tuple[str, ...]) -> Finished:
        before, began = _marks(self.evidence), time.monotonic()
        with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
            child = await self._spawn(_placed(argv, self.root), stdout, stderr)
            try:
                ended = await self._watched(child, stdout, stderr)
            except BaseException:
                await _end(child)
                raise
            printed = [self.redact(_head(file)) for file in (stdout, stderr)]
        return Finished(
            exit_code=child.returncode if ended is None else None,
            stdout=printed[0],
            stderr=printed[1],
            took=timedelta(seconds=time.monotonic() - began),
            because=ended or _last_words(*printed),
            wrote=_written(self.evidence, before),
        )

    async def _spawn(
        self, argv: tuple[str, ...], stdout: IO[bytes], stderr: IO[bytes]
    ) -> asyncio.subprocess.Process:
        passed = {name: self.environ[name] for name in (*KEPT, *sorted(self.names)) if name in self.environ}
        try:
            return await asyncio.create_subprocess_exec(
                *argv,
                cwd=self.root,
                env={**passed, "NO_COLOR": "1", "TERM": "dumb", **self.extra},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise Failure(
                where=argv[0],
                what="this command cannot be run",
                why=getattr(error, "strerror", None) or str(error),
                next="golive protocol validate says what is wrong with it",
                code=Exit.USAGE,
            ) from error

    async def _watched(
        self, child: asyncio.subprocess.Process, stdout: IO[bytes], stderr: IO[bytes]
    ) -> str | None:
        """Wait for the end; what ended it before its time, or None."""
        due, shown = time.monotonic() + self.timeout.total_seconds(), 0
        waiting = asyncio.ensure_future(child.wait())
        while not waiting.done():
            await asyncio.wait((waiting,), timeout=GLANCE_S)
            shown = self._show(stderr, shown)
            if _size(stdout) + _size(stderr) > TOO_MUCH_BYTES:
                await _end(child)
                return f"ended by golive: it printed more than {TOO_MUCH_BYTES // 1024**2} MiB"
            if time.monotonic() > due and not waiting.done():
                await _end(child)
                return f"ended by golive: it took longer than {self.timeout}"
        return None

    def _show(self, file: IO[bytes], shown: int) -> int:
        """Pass on whole new lines of progress."""
        if shown >= MOST_BYTES:
            return shown
        new = os.pread(file.fileno(), 64 * 1024, shown)
        whole = new[: new.rfind(b"\n") + 1]
        if whole:
            self.heard(self.redact(whole))
        return shown + len(whole)


def _placed(argv: tuple[str, ...], root: Path) -> tuple[str, ...]:
    """The script by its place inside the folder, so that nothing of the same name on the PATH is taken for it."""
    if not argv:
        raise _unfit("{SCRIPT: }", "the directive has no words that can be run")
    program = argv[:1] if "/" not in argv[0] and INTERPRETER.fullmatch(argv[0]) else ()
    argv = argv[len(program) :]
    if not argv or argv[0].startswith("-"):
        raise _unfit(program[0], "an interpreter runs only a script of this repository")
    script = root / argv[0]
    try:
        real = script.resolve(strict=True)
    except (OSError, ValueError) as error:
        raise _unfit(argv[0], getattr(error, "strerror", None) or str(error)) from error
    if not real.is_relative_to(root.resolve()):
        raise _unfit(argv[0], "it lies outside of the service's folder")
    if not real.is_file():
        raise _unfit(argv[0], "it is no file")
    if not program and not os.access(real, os.X_OK):
        raise _unfit(argv[0], "it may not be executed")
    return (*program, str(script), *argv[1:])


def _unfit(script: str, why: str) -> Failure:
    return Failure(
        where=script,
        what="this script cannot be run",
        why=why,
        next="golive init writes the six scripts; chmod +x makes one executable",
        code=Exit.USAGE,
    )


def _size(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_size


def _head(file: IO[bytes]) -> bytes:
    """The beginning of what was printed, and a line that says what is left out."""
    size = _size(file)
    kept = os.pread(file.fileno(), MOST_BYTES, 0)
    return kept if size <= MOST_BYTES else kept + b"\n[%d bytes more were printed]\n" % (size - MOST_BYTES)


def _last_words(stdout: bytes, stderr: bytes) -> str:
    for printed in (stderr, stdout):
        lines = printed.decode(errors="replace").strip().splitlines()
        told = [line for line in lines if line.startswith("why:")] or lines[-1:]
        if told:
            return "".join(char for char in told[0].strip()[:SAID] if char.isprintable())
    return ""


async def _end(child: asyncio.subprocess.Process) -> None:
    """End the command and what it started in its session."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            break
        try:
            async with asyncio.timeout(PATIENCE_S):
                await child.wait()
        except TimeoutError:
            continue
    await child.wait()


def _marks(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of change of every plain file, by its path below the folder."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            if path.is_file() and not path.is_symlink():
                stat = path.stat()
                found[path.relative_to(folder).as_posix()] = (stat.st_size, stat.st_mtime_ns)
    return found


MOST_WRITTEN = 100  # files that one command's record names
OF_GOLIVE = ("operations/records.jsonl", "operations/checkpoint", "manifest.json")  # these grow with every record


def _written(folder: Path, before: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    """SHA-256 of the files that are new or changed."""
    after = _marks(folder)
    changed = sorted(path for path, mark in after.items() if before.get(path) != mark)
    named = [path for path in changed if path.isprintable() and not path.startswith(OF_GOLIVE)][:MOST_WRITTEN]
    return {path: hashlib.sha256((folder / path).read_bytes()).hexdigest() for path in named}
