"""The load generator, a process of its own: `python -m golive.drivers.load.openloop`.

Reads one JSON line, the job, from stdin, and sends requests at a constant rate: open loop, they are sent when
they are due, whatever became of those before. Writes a JSON line of counts four times a second, and the final
report when stdin closes (its parent wants the end, or has died) or on SIGTERM or SIGINT.
"""

import asyncio
import contextlib
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass, field

from golive.drivers.load.clients import SWEEP_S, Clients
from golive.drivers.load.job import Job, from_json
from golive.drivers.load.report import Report
from golive.drivers.load.schedule import SECOND_NS, due_by, due_ns
from golive.drivers.load.tally import Tally
from golive.errors import Exit, Failure

REPORT_S = 0.25
SPARE_FILES = 64  # of the limit on open files, for all that is no connection
ENOUGH_FILES = 65_536
STDIN, STDOUT = 0, 1


@dataclass(eq=False)
class Generator:
    """One load from its first request to its last answer."""

    job: Job
    clients: Clients
    tally: Tally
    _began_ns: int = 0
    _sent: int = 0
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self) -> None:
        """Send no more."""
        self._ended.set()

    async def run(self, pipe: "Pipe") -> None:
        """Send until the end is asked for, then wait for the answers."""
        self._began_ns = time.monotonic_ns()
        self._send_what_is_due()
        reporting = asyncio.create_task(self._report(pipe))
        sweeping = asyncio.create_task(self._sweep())
        await self._ended.wait()
        await self.clients.wait()
        reporting.cancel()
        sweeping.cancel()
        await self.clients.close()
        await pipe.last(self._counts(is_final=True))

    def _send_what_is_due(self) -> None:
        """Send, and come again when the next one is due. It never looks at answers."""
        if self._ended.is_set():
            return
        rate = self.job.rate
        for number in range(self._sent, due_by(time.monotonic_ns() - self._began_ns, rate)):
            self.clients.ask(self._began_ns + due_ns(number, rate))
            self._sent = number + 1
        next_at = (self._began_ns + due_ns(self._sent, rate)) / SECOND_NS
        asyncio.get_running_loop().call_at(next_at, self._send_what_is_due)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self.clients.sweep()

    async def _report(self, pipe: "Pipe") -> None:
        while True:
            pipe.offer(self._counts(is_final=False))
            await asyncio.sleep(REPORT_S)

    def _counts(self, *, is_final: bool) -> Report:
        return self.tally.report(time.monotonic_ns() - self._began_ns, is_final=is_final)


@dataclass(frozen=True)
class Pipe:
    """Stdout. A reader that is slow costs memory, never the load's time; one that is gone costs nothing."""

    transport: asyncio.WriteTransport
    closed: asyncio.Event

    def offer(self, report: Report) -> None:
        """Write the line as soon as there is room."""
        if not self.transport.is_closing():
            self.transport.write(report.to_json())

    async def last(self, report: Report) -> None:
        """Write the line, and wait until it is read or nobody is there to read it."""
        if not self.transport.is_closing():
            self.transport.write(report.to_json())
            self.transport.close()
        await self.closed.wait()


class _Farewell(asyncio.BaseProtocol):
    """Tells when the pipe is closed."""

    def __init__(self, closed: asyncio.Event) -> None:
        self._closed = closed

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed.set()


async def generate() -> None:
    """Do the job that stdin names."""
    loop = asyncio.get_running_loop()
    stdin = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), os.fdopen(STDIN, "rb"))
    closed = asyncio.Event()
    transport, _ = await loop.connect_write_pipe(lambda: _Farewell(closed), os.fdopen(STDOUT, "wb"))
    job, tally = from_json(await stdin.readline()), Tally()
    generator = Generator(job, Clients(job, tally, most=_most_connections()), tally)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, generator.end)
    watching = asyncio.create_task(_end_with(stdin, generator))
    await generator.run(Pipe(transport, closed))
    watching.cancel()


async def _end_with(stdin: asyncio.StreamReader, generator: Generator) -> None:
    """When stdin closes, nobody wants the load any more."""
    with contextlib.suppress(OSError):
        await stdin.read()
    generator.end()


def _most_connections() -> int:
    """As many as this process may have open; the limit is raised as far as it goes without privileges."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = ENOUGH_FILES if hard == resource.RLIM_INFINITY else min(hard, ENOUGH_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return limit - SPARE_FILES


def main() -> None:
    """Run; what is wrong with the job goes to stderr with exit code 2."""
    try:
        asyncio.run(generate())
    except Failure as failure:
        sys.stderr.write("\n".join(failure.lines()) + "\n")
        sys.exit(int(failure.code))
    except (ValueError, TypeError, KeyError) as error:
        sys.stderr.write(f"stdin: this is no job: {error!r}\n")
        sys.exit(int(Exit.USAGE))


if __name__ == "__main__":
    main()
