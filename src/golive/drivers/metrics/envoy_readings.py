"""From Envoy's counters to ticks. Pure: readings in, samples out.

A reading is what the counters of one revision stood at; a tick is the difference of two. Only users' requests
are read (`external`): those that golive itself marks, and copies, are counted apart by Envoy.
Counters are live; latency histograms are merged at Envoy's flush and may lag behind by 0.2 s, so a tick's
latencies may belong in part to the requests of the tick before.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from golive.judge.samples import Samples, Tick

RESTART_S = 5  # a start that moved later by more than this is another Envoy: uptime is in whole seconds


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The counters of one revision at one instant, since Envoy loaded it."""

    at: datetime
    revision: str
    present: bool  # Envoy knows the revision; False ends a series
    uptime_s: int = 0  # of Envoy
    requests: int = 0
    errors: int = 0  # answers with a 5xx code, those that Envoy gave because nobody did included
    latency: Mapping[int, int] | None = None  # upper bound in ms → requests up to it; None: none recorded yet


def query(revisions: Iterable[str]) -> str:
    """The admin path that shows everything needed of these revisions."""
    names = "|".join(sorted(revisions))
    wanted = r"membership_total|external\.upstream_rq_(completed|5xx|time)"
    chosen = quote(rf"^(server\.uptime|cluster\.({names})\.({wanted}))$")
    return f"/stats?format=json&histogram_buckets=cumulative&filter={chosen}"


def parse(answer: str, revisions: Iterable[str], at: datetime) -> list[Reading]:
    """One reading a revision. A counter that was never touched is absent: 0, when its cluster exists."""
    numbers: dict[str, int] = {}
    histograms: dict[str, dict[int, int]] = {}
    for stat in json.loads(answer)["stats"]:
        if "histograms" in stat:
            histograms |= {h["name"]: _cumulative(h) for h in stat["histograms"]}
        else:
            numbers[stat["name"]] = int(stat["value"])
    return [_reading(revision, at, numbers, histograms) for revision in revisions]


def _cumulative(histogram: Mapping[str, Any]) -> dict[int, int]:
    return {int(b["upper_bound"]): int(b["cumulative"]) for b in histogram["buckets"]}


def _reading(
    revision: str, at: datetime, numbers: Mapping[str, int], histograms: Mapping[str, Mapping[int, int]]
) -> Reading:
    cluster = f"cluster.{revision}"
    users = f"{cluster}.external.upstream_rq_"
    return Reading(
        at=at,
        revision=revision,
        present=f"{cluster}.membership_total" in numbers,
        uptime_s=numbers.get("server.uptime", 0),
        requests=numbers.get(f"{users}completed", 0),
        errors=numbers.get(f"{users}5xx", 0),
        latency=histograms.get(f"{users}time"),
    )


def samples(readings: Sequence[Reading]) -> Samples:
    """The ticks between readings, in order of time. Intervals in which counters started anew are left out."""
    bounds = next((tuple(sorted(r.latency)) for r in reversed(readings) if r.latency), ())
    ticks: list[Tick] = []
    notes: list[str] = []
    for revision in sorted({r.revision for r in readings}):
        series = [r for r in readings if r.revision == revision]
        for earlier, later in pairwise(series):
            gap = _gap(earlier, later)
            if not gap:
                ticks.append(_tick(earlier, later, bounds))
            elif earlier.present or later.present:  # else it was noted when it went
                notes.append(gap)
    return Samples(
        bounds_ms=bounds,
        ticks=tuple(sorted(ticks, key=lambda tick: (tick.at, tick.revision))),
        note="; ".join(notes),
    )


def _gap(earlier: Reading, later: Reading) -> str:
    """Why nothing can be said of the time between two readings, "" when something can."""
    when = f"{later.at:%H:%M:%S} UTC, interval left out"
    if not later.present:
        return f"Envoy does not know {later.revision} at {when}"
    if not earlier.present:
        return f"Envoy learned of {later.revision} before {when}"
    started = (later.at - earlier.at).total_seconds() - (later.uptime_s - earlier.uptime_s)
    fell = later.requests < earlier.requests or later.errors < earlier.errors
    fell = fell or any(count < 0 for count in _between(earlier, later, _bounds(later)))
    if fell or started > RESTART_S:
        return f"counters of {later.revision} were reset before {when}"
    return ""


def _tick(earlier: Reading, later: Reading, bounds: tuple[int, ...]) -> Tick:
    return Tick(
        at=later.at,
        revision=later.revision,
        requests=later.requests - earlier.requests,
        errors=later.errors - earlier.errors,
        latency=_between(earlier, later, bounds),
    )


def _between(earlier: Reading, later: Reading, bounds: tuple[int, ...]) -> tuple[int, ...]:
    """Requests per bucket between two readings, none when they were not sorted into these bounds.

    The last count, of what is slower than every bound, is 0: the router's highest bound is an hour.
    """
    before, after = earlier.latency or dict.fromkeys(bounds, 0), later.latency or {}
    if tuple(sorted(before)) != bounds or tuple(sorted(after)) != bounds:
        return (0,) * (len(bounds) + 1)
    rise = [0, *(after[bound] - before[bound] for bound in bounds)]
    return (*(high - low for low, high in pairwise(rise)), 0)


def _bounds(reading: Reading) -> tuple[int, ...]:
    return tuple(sorted(reading.latency or {}))
