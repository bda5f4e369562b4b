"""Making a load and watching it: live progress, an end before its time, what the service uses meanwhile."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

from golive.assembly.loads.wish import Wish
from golive.assembly.local import supervisor_of
from golive.assembly.place import folders
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.drivers.load.engines.ask import Asked
    from golive.drivers.load.job import Job
    from golive.drivers.load.resources import Processes
    from golive.drivers.load.run import Run
    from golive.judge.performance.measured import Ended, Interval, Measured, Resource
    from golive.spec.values import Abort

LOOK_S = 0.25
INTERRUPTED = "somebody ended it"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """How a load goes, for a person who waits."""

    elapsed_s: float
    length_s: float  # infinite when it has no end
    rate_per_s: float  # sent in the last intervals
    failed: int
    sent: int
    p99_ms: float  # of the last intervals
    phase: str = ""  # what the load is one of several for, such as a step of the search for the knee


Watch = Callable[[Moment], None]
ResourceLook = Callable[[float], Awaitable["Resource | None"]]


async def measured(file: str, wish: Wish, watch: Watch) -> "Measured":
    """Make the load of a wish. Ctrl-C ends it with what was measured so far, marked as such."""
    async with resources(file, wish) as look:
        if wish.scenario.engine == "golive":
            return await drive(wish.job, abort=wish.scenario.abort, watch=watch, look=look)
        return await _outside(file, wish, watch, look)


async def drive(
    job: "Job", *, abort: "Abort", watch: Watch, look: ResourceLook | None = None, workers: int = 0
) -> "Measured":
    """Make a load to its end, or until an abort condition or a person ends it."""
    from golive.drivers.load.resources import READ
    from golive.drivers.load.run import Run
    from golive.judge.performance.limits import abort as aborted

    run = Run(job, workers=workers)
    used: list[Resource] = []
    because = ""
    ended: Ended = "whole"
    async with run, interruption() as interrupted:
        finished = asyncio.ensure_future(run.wait())
        next_look_s = 0.0
        while not finished.done():
            await asyncio.wait((finished, interrupted), timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
            recent = run.recording.recent(run.elapsed_s)
            watch(_moment(run, recent))
            if look and run.elapsed_s >= next_look_s:
                next_look_s = run.elapsed_s + (job.interval_s or 1.0)
                seen = await look(run.elapsed_s)
                used += [seen] if seen else []
            if interrupted.done():
                because, ended = INTERRUPTED, "interrupted"
                break
            because = aborted(recent, abort)
            if because:
                ended = "aborted"
                break
        if finished.done():
            finished.result()
        else:
            finished.cancel()
            await asyncio.gather(finished, return_exceptions=True)
        recording = await run.stop()
    return recording.measured(
        ended=ended,
        because=because,
        resources=tuple(used),
        read=READ if used else "",
    )


@asynccontextmanager
async def interruption() -> "AsyncIterator[asyncio.Future[None]]":
    """Done when a person presses Ctrl-C or the process is asked to end; the second time it ends at once."""
    loop = asyncio.get_running_loop()
    asked: asyncio.Future[None] = loop.create_future()
    numbers = (signal.SIGINT, signal.SIGTERM) if threading.current_thread() is threading.main_thread() else ()

    def ask() -> None:
        for number in numbers:
            loop.remove_signal_handler(number)
        if not asked.done():
            asked.set_result(None)

    for number in numbers:
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, ask)
    try:
        yield asked
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
        asked.cancel()


@asynccontextmanager
async def resources(file: str, wish: Wish) -> AsyncIterator[ResourceLook]:
    """Looks at the processes of the environment's instances."""
    from golive.drivers.load.resources import Processes, ResourceWatch
    from golive.drivers.probes.http import HttpProber
    from golive.drivers.targets.names import named

    supervisor = supervisor_of(folders(file).environment(wish.environment.name))
    path = wish.spec.loads.metrics

    async def where() -> "Processes":
        found = [one for name, one in (await supervisor.programs()).items() if named(name) and one.pid]
        urls = [f"http://127.0.0.1:{one.note}{path}" for one in found if path and one.note.isdigit()]
        return Processes(pids=[one.pid for one in found], urls=urls)

    async with HttpProber() as prober:
        yield ResourceWatch(where=where, prober=prober).look


def _moment(run: "Run", recent: "tuple[Interval, ...]") -> Moment:
    from golive.judge.performance.histogram import merged

    recording = run.recording
    length_s = sum(one.length_s for one in recent)
    latency = merged(cell.latency for one in recent for cell in one.cells.values())
    return Moment(
        elapsed_s=min(run.elapsed_s, run.job.schedule.length_s),
        length_s=run.job.schedule.length_s,
        rate_per_s=sum(one.sent for one in recent) / length_s if length_s else 0.0,
        failed=recording.failed,
        sent=recording.sent,
        p99_ms=latency.quantile_ms(0.99),
    )


async def _outside(file: str, wish: Wish, watch: Watch, look: ResourceLook) -> "Measured":
    """By another engine, which must be installed."""
    from golive.drivers.load.engines.run import measure
    from golive.drivers.load.resources import READ

    asked, length_s = _asked(file, wish), wish.job.segments[0].length_s

    def tell(elapsed_s: float) -> None:
        phase = f"{wish.scenario.engine} at work"
        watch(
            Moment(
                elapsed_s=elapsed_s,
                length_s=length_s,
                rate_per_s=0,
                failed=0,
                sent=0,
                p99_ms=0,
                phase=phase,
            )
        )

    used: list[Resource] = []

    async def sample() -> None:
        for second in count():
            seen = await look(float(second))
            used.extend([seen] if seen else [])
            await asyncio.sleep(1.0)

    sampling = asyncio.ensure_future(sample())
    try:
        found = await measure(wish.scenario.engine, asked, tell)
    finally:
        sampling.cancel()
    return replace(found, resources=tuple(used), resources_from=READ if used else "")


def _asked(file: str, wish: Wish) -> "Asked":
    """What the other engine is to do; `Failure` (refused) when it could not keep a secret."""
    from golive.drivers.load.engines.ask import Asked

    if wish.scenario.engine == "oha" and wish.spec.loads.secrets:
        raise Failure(
            where=f"load.scenarios.{wish.name}.engine",
            what="oha would show the secret headers to everybody on this machine",
            why="it takes headers as arguments only",
            next="use another engine",
            code=Exit.REFUSED,
        )
    job, (segment, *_) = wish.job, wish.job.segments
    users, locustfile = wish.scenario.users, wish.scenario.locustfile
    return Asked(
        url=job.places[0].url,
        paths=tuple(step.path for flow in job.flows for step in flow.steps),
        headers=job.headers,
        rate=round(segment.begin_per_s),
        seconds=round(segment.length_s),
        users=users,
        processes=min(users, os.cpu_count() or 1),
        workers=wish.scenario.workers,
        timeout_s=job.timeout_s,
        locustfile=str(folders(file).root / locustfile) if locustfile else "",
    )
