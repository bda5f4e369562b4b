"""The operator's own commands as child processes: no shell, a limit in time and in output."""

import asyncio
import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from golive.errors import Exit, Failure
from golive.release.commands import Ran

MOST_OUTPUT_BYTES = 1024 * 1024
PATIENCE_AFTER_TERM = 5.0  # seconds


@dataclass(frozen=True)
class LocalCommands:
    """Implements `release.commands.Commands` in one folder."""

    folder: Path

    async def run(
        self, command: tuple[str, ...], *, env: Mapping[str, str], stdin: bytes, timeout: timedelta
    ) -> Ran:
        began = time.monotonic()
        with tempfile.TemporaryFile() as output:
            child = await self._spawn(command, env, output)
            try:
                async with asyncio.timeout(timeout.total_seconds()):
                    await _feed(child, stdin)
                    code: int | None = await child.wait()
            except TimeoutError:
                await _end(child)
                code = None
            except asyncio.CancelledError:
                await _end(child)
                raise
            output.seek(0)
            printed = output.read(MOST_OUTPUT_BYTES)
        return Ran(exit_code=code, output=printed, elapsed_ms=int((time.monotonic() - began) * 1000))

    async def _spawn(
        self, command: tuple[str, ...], env: Mapping[str, str], output: IO[bytes]
    ) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                *command,
                cwd=self.folder,
                env={**os.environ, **env},
                stdin=asyncio.subprocess.PIPE,
                stdout=output,  # a file: a child that the command leaves behind keeps no pipe open
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise Failure(
                where=command[0],
                what="the command cannot be run",
                why=error.strerror or str(error),
                next="install it, or correct the command in golive.yaml",
                code=Exit.USAGE,
            ) from error


async def _feed(child: asyncio.subprocess.Process, stdin: bytes) -> None:
    assert child.stdin
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it does not read: its business
        child.stdin.write(stdin)
        await child.stdin.drain()
    child.stdin.close()


async def _end(child: asyncio.subprocess.Process) -> None:
    """End the command and everything that it started in its session."""
    _signal(child, signal.SIGTERM)
    try:
        async with asyncio.timeout(PATIENCE_AFTER_TERM):
            await child.wait()
    except TimeoutError:
        pass
    _signal(child, signal.SIGKILL)
    await child.wait()


def _signal(child: asyncio.subprocess.Process, number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return
