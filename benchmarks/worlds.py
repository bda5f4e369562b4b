"""Simulated canary deployments: one canary pod beside baseline pods, counted every 10 seconds.

A `World` (see `situations`) says what disturbs old and new alike, or each pod for itself; a `Regression` says what
is wrong with the new revision, often nothing. Given the state of a tick, requests are Poisson, errors Binomial and
latencies Multinomial over the buckets: exactly what single requests would give (several pods together are one
Poisson stream whose requests are spread over the pods' distributions).

The same seed gives the same world whatever the regression: the baseline's counts do not change with it.
Rates are requests per second; latency is lognormal with a median of 80 ms and a p99 of 323 ms.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from latencies import BOUNDS_MS, Floats, bucket_shares
from numpy.typing import NDArray
from situations import REGRESSIONS, UNSEEN, WORLDS, Regression, World

from golive.judge.samples import Event, Tick

__all__ = [
    "BOUNDS_MS",
    "REGRESSIONS",
    "UNSEEN",
    "WORLDS",
    "Deployment",
    "Regression",
    "World",
    "history",
    "simulate",
]

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
TICK_S = 10
TICKS_PER_MINUTE = 60 // TICK_S

Counts = NDArray[np.int64]
Seed = int | tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One watch. `ticks` alternate "new" and "old"; `control` is one more fresh pod of the old revision, with the
    canary's share of traffic, and no part of `ticks`.
    """

    bounds_ms: tuple[int, ...]
    ticks: tuple[Tick, ...]
    events: tuple[Event, ...]
    control: tuple[Tick, ...]


def simulate(
    world: World | str,
    regression: Regression | str,
    *,
    seed: Seed,
    rate: float = 100.0,
    share: float = 0.05,
    base: float = 0.001,
    minutes: int = 60,
    pods: int = 19,
) -> Deployment:
    """One canary deployment of a world, by name or value. `seed` may be (study, number of the deployment)."""
    world = WORLDS[world] if isinstance(world, str) else world
    regression = REGRESSIONS[regression] if isinstance(regression, str) else regression
    ticks = minutes * TICKS_PER_MINUTE
    shares, events = _shares(world, share, ticks)
    common = _common(world, base, ticks, _stream(seed, 0))
    canary = _broken(_cold(_pods(world, common, 1, _stream(seed, 1)), world), regression)
    control = _cold(_pods(world, common, 1, _stream(seed, 2)), world)
    baseline = _pods(world, common, pods, _stream(seed, 3))
    traffic = rate * TICK_S * common.traffic
    new = _serve("new", canary, traffic * shares, world.cluster, _stream(seed, 4))
    old = _serve("old", baseline, traffic * (1 - shares), world.cluster, _stream(seed, 5))
    beside = _serve("old", control, traffic * shares, world.cluster, _stream(seed, 6))
    together = tuple(tick for pair in zip(new, old, strict=True) for tick in pair)
    return Deployment(bounds_ms=BOUNDS_MS, ticks=together, events=events, control=beside)


def history(
    world: World | str,
    *,
    seed: Seed,
    hours: int = 24,
    rate: float = 100.0,
    share: float = 0.05,
    base: float = 0.001,
    pods: int = 19,
) -> tuple[Tick, ...]:
    """What each baseline pod served while nothing was released, in order of time; instances "pod-1", "pod-2" ...

    The same noise as in `simulate`, but no cold start, no ramp and no growth: those belong to a deployment.
    """
    world = WORLDS[world] if isinstance(world, str) else world
    world = replace(world, cold=0.0, weights=(), growth=1.0)
    common = _common(world, base, hours * 60 * TICKS_PER_MINUTE, _stream(seed, 0))
    fleet = _pods(world, common, pods, _stream(seed, 3))
    traffic = rate * TICK_S * common.traffic * (1 - share) / pods
    served = (
        _serve("old", fleet.one(pod), traffic, world.cluster, _stream(seed, 7 + pod), f"pod-{pod + 1}")
        for pod in range(len(fleet.log_latency[0]))
    )
    return tuple(tick for at_once in zip(*served, strict=True) for tick in at_once)


@dataclass(frozen=True, kw_only=True)
class _Common:
    """What holds for all pods, per tick."""

    traffic: Floats  # relative
    errors: Floats  # share of requests
    log_latency: Floats


@dataclass(frozen=True, kw_only=True)
class _Fleet:
    """Error share and log of the latency factor per tick and pod; identical pods may be one column."""

    errors: Floats
    log_latency: Floats
    tail_times: float = 1.0
    tail_from: int = 0  # tick

    def one(self, pod: int) -> "_Fleet":
        return _Fleet(errors=self.errors[:, pod : pod + 1], log_latency=self.log_latency[:, pod : pod + 1])

    def buckets(self) -> Floats:
        """Per tick, the probability of each bucket for a request to any of the pods."""
        healthy, broken = np.split(self.log_latency, [self.tail_from])
        return np.concatenate([bucket_shares(healthy), bucket_shares(broken, self.tail_times)])


def _stream(seed: Seed, index: int) -> np.random.Generator:
    return np.random.default_rng([*(seed if isinstance(seed, tuple) else (seed,)), index])


def _shares(world: World, share: float, ticks: int) -> tuple[Floats, tuple[Event, ...]]:
    """The canary's share per tick, and when its weight was set."""
    began = START - timedelta(seconds=TICK_S)
    if not world.weights:
        return np.full(ticks, share), (Event(at=began, weight=max(1, round(100 * share))),)
    every = 10 * TICKS_PER_MINUTE
    held = np.minimum(np.arange(ticks) // every, len(world.weights) - 1)
    events = tuple(
        Event(at=began + timedelta(minutes=10 * step), weight=weight)
        for step, weight in enumerate(world.weights)
        if step * every < ticks
    )
    return np.array(world.weights)[held] / 100, events


def _common(world: World, base: float, ticks: int, chance: np.random.Generator) -> _Common:
    traffic = np.exp(_wandering(chance, ticks, 1, world.traffic, 300)[:, 0])
    log_latency = _wandering(chance, ticks, 1, world.drift.latency, 600)[:, 0]
    log_errors = _wandering(chance, ticks, 1, world.drift.errors, 600)[:, 0]
    for begin, end in _episodes(chance, ticks, world.bursts_per_hour, (2, 2)):
        log_errors[begin:end] += chance.uniform(math.log(3), math.log(20))
        log_latency[begin:end] += math.log(chance.uniform(1.1, 1.8))
    grown = 1 + (world.growth - 1) * np.arange(ticks) / (60 * TICKS_PER_MINUTE)
    return _Common(traffic=traffic, errors=base * grown * np.exp(log_errors), log_latency=log_latency)


def _pods(world: World, common: _Common, pods: int, chance: np.random.Generator) -> _Fleet:
    """Pods of the old revision, each with the noise of its own."""
    ticks = len(common.errors)
    log_latency = common.log_latency[:, None] + chance.normal(0, world.offset.latency, pods)
    log_errors = np.zeros((ticks, 1)) + chance.normal(0, world.offset.errors, pods)
    log_latency = log_latency + _wandering(chance, ticks, pods, world.wander.latency, world.wander_s)
    log_errors = log_errors + _wandering(chance, ticks, pods, world.wander.errors, world.wander_s)
    for pod in range(pods if world.neighbours_per_hour else 0):
        for begin, end in _episodes(chance, ticks, world.neighbours_per_hour, (2, 6)):
            log_latency[begin:end, pod] += math.log(chance.uniform(1, 1.3))
            log_errors[begin:end, pod] += math.log(chance.uniform(1, 2))
    return _Fleet(errors=np.minimum(common.errors[:, None] * np.exp(log_errors), 1), log_latency=log_latency)


def _cold(fleet: _Fleet, world: World) -> _Fleet:
    """Pods that were started as the watch began."""
    age_s = TICK_S * (np.arange(len(fleet.errors)) + 0.5)
    slower = np.log1p(world.cold * np.exp(-age_s / world.cold_s))
    return replace(fleet, log_latency=fleet.log_latency + slower[:, None])


def _broken(fleet: _Fleet, regression: Regression) -> _Fleet:
    begin = round(regression.from_minute * TICKS_PER_MINUTE)
    errors, log_latency = fleet.errors.copy(), fleet.log_latency.copy()
    healthy = errors[begin:]
    worse = np.maximum(healthy * regression.errors_times, healthy + regression.errors_plus)
    errors[begin:] = np.minimum(worse, 1) if regression.errors_at is None else regression.errors_at
    log_latency[begin:] += math.log(regression.latency_times)
    return _Fleet(errors=errors, log_latency=log_latency, tail_times=regression.tail_times, tail_from=begin)


def _serve(
    revision: str, fleet: _Fleet, traffic: Floats, cluster: float, chance: np.random.Generator, instance: str = ""
) -> tuple[Tick, ...]:
    """The counts of all the pods together; `traffic` is the requests to expect per tick, before retries."""
    first = chance.poisson(traffic)
    rate = fleet.errors.mean(axis=1)
    failing = chance.binomial(first, rate / (cluster - rate * (cluster - 1)))  # so that `rate` holds with repeats
    repeats = _repeats(failing, cluster, chance)
    requests = first + repeats
    latency = chance.multinomial(requests, fleet.buckets())
    rows = zip(requests.tolist(), (failing + repeats).tolist(), latency.tolist(), strict=True)
    return tuple(
        Tick(
            at=START + timedelta(seconds=TICK_S * index),
            revision=revision,
            requests=all_of_them,
            errors=errors,
            latency=tuple(buckets),
            instance=instance,
        )
        for index, (all_of_them, errors, buckets) in enumerate(rows)
    )


def _repeats(failing: Counts, cluster: float, chance: np.random.Generator) -> Counts:
    """How often failing requests were sent again and failed again: each `cluster` - 1 times, in the mean."""
    repeats = np.zeros_like(failing)
    if cluster > 1:
        some = failing > 0
        repeats[some] = chance.negative_binomial(failing[some], 1 / cluster)
    return repeats


def _wandering(chance: np.random.Generator, ticks: int, many: int, spread: float, memory_s: float) -> Floats:
    """AR(1) series, one a column, that keep their standard deviation and forget within `memory_s`."""
    if not spread:
        return np.zeros((ticks, many))
    keep = math.exp(-TICK_S / memory_s)
    series = chance.normal(0, spread * math.sqrt(1 - keep**2), (ticks, many))
    series[0] = chance.normal(0, spread, many)
    for tick in range(1, ticks):
        series[tick] += keep * series[tick - 1]
    return series


def _episodes(
    chance: np.random.Generator, ticks: int, per_hour: float, minutes: tuple[float, float]
) -> Iterator[tuple[int, int]]:
    """First tick and end of each episode; one may have begun before the watch."""
    longest = round(minutes[1] * TICKS_PER_MINUTE)
    hours = (ticks + longest) / (60 * TICKS_PER_MINUTE)
    for _ in range(chance.poisson(per_hour * hours)):
        begin = int(chance.integers(-longest, ticks))
        yield max(0, begin), max(0, begin + round(chance.uniform(*minutes) * TICKS_PER_MINUTE))
