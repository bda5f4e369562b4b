"""What a service uses while it is under load: its processes by the system, garbage collection by its own word."""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psutil

from golive.judge.performance.measured import Resource
from golive.judge.probe import Prober, Request

LINE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{[^}]*\})? (\S+)", re.MULTILINE)
RUNS = frozenset(
    {"python_gc_collections_total", "go_gc_duration_seconds_count", "jvm_gc_pause_seconds_count"}
    | {"jvm_gc_collection_seconds_count", "nodejs_gc_duration_seconds_count"}
)
SECONDS = frozenset(
    {"go_gc_duration_seconds_sum", "jvm_gc_pause_seconds_sum", "jvm_gc_collection_seconds_sum"}
    | {"nodejs_gc_duration_seconds_sum"}
)
ASKED = ["pid", "cpu_times", "memory_info", "num_fds", "num_threads"]
READ = "the processes of its instances (psutil)"


@dataclass(frozen=True, kw_only=True)
class Processes:
    """Where to look: the processes of the instances, and where they show metrics."""

    pids: Sequence[int]
    urls: Sequence[str] = ()


@dataclass
class ResourceWatch:
    """Looks once for each call of `look`. `where` is asked each time: instances come and go."""

    where: Callable[[], Awaitable[Processes]]
    prober: Prober
    _known: dict[int, psutil.Process] = field(default_factory=dict)
    _cpu: dict[int, float] = field(default_factory=dict)
    _gc: dict[str, tuple[float, float]] = field(default_factory=dict)
    _last_s: float | None = None

    async def look(self, at_s: float) -> Resource | None:
        """What is used now, rates since the last look; None when no process is there."""
        place = await self.where()
        found = self._processes(place.pids)
        if not found:
            return None
        span_s = at_s - self._last_s if self._last_s is not None else 0.0
        self._last_s = at_s
        told = list(_told(found.values()))
        cpu_s = self._used(told)
        runs, seconds = await self._collected(place.urls)
        known = span_s > 0
        return Resource(
            at_s=round(at_s, 3),
            cpu_cores=round(cpu_s / span_s, 4) if known else None,
            memory_bytes=sum(one["memory_info"].rss for one in told if one["memory_info"]),
            files=sum(one["num_fds"] or 0 for one in told),
            threads=sum(one["num_threads"] or 0 for one in told),
            gc_s=round(seconds / span_s, 6) if known and seconds is not None else None,
            gc_runs=round(runs / span_s, 3) if known and runs is not None else None,
        )

    def _processes(self, pids: Sequence[int]) -> Mapping[int, psutil.Process]:
        """Those of the instances and all that they started; the same object each time, so that CPU is counted."""
        found: dict[int, psutil.Process] = {}
        for pid in pids:
            try:
                parent = psutil.Process(pid)
                for process in (parent, *parent.children(recursive=True)):
                    found[process.pid] = self._known.get(process.pid, process)
            except psutil.Error:
                continue
        self._known = found
        return found

    def _used(self, told: Sequence[Mapping[str, Any]]) -> float:
        """CPU seconds since the last look, of those that were there then."""
        now = {one["pid"]: float(sum(one["cpu_times"][:2])) for one in told if one["cpu_times"]}
        used = sum(max(0.0, spent - self._cpu[pid]) for pid, spent in now.items() if pid in self._cpu)
        self._cpu = now
        return used

    async def _collected(self, urls: Sequence[str]) -> tuple[float | None, float | None]:
        """Collections and their seconds since the last look; None where nobody tells."""
        runs: float | None = None
        seconds: float | None = None
        for url in urls:
            reply = await self.prober.call(Request(method="GET", url=url))
            if reply.fault or reply.code != 200:
                continue
            found = [(name, float(value)) for name, value in LINE.findall(reply.text) if _is_number(value)]
            told = (sum(v for name, v in found if name in RUNS), sum(v for name, v in found if name in SECONDS))
            before = self._gc.get(url, told)
            self._gc[url] = told
            if any(name in RUNS for name, _ in found):
                runs = (runs or 0.0) + max(0.0, told[0] - before[0])
            if any(name in SECONDS for name, _ in found):
                seconds = (seconds or 0.0) + max(0.0, told[1] - before[1])
        return runs, seconds


def _told(found: Iterable[psutil.Process]) -> Iterator[Mapping[str, Any]]:
    """What each says of itself; nothing of one that is gone, None for what it keeps to itself."""
    for process in found:
        with suppress(psutil.Error):
            yield process.as_dict(ASKED)


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return False
