"""The two things a release needs of the outside world, and what can be seen of it.

`Target` runs instances, `Router` divides traffic. Every verb names an end state, so that repeating it is
safe: a controller that died half-way simply asks again. Implementations live in `drivers/targets`,
`drivers/routers` and `drivers/simulated`; all pass `tests/contracts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from golive.release.revision import Revision


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What target and router can do together, known before anything is planned."""

    weighted: bool  # can serve any whole percent, whatever the number of instances
    header_route: bool  # can send marked requests to a revision that has no weight
    mirror: bool
    faults: bool


@dataclass(frozen=True, kw_only=True, order=True)
class Endpoint:
    """An address that answers requests."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One running (or failed) copy of a revision."""

    revision: str  # Revision.name
    index: int  # 0, 1, 2 …: stop keeps the lowest
    phase: Literal["starting", "running", "failed", "stopping"]
    ready: bool  # passed its health checks as often as asked, and not failed since
    why: str  # the newest reason, for people: "connection refused", "200 in 3 ms"
    endpoint: Endpoint | None
    started_at: datetime


@dataclass(frozen=True, kw_only=True)
class Pool:
    """What the router knows of one revision."""

    endpoints: frozenset[Endpoint]
    healthy: int  # of them, by the router's own checks


@dataclass(frozen=True, kw_only=True)
class Routing:
    """Traffic as it is, read back from the router; never what was asked for."""

    weights: Mapping[str, int]  # Revision.name → percent; sums to 100, or is empty before first traffic
    pools: Mapping[str, Pool]
    entry: str  # base URL of the front door, such as "http://127.0.0.1:8080"; "" before it exists
    header: str  # request header whose value, a Revision.name, picks the revision; "" when unsupported


class Target(Protocol):
    """Where revisions run."""

    @property
    def capabilities(self) -> Capabilities: ...

    async def observe(self) -> tuple[Instance, ...]:
        """Every instance of every revision, health checks included. Changes nothing."""
        ...

    async def prepare(self, revision: Revision) -> None:
        """The revision's bytes are present and hash to its digest; `Failure` when not."""
        ...

    async def start(self, revision: Revision, instances: int) -> None:
        """At least `instances` copies exist; does not wait for health. Bytes are hashed again."""
        ...

    async def stop(self, revision: Revision, keep: int, drain: timedelta) -> None:
        """Only indices below `keep` exist. Others get SIGTERM, and SIGKILL after `drain`."""
        ...


class Router(Protocol):
    """How users' requests reach revisions."""

    async def observe(self) -> Routing: ...

    async def attach(self, revision: Revision, endpoints: frozenset[Endpoint]) -> None:
        """The revision's pool is exactly these; none removes it. Weights stay as they are.

        Returns once every new endpoint is healthy and every removed one is quiet (no request in flight).
        Removing the last endpoint of a revision that has weight is refused.
        """
        ...

    async def shift(self, new: Revision, old: Revision | None, weight: int) -> None:
        """`new` gets `weight` percent, `old` the rest; returns once that was read back.

        Refused when a side with weight has no healthy endpoint. `old` None takes weight 100 or 0;
        0 withdraws the front door: no revision gets traffic.
        """
        ...
