"""golive's own lookout joined: the front door, instances and machine scraped, rules evaluated, receivers told."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from golive.assembly.local import router_of, supervisor_of
from golive.assembly.place import Folders, environment_of, folders, specification
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.controller.lookout import Moment
    from golive.drivers.alerting.lookoutfile import LookoutFile
    from golive.drivers.metrics.scrapes import ScrapeStore
    from golive.drivers.metrics.scraping import Source
    from golive.slo.firing import Watched
    from golive.slo.rulebook import RuleBook
    from golive.spec.observed import Receiver
    from golive.spec.values import Spec

PROGRAM = "lookout"  # beside the instances, under the same supervisor: golive down ends it too
FRONT_DOOR = "front-door"
AWAKE_WITHIN = timedelta(seconds=30)
DRAIN = timedelta(seconds=10)


def scrapes_of(here: Folders, environment: str) -> "ScrapeStore":
    """What was scraped of an environment; close it when done."""
    from golive.drivers.metrics.scrapes import ScrapeStore

    return ScrapeStore(here.environment(environment) / "scrapes.sqlite3")


def memory_of(here: Folders, environment: str) -> "LookoutFile":
    from golive.drivers.alerting.lookoutfile import LookoutFile

    return LookoutFile(here.environment(environment) / "lookout.json")


def watched(file: str, environment: str) -> "Watched":
    """What the lookout of an environment saw last; empty when there is none."""
    return memory_of(folders(file), environment).load()


async def watch(file: str, environment: str, interval: timedelta, see: "Callable[[Moment], None]") -> None:
    """Scrape, evaluate and tell until it is interrupted."""
    from golive.controller.lookout import Lookout
    from golive.drivers.clock import SystemClock
    from golive.drivers.metrics.scraping import Scraper

    spec, _ = specification(file)
    environment_of(spec, environment, file)
    _without_prometheus(spec)
    here, memory = folders(file), memory_of(folders(file), environment)
    rules = _Rules(file, environment)
    names = rules.book().observe.vocabulary
    with memory.held(), closing(scrapes_of(here, environment)) as store:
        scraper = Scraper(
            store=store,
            find=_Sources(here, spec, environment).find,
            own={names.service: spec.service, names.environment: environment},
        )
        lookout = Lookout(
            book=rules.book,
            scrape=scraper.scrape,
            samples=store,
            memory=memory,
            send=_send,
            clock=SystemClock(),
            interval=interval,
            see=see,
        )
        running = asyncio.ensure_future(lookout.run())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
        try:
            await running
        except asyncio.CancelledError:
            if not running.cancelled():
                raise
        finally:
            with suppress(Failure):
                memory.save(replace(memory.load(), at_ms=0))  # what fires is kept, that somebody watches is not


def _without_prometheus(spec: "Spec") -> None:
    if spec.observe.prometheus is not None:
        raise Failure(
            where=f"{spec.source}: observe.prometheus",
            what="a Prometheus watches this service already",
            why="golive would call the same people a second time for everything",
            next="golive observe prove shows whether its alerts arrive; take observe.prometheus out to watch here",
            code=Exit.REFUSED,
        )


@dataclass
class _Rules:
    """The rules as golive.yaml has them now; it is read again when it was changed."""

    file: str
    environment: str
    _seen: tuple[int, int, int] = (0, 0, 0)
    _book: "RuleBook | None" = None

    def book(self) -> "RuleBook":
        from golive.slo.rulebook import rulebook

        try:
            now = os.stat(self.file)
            seen = (now.st_mtime_ns, now.st_size, now.st_ino)
        except OSError:
            seen = (0, 0, 0)
        if self._book is None or seen != self._seen:
            self._book, self._seen = rulebook(specification(self.file)[0]), seen
        return self._book


@dataclass
class _Sources:
    """The front door as long as there is one, each instance that shows metrics, and the machine."""

    here: Folders
    spec: "Spec"
    environment: str

    def __post_init__(self) -> None:
        from golive.drivers.metrics.host import Host

        place = self.here.environment(self.environment)
        self.supervisor = supervisor_of(place)
        chosen = self.spec.environments[self.environment]
        self.admin = router_of(place, self.spec, chosen, self.supervisor).admin
        self.host = Host(self.here.root)

    async def find(self) -> "Sequence[Source]":
        from golive.drivers.alerting.ask import Api
        from golive.drivers.metrics.scraping import Source
        from golive.drivers.targets.names import named

        programs = await self.supervisor.programs()
        found = [Source(name="machine", job="machine", read=self._machine, counts=False)]
        if FRONT_DOOR in programs:
            found.append(Source(name=FRONT_DOOR, job="envoy", read=self._envoy))
        for name, running in programs.items():
            one = named(name)
            if one and self.spec.observe.scrape and running.note.isdigit():
                api = Api(url=f"http://127.0.0.1:{running.note}", name="the instance")
                own = {"revision": one.revision}
                found.append(Source(name=name, job="service", read=_asked(api, self.spec.observe.scrape), own=own))
        return found

    async def _machine(self) -> str:
        return await asyncio.to_thread(self.host.text)

    async def _envoy(self) -> str:
        return await self.admin.get("/stats/prometheus?usedonly")


def _asked(api: Any, path: str) -> Any:
    async def read() -> str:
        return str((await api.ask("GET", path)).decode("utf-8", "replace"))

    return read


async def _send(receiver: "Receiver", message: Mapping[str, Any]) -> None:
    from golive.drivers.alerting.ask import Api

    content = json.dumps(message, ensure_ascii=False).encode()
    api = Api(url=receiver.webhook, name="the receiver")
    await api.ask("POST", "", content=content, headers={"content-type": "application/json"})


async def lookout_in_background(file: str, environment: str, interval: timedelta) -> "Watched":
    """Keep a lookout running beyond this command, and wait for its first round. One that runs is adopted."""
    from golive.drivers.supervision import Program

    spec, _ = specification(file)
    environment_of(spec, environment, file)
    _without_prometheus(spec)
    here = folders(file)
    place = here.environment(environment)
    log = place / "logs" / f"{PROGRAM}.log"
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    supervisor = supervisor_of(place)
    before = memory_of(here, environment).load().at_ms
    await supervisor.ensure(
        Program(
            name=PROGRAM,
            command=_command(file, environment, interval),
            folder=str(here.root),
            env={name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ},
            log=str(log),
            drain=DRAIN,
        )
    )
    return await _awake(here, environment, before, log)


def _command(file: str, environment: str, interval: timedelta) -> tuple[str, ...]:
    seconds = interval // timedelta(seconds=1)
    options = ("--env", environment, "--file", str(Path(file).resolve()), "--interval", f"{seconds}")
    return (sys.executable, "-P", "-m", "golive", "observe", "watch", *options)


async def _awake(here: Folders, environment: str, before: int, log: Path) -> "Watched":
    memory, supervisor = memory_of(here, environment), supervisor_of(here.environment(environment))
    loop = asyncio.get_running_loop()
    deadline = loop.time() + AWAKE_WITHIN.total_seconds()
    while loop.time() < deadline:
        seen = memory.load()
        if seen.at_ms > before:
            return seen
        running = (await supervisor.programs()).get(PROGRAM)
        if running is None or running.phase == "failed":
            break
        await asyncio.sleep(0.1)
    raise Failure(
        where=environment,
        what="the lookout did not come to its first round",
        why=f"its words are in {log}",
        next=f"golive observe watch --env {environment} shows them here",
        code=Exit.FAILED,
    )


async def end_lookout(file: str, environment: str) -> bool:
    """End the lookout in the background; whether there was one."""
    spec, _ = specification(file)
    environment_of(spec, environment, file)
    supervisor = supervisor_of(folders(file).environment(environment))
    there = PROGRAM in await supervisor.programs()
    await supervisor.remove(PROGRAM, DRAIN)
    return there
