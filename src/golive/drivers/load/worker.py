"""A load generator, a process of its own: `python -m golive.drivers.load.worker`.

Reads two JSON lines from stdin: the job with this generator's share of it, and, once all generators have said that
they are ready, when to begin. Sends requests when they are due, whatever became of those before. Writes a line of
counts four times a second, and the last one when the schedule is over, stdin closes (its parent wants the end, or
has died), or on SIGTERM or SIGINT.
"""

import asyncio
import contextlib
import gc
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

from golive.drivers.load.alarm import Alarm
from golive.drivers.load.clients import SWEEP_S, Clients
from golive.drivers.load.job import Job, from_json
from golive.drivers.load.tally import Tally
from golive.drivers.load.visit import Requests
from golive.errors import Exit, Failure

REPORT_S = 0.25
SPARE_FILES = 64  # of the limit on open files, for all that is no connection
ENOUGH_FILES = 65_536
STDIN, STDOUT = 0, 1
TOGETHER_NS = 100_000  # requests that are due within so long go out together
AT_ONCE = 200  # then the answers that have come are read
RARELY = 50_000  # objects until cycles are looked for: a pause of the generator is lateness


@dataclass(eq=False)
class Generator:
    """One load from its first request to its last answer; of several generators this is number `worker`."""

    job: Job
    clients: Clients
    tally: Tally
    worker: int
    workers: int
    _began_ns: int = 0
    _number: int = 0
    _due_ns: int = 0
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _over_ns: int = 0

    def end(self) -> None:
        """Send no more."""
        self._over_ns = self._over_ns or time.monotonic_ns()
        self._ended.set()

    async def run(self, pipe: "Pipe", began_ns: int) -> None:
        """Send until the schedule or somebody ends it, then wait for the answers."""
        self._began_ns, self._number = began_ns, self.worker
        self.clients.begin(began_ns)
        self._dues: Iterator[int] = self.job.schedule.dues(self.worker, self.workers)
        self._alarm = Alarm(self._send_what_is_due)
        self._next()
        reporting, sweeping = asyncio.create_task(self._report(pipe)), asyncio.create_task(self._sweep())
        await self._ended.wait()
        self._alarm.close()
        if await self.clients.wait():
            self._over_ns = time.monotonic_ns()
        reporting.cancel()
        sweeping.cancel()
        self.clients.received()
        pipe.offer(self._counts() | {"elapsed_ns": self._over_ns - began_ns, "last": True})
        await self.clients.close()
        await pipe.close()

    def _next(self) -> None:
        """Wait for the next one, or end with the schedule."""
        due_ns = next(self._dues, None)
        if due_ns is None:
            self._finish()
            return
        self._due_ns = self._began_ns + due_ns
        self._alarm.at(max(self._due_ns, time.monotonic_ns() + TOGETHER_NS))

    def _finish(self) -> None:
        end_ns = self._began_ns + int(self.job.schedule.length_s * 1e9)
        left_s = max(0, end_ns - time.monotonic_ns()) / 1e9
        asyncio.get_running_loop().call_later(left_s, self._over, end_ns)

    def _over(self, end_ns: int) -> None:
        self._over_ns = max(end_ns, time.monotonic_ns())  # timers of loops may ring a little early
        self._ended.set()

    def _send_what_is_due(self) -> None:
        """Send, and come again when the next one is due. It never looks at answers."""
        if self._ended.is_set():
            return
        due_ns, number, arrive, dues = self._due_ns, self._number, self.clients.arrive, self._dues
        began_ns, stride, left = self._began_ns, self.workers, AT_ONCE
        now = time.monotonic_ns()
        while due_ns <= now and left:
            arrive(number, due_ns)
            number += stride
            left -= 1
            due = next(dues, None)
            if due is None:
                self._finish()
                return
            due_ns = began_ns + due
        self._due_ns, self._number = due_ns, number
        self._alarm.at(max(due_ns, now + TOGETHER_NS))

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self.clients.sweep()

    async def _report(self, pipe: "Pipe") -> None:
        while True:
            self.clients.received()
            pipe.offer(self._counts() | {"elapsed_ns": time.monotonic_ns() - self._began_ns})
            await asyncio.sleep(REPORT_S)

    def _counts(self) -> dict[str, Any]:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return self.tally.take() | {"cpu_s": used.ru_utime + used.ru_stime, "at_ns": time.monotonic_ns()}


@dataclass(frozen=True)
class Pipe:
    """Stdout. A reader that is slow costs memory, never the load's time; one that is gone costs nothing."""

    transport: asyncio.WriteTransport
    closed: asyncio.Event

    def offer(self, told: dict[str, Any]) -> None:
        """Write the line as soon as there is room."""
        if not self.transport.is_closing():
            self.transport.write(json.dumps(told, separators=(",", ":")).encode() + b"\n")

    async def close(self) -> None:
        """Until everything is read, or nobody is there to read it."""
        if not self.transport.is_closing():
            self.transport.close()
        await self.closed.wait()


class _Farewell(asyncio.BaseProtocol):
    """Tells when the pipe is closed."""

    def __init__(self, closed: asyncio.Event) -> None:
        self._closed = closed

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed.set()


async def generate() -> None:
    """Do this generator's share of the job that stdin names."""
    loop = asyncio.get_running_loop()
    stdin = asyncio.StreamReader(limit=1 << 26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), os.fdopen(STDIN, "rb"))
    closed = asyncio.Event()
    transport, _ = await loop.connect_write_pipe(lambda: _Farewell(closed), os.fdopen(STDOUT, "wb"))
    share = json.loads(await stdin.readline())
    job, worker, workers = from_json(share["job"]), share["worker"], share["workers"]
    requests = Requests(job)
    tally, pipe = Tally(len(requests.names)), Pipe(transport, closed)
    most = min(most_connections(), -(-job.connections // workers) or ENOUGH_FILES)
    generator = Generator(job, Clients(job, requests, tally, most=most), tally, worker, workers)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, generator.end)
    gc.freeze()
    gc.set_threshold(RARELY)
    pipe.offer({"ready": type(loop).__module__.partition(".")[0], "most": most})
    began = await stdin.readline()
    if not began:
        return
    watching = asyncio.create_task(_end_with(stdin, generator))
    await generator.run(pipe, json.loads(began)["begin_ns"])
    watching.cancel()


async def _end_with(stdin: asyncio.StreamReader, generator: Generator) -> None:
    """When stdin closes, nobody wants the load any more."""
    with contextlib.suppress(OSError):
        await stdin.read()
    generator.end()


def most_connections() -> int:
    """As many as this process may have open; the limit is raised as far as it goes without privileges."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = ENOUGH_FILES if hard == resource.RLIM_INFINITY else min(hard, ENOUGH_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return limit - SPARE_FILES


def run(main: Coroutine[Any, Any, None]) -> None:
    """On uvloop where it is installed: it is what makes one process enough for tens of thousands a second."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


def main() -> None:
    """Run; what is wrong with the job goes to stderr with exit code 2."""
    try:
        run(generate())
    except Failure as failure:
        sys.stderr.write("\n".join(failure.lines()) + "\n")
        sys.exit(int(failure.code))
    except (ValueError, TypeError, KeyError) as error:
        sys.stderr.write(f"stdin: this is no job: {error!r}\n")
        sys.exit(int(Exit.USAGE))


if __name__ == "__main__":
    main()
