"""What was measured of each revision, as counts. No raw requests, no ratios: those are computed when judging."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

BOUNDS_MS = (*range(1, 8), *(round(8 * 2 ** (eighth / 8)) for eighth in range(8 * 13 + 1)))  # to 65 s


@dataclass(frozen=True, kw_only=True)
class Tick:
    """What one revision served between the previous reading and `at` (aware UTC).

    `latency` has one count per bound of `Samples.bounds_ms` and a last one for everything slower; it may
    sum to less than `requests` when the source's histogram lags behind its counters.
    """

    at: datetime
    revision: str  # Revision.name
    requests: int
    errors: int  # answers with a 5xx code, and requests that got none
    latency: tuple[int, ...]
    synthetic: bool = False  # sent by golive itself, the same load to each revision; never mixed with users'
    instance: str = ""  # one instance of the revision; "" is the whole of it
    gauges: Mapping[str, float] = field(default_factory=dict)  # mean per instance, such as {"cpu_cores": 0.4}


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that the judge must know of: the weight of the new revision was set at this instant."""

    at: datetime
    weight: int  # percent
    fresh: bool = False  # instances of the new revision were started for it: they are cold
    soak: timedelta = timedelta(0)  # how long it is planned to stay


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Ticks in order of time. `bounds_ms` are the histogram's upper bounds, rising."""

    bounds_ms: tuple[int, ...]
    ticks: tuple[Tick, ...]
    note: str = ""  # what the reader should know, such as "counters reset at 12:00:01, interval left out"


class SampleSource(Protocol):
    """Where samples come from; implemented by `drivers.metrics` and `drivers.simulated`."""

    async def read(self, revisions: Sequence[str], since: datetime) -> Samples:
        """Everything after `since`, up to now. An unreachable source gives no ticks and says so in `note`."""
        ...
