"""A load run beside the caller's own work: start it, look at its counts, stop it, get the report."""

import asyncio
import contextlib
import ipaddress
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from golive.errors import Exit, Failure

TIMEOUT_S = 10.0
START_LIMIT_S = 15.0
LINE_LIMIT = 1024 * 1024  # bytes of one line of counts


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a run counted. Latencies are from the instant a request was due; `late` is our own lateness."""

    sent: int = 0
    ok: int = 0
    failed: int = 0
    reconnected: int = 0
    codes: Mapping[str, int] = field(default_factory=dict)
    causes: Mapping[str, int] = field(default_factory=dict)
    by_revision: Mapping[str, int] = field(default_factory=dict)
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    late_p99_ms: float = 0.0
    failures: Sequence[Mapping[str, Any]] = ()
    final: bool = False  # False: the process ended without its last word


class LoadRun:
    """Constant load on `url`, in a process of its own, from entering the context until `stop`."""

    def __init__(
        self, url: str, *, rate: float, paths: Sequence[str] = ("/",), headers: Mapping[str, str] | None = None
    ) -> None:
        """`rate` is requests a second. Raises `Failure` for an address that is not loopback or private."""
        self.url = url
        self.latest = Report()
        parts = urlsplit(url)
        self._job = {
            "host": _near(parts.hostname or ""),
            "port": parts.port or 80,
            "rate": rate,
            "paths": list(paths),
            "headers": dict(headers or {}),
            "timeout_s": TIMEOUT_S,
        }
        self._child: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "LoadRun":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Returns once the first counts are there."""
        self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "golive.drivers.load.openloop",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_LIMIT,
            start_new_session=True,
        )
        assert self._child.stdin
        self._child.stdin.write(json.dumps(self._job).encode() + b"\n")
        first = asyncio.Event()
        self._reading = asyncio.create_task(self._read(self._child, first))
        async with asyncio.timeout(START_LIMIT_S):
            await first.wait()

    async def stop(self) -> Report:
        """End the run and give its report; a second call gives the same one."""
        child, reading = self._child, self._reading
        if child is None or reading is None:
            return self.latest
        self._child = None
        assert child.stdin
        child.stdin.close()
        try:
            async with asyncio.timeout(2 * TIMEOUT_S):
                await reading
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
        await child.wait()
        return self.latest

    async def _read(self, child: asyncio.subprocess.Process, first: asyncio.Event) -> None:
        assert child.stdout
        async for line in child.stdout:
            self.latest = Report(**json.loads(line))
            first.set()
        first.set()


def _near(host: str) -> str:
    """The host, when it is this machine or in a private network; load goes nowhere else."""
    name = "127.0.0.1" if host == "localhost" else host
    with contextlib.suppress(ValueError):
        address = ipaddress.ip_address(name)
        if address.is_loopback or address.is_private:
            return name
    raise Failure(
        where=f"load on {host or 'nothing'}",
        what="load is not sent there",
        why="only loopback and private addresses are allowed",
        next="name an address such as 127.0.0.1",
        code=Exit.REFUSED,
    )
