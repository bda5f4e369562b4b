"""The operator's own commands as child processes: no shell, a limit in time and in output."""

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

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
        child = await self._spawn(command, env)
        reading = asyncio.ensure_future(_exchange(child, stdin))
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                output = await asyncio.shield(reading)
                code: int | None = await child.wait()
        except TimeoutError:
            await _end(child)
            output, code = await reading, None
        except asyncio.CancelledError:
            await _end(child)
            reading.cancel()
            raise
        return Ran(exit_code=code, output=output, elapsed_ms=int((time.monotonic() - began) * 1000))

    async def _spawn(self, command: tuple[str, ...], env: Mapping[str, str]) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                *command,
                cwd=self.folder,
                env={**os.environ, **env},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
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


async def _exchange(child: asyncio.subprocess.Process, stdin: bytes) -> bytes:
    assert child.stdin
    assert child.stdout
    child.stdin.write(stdin)
    child.stdin.close()
    kept = bytearray()
    while chunk := await child.stdout.read(65536):
        kept += chunk[: MOST_OUTPUT_BYTES - len(kept)]
    return bytes(kept)


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
