"""Worlds for router tests: a real Envoy before real processes, and the simulated router.

Everything listens on loopback, lives in a temporary folder and ends with the test.
"""

import asyncio
import functools
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from golive.drivers.routers.envoy import EnvoyRouter
from golive.drivers.routers.envoy_config import Settings
from golive.drivers.simulated.router import SimulatedRouter
from golive.drivers.simulated.world import SimulatedInstance, World
from golive.drivers.supervisors.supervisord import Supervisord
from golive.release.revision import Revision
from golive.release.target import Endpoint
from golive.spec.values import HealthCheck, LatencyObjective

BACKEND = Path(__file__).with_name("router_backend.py")
OLD, NEW = Revision(digest="0" * 64), Revision(digest="a" * 64)
QUICK = HealthCheck(
    kind="http",
    path="/health",
    interval=timedelta(milliseconds=100),
    healthy_after=1,
    unhealthy_after=2,
)


@dataclass
class EnvoyWorld:
    """A front door and the instances behind it."""

    folder: Path
    instances: dict[Endpoint, subprocess.Popen[bytes]] = field(default_factory=dict)
    port: int | None = None
    timeout: timedelta = timedelta(seconds=5)

    def __post_init__(self) -> None:
        self.supervisor = Supervisord(self.folder.parent / "supervisor")
        self.router = self.another()

    def another(self) -> EnvoyRouter:
        """A second object on the same folder, as a new command would make."""
        settings = Settings(
            host="127.0.0.1",
            port=self.port,
            request_timeout=self.timeout,
            health=(QUICK,),
            latency=(LatencyObjective(quantile_ppm=990_000, max_ms=300),),
        )
        return EnvoyRouter(folder=self.folder, supervisor=self.supervisor, settings=settings)

    def start(self, revision: Revision, count: int) -> frozenset[Endpoint]:
        """New instances that answer already."""
        return frozenset(self._instance(revision) for _ in range(count))

    def _instance(self, revision: Revision) -> Endpoint:
        endpoint = Endpoint(host="127.0.0.1", port=free_port())
        command = [sys.executable, str(BACKEND), str(endpoint.port), revision.name]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        self.instances[endpoint] = child
        return endpoint

    def kill(self, endpoint: Endpoint) -> None:
        child = self.instances.pop(endpoint)
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()

    async def kill_envoy(self) -> None:
        """kill -9."""
        os.kill((await self.supervisor.programs())["front-door"].pid, signal.SIGKILL)

    async def ask(self, path: str = "/", method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
        """One request through the front door."""
        entry = (await self.router.observe()).entry
        return await ask(int(entry.rsplit(":", 1)[1]), path, method, headers)

    async def end(self) -> None:
        await self.router.shutdown(timedelta(seconds=1))
        await self.supervisor.shutdown()
        for endpoint in list(self.instances):
            self.kill(endpoint)


@dataclass
class SimulatedWorld:
    """The same questions asked of the router that dry runs and scenario tests use."""

    state: World = field(default_factory=World)

    def __post_init__(self) -> None:
        self.router = self.another()

    def another(self) -> SimulatedRouter:
        return SimulatedRouter(self.state)

    def start(self, revision: Revision, count: int) -> frozenset[Endpoint]:
        running = self.state.instances.setdefault(revision.name, {})
        born = self.state.now - timedelta(hours=1)
        added = [
            SimulatedInstance(index=len(running) + n, endpoint=self.state.address(), started_at=born)
            for n in range(count)
        ]
        running.update({instance.index: instance for instance in added})
        return frozenset(instance.endpoint for instance in added)

    def kill(self, endpoint: Endpoint) -> None:
        for running in self.state.instances.values():
            for index in [i for i, instance in running.items() if instance.endpoint == endpoint]:
                del running[index]

    async def end(self) -> None:
        """Nothing is left behind."""


async def ask(port: int, path: str, method: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str], str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return await exchange(reader, writer, path, method, headers)
    finally:
        writer.close()


async def exchange(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    path: str,
    method: str,
    headers: Mapping[str, str],
) -> tuple[int, dict[str, str], str]:
    """One request on an open connection; code, headers and body of the answer."""
    extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    writer.write(f"{method} {path} HTTP/1.1\r\nhost: front.test\r\n{extra}content-length: 0\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    found = {k.lower(): v for k, v in (line.split(": ", 1) for line in head[1:] if line)}
    body = await reader.readexactly(int(found.get("content-length", 0)))
    return int(head[0].split()[1]), found, body.decode()


@dataclass
class Load:
    """An open-loop stream of requests: sent when they are due, whatever became of the earlier ones."""

    port: int
    rate: int
    method: str = "GET"
    path: str = "/"
    outcomes: Counter[str] = field(default_factory=Counter)  # "200 <instance>", or how it failed
    spare: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=list)

    @property
    def sent(self) -> int:
        return self.outcomes.total()

    def failed(self) -> dict[str, int]:
        return {outcome: count for outcome, count in self.outcomes.items() if not outcome.startswith("200 ")}

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Load"]:
        stop = asyncio.Event()
        pump = asyncio.create_task(self._pump(stop))
        try:
            yield self
        finally:
            stop.set()
            await pump

    async def until(self, count: int, within_s: float = 30) -> None:
        """`count` more requests have been answered, one way or another."""
        goal = self.sent + count
        await eventually(lambda: self.sent >= goal, within_s)

    async def _pump(self, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        began, number = loop.time(), 0
        async with asyncio.TaskGroup() as group:
            while not stop.is_set():
                group.create_task(self._one())
                number += 1
                await asyncio.sleep(max(0, began + number / self.rate - loop.time()))
        while self.spare:
            self.spare.pop()[1].close()

    async def _one(self) -> None:
        try:
            pair = self.spare.pop() if self.spare else await asyncio.open_connection("127.0.0.1", self.port)
            async with asyncio.timeout(20):
                code, _, body = await exchange(*pair, self.path, self.method, {})
            self.spare.append(pair)
            self.outcomes[f"{code} {body}"] += 1
        except (OSError, EOFError, TimeoutError) as error:
            self.outcomes[type(error).__name__] += 1


async def eventually(is_true: Callable[[], bool | Awaitable[bool]], within_s: float = 20) -> None:
    """Look until it is true; the test fails when it never is."""
    async with asyncio.timeout(within_s):
        while True:
            found = is_true()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.005)


def played(test: Callable[..., Coroutine[object, object, None]]) -> Callable[..., None]:
    """An async test as pytest takes it; the world is ended in the loop that it began in."""

    @functools.wraps(test)
    def play(world: "EnvoyWorld | SimulatedWorld", **others: object) -> None:
        async def to_the_end() -> None:
            try:
                await test(world, **others)
            finally:
                await world.end()

        asyncio.run(to_the_end())

    return play


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
