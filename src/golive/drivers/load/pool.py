"""The connections to one place: requests wait here for one that is free, in the order in which they were due."""

import asyncio
import os
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from golive.drivers.load.connection import Connection, Exchange, Listener
from golive.drivers.load.job import Place

MOST_DIALLING = 128  # at a time; a storm of new connections overruns the server's backlog


@dataclass(eq=False)
class Pool:
    """`most` is how many connections may be open at a time. `refused` hears of a dial that failed."""

    place: Place
    listener: Listener
    most: int
    timeout_s: float
    trust: ssl.SSLContext | None
    refused: Callable[[Exchange, str], None]
    idle: list[Connection] = field(default_factory=list)
    open: set[Connection] = field(default_factory=set)
    _queue: deque[Exchange] = field(default_factory=deque)
    _dialling: set[asyncio.Task[None]] = field(default_factory=set)

    def send(self, exchange: Exchange) -> bool:
        """Send it as soon as there is a connection. False when all are busy, so that it must wait."""
        idle = self.idle
        while idle:
            connection = idle.pop()
            if connection.is_open():
                connection.send(exchange)
                return True
        self._queue.append(exchange)
        free = len(self.open) + len(self._dialling) < self.most
        self._dial()
        return free

    def send_anew(self, exchange: Exchange) -> None:
        """Send it on a connection of its own: another kept one may have died as well."""
        self._begin(exchange)

    def rest(self, connection: Connection) -> None:
        """It is free: the next one that waits takes it."""
        exchange = self._next()
        if exchange:
            connection.send(exchange)
        else:
            self.idle.append(connection)

    def closed(self, connection: Connection) -> None:
        """It is gone; those that wait get another."""
        self.open.discard(connection)
        if self._queue:
            self._dial()

    async def close(self) -> None:
        """Drop everything without a word."""
        self._queue.clear()
        for task in self._dialling:
            task.cancel()
        await asyncio.gather(*self._dialling, return_exceptions=True)
        for connection in list(self.open):
            connection.abort()

    def _next(self) -> Exchange | None:
        while self._queue:
            exchange = self._queue.popleft()
            if not exchange.is_over:
                return exchange
        return None

    def _dial(self) -> None:
        """As many as wait, as far as there is room."""
        room = min(self.most - len(self.open), MOST_DIALLING) - len(self._dialling)
        for _ in range(min(room, len(self._queue) - len(self._dialling))):
            self._begin(None)

    def _begin(self, own: Exchange | None) -> None:
        task = asyncio.get_running_loop().create_task(self._connect(own))
        self._dialling.add(task)
        task.add_done_callback(self._dialled)

    def _dialled(self, task: asyncio.Task[None]) -> None:
        self._dialling.discard(task)
        if self._queue and not task.cancelled():
            self._dial()

    async def _connect(self, own: Exchange | None) -> None:
        """A connection for `own`, or else for the next one that waits."""
        loop, name = asyncio.get_running_loop(), self.place.parts.hostname if self.trust else None
        try:
            async with asyncio.timeout(self.timeout_s):
                _, connection = await loop.create_connection(
                    lambda: Connection(self.listener),
                    self.place.host,
                    self.place.port,
                    ssl=self.trust,
                    server_hostname=name,
                )
        except TimeoutError:  # those that waited for it are counted when their own time is over
            return
        except (OSError, ssl.SSLError) as error:
            self._refuse(own, _reason(error))
            return
        if not connection.is_open():  # closed in the moment in which it was opened: `closed` came before
            self._refuse(own, "closed before the answer")
            return
        self.open.add(connection)
        if own and not own.is_over:
            connection.send(own)
        else:
            self.rest(connection)

    def _refuse(self, own: Exchange | None, cause: str) -> None:
        exchange = own or self._next()
        if exchange:
            self.refused(exchange, cause)


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate refused: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"no TLS: {error.reason or 'broken off'}".lower()
    return os.strerror(error.errno).lower() if error.errno else str(error)[:80]
