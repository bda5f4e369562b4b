"""What is asked of an outside engine, and how its percentiles become a distribution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from golive.judge.performance.histogram import bucket_of
from golive.judge.performance.measured import Cell, Generator, Interval, Measured


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A constant load, in the terms that all engines share."""

    url: str  # http(s)://host:port
    paths: tuple[str, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    rate: int = 0  # requests per second; engines with users instead of a rate do not heed it
    seconds: int = 10
    users: int = 50
    processes: int = 1
    workers: int = 0  # of Locust, on other machines
    timeout_s: float = 10.0
    locustfile: str = ""


@dataclass(frozen=True, kw_only=True)
class Call:
    """How to run it: files to write first (relative to a folder of its own), then a command without a shell."""

    command: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)


class Engine(Protocol):
    """An outside engine. Everything but running it is pure."""

    @property
    def name(self) -> str: ...

    def version(self, said: str) -> str:
        """Its version, out of what `--version` prints."""
        ...

    def call(self, program: str, asked: Asked) -> Call: ...

    def read(self, output: str, asked: Asked, version: str) -> Measured:
        """What its output tells; `ValueError`, `KeyError` or `TypeError` for what it cannot be."""
        ...


def spread(percentiles: Sequence[tuple[float, float]], total: int) -> dict[int, int]:
    """A histogram from percentiles, as (percent, milliseconds) rising: between two, all are as slow as the upper.

    So a quantile that was told comes back as it was told, and others are too high rather than too low.
    """
    found: dict[int, int] = {}
    counted = 0
    for percent, ms in percentiles:
        upto = int(total * percent / 100 + 1e-9)
        if upto > counted:
            bucket = bucket_of(round(ms * 1000))
            found[bucket] = found.get(bucket, 0) + upto - counted
            counted = upto
    return found


def whole(
    cells: Mapping[str, Cell], asked: Asked, generator: Generator, *, seconds: float, most_ms: float, planned: int
) -> Measured:
    """A measurement that has one interval, because the engine tells of nothing finer."""
    sent = sum(cell.ended for cell in cells.values())
    interval = Interval(at_s=0.0, length_s=seconds, asked=planned or sent, sent=sent, cells=cells)
    return Measured(intervals=(interval,), elapsed_s=seconds, generator=generator, most_ms=most_ms)
