"""The clients of a load: send each request when told, on a kept connection or a new one, and count its end."""

import asyncio
import itertools
import os
import time
from dataclasses import dataclass, field

from golive.drivers.load.connection import Connection, Death, Exchange
from golive.drivers.load.job import Job
from golive.drivers.load.tally import Tally

SWEEP_S = 0.02  # how often timeouts are looked for
MILLISECONDS = 1_000_000


@dataclass(eq=False)
class Clients:
    """Implements `connection.Listener`. `most` is how many connections may be open at a time."""

    job: Job
    tally: Tally
    most: int
    _idle: list[Connection] = field(default_factory=list)
    _open: set[Connection] = field(default_factory=set)
    _waiting: dict[Exchange, None] = field(default_factory=dict)  # in the order in which they were due
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _dialling: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._requests = itertools.cycle(zip(self.job.paths, self.job.requests(), strict=True))
        self._timeout_ns = int(self.job.timeout_s * 1000) * MILLISECONDS

    def ask(self, due_ns: int) -> None:
        """Send the next request, that was due at `due_ns` on the monotonic clock."""
        path, request = next(self._requests)
        exchange = Exchange(due_ns=due_ns, path=path, request=request)
        self._waiting[exchange] = None
        self.tally.send(time.monotonic_ns() - due_ns)
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open():
                connection.send(exchange)
                return
        self._dial(exchange)

    async def wait(self) -> None:
        """Until every request has ended: no longer than the timeout of one, while `sweep` is called."""
        while self._waiting:
            self._ended.clear()
            await self._ended.wait()

    def sweep(self) -> None:
        """End those that have waited too long."""
        latest = time.monotonic_ns() - self._timeout_ns
        late = list(itertools.takewhile(lambda exchange: exchange.due_ns <= latest, self._waiting))
        for exchange in late:
            if exchange.connection:
                exchange.connection.abort()
            self.tally.latency.add(self._timeout_ns // 1000)
            self._fail(exchange, "timeout", f"no whole answer within {self.job.timeout_s:g} s")

    async def close(self) -> None:
        """Drop every connection; nothing is counted any more."""
        for task in self._dialling:
            task.cancel()
        await asyncio.gather(*self._dialling, return_exceptions=True)
        for connection in list(self._open):
            connection.abort()

    def answered(self, exchange: Exchange, code: int, revision: str) -> None:
        took_ns = time.monotonic_ns() - exchange.due_ns
        if self._over(exchange):
            self.tally.answer(code, revision, took_ns, exchange.path, time.time())

    def died(self, exchange: Exchange, death: Death) -> None:
        if exchange.is_over:
            return
        if death.is_stale and not exchange.retried:
            exchange.retried, exchange.connection = True, None
            self.tally.reconnected += 1
            self._dial(exchange)
            return
        self._fail(exchange, death.cause)

    def rest(self, connection: Connection) -> None:
        self._idle.append(connection)

    def closed(self, connection: Connection) -> None:
        self._open.discard(connection)

    def _dial(self, exchange: Exchange) -> None:
        if len(self._open) + len(self._dialling) >= self.most:
            self._fail(exchange, "no connection left", f"all {self.most} wait for answers")
            return
        task = asyncio.create_task(self._connect(exchange))
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)

    async def _connect(self, exchange: Exchange) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.job.timeout_s):
                _, connection = await loop.create_connection(
                    lambda: Connection(self), self.job.host, self.job.port
                )
        except TimeoutError:  # the sweep has counted it
            return
        except OSError as error:
            self._fail(exchange, os.strerror(error.errno).lower() if error.errno else str(error))
            return
        self._open.add(connection)
        if exchange.is_over:
            self.rest(connection)
        elif connection.is_open():
            connection.send(exchange)
        else:
            self._fail(exchange, "closed before the answer")

    def _fail(self, exchange: Exchange, cause: str, detail: str = "") -> None:
        if self._over(exchange):
            self.tally.fail(cause, f"GET {exchange.path}" + (f": {detail}" if detail else ""), time.time())

    def _over(self, exchange: Exchange) -> bool:
        """It ends now; False when it had ended before."""
        was_open, exchange.is_over = not exchange.is_over, True
        self._waiting.pop(exchange, None)
        self._ended.set()
        return was_open
