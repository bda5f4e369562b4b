"""An access log as a load: its requests arrive again as they did then. Common and combined log format.

The log tells seconds, so the requests of a second are spread evenly over it. Only GET requests are sent again:
what others changed would be changed once more.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from golive.drivers.load.job import Flow, Step
from golive.drivers.load.schedule import Segment

LINE = re.compile(
    r"\S+ \S+ .{1,200}?\[(\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] "
    r'"([A-Z]+) (/[!-~]*) HTTP/[\d.]+"'
)
MOST_SECONDS = 24 * 3600
MOST_PATHS = 200  # different ones that are sent; the most frequent
MOST_LINES = 20_000_000


@dataclass(frozen=True, kw_only=True)
class Trace:
    """How many requests each second had, and for what. `passed_over` are lines that are no GET request."""

    per_second: tuple[int, ...]
    paths: tuple[tuple[str, int], ...]  # the most frequent first
    passed_over: int

    @property
    def requests(self) -> int:
        return sum(self.per_second)


def read(lines: Iterable[str]) -> Trace:
    """What a log tells. A log of more than a day is read up to there. Empty when no line is a request."""
    seconds: Counter[int] = Counter()
    paths: Counter[str] = Counter()
    passed_over, memory = 0, {"": 0}
    for number, line in enumerate(lines):
        found = LINE.match(line)
        if number >= MOST_LINES or not found or found[2] != "GET":
            passed_over += 1
            continue
        second = memory.get(found[1])
        if second is None:
            memory = {found[1]: _second(found[1])}  # lines of one second stand together
            second = memory[found[1]]
        if second:
            seconds[second] += 1
            paths[found[3]] += 1
    first = min(seconds, default=0)
    length = min(max(seconds, default=-1) - first + 1, MOST_SECONDS) if seconds else 0
    per_second = tuple(seconds[first + n] for n in range(length))
    return Trace(per_second=per_second, paths=tuple(paths.most_common(MOST_PATHS)), passed_over=passed_over)


def segments(trace: Trace, speed: int) -> tuple[Segment, ...]:
    """The rate of each second, at `speed` percent; equal neighbours as one."""
    found: list[Segment] = []
    for count in trace.per_second:
        rate, length_s = count * speed / 100, 100 / speed
        if found and found[-1].begin_per_s == rate:
            length_s += found.pop().length_s
        found.append(Segment(begin_per_s=rate, end_per_s=rate, length_s=length_s))
    return tuple(found)


def flows(trace: Trace) -> tuple[Flow, ...]:
    """The log's own requests, as often as they were. Results call them by their path without the query."""
    return tuple(
        Flow(weight=count, steps=(Step(name=f"GET {path.partition('?')[0]}", path=path),))
        for path, count in trace.paths
    )


def _second(text: str) -> int:
    try:
        return int(datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z").timestamp())
    except ValueError:
        return 0
