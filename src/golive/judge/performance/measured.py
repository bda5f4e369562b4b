"""What a load generator measured, whichever it was: the one shape that verdicts, comparisons and reports read.

A request belongs to the interval in which it was *due*, whenever its answer came. Latency runs from that moment to
the last byte of the answer, or to the timeout: a server that freezes is charged for every user who came meanwhile
(no coordinated omission). Engines other than golive's own fill in what they know and say so in `Generator.note`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from golive.judge.performance.histogram import Histogram, merged

FIRST_FAILING_CODE = 400
Ended = Literal["whole", "interrupted", "aborted"]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One request name in one interval. `sent` are codes and causes together, once all have ended."""

    codes: Mapping[int, int] = field(default_factory=dict)  # whole answers by their code
    causes: Mapping[str, int] = field(default_factory=dict)  # failures, in a few words; `answered 503` too
    latency: Mapping[int, int] = field(default_factory=dict)  # `histogram.bucket_of` → requests

    @property
    def ended(self) -> int:
        """Requests that have ended, well or not."""
        return self.ok + self.failed

    @property
    def failed(self) -> int:
        return sum(self.causes.values())

    @property
    def ok(self) -> int:
        """Answers that were as expected: 2xx and 3xx, unless the scenario says otherwise."""
        return sum(self.codes.values()) - sum(
            count for cause, count in self.causes.items() if cause.startswith(ANSWERED)
        )


ANSWERED = "answered "  # begins the cause of a failure that was a whole answer


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A stretch of the schedule. `asked` requests were due in it; `lateness` is the generator's own."""

    at_s: float  # since the begin of the load
    length_s: float
    asked: int
    sent: int
    cells: Mapping[str, Cell]
    lateness: Mapping[int, int] = field(default_factory=dict)  # bucket → requests, in microseconds
    side: str = ""  # which of two targets it went to, when they take turns

    @property
    def ok(self) -> int:
        return sum(cell.ok for cell in self.cells.values())

    @property
    def failed(self) -> int:
        return sum(cell.failed for cell in self.cells.values())

    def latency(self) -> Histogram:
        return merged(cell.latency for cell in self.cells.values())


@dataclass(frozen=True, kw_only=True)
class Resource:
    """What the service used at one moment, all its instances together; None is not known."""

    at_s: float
    cpu_cores: float | None = None
    memory_bytes: int | None = None
    files: int | None = None  # open file descriptors
    threads: int | None = None
    gc_s: float | None = None  # seconds of garbage collection per second, where the service exposes it
    gc_runs: float | None = None  # collections per second


@dataclass(frozen=True, kw_only=True)
class Generator:
    """Who made the load, and how well."""

    engine: str  # golive, locust, k6, oha, wrk
    version: str
    processes: int = 1
    loop: str = ""  # uvloop, asyncio; "" where it says nothing
    cpu_share: float | None = None  # of one core, by the busiest process
    held: int = 0  # requests that had to wait for a connection, because all were busy
    reconnected: int = 0  # sent again on a new connection, because a kept one had died (RFC 9110, 9.2.2)
    open_loop: bool = True  # it does not wait for answers before it sends
    note: str = ""  # what it could not measure


@dataclass(frozen=True, kw_only=True)
class Failed:
    """One request that failed, as an example."""

    at: str  # RFC 3339, UTC
    cause: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A load from its first request to its last answer."""

    intervals: tuple[Interval, ...]
    elapsed_s: float  # from the first request that was due to the last answer, or the end of the schedule
    generator: Generator
    ended: Ended = "whole"
    because: str = ""  # of an end that came early
    resources: tuple[Resource, ...] = ()
    resources_from: str = ""  # how they were read; "" when they were not
    by_revision: Mapping[str, int] = field(default_factory=dict)  # answers by their x-golive-revision
    bytes_received: int = 0
    most_ms: float = 0.0  # the longest latency, exactly
    most_late_ms: float = 0.0
    failures: tuple[Failed, ...] = ()  # the first hundred

    @property
    def asked(self) -> int:
        return sum(interval.asked for interval in self.intervals)

    @property
    def sent(self) -> int:
        return sum(interval.sent for interval in self.intervals)

    @property
    def ok(self) -> int:
        return sum(interval.ok for interval in self.intervals)

    @property
    def failed(self) -> int:
        return sum(interval.failed for interval in self.intervals)

    def names(self) -> tuple[str, ...]:
        """Every request name, in the order in which they are first seen."""
        return tuple(dict.fromkeys(name for interval in self.intervals for name in interval.cells))

    def latency(self, name: str = "") -> Histogram:
        """Of all requests, or of those with one name."""
        cells = (cell for i in self.intervals for called, cell in i.cells.items() if name in ("", called))
        return merged(cell.latency for cell in cells)

    def lateness(self) -> Histogram:
        return merged(interval.lateness for interval in self.intervals)
