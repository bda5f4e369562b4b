"""The load process: `python -m golive.drivers.load.openloop`, a JSON job on stdin, counts on stdout.

The job: `{"host", "port", "rate", "paths", "headers", "timeout_s"}` on one line. Counts are one JSON line each
quarter of a second, the last with `"final": true` once stdin is closed (its parent asks, or died), or at
SIGTERM or SIGINT. Requests are GETs, paths in turn.

A keep-alive connection that the server closed while it was idle counts as nothing. A request on a reused
connection that died before any byte of the answer is sent once more on a new one, as every HTTP client does
with a GET (RFC 9110 §9.2.2), and counted in `reconnected`. Everything else without a whole answer has failed.
"""

import asyncio
import json
import signal
import sys
import threading
from typing import Any

from golive.drivers.load.connection import Connection, Sent
from golive.drivers.load.tally import Tally, due_s

REPORT_EVERY_S = 0.25
SWEEP_EVERY_S = 0.25  # how exactly a timeout is kept
MOST_CONNECTIONS = 4000


class OpenLoop:
    """Sends on schedule; never waits for an answer."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.host, self.port = str(job["host"]), int(job["port"])
        self.rate, self.timeout_s = float(job["rate"]), float(job["timeout_s"])
        self.requests = [_request(self.host, path, job["headers"]) for path in job["paths"]]
        self.tally = Tally()
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._opening: set[asyncio.Task[None]] = set()

    async def arrive(self, stop: asyncio.Event) -> None:
        """Let requests leave at their times until `stop`."""
        number = 0
        while not stop.is_set():
            now = self._loop.time()
            while (due := self._began + due_s(number, self.rate)) <= now:
                self._leave(Sent(due=due, content=self.requests[number % len(self.requests)]), now)
                number += 1
            await asyncio.sleep(max(0.0, due - self._loop.time()))

    async def finish(self) -> None:
        """Wait for what is on its way, no longer than its timeout."""
        deadline = self._loop.time() + self.timeout_s + SWEEP_EVERY_S
        while (self._busy or self._opening) and self._loop.time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        for connection in (*self._idle, *self._busy):
            connection.close()

    async def sweep(self) -> None:
        """End requests that are over their time, for ever."""
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            limit = self._loop.time() - self.timeout_s
            for connection in [c for c in self._busy if c.sent and c.sent.due < limit]:
                sent, connection.sent = connection.sent, None
                assert sent
                self.tally.lost("timeout", f"no answer in {self.timeout_s:g} s", self._since(sent))
                self._busy.discard(connection)
                connection.close()

    def answered(self, sent: Sent, code: int, revision: str, connection: Connection) -> None:
        now = self._loop.time()
        self.tally.answered(code, revision, now - sent.due, self._since(sent))
        if connection in self._busy:
            self._busy.discard(connection)
            self._idle.append(connection)

    def broke(self, sent: Sent, connection: Connection, *, untouched: bool, cause: str) -> None:
        if untouched and connection.reused and not sent.again:
            self.tally.reconnected += 1
            self._open(Sent(due=sent.due, content=sent.content, again=True))
        else:
            self.tally.lost("broken connection", cause, self._since(sent))

    def gone(self, connection: Connection) -> None:
        self._busy.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)

    def _leave(self, sent: Sent, now: float) -> None:
        self.tally.sent += 1
        self.tally.lateness.add(now - sent.due)
        if self._idle:
            connection = self._idle.pop()
            self._busy.add(connection)
            connection.send(sent)
        elif len(self._busy) + len(self._opening) >= MOST_CONNECTIONS:
            self.tally.lost("no connection left", f"{MOST_CONNECTIONS} are in use", self._since(sent))
        else:
            self._open(sent)

    def _open(self, sent: Sent) -> None:
        task = self._loop.create_task(self._connect(sent))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _connect(self, sent: Sent) -> None:
        try:
            async with asyncio.timeout(self.timeout_s):
                _, connection = await self._loop.create_connection(lambda: Connection(self), self.host, self.port)
        except (OSError, TimeoutError) as error:
            cause = "timeout" if isinstance(error, TimeoutError) else "no connection"
            self.tally.lost(cause, str(error) or type(error).__name__, self._since(sent))
            return
        self._busy.add(connection)
        connection.send(sent)

    def _since(self, sent: Sent) -> float:
        return sent.due - self._began


def _request(host: str, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _main(job: dict[str, Any]) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    threading.Thread(target=_until_closed, args=(loop, stop), daemon=True).start()
    run = OpenLoop(job)
    background = [loop.create_task(run.sweep()), loop.create_task(_tell(run))]
    await run.arrive(stop)
    await run.finish()
    for task in background:
        task.cancel()
    _say({**run.tally.report(), "final": True})


async def _tell(run: OpenLoop) -> None:
    while True:
        await asyncio.sleep(REPORT_EVERY_S)
        _say({**run.tally.report(), "failures": []})


def _say(counts: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(counts) + "\n")
    sys.stdout.flush()


def _until_closed(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    sys.stdin.read()
    loop.call_soon_threadsafe(stop.set)


if __name__ == "__main__":
    asyncio.run(_main(json.loads(sys.stdin.readline())))
