"""A load that runs beside what is being watched.

async with LoadRun("http://127.0.0.1:8080", rate=200, paths=("/", "/products")) as run:
    ...
    report = await run.stop()
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping
from types import MappingProxyType, TracebackType
from typing import Any

from golive.drivers.load.job import Flow, Job, Place, Step
from golive.drivers.load.recording import Recording
from golive.drivers.load.report import Report
from golive.drivers.load.schedule import constant
from golive.drivers.load.visit import Requests
from golive.errors import Failure

GENERATOR = "golive.drivers.load.worker"
LONGEST_LINE = 1 << 26  # bytes; a quarter of a second of many names in many intervals
START_S = 20.0
GRACE_S = 10.0  # beyond the timeout of a request, for the last counts
AHEAD_NS = 50_000_000  # from "all are ready" to the first request
RATE_OF_ONE = 15_000  # requests per second that one generator keeps on time with a core of its own


class Run:
    """Open-loop load from other processes, so that neither slows the other.

    They end when the schedule is over, when `stop` asks, or when this process dies. `Failure` for a job that is
    refused (see `job.Job`), and when a generator ends without its last word.
    """

    def __init__(self, job: Job, *, workers: int = 0) -> None:
        self.job = job
        self.workers = workers or workers_for(job)
        self.recording = Recording(job, Requests(job).names, self.workers)
        self._children: list[asyncio.subprocess.Process] = []
        self._reading: list[asyncio.Task[None]] = []
        self._ready = asyncio.Event()
        self._told = 0
        self._ended = 0

    @property
    def url(self) -> str:
        """Where the requests go."""
        return self.job.places[0].url

    @property
    def elapsed_s(self) -> float:
        """Since the first request was due."""
        return self.recording.elapsed_ns / 1e9

    async def start(self) -> None:
        """The first request is due when this returns, or a moment later."""
        try:
            for worker in range(self.workers):
                await self._spawn(worker)
            await self._all_ready()
            begin = json.dumps({"begin_ns": time.monotonic_ns() + AHEAD_NS}).encode() + b"\n"
            for child in self._children:
                assert child.stdin
                child.stdin.write(begin)
        except BaseException:
            await self.kill()
            raise

    async def wait(self) -> None:
        """Until the schedule is over and every request has ended."""
        await asyncio.wait(self._reading)  # who no longer waits does not end them
        await self._check()

    async def stop(self) -> Recording:
        """Send no more, and wait for the answers that are due. May be repeated."""
        if not self._children:
            raise self._broken("it was not started")
        for child in self._children:
            assert child.stdin
            child.stdin.close()
        try:
            async with asyncio.timeout(self.job.timeout_s + GRACE_S):
                await asyncio.gather(*self._reading)
                for child in self._children:
                    await child.wait()
        except TimeoutError:
            raise self._broken("it did not end in time") from None
        finally:
            await self.kill()
        await self._check()
        return self.recording

    async def kill(self) -> None:
        """End it now, whatever is under way."""
        for child in self._children:
            if child.returncode is None:
                child.kill()
                await child.wait()
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)

    async def __aenter__(self) -> "Run":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind:  # what went wrong inside is what is to be heard
            await self.kill()
        else:
            await self.stop()

    async def _spawn(self, worker: int) -> None:
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", GENERATOR),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            limit=LONGEST_LINE,
            start_new_session=True,  # Ctrl-C is for the command; it decides when the load ends
        )
        self._children.append(child)
        assert child.stdin
        share = {"job": self.job.to_json().decode(), "worker": worker, "workers": self.workers}
        child.stdin.write(json.dumps(share).encode() + b"\n")
        self._reading.append(asyncio.create_task(self._read(worker, child)))

    async def _all_ready(self) -> None:
        try:
            async with asyncio.timeout(START_S):
                await self._ready.wait()
        except TimeoutError:
            raise self._broken("it did not start in time") from None
        if self._ended:
            raise self._broken(await self._last_words())

    async def _read(self, worker: int, child: asyncio.subprocess.Process) -> None:
        assert child.stdout
        last = False
        try:
            while line := await child.stdout.readline():
                told: dict[str, Any] = json.loads(line)
                if "ready" in told:
                    self._hear(told)
                else:
                    self.recording.take(worker, told)
                    last = told.get("last", False)
        finally:
            if not last:
                self._ended += 1
                self._ready.set()

    def _hear(self, told: dict[str, Any]) -> None:
        self.recording.loop = told["ready"]
        self._told += 1
        if self._told == self.workers:
            self._ready.set()

    async def _check(self) -> None:
        if self._ended:
            raise self._broken(await self._last_words())

    async def _last_words(self) -> str:
        """What one that ended too early wrote on stderr."""
        for child in self._children:
            if not child.stderr or (child.returncode is None and not child.stdout):
                continue
            if child.stdout and not child.stdout.at_eof():
                continue
            said = (await child.stderr.read()).decode(errors="replace").strip()
            code = await child.wait()
            if said or code:
                return said.rpartition("\n")[2] or f"it ended with exit code {code}"
        return "it ended without its last word"

    def _broken(self, why: str) -> Failure:
        return Failure(
            where=f"load on {self.url}",
            what="the load generator gave no report",
            why=why,
            next="start it again; when it happens again, look for what ends processes on this machine",
        )


class LoadRun:
    """Constant load without end, from one process, until `stop`."""

    def __init__(
        self,
        url: str,
        *,
        rate: int,
        paths: tuple[str, ...] = ("/",),
        headers: Mapping[str, str] = MappingProxyType({}),
        timeout_s: float = 10.0,
    ) -> None:
        flows = tuple(Flow(steps=(Step(name=f"GET {path}", path=path),)) for path in paths)
        self._run = Run(
            Job(
                places=(Place(url=url),),
                segments=constant(rate).segments,
                flows=flows,
                headers=dict(headers),
                timeout_s=timeout_s,
            ),
            workers=1,
        )
        self._last: Report | None = None

    @property
    def url(self) -> str:
        """Where the requests go."""
        return self._run.url

    @property
    def latest(self) -> Report:
        """The newest counts, at most a quarter of a second old; after `stop` the report."""
        return self._last or self._run.recording.report()

    async def start(self) -> None:
        """The first request is due when this returns, or a moment later."""
        await self._run.start()

    async def stop(self) -> Report:
        """Send no more, wait for the answers that are due, and give the final report. May be repeated."""
        if self._last is None:
            self._last = (await self._run.stop()).report(is_final=True)
        return self._last

    async def __aenter__(self) -> "LoadRun":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind:  # what went wrong inside is what is to be heard
            await self._run.kill()
        else:
            await self.stop()


def workers_for(job: Job) -> int:
    """So many that each keeps its share on time; never more than there are cores."""
    peak = max(max(segment.begin_per_s, segment.end_per_s) for segment in job.segments)
    return max(1, min(-int(-peak // RATE_OF_ONE), os.cpu_count() or 1))
