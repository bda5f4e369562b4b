"""A load that runs beside what is being watched.

async with LoadRun("http://127.0.0.1:8080", rate=200, paths=("/", "/products")) as run:
    ...
    report = await run.stop()
"""

import asyncio
import sys
from collections.abc import Mapping
from types import MappingProxyType, TracebackType

from golive.drivers.load.job import Job
from golive.drivers.load.report import Report, from_json
from golive.errors import Failure

GENERATOR = "golive.drivers.load.openloop"
LONGEST_LINE = 1 << 20  # bytes; a hundred failures are about 20 kB
START_S = 20.0
GRACE_S = 10.0  # beyond the timeout of a request, for the final report


class LoadRun:
    """Constant open-loop load from another process, so that neither slows the other.

    The process ends when `stop` asks, or when this one dies. `Failure` for a job that is refused (see
    `job.Job`), and when the generator ends without a report.
    """

    def __init__(
        self,
        url: str,
        *,
        rate: int,
        paths: tuple[str, ...] = ("/",),
        headers: Mapping[str, str] = MappingProxyType({}),
        timeout_s: float = 10.0,
    ) -> None:
        self._job = Job(url=url, rate=rate, paths=paths, headers=dict(headers), timeout_s=timeout_s)
        self._latest = Report()
        self._child: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._heard = asyncio.Event()

    @property
    def url(self) -> str:
        """Where the requests go."""
        return self._job.url

    @property
    def latest(self) -> Report:
        """The newest counts, at most a quarter of a second old; after `stop` the report."""
        return self._latest

    async def start(self) -> None:
        """Requests are being sent when this returns."""
        pipe = asyncio.subprocess.PIPE
        self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", GENERATOR),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            limit=LONGEST_LINE,
            start_new_session=True,  # Ctrl-C is for the command; it decides when the load ends
        )
        try:
            await self._begin(self._child)
        except BaseException:
            await self._kill()
            raise

    async def stop(self) -> Report:
        """Send no more, wait for the answers that are due, and give the final report. May be repeated."""
        if not self._child or not self._child.stdin or not self._reading:
            raise self._broken("it was not started")
        self._child.stdin.close()
        try:
            async with asyncio.timeout(self._job.timeout_s + GRACE_S):
                await self._reading
                await self._child.wait()
        except TimeoutError:
            raise self._broken("it did not end in time") from None
        finally:
            await self._kill()
        if not self._latest.is_final:
            raise self._broken(await self._last_words(self._child))
        return self._latest

    async def __aenter__(self) -> "LoadRun":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind:  # what went wrong inside is what is to be heard
            await self._kill()
        else:
            await self.stop()

    async def _begin(self, child: asyncio.subprocess.Process) -> None:
        """Give it the job and wait for its first line."""
        assert child.stdin
        child.stdin.write(self._job.to_json())
        self._reading = asyncio.create_task(self._read(child))
        try:
            async with asyncio.timeout(START_S):
                await self._heard.wait()
        except TimeoutError:
            raise self._broken("it did not start in time") from None
        if child.stdout and child.stdout.at_eof():
            raise self._broken(await self._last_words(child))

    async def _read(self, child: asyncio.subprocess.Process) -> None:
        assert child.stdout
        try:
            while line := await child.stdout.readline():
                self._latest = from_json(line)
                self._heard.set()
        finally:
            self._heard.set()

    async def _last_words(self, child: asyncio.subprocess.Process) -> str:
        """What it wrote on stderr. It has ended."""
        assert child.stderr
        said = (await child.stderr.read()).decode(errors="replace").strip()
        return said.rpartition("\n")[2] or f"it ended with exit code {await child.wait()}"

    async def _kill(self) -> None:
        if self._child and self._child.returncode is None:
            self._child.kill()
            await self._child.wait()
        if self._reading:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    def _broken(self, why: str) -> Failure:
        return Failure(
            where=f"load on {self.url}",
            what="the load generator gave no report",
            why=why,
            next="start it again; when it happens again, look for what ends processes on this machine",
        )
