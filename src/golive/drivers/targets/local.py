"""Instances of a revision as processes on this machine, each on a loopback port of its own.

They run under a supervisor, outlive every command, and are found again by name (see `names`), with the port
noted in their program, so nothing has to be remembered between commands. Readiness is not kept either: an
instance that has been running for a while is asked all its questions at once (see `judge.health`).
"""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from golive.drivers.supervision import Program, Running, Supervisor
from golive.drivers.targets.logs import prune, tail
from golive.drivers.targets.names import Named, name_of, named
from golive.drivers.targets.ports import free_port
from golive.drivers.targets.revisions import Runnable, Shelf
from golive.drivers.targets.secrets import resolve
from golive.judge.health import UNKNOWN, Health, answered, questions, readiness
from golive.judge.probe import Prober
from golive.release.revision import Revision
from golive.release.target import Capabilities, Endpoint, Instance
from golive.spec.values import Environment, HealthCheck

HOST = "127.0.0.1"
MOST_AT_ONCE = 16  # instances that are asked at the same time
INHERITED = ("PATH", "HOME", "LANG")
PORT = re.compile(r"\$(?:PORT\b|\{PORT\})")
TCP = HealthCheck(kind="tcp")  # when the specification asks nothing: at least it accepts connections


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class LocalTarget:
    """Implements `release.target.Target` for one environment.

    `root` is the folder of golive.yaml, `state` its `.golive`; `environ` is where `env` secrets come from.
    """

    root: Path
    state: Path
    environment: Environment
    health: tuple[HealthCheck, ...]
    supervisor: Supervisor
    prober: Prober
    shelf: Shelf
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    now: Callable[[], datetime] = _now
    _known: dict[tuple[str, int], tuple[Health, ...]] = field(default_factory=dict, init=False, repr=False)

    @property
    def capabilities(self) -> Capabilities:
        """With the weighted router that stands before it."""
        return Capabilities(weighted=True, header_route=True, mirror=False, faults=False)

    async def observe(self) -> tuple[Instance, ...]:
        """Every instance, those whose interval is over asked once more. Changes nothing."""
        found = [running for running in (await self._instances()).values() if running.phase != "stopped"]
        alive = {(running.name, running.pid) for running in found}
        self._known = {key: healths for key, healths in self._known.items() if key in alive}
        now, turns = self.now(), asyncio.Semaphore(MOST_AT_ONCE)
        seen = await asyncio.gather(*(self._look(running, now, turns) for running in found))
        return tuple(sorted(seen, key=lambda instance: (instance.revision, instance.index)))

    async def prepare(self, revision: Revision) -> None:
        """Its bytes and settings are there and hash to their digests, and its secrets can be read."""
        runnable = await self.shelf.open(revision, self.environment.name)
        self._secrets(runnable)

    async def start(self, revision: Revision, instances: int) -> None:
        """At least `instances` copies exist; those that run are adopted, those that failed started anew."""
        runnable = await self.shelf.open(revision, self.environment.name)
        secrets = self._secrets(runnable)
        found = await self._instances()
        await asyncio.to_thread(prune, self._logs, found.keys())
        ports = {_port(running) for running in found.values()}
        for index in range(instances):
            name = name_of(revision, index)
            if name in found and found[name].phase in ("starting", "running"):
                continue
            if name in found:
                await self.supervisor.remove(name, self.environment.drain)
            port = await asyncio.to_thread(free_port, ports, HOST)
            ports.add(port)
            await self.supervisor.ensure(self._program(name, revision, port, runnable, secrets))

    async def stop(self, revision: Revision, keep: int, drain: timedelta) -> None:
        """Only indices below `keep` exist; the others are drained at the same time."""
        found = [named(name) for name in await self._instances()]
        surplus = [one.name for one in found if one and one.revision == revision.name and one.index >= keep]
        await _all(self.supervisor.remove(name, drain) for name in surplus)

    async def logs(self, revision: str | None, lines: int) -> dict[str, tuple[str, ...]]:
        """The last lines of each instance by name; of a revision also those that were stopped."""
        names = await self._instances() if revision is None else _logged(self._logs, revision)
        return {name: await asyncio.to_thread(tail, self._logs / f"{name}.log", lines) for name in sorted(names)}

    @property
    def _place(self) -> Path:
        return self.state.absolute() / "environments" / self.environment.name

    @property
    def _logs(self) -> Path:
        return self._place / "logs"

    async def _instances(self) -> dict[str, Running]:
        return {name: running for name, running in (await self.supervisor.programs()).items() if named(name)}

    async def _look(self, running: Running, now: datetime, turns: asyncio.Semaphore) -> Instance:
        one, port = named(running.name), _port(running)
        assert one
        healths: tuple[Health, ...] = ()
        if port and running.pid and running.phase in ("starting", "running"):
            async with turns:
                healths = await self._asked(running, port, now)
        return _instance(one, running, port, healths)

    async def _asked(self, running: Running, port: int, now: datetime) -> tuple[Health, ...]:
        checks = self.health or (TCP,)
        before = self._known.get((running.name, running.pid)) or (UNKNOWN,) * len(checks)
        asked = (
            self._ask(health, check, port, now, now - running.started_at)
            for health, check in zip(before, checks, strict=True)
        )
        after = tuple(await asyncio.gather(*asked))
        self._known[running.name, running.pid] = after
        return after

    async def _ask(
        self, health: Health, check: HealthCheck, port: int, now: datetime, running_for: timedelta
    ) -> Health:
        for _ in range(questions(health, check, now=now, running_for=running_for)):
            health = answered(health, check, await self.prober.check(check, HOST, port), now)
            if health.failures:
                break
        return health

    def _secrets(self, runnable: Runnable) -> dict[str, str]:
        return resolve(runnable.secrets, root=self.root, environ=self.environ)

    def _program(
        self, name: str, revision: Revision, port: int, runnable: Runnable, secrets: Mapping[str, str]
    ) -> Program:
        own = self._own_variables(name, revision, port)
        return Program(
            name=name,
            command=tuple(PORT.sub(str(port), argument) for argument in runnable.run),
            folder=runnable.folder,
            env={**self._variables(runnable), **secrets, **own},
            log=str(self._logs / f"{name}.log"),
            drain=self.environment.drain,
            note=str(port),
        )

    def _variables(self, runnable: Runnable) -> dict[str, str]:
        """What the specification sets, and below it what a program can hardly do without."""
        kept = {variable: self.environ[variable] for variable in INHERITED if variable in self.environ}
        python = {
            "PYTHONPYCACHEPREFIX": runnable.cache,  # a revision is never written to
            "PYTHONUNBUFFERED": "1",  # what it prints is there when somebody looks
        }
        return {**kept, **python, **runnable.env}

    def _own_variables(self, name: str, revision: Revision, port: int) -> dict[str, str]:
        return {
            "PORT": str(port),
            "HOST": HOST,
            "GOLIVE_REVISION": revision.name,
            "GOLIVE_ENVIRONMENT": self.environment.name,
            "GOLIVE_INSTANCE": name,
        }


def _port(running: Running) -> int:
    """The port that the instance was given; 0 when its program does not say."""
    return int(running.note) if running.note.isdigit() else 0


def _instance(one: Named, running: Running, port: int, healths: tuple[Health, ...]) -> Instance:
    """What the supervisor and the health checks say, together.

    An instance that answers as it should is running, however young: the supervisor calls it starting until
    it has lasted for some seconds.
    """
    ready, why = readiness(healths)
    phase = "running" if ready and running.phase == "starting" else running.phase
    assert phase != "stopped"  # `observe` leaves those out: they are about to be added or removed
    reasons = [why if healths else "", running.why, "" if port else "its port is not known"]
    return Instance(
        revision=one.revision,
        index=one.index,
        phase=phase,
        ready=ready,
        why="; ".join(reason for reason in reasons if reason),
        endpoint=Endpoint(host=HOST, port=port) if port else None,
        started_at=running.started_at,
    )


def _logged(folder: Path, revision: str) -> Iterable[str]:
    found = (named(log.stem) for log in folder.glob("web-*.log"))
    return [one.name for one in found if one and one.revision == revision]


async def _all(acts: Iterable[Awaitable[None]]) -> None:
    """All at once and to the end, then the first failure: one that hangs must not keep others running."""
    outcomes = await asyncio.gather(*acts, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
