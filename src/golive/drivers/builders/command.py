"""Running a build command: no shell, a limit in time and in output, and nothing left running afterwards."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from golive.errors import Exit, Failure

HEAD_BYTES = 256 * 1024
TAIL_BYTES = 768 * 1024
LAST_WORDS = 2.0  # seconds to read what is still in the pipe, once everything was ended


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A command that was run. `exit_code` is None when it was ended at its timeout."""

    exit_code: int | None
    output: bytes


@dataclass
class Kept:
    """The beginning and the end of a long output."""

    head: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)
    left_out: int = 0

    def take(self, chunk: bytes) -> None:
        room = HEAD_BYTES - len(self.head)
        self.head += chunk[:room]
        self.tail += chunk[room:]
        surplus = max(0, len(self.tail) - TAIL_BYTES)
        self.left_out += surplus
        del self.tail[:surplus]

    def all(self) -> bytes:
        cut = f"\n… {self.left_out} bytes left out …\n".encode() if self.left_out else b""
        return bytes(self.head) + cut + bytes(self.tail)


async def run(command: tuple[str, ...], *, folder: Path, env: Mapping[str, str], timeout: timedelta) -> Ended:
    """Run `command` in `folder` with exactly `env`; its process group is killed at the end, however it ends."""
    ours, theirs = os.pipe()
    kept = Kept()
    try:
        child = await _spawn(command, folder, env, theirs)
    except BaseException:
        os.close(ours)
        raise
    reading = asyncio.ensure_future(_read(ours, kept))
    code: int | None = None
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            code = await child.wait()
    except TimeoutError:
        pass
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        await asyncio.wait({reading}, timeout=LAST_WORDS)
        reading.cancel()
    await child.wait()
    return Ended(exit_code=code, output=kept.all())


async def _spawn(
    command: tuple[str, ...], folder: Path, env: Mapping[str, str], output: int
) -> asyncio.subprocess.Process:
    """`output` is a pipe of our own, and is closed here.

    With one of asyncio's, `wait` would wait for everybody who holds it (CPython issue 119710), and so for
    whatever the command left running in the background.
    """
    try:
        return await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise Failure(
            where=f"revision.build: {command[0]}",
            what="the build command cannot be run",
            why=getattr(error, "strerror", None) or str(error),
            next="install it, or correct revision.build",
            code=Exit.USAGE,
        ) from error
    finally:
        os.close(output)


async def _read(pipe: int, kept: Kept) -> None:
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(pipe, "rb", buffering=0)
    )
    try:
        while chunk := await reader.read(65536):
            kept.take(chunk)
    finally:
        transport.close()
