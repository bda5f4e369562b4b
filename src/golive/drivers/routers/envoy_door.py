"""Opening and closing the front door: one Envoy under a supervisor, and changes to it that are confirmed."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from golive.drivers.routers import envoy_place
from golive.drivers.routers.envoy_admin import Admin, Unreachable, stat_prefix
from golive.drivers.routers.envoy_config import LISTENER_STAT, Message, Settings, bootstrap, listener
from golive.drivers.routers.envoy_files import LOG_FILE, PORT_FILE, Files
from golive.drivers.routers.envoy_routes import Division, table
from golive.drivers.supervision import Program, Supervisor
from golive.errors import Failure

START_LIMIT = timedelta(seconds=15)  # exec to first answer takes about 0.1 s on an idle machine
CONFIRM_LIMIT = timedelta(seconds=5)  # a file is in force after some milliseconds
POLL_S = 0.001
NOBODY = Division(weights={}, marked=frozenset())


@dataclass(frozen=True, kw_only=True)
class Door:
    """One environment's Envoy. What it is told lies in `files`; what is in force, only `admin` knows."""

    files: Files
    supervisor: Supervisor
    settings: Settings
    program: str  # its name under the supervisor

    @property
    def admin(self) -> Admin:
        return Admin(envoy_place.admin_socket(self.files.folder))

    @property
    def entry(self) -> str:
        """The base URL of the front door, "" while no port was ever chosen."""
        port = self.settings.port or self.files.kept_port()
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.settings.host, self.settings.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{port}" if port else ""

    async def is_open(self) -> bool:
        """Envoy answers, or is about to: False means that no front door exists. Changes nothing."""
        try:
            await self.admin.is_live()
        except Unreachable:
            return await self._is_supervised()
        return True

    async def open(self) -> Admin:
        """The front door answers users. A new one starts with no revision live; a running one is adopted."""
        try:
            live = await self.admin.is_live()
        except Unreachable:
            live = False
            if not await self._is_supervised():
                await self._start()
        if not live:
            await self._started()
        elif self.files.resources("lds") != self._listeners():
            await self.apply("lds", self._listeners())  # host or port changed in golive.yaml
        return self.admin

    async def apply(self, name: str, resources: Sequence[Message]) -> None:
        """Put a file and see it in force; when it is refused the file goes back to what it was.

        The write itself does not yield: a cancelled caller leaves either the old file or the new one.
        """
        before = self.files.resources(name)
        version = self.files.put(name, resources)
        try:
            await self.confirm(name, version)
        except Failure:
            if before is not None:
                self.files.put(name, before)  # else the next start would find the refused one
            raise

    async def confirm(self, name: str, version: str) -> None:
        """Wait until Envoy reports this version of the file."""

        async def is_applied() -> bool:
            return await self.admin.version(name) == version

        if await until(is_applied, CONFIRM_LIMIT):
            return
        rejected = await self.admin.number(f"{stat_prefix(name)}.update_rejected")
        failed = await self.admin.number(f"{stat_prefix(name)}.update_failure")
        raise Failure(
            where=f"front door, {name}",
            what=f"Envoy did not take the change within {CONFIRM_LIMIT.total_seconds():g} s; "
            "the earlier configuration is still in force",
            why=self.files.last_rejection() or f"{rejected} updates rejected and {failed} failed since it started",
            next=f"read {self.files.folder / LOG_FILE}, then run the command again",
        )

    async def close(self, drain: timedelta) -> None:
        """No front door: new connections are refused at once, requests in flight get `drain` to end."""
        try:
            await self.admin.post("/healthcheck/fail")  # answers from now on ask to close the connection
            await self.admin.post("/drain_listeners")
            await until(self._is_idle, drain)
        except Unreachable:
            pass  # it is gone already
        await self.supervisor.remove(self.program, timedelta(seconds=5))
        envoy_place.release_socket_folder(self.files.folder)

    async def _is_idle(self) -> bool:
        return await self.admin.number(f"http.{LISTENER_STAT}.downstream_rq_active") == 0

    async def _is_supervised(self) -> bool:
        """The supervisor keeps it alive: when nobody answers, it is just being (re)started."""
        found = (await self.supervisor.programs()).get(self.program)
        return found is not None and found.phase in ("starting", "running")

    async def _start(self) -> None:
        """From nothing. Files of an earlier time are dropped: what they name may be long gone."""
        self.files.make()
        port = self._port()
        kept_in = None if self.settings.port else self.files.folder / PORT_FILE
        envoy_place.refuse_taken(self.settings.host, port, kept_in)
        program = self._program()
        await self.supervisor.remove(self.program, timedelta(seconds=1))  # one that has failed for good
        self._write_first()
        await self.supervisor.ensure(program)

    def _write_first(self) -> None:
        folder = self.files.folder.resolve()
        envoy_place.claim_socket_folder(folder)
        self.files.clear()
        self.files.put("cds", [])
        self.files.put("rds", [table(NOBODY, self.settings.request_timeout)])
        self.files.put("lds", self._listeners())
        socket = envoy_place.admin_socket(folder)
        self.files.write("bootstrap", bootstrap(str(folder), str(socket), self.settings.latency))

    def _listeners(self) -> list[Message]:
        return [listener(str(self.files.folder.resolve()), self.settings.host, self._port())]

    def _port(self) -> int:
        chosen = self.settings.port or self.files.kept_port()
        if chosen is None:
            chosen = envoy_place.free_port(self.settings.host, self.files.folder)
            self.files.keep_port(chosen)
        return chosen

    def _program(self) -> Program:
        folder = self.files.folder.resolve()
        return Program(
            name=self.program,
            command=(
                str(envoy_place.binary()),
                *("-c", str(self.files.path("bootstrap").resolve())),
                "--disable-hot-restart",  # with it Envoy would die with whoever started it
                *("--concurrency", "2"),
                *("-l", "warning"),
                *("--log-path", str(folder / LOG_FILE)),
            ),
            folder=str(folder),
            env={"PATH": os.defpath},
            log=str(folder / "envoy.out"),
            drain=timedelta(seconds=5),
        )

    async def _started(self) -> None:
        if await until(self._is_complete, START_LIMIT):
            return
        found = (await self.supervisor.programs()).get(self.program)
        raise Failure(
            where="front door",
            what=f"Envoy was not ready {START_LIMIT.total_seconds():g} s after its start",
            why=self.files.last_rejection() or (found.why if found else "the supervisor does not know it"),
            next=f"read {self.files.folder / LOG_FILE} and envoy.out beside it",
        )

    async def _is_complete(self) -> bool:
        """It answers users, and every revision with weight has an endpoint that it found healthy."""
        try:
            if not await self.admin.is_live() or await self.admin.version("lds") != self.files.version("lds"):
                return False
            found, pools = await asyncio.gather(self.admin.division(), self.admin.pools())
        except Unreachable:
            return False
        return found is not None and all(any(h.healthy for h in pools.get(name, ())) for name in found[1].weights)


async def until(is_true: Callable[[], Awaitable[bool]], limit: timedelta, poll_s: float = POLL_S) -> bool:
    """Ask until it is true; False when it never was within the limit."""
    deadline = time.monotonic() + limit.total_seconds()
    while not await is_true():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(poll_s)
    return True
