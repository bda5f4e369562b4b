"""The users of a load: each sends its requests when they are due, and what becomes of them is counted."""

import asyncio
import itertools
import ssl
import time
from collections.abc import Sequence
from functools import reduce
from math import gcd

from golive.drivers.load.connection import Connection, Death, Exchange
from golive.drivers.load.job import Job
from golive.drivers.load.pool import Pool
from golive.drivers.load.reply import Reply
from golive.drivers.load.tally import Tally, is_expected
from golive.drivers.load.visit import Requests, Unsendable, Visit
from golive.judge.performance.measured import FIRST_FAILING_CODE

SWEEP_S = 0.02  # how often timeouts are looked for
MILLISECOND_NS = 1_000_000
TURNS = (0, 1, 1, 0)  # of two places
MOST_CYCLE = 10_000


class Clients:
    """Implements `connection.Listener`. `most` is how many connections may be open at a time."""

    def __init__(self, job: Job, requests: Requests, tally: Tally, *, most: int) -> None:
        self._job, self._requests, self._tally = job, requests, tally
        self._timeout_ns = int(job.timeout_s * 1000) * MILLISECOND_NS
        self._interval_ns = int(job.interval_s * 1000) * MILLISECOND_NS
        self._cycle = cycle([flow.weight for flow in job.flows])
        self._flows = job.flows
        self._simple = [[requests.simple(place, flow) for flow in job.flows] for place in range(len(job.places))]
        self._waiting: dict[Exchange, None] = {}  # in the order in which they were due
        self._thinking: set[asyncio.TimerHandle] = set()
        self._ended = asyncio.Event()
        self._began_ns = 0
        self._closing = False
        self._pools = [
            Pool(
                place,
                self,
                max(1, most // len(job.places)),
                job.timeout_s,
                trust(job, place.secure),
                self._refused,
            )
            for place in job.places
        ]

    def begin(self, began_ns: int) -> None:
        """The load begins then on the monotonic clock."""
        self._began_ns = began_ns

    def arrive(self, number: int, due_ns: int) -> None:
        """User `number` comes; it was due at `due_ns` on the monotonic clock."""
        interval = (due_ns - self._began_ns) // self._interval_ns if self._interval_ns else 0
        place = TURNS[interval % 4] if len(self._pools) > 1 else 0
        kind = self._cycle[number % len(self._cycle)]
        ready = self._simple[place][kind]
        if ready:
            self._send(Exchange(due_ns, interval, ready.name, ready.request, ready.repeatable), place)
            return
        flow = self._flows[kind]
        visit = Visit(flow, place)
        if flow.rows:
            visit.values.update(flow.rows[number % len(flow.rows)])
        self._step(visit, due_ns)

    async def wait(self) -> bool:
        """Until every request has ended: no longer than the timeout of one, while `sweep` is called.

        False when none was under way.
        """
        self._closing, waited = True, bool(self._waiting)
        for handle in self._thinking:
            handle.cancel()
        while self._waiting:
            self._ended.clear()
            await self._ended.wait()
        return waited

    def sweep(self) -> None:
        """End those that have waited too long."""
        latest = time.monotonic_ns() - self._timeout_ns
        late = list(itertools.takewhile(lambda exchange: exchange.due_ns <= latest, self._waiting))
        for exchange in late:
            if exchange.connection:
                exchange.connection.abort()
                cause = "timeout"
            else:
                cause = "timeout before a connection was free"
            if self._over(exchange):
                detail = f"{self._detail(exchange)}: no whole answer within {self._job.timeout_s:g} s"
                took = self._timeout_ns // 1000
                self._tally.time_out(exchange.interval, exchange.name, cause, took, detail, time.time())

    async def close(self) -> None:
        """Drop every connection; nothing is counted any more."""
        for pool in self._pools:
            await pool.close()

    def answered(self, exchange: Exchange, reply: Reply) -> None:
        took_us = (time.monotonic_ns() - exchange.due_ns) // 1000
        if exchange.is_over:
            return
        exchange.is_over = True
        del self._waiting[exchange]
        if self._closing:
            self._ended.set()
        self._tally.answer(exchange.interval, exchange.name, reply.code, took_us, reply.revision)
        if exchange.visit:
            self._goes_on(exchange.visit, exchange, reply)
        elif reply.code >= FIRST_FAILING_CODE:
            self._unexpected(exchange, reply)

    def died(self, exchange: Exchange, death: Death) -> None:
        if exchange.is_over:
            return
        if death.is_stale and exchange.repeatable and not exchange.retried and exchange.connection:
            pool = self._pool(exchange.connection)
            exchange.retried, exchange.connection = True, None
            self._tally.reconnected += 1
            pool.send_anew(exchange)
            return
        self._fail(exchange, death.cause)

    def rest(self, connection: Connection) -> None:
        self._pool(connection).rest(connection)

    def closed(self, connection: Connection) -> None:
        self._tally.received += connection.received
        self._pool(connection).closed(connection)

    def received(self) -> None:
        """Count the bytes that open connections have received."""
        for connection in itertools.chain.from_iterable(pool.open for pool in self._pools):
            self._tally.received += connection.received
            connection.received = 0

    def _pool(self, connection: Connection) -> Pool:
        if len(self._pools) == 1:
            return self._pools[0]
        return next((pool for pool in self._pools if connection in pool.open), self._pools[0])

    def _send(self, exchange: Exchange, place: int) -> None:
        self._waiting[exchange] = None
        self._tally.send(exchange.interval, time.monotonic_ns() - exchange.due_ns)
        if not self._pools[place].send(exchange):
            self._tally.held += 1

    def _step(self, visit: Visit, due_ns: int) -> None:
        """Send the next request of a visit."""
        interval = (due_ns - self._began_ns) // self._interval_ns if self._interval_ns else 0
        step = visit.flow.steps[visit.next]
        if visit.next:
            self._tally.follow(interval)
        try:
            ready = self._requests.of(visit)
        except Unsendable as error:
            self._tally.send(interval, time.monotonic_ns() - due_ns)
            self._tally.fail(
                interval, self._requests.name(step), str(error), f"{step.method} {step.path}", time.time()
            )
            return
        self._send(Exchange(due_ns, interval, ready.name, ready.request, ready.repeatable, visit), visit.place)

    def _goes_on(self, visit: Visit, exchange: Exchange, reply: Reply) -> None:
        """The next step after its time to think; none after an answer that was not expected."""
        step = visit.flow.steps[visit.next]
        if not is_expected(reply.code, step.codes):
            self._unexpected(exchange, reply)
            return
        lacking = visit.take(step, reply)
        if lacking:
            self._tally.fail(
                exchange.interval,
                exchange.name,
                f"answered {reply.code}, but {lacking}",
                self._detail(exchange),
                time.time(),
            )
            return
        visit.next += 1
        if visit.next < len(visit.flow.steps) and not self._closing:
            self._think(visit, visit.flow.steps[visit.next].think_ms)

    def _think(self, visit: Visit, think_ms: int) -> None:
        due_ns = time.monotonic_ns() + think_ms * MILLISECOND_NS
        if not think_ms:
            self._step(visit, due_ns)
            return

        def go() -> None:
            self._thinking.discard(handle)
            if not self._closing:
                self._step(visit, due_ns)

        handle = asyncio.get_running_loop().call_later(think_ms / 1000, go)
        self._thinking.add(handle)

    def _refused(self, exchange: Exchange, cause: str) -> None:
        self._fail(exchange, cause)

    def _unexpected(self, exchange: Exchange, reply: Reply) -> None:
        detail = self._detail(exchange) + (f" from {reply.revision}" if reply.revision else "")
        self._tally.unexpected(exchange.interval, exchange.name, reply.code, detail, time.time())

    def _fail(self, exchange: Exchange, cause: str) -> None:
        if self._over(exchange):
            self._tally.fail(exchange.interval, exchange.name, cause, self._detail(exchange), time.time())

    def _detail(self, exchange: Exchange) -> str:
        """Method and path; never headers."""
        return exchange.request.partition(b" HTTP/")[0][:200].decode("latin-1")

    def _over(self, exchange: Exchange) -> bool:
        """It ends now; False when it had ended before."""
        was_open, exchange.is_over = not exchange.is_over, True
        self._waiting.pop(exchange, None)
        if self._closing:
            self._ended.set()
        return was_open


def cycle(weights: Sequence[int]) -> list[int]:
    """Which flow each user takes, spread evenly: as often as the weights say in every round.

    Smooth weighted round robin: each turn every flow earns its weight, and the richest pays for all.
    """
    shared = reduce(gcd, weights) or 1
    parts = [weight // shared for weight in weights]
    if sum(parts) > MOST_CYCLE:
        parts = [max(1, round(part * MOST_CYCLE / sum(parts))) for part in parts]
    earned, turns = [0] * len(parts), []
    for _ in range(sum(parts)):
        earned = [have + part for have, part in zip(earned, parts, strict=True)]
        richest = earned.index(max(earned))
        earned[richest] -= sum(parts)
        turns.append(richest)
    return turns


def trust(job: Job, secure: bool) -> ssl.SSLContext | None:
    """Whose certificates are believed: the machine's, and the job's own."""
    if not secure:
        return None
    context = ssl.create_default_context()
    if job.ca:
        context.load_verify_locations(cadata=job.ca)
    return context
