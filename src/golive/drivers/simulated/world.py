"""The state that the simulated drivers share, and the faults that can be planted in it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from golive.judge.samples import Tick
from golive.release.revision import Revision
from golive.release.target import Endpoint

BOUNDS_MS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000)


class Crash(BaseException):
    """The controller dies here. Not an `Exception`: nothing may catch it and go on."""


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How instances of a revision behave."""

    ready_after: timedelta = timedelta(seconds=1)  # from start
    never_ready: bool = False
    crashes: bool = False  # at start, every time
    error_ppm: int = 0
    latency_ms: int = 8
    corrupt: bool = False  # its bytes do not hash to its digest
    smoke_fails: bool = False


@dataclass(kw_only=True)
class SimulatedInstance:
    index: int
    endpoint: Endpoint
    started_at: datetime
    stopped: bool = False


Fault = Callable[[int, str, str], None]  # number of the call, verb, "before" or "after" its effect


def no_fault(number: int, verb: str, when: str) -> None:
    """Nothing goes wrong."""


@dataclass(kw_only=True)
class World:
    """One environment. Effects go through `act`, which counts them and lets a planted fault strike."""

    now: datetime = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
    requests_per_second: int = 200
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    instances: dict[str, dict[int, SimulatedInstance]] = field(default_factory=dict)
    pools: dict[str, frozenset[Endpoint]] = field(default_factory=dict)
    weights: dict[str, int] = field(default_factory=dict)
    ticks: list[Tick] = field(default_factory=list)
    calls: int = 0
    fault: Fault = no_fault
    watch: Callable[["World"], None] = lambda world: None  # called after every change, for invariants
    next_port: int = 20000
    owed: dict[str, int] = field(default_factory=dict)  # fractions of requests and errors, for the next tick
    performed: list[str] = field(default_factory=list)  # every effect, for people and tests

    def act(self, verb: str, effect: Callable[[], None]) -> None:
        """Let `effect` happen, unless a fault strikes before it; one may also strike after."""
        self.calls += 1
        number = self.calls
        self.fault(number, verb, "before")
        effect()
        self.performed.append(verb)
        self.watch(self)
        self.fault(number, verb, "after")

    def behaviour(self, revision: str) -> Behaviour:
        return self.behaviours.get(revision, Behaviour())

    def ready(self, revision: str, instance: SimulatedInstance) -> bool:
        ways = self.behaviour(revision)
        if ways.crashes or ways.never_ready:
            return False
        return self.now - instance.started_at >= ways.ready_after

    def healthy(self, revision: str) -> int:
        """Endpoints of the pool behind which a ready instance is."""
        running = {i.endpoint: i for i in self.instances.get(revision, {}).values()}
        pool = self.pools.get(revision, frozenset())
        return sum(1 for e in pool if e in running and self.ready(revision, running[e]))

    def sleep(self, duration: timedelta) -> None:
        """Let time pass, and traffic with it."""
        end = self.now + duration
        while self.now < end:
            step = min(timedelta(seconds=1), end - self.now)
            self.now += step
            self._serve(step)
        self.watch(self)

    def live(self, revision: Revision, instances: int) -> None:
        """Put the world into a state: `revision` runs at this size, long ready, with all traffic."""
        born = self.now - timedelta(hours=1)
        copies = {
            index: SimulatedInstance(index=index, endpoint=self.address(), started_at=born)
            for index in range(instances)
        }
        self.instances[revision.name] = copies
        self.pools[revision.name] = frozenset(copy.endpoint for copy in copies.values())
        self.weights = {revision.name: 100}

    def address(self) -> Endpoint:
        self.next_port += 1
        return Endpoint(host="127.0.0.1", port=self.next_port)

    def _serve(self, step: timedelta) -> None:
        arriving = self.requests_per_second * (step // timedelta(milliseconds=1))  # thousandths
        for revision, weight in self.weights.items():
            requests = self._whole(f"requests {revision}", arriving * weight, 100_000)
            ways = self.behaviour(revision)
            errors = self._whole(f"errors {revision}", requests * ways.error_ppm, 1_000_000)
            if not self.healthy(revision):
                errors = requests
            latency = [0] * (len(BOUNDS_MS) + 1)
            slot = next((n for n, bound in enumerate(BOUNDS_MS) if ways.latency_ms <= bound), len(BOUNDS_MS))
            latency[slot] = requests
            self.ticks.append(
                Tick(at=self.now, revision=revision, requests=requests, errors=errors, latency=tuple(latency))
            )

    def _whole(self, what: str, amount: int, unit: int) -> int:
        """`amount / unit` in whole numbers; the rest is carried over, so that small shares add up."""
        whole, self.owed[what] = divmod(amount + self.owed.get(what, 0), unit)
        return whole
