"""What a simulated deployment is up against: worlds that disturb a healthy one, and what a new revision breaks."""

from dataclasses import dataclass, field

RAMP = (1, 5, 10, 25, 50)  # percent


@dataclass(frozen=True, kw_only=True)
class Noise:
    """How far latency and errors stray, as standard deviations of their logarithms."""

    latency: float = 0.0
    errors: float = 0.0


@dataclass(frozen=True, kw_only=True)
class World:
    """What happens to a healthy deployment. All defaults together: nothing but chance."""

    bursts_per_hour: float = 0.0  # 2 minutes each; errors x3-20, latency x1.1-1.8, everywhere at once
    traffic: float = 0.0  # standard deviation of log traffic, AR(1) over 5 minutes
    drift: Noise = field(default_factory=Noise)  # everywhere at once, AR(1) over 10 minutes
    cluster: float = 1.0  # failing requests in a row on one pod, in the mean: retries that fail again
    offset: Noise = field(default_factory=Noise)  # of each pod, for as long as it lives
    wander: Noise = field(default_factory=Noise)  # of each pod, AR(1) over `wander_s`
    wander_s: float = 120.0
    neighbours_per_hour: float = 0.0  # on each pod: 2-6 minutes of latency x1-1.3 and errors x1-2
    cold: float = 0.0  # a new pod's latency is 1 + this times higher, decaying with `cold_s`
    cold_s: float = 90.0
    weights: tuple[int, ...] = ()  # percent, one every 10 minutes; none: the share asked for
    growth: float = 1.0  # how much the common error rate rises within 60 minutes


WORLDS: dict[str, World] = {
    "clean": World(),
    "bursts": World(bursts_per_hour=2, traffic=0.15, drift=Noise(latency=0.05, errors=0.2)),
    "retry": World(cluster=2),
    "pods": World(wander=Noise(latency=0.10, errors=0.50)),
    "offset": World(offset=Noise(latency=0.03, errors=0.15)),
    "neighbour": World(neighbours_per_hour=2),
    "cold": World(cold=0.5),
    "ramp": World(weights=RAMP, growth=4),
}

UNSEEN = World(  # a bit of everything; no judge was ever shaped or set while looking at it
    bursts_per_hour=2,
    traffic=0.15,
    drift=Noise(latency=0.05, errors=0.2),
    cluster=1.5,
    offset=Noise(latency=0.02, errors=0.10),
    wander=Noise(latency=0.05, errors=0.20),
    wander_s=600,
)


@dataclass(frozen=True, kw_only=True)
class Regression:
    """What is wrong with the new revision. All defaults together: nothing."""

    errors_times: float = 1.0
    errors_plus: float = 0.0  # the larger of `rate * times` and `rate + plus` counts
    errors_at: float | None = None  # this rate, whatever the baseline has
    latency_times: float = 1.0  # every request
    tail_times: float = 1.0  # the slowest tenth only
    from_minute: float = 0.0


REGRESSIONS: dict[str, Regression] = {
    "none": Regression(),
    "errors x2": Regression(errors_times=2),
    "errors x5": Regression(errors_times=5),
    "errors x20": Regression(errors_times=20),
    "errors 50 %": Regression(errors_at=0.5),
    "p99 x1.5": Regression(tail_times=1.5),
    "p50 x1.1": Regression(latency_times=1.1),
    "errors x5 from minute 20": Regression(errors_times=5, from_minute=20),
    "errors at the margin": Regression(errors_times=2, errors_plus=0.002),
    "latency at the margin": Regression(latency_times=1.42),
}
