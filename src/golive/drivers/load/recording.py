"""What all generators of a load have told so far, added up. Memory follows intervals and names, not requests.

An interval of which nothing more is to be expected is packed, so that an hour takes little more than a minute.
"""

import json
import zlib
from collections import Counter, deque
from dataclasses import dataclass, field
from math import inf
from typing import Any

from golive.drivers.load.job import Job
from golive.drivers.load.report import Report
from golive.drivers.load.schedule import Schedule
from golive.judge.performance.histogram import Histogram
from golive.judge.performance.measured import Cell, Ended, Failed, Generator, Interval, Measured, Resource

MOST_FAILURES = 100
RECENT = 5  # intervals that live progress speaks of
SIDES = ("a", "b", "b", "a")


@dataclass
class _Cell:
    codes: Counter[int] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    latency: Histogram = field(default_factory=Histogram)

    def frozen(self) -> Cell:
        return Cell(codes=dict(self.codes), causes=dict(self.causes), latency=dict(self.latency.counts))


@dataclass
class _Row:
    """One interval: its cells by the number of their name, and the generator's lateness."""

    cells: dict[int, _Cell] = field(default_factory=dict)
    late: Histogram = field(default_factory=Histogram)

    def packed(self) -> bytes:
        cells = [[name, cell.codes, cell.causes, cell.latency.counts] for name, cell in self.cells.items()]
        return zlib.compress(json.dumps([cells, self.late.counts]).encode(), 1)


def _unpacked(packed: bytes) -> _Row:
    cells, late = json.loads(zlib.decompress(packed))
    row = _Row(late=Histogram(_counts(late)))
    for name, codes, causes, latency in cells:
        row.cells[name] = _Cell(Counter(_counts(codes)), Counter(causes), Histogram(_counts(latency)))
    return row


def _counts(told: dict[str, int]) -> dict[int, int]:
    """With numbers for keys again, which JSON has not."""
    return {int(key): count for key, count in told.items()}


@dataclass
class Recording:
    """Filled by `take`; `names` as `visit.Requests` numbers them."""

    job: Job
    names: tuple[str, ...]
    workers: int
    sent: int = 0
    failed: int = 0
    held: int = 0
    reconnected: int = 0
    received: int = 0
    most_us: int = 0
    most_late_us: int = 0
    elapsed_ns: int = 0
    loop: str = ""
    revisions: Counter[str] = field(default_factory=Counter)
    failures: deque[Failed] = field(default_factory=lambda: deque(maxlen=MOST_FAILURES))
    _rows: dict[int, _Row] = field(default_factory=dict)
    _packed: dict[int, bytes] = field(default_factory=dict)
    _followed: Counter[int] = field(default_factory=Counter)
    _cpu: dict[int, tuple[float, int]] = field(default_factory=dict)  # of each worker when it began
    _share: dict[int, float] = field(default_factory=dict)

    def take(self, worker: int, told: dict[str, Any]) -> None:
        """Add what a generator says has happened since its last line."""
        for interval, name, codes, causes, latency in told["cells"]:
            cell = self._open(interval).cells.setdefault(name, _Cell())
            cell.codes.update(_counts(codes))
            cell.causes.update(causes)
            cell.latency.merge(_counts(latency))
            self.failed += sum(causes.values())
        for interval, counts in told["late"].items():
            self._open(int(interval)).late.merge(_counts(counts))
        self._followed.update(_counts(told["followed"]))
        self.revisions.update(told["revisions"])
        for failure in told["failures"]:
            if len(self.failures) < MOST_FAILURES:
                self.failures.append(Failed(**failure))
        for name in ("sent", "held", "reconnected", "received"):
            setattr(self, name, getattr(self, name) + told[name])
        self.most_us = max(self.most_us, told["most_us"])
        self.most_late_us = max(self.most_late_us, told["most_late_us"])
        self.elapsed_ns = max(self.elapsed_ns, told["elapsed_ns"])
        self._used(worker, told["cpu_s"], told["at_ns"])
        self._pack()

    def _open(self, index: int) -> _Row:
        """The row of an interval, to be added to."""
        if index in self._packed:
            self._rows[index] = _unpacked(self._packed.pop(index))
        return self._rows.setdefault(index, _Row())

    def _look(self, index: int) -> _Row:
        """The row of an interval, to be read."""
        packed = self._packed.get(index)
        return _unpacked(packed) if packed else self._rows.get(index, _Row())

    def _pack(self) -> None:
        """Put away what is older than the longest answer takes."""
        settled_s = self.elapsed_ns / 1e9 - self.job.timeout_s - 2
        for index in [i for i in self._rows if self.job.interval_s and (i + 1) * self.job.interval_s < settled_s]:
            self._packed[index] = self._rows.pop(index).packed()

    def _used(self, worker: int, cpu_s: float, at_ns: int) -> None:
        first_s, first_ns = self._cpu.setdefault(worker, (cpu_s, at_ns))
        if at_ns > first_ns:
            self._share[worker] = (cpu_s - first_s) * 1e9 / (at_ns - first_ns)

    def report(self, *, is_final: bool = False) -> Report:
        """The counts as they are now."""
        rows = [self._look(index) for index in (*self._packed, *self._rows)]
        cells = [cell for row in rows for cell in row.cells.values()]
        latency, late = Histogram(), Histogram()
        codes: Counter[int] = Counter()
        causes: Counter[str] = Counter()
        ok = 0
        for cell in cells:
            latency.merge(cell.latency.counts)
            codes.update(cell.codes)
            causes.update(cell.causes)
            ok += cell.frozen().ok
        for row in rows:
            late.merge(row.late.counts)
        p50, p95, p99 = latency.quantiles_ms((0.5, 0.95, 0.99))
        return Report(
            sent=self.sent,
            ok=ok,
            failed=causes.total(),
            reconnected=self.reconnected,
            by_code={str(code): count for code, count in codes.items()},
            causes=dict(causes),
            by_revision=dict(self.revisions),
            p50_ms=p50,
            p95_ms=p95,
            p99_ms=p99,
            late_p99_ms=late.quantile_ms(0.99),
            elapsed_s=round(self.elapsed_ns / 1e9, 3),
            failures=tuple(self.failures) if is_final else (),
            is_final=is_final,
        )

    def recent(self, now_s: float) -> tuple[Interval, ...]:
        """The last few intervals that are over."""
        length_s = self.job.interval_s
        if not length_s:
            return ()
        schedule = self.job.schedule
        last = int(min(now_s, schedule.length_s) // length_s)
        return tuple(self._interval(index, schedule) for index in range(max(0, last - RECENT), last))

    def measured(
        self, *, ended: Ended = "whole", because: str = "", resources: tuple[Resource, ...] = (), read: str = ""
    ) -> Measured:
        """Everything, as verdicts and reports take it. An interval that was cut short is asked only so far."""
        from golive import __version__

        schedule, elapsed_s = self.job.schedule, self.elapsed_ns / 1e9
        length_s = self.job.interval_s or elapsed_s
        count = -int(-min(elapsed_s, schedule.length_s) // length_s) if length_s else 0
        return Measured(
            intervals=tuple(self._interval(index, schedule) for index in range(count)),
            elapsed_s=elapsed_s,
            generator=Generator(
                engine="golive",
                version=__version__,
                processes=self.workers,
                loop=self.loop,
                cpu_share=round(max(self._share.values(), default=0.0), 4),
                held=self.held,
                reconnected=self.reconnected,
            ),
            ended=ended,
            because=because,
            resources=resources,
            resources_from=read,
            by_revision=dict(self.revisions),
            bytes_received=self.received,
            most_ms=self.most_us / 1000,
            most_late_ms=self.most_late_us / 1000,
            failures=tuple(self.failures),
        )

    def _interval(self, index: int, schedule: Schedule) -> Interval:
        whole_s = self.job.interval_s or self.elapsed_ns / 1e9
        begin_s = index * whole_s
        end_s = min(begin_s + whole_s, schedule.length_s, max(self.elapsed_ns / 1e9, begin_s))
        row = self._look(index)
        asked = schedule.due_by(end_s) - schedule.due_by(begin_s) if end_s < inf else 0
        return Interval(
            at_s=begin_s,
            length_s=end_s - begin_s,
            asked=asked + self._followed[index],
            sent=row.late.total,
            cells={self.names[name]: cell.frozen() for name, cell in sorted(row.cells.items())},
            lateness=dict(row.late.counts),
            side=SIDES[index % 4] if len(self.job.places) > 1 else "",
        )
