"""Programs kept running by supervisord, one supervisord for each environment.

Instances and the router outlive the command that started them: supervisord is detached, restarts what dies,
and gives up after `restarts` quick ends. No word of an operator reaches its file (see `place`), and no
question to it blocks the event loop or waits for ever (see `rpc`).

When supervisord itself is killed, its programs go on: they write to their logs themselves and are told apart
from strangers by pid and birth. They are reported as running, unattended, and `ensure` adopts them as they
are, because ending them would end users' requests. What is added later gets a new supervisord; `remove` and
`shutdown` end the unattended ones as well.
Not done: a program that leaves its process group (a daemon that calls setsid) is out of reach.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from golive.drivers.supervision import Program, Running
from golive.drivers.supervisors.daemon import Daemon
from golive.drivers.supervisors.group import Group
from golive.drivers.supervisors.launch import birth, read_json
from golive.drivers.supervisors.place import NAME, Place
from golive.drivers.supervisors.rpc import Fault, NotRunning, call, order
from golive.drivers.supervisors.sight import PHASES, supervised, unattended
from golive.errors import Failure

LOOK_EVERY = 0.01  # seconds, while a program drains
AFTER_KILL = 5.0  # seconds; a process that survives SIGKILL longer hangs in the kernel
COLLECTED_WITHIN = 1.0  # seconds from the end of a process to supervisord's knowing
ROUNDS = 3  # of stopping one program

Found = Mapping[str, Mapping[str, Any]]  # name → what supervisord says of it


@dataclass(frozen=True)
class Supervisord:
    """Implements `drivers.supervision.Supervisor` in one folder, which it makes."""

    folder: Path

    async def ensure(self, program: Program) -> None:
        """Running, or being started; one that is just stopping is waited for, and one that failed replaced."""
        while not await asyncio.to_thread(self._ensure, program):
            await self.remove(program.name, program.drain)

    async def remove(self, name: str, drain: timedelta) -> None:
        """Gone, with its process group: SIGTERM, SIGKILL after `drain`. Unknown names are fine."""
        if not self.folder.exists():
            return
        for _ in range(ROUNDS):
            group = await asyncio.to_thread(self._ask_to_stop, name)
            if group:
                await _drained(group, drain)
            if await asyncio.to_thread(self._forget, name):
                return
        raise _immortal(name, self._place.journal)

    async def programs(self) -> Mapping[str, Running]:
        """All of them, those that outlived their supervisord included. Starts nothing."""
        return await asyncio.to_thread(lambda: dict(self._programs()))

    async def shutdown(self) -> None:
        """Every program stopped, each with its own drain, all at the same time; then supervisord."""
        removals = (self.remove(name, self._place.drain_of(name)) for name in self._place.names())
        outcomes = await asyncio.gather(*removals, return_exceptions=True)
        await asyncio.to_thread(self._shutdown)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    @property
    def _place(self) -> Place:
        return Place(self.folder.absolute())

    @property
    def _daemon(self) -> Daemon:
        return Daemon(self._place)

    def _order(self, method: str, *arguments: str | bool, fine: tuple[Fault, ...] = ()) -> Any:
        return order(self._place.socket, method, *arguments, fine=fine)

    def _ensure(self, program: Program) -> bool:
        """False when it is stopping, or has ended and must be removed before it can be added again."""
        self._place.json_of(program.name)  # refuses odd names
        with self._place.locked():
            found = self._found()
            if found is None:
                self._daemon.ensure()  # another one, once the one that is ending has ended
                found = {}
            if program.name in found:
                return _phase(found[program.name]) in ("starting", "running")
            group = self._group(program.name)
            if group.lives():
                return group.leads()
            self._daemon.ensure()
            kept = self._swept(found)
            self._place.add(program)
            self._place.write_ini({*kept, program.name})
            self._start(program.name)
            return True

    def _start(self, name: str) -> None:
        self._order("reloadConfig")
        self._order("addProcessGroup", name, fine=(Fault.ALREADY_ADDED,))
        # A program that ends at once is a matter for `programs`, which tells why.
        self._order("startProcess", name, False, fine=(Fault.ALREADY_STARTED, Fault.SPAWN_ERROR))

    def _swept(self, found: Found) -> list[str]:
        """Forget what a command that was killed left half added or half removed; the others of `found`."""
        halves = [name for name, known in found.items() if _phase(known) == "stopped"]
        for name in halves:
            self._order("removeProcessGroup", name, fine=(Fault.BAD_NAME, Fault.STILL_RUNNING))
        known = [name for name in found if name not in halves]
        for name in self._place.names():
            if name not in known and not self._group(name).lives():
                self._place.forget(name)
        return known

    def _ask_to_stop(self, name: str) -> Group | None:
        """Send SIGTERM, and say who is to be waited for. One that is between two attempts gets no further."""
        with self._place.locked():
            known = (self._found() or {}).get(name)
            pid = int(known["pid"]) if known else 0
            group = Group(pid=pid, birth=birth(pid)) if pid else self._group(name)
            if known:
                self._order("stopProcess", name, False, fine=(Fault.BAD_NAME, Fault.NOT_RUNNING))
            else:
                group.ask_to_stop()
            return group if group.lives() else None

    def _forget(self, name: str) -> bool:
        """Forget the program once it has ended; False when it lives, started again just before it was stopped."""
        with self._place.locked():
            deadline = time.monotonic() + COLLECTED_WITHIN
            while not self._is_gone(name):
                if time.monotonic() > deadline:
                    return False
                time.sleep(LOOK_EVERY)
            self._place.forget(name)
            self._place.write_ini((self._found() or {}).keys() - {name})
            return True

    def _is_gone(self, name: str) -> bool:
        if name in (self._found() or {}):
            return bool(self._order("removeProcessGroup", name, fine=(Fault.BAD_NAME, Fault.STILL_RUNNING)))
        return not self._group(name).lives()

    def _found(self) -> Found | None:
        """What supervisord knows; empty when it does not run, None when it is about to end."""
        try:
            known = call(self._place.socket, "getAllProcessInfo", fine=(Fault.SHUTTING_DOWN,))
        except NotRunning:
            return {}
        return known and {found["name"]: found for found in known if NAME.fullmatch(found["name"])}

    def _group(self, name: str) -> Group:
        """Who was launched last under this name."""
        record = read_json(self._place.run_of(name))
        return Group(pid=record.get("pid", 0), birth=record.get("birth", ""))

    def _programs(self) -> Iterator[tuple[str, Running]]:
        place, seen = self._place, self._found()
        found = seen or {}
        for name, known in found.items():
            launches = read_json(place.run_of(name)).get("launches", 0)
            yield name, supervised(known, launches, read_json(place.json_of(name)), place.journal)
        for name in place.names():
            group = self._group(name)
            if name not in found and group.leads():
                note = read_json(place.json_of(name)).get("note", "")
                yield name, unattended(name, group.pid, note, place.run_of(name), ending=seen is None)

    def _shutdown(self) -> None:
        if not self.folder.exists():
            return
        with self._place.locked():
            self._daemon.shutdown()


def _phase(known: Mapping[str, Any]) -> str:
    return PHASES.get(int(known["state"]), "failed")


def _immortal(name: str, journal: Path) -> Failure:
    return Failure(
        where=f"program {name}",
        what="it cannot be ended",
        why="it outlived SIGKILL, or was started again each time",
        next=f"see what the supervisor did: {journal}",
    )


async def _drained(group: Group, drain: timedelta) -> None:
    """Wait until all of the group have ended; those that have not after `drain` are killed."""
    deadline = time.monotonic() + drain.total_seconds()
    while group.lives():
        over = time.monotonic() - deadline
        if over >= AFTER_KILL:
            return
        if over >= 0:
            group.kill()
        await asyncio.sleep(LOOK_EVERY)
