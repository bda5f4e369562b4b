"""From a rule to a person, hop by hop: what was seen of a drill, and where its way ended.

rule → notification → route → receiver → recovery. The first hop that broke is named; those behind it are unknown.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from golive.slo.series import Series

Hop = Literal["rule", "control", "notification", "route", "receiver", "recovery"]
HOPS: tuple[Hop, ...] = ("rule", "control", "notification", "route", "receiver", "recovery")


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A rule as the engine has it."""

    query: str
    error: str = ""  # what its last evaluation said, when it failed


@dataclass(frozen=True, kw_only=True)
class Notifying:
    """Whom the engine tells, and how many alerts it had nobody to tell."""

    switchboards: int
    dropped: int


@dataclass(frozen=True, kw_only=True)
class Routed:
    """An alert as Alertmanager has it."""

    alert: str
    service: str
    receivers: tuple[str, ...]
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()


class Engine(Protocol):
    """Evaluates rules; Prometheus is one. Every verb raises `Failure` when it cannot be asked."""

    async def write(self, series: Sequence[Series]) -> None:
        """Keep these samples; writing the same ones again changes nothing."""
        ...

    async def loaded(self) -> Mapping[str, Loaded]:
        """The alerting rules by name."""
        ...

    async def firing(self, services: Collection[str]) -> Collection[tuple[str, str]]:
        """Alert and service of everything that fires for these services."""
        ...

    async def notifying(self) -> Notifying: ...

    async def values(self, query: str, at: datetime) -> tuple[float, ...]:
        """What a query gives at a moment, a value for each series, in order of labels; `Failure` if refused."""
        ...


class History(Protocol):
    """What queries gave over time; an engine that keeps samples is one."""

    async def curves(self, query: str, begin: datetime, end: datetime, step: timedelta) -> Sequence[Series]:
        """A query at every step from one moment to another, both included; values may be NaN."""
        ...


class KeepingEngine(Engine, History, Protocol):
    """An engine that also keeps what queries gave over time."""


class Switchboard(Protocol):
    """Routes alerts to receivers; Alertmanager is one."""

    async def routed(self, services: Collection[str]) -> Sequence[Routed]: ...

    async def undelivered(self) -> Mapping[str, int]:
        """How many messages to receivers failed since it started, by the kind of receiver."""
        ...


class Pager(Protocol):
    """Where a person hears of it."""

    @property
    def tells_end(self) -> bool:
        """Whether it can be asked if the end of an alert arrived."""
        ...

    async def arrived(self, marker: str) -> frozenset[tuple[str, str]]:
        """Alert and `firing` or `resolved` of all that arrived for a marker; alert "*" where it cannot be told."""
        ...


@dataclass
class Seen:
    """What was seen of one drill. Times count from the moment at which its series were written."""

    alert: str
    receiver: str  # the name of the one that it must reach; "" when golive.yaml names none
    expected: str  # the rule's query as golive renders it
    loaded: Loaded | None = None
    fired: timedelta | None = None
    control_fired: bool = False
    switchboards: int = 0
    dropped: int = 0
    routed: Routed | None = None
    routed_after: timedelta | None = None
    undelivered: Mapping[str, int] = field(default_factory=dict)
    arrived: timedelta | None = None
    deaf: str = ""  # why the receiver could not be asked
    recovers: bool = True  # False: its end takes longer than a drill
    resolved: timedelta | None = None  # from the moment of recovery


@dataclass(frozen=True, kw_only=True)
class Told:
    """Where the way ended: `broken` is None when the alert arrived, and stopped."""

    broken: Hop | None
    because: str


def told(seen: Seen) -> Told:
    """The first hop that broke, and why; the order is that of the way."""
    for hop, because in (
        ("rule", _rule(seen)),
        ("control", _control(seen)),
        ("notification", _notification(seen)),
        ("route", _route(seen)),
        ("receiver", _receiver(seen)),
        ("recovery", _recovery(seen)),
    ):
        if because:
            return Told(broken=hop, because=because)  # type: ignore[arg-type]
    ended = f", ended {_s(seen.resolved)} after" if seen.resolved else "; that it ends was not tried"
    return Told(broken=None, because=f"arrived after {_s(seen.arrived)}{ended}")


def _s(length: timedelta | None) -> str:
    return f"{length.total_seconds():.1f} s" if length is not None else "?"


def _rule(seen: Seen) -> str:
    if seen.loaded is None:
        return "no rule of this name is loaded"
    if seen.loaded.error:
        return f"its evaluation fails: {seen.loaded.error}"
    differs = "" if _same(seen.loaded.query, seen.expected) else "; it is not the rule that golive.yaml gives"
    if seen.fired is None:
        return f"it did not fire just above its threshold{differs}"
    return f"it fires{differs}" if differs else ""


def _same(one: str, other: str) -> bool:
    """Prometheus prints expressions in its own way: white space and needless brackets tell nothing."""
    return _bare(one) == _bare(other)


def _bare(query: str) -> str:
    return "".join(query.split()).replace("(", "").replace(")", "")


def _control(seen: Seen) -> str:
    return "it fires just below its threshold too: it cannot fail" if seen.control_fired else ""


def _notification(seen: Seen) -> str:
    if seen.routed is not None or seen.arrived is not None:
        return ""
    if not seen.switchboards:
        return "Prometheus knows no Alertmanager"
    if seen.dropped:
        return f"Prometheus dropped {seen.dropped} notifications: it could not tell Alertmanager when they fired"
    return "it fires, and Alertmanager has not heard of it: relabelled away, or another Alertmanager is told"


def _route(seen: Seen) -> str:
    found = seen.routed
    if found is None or seen.arrived is not None:
        return ""
    if found.silenced_by:
        return f"silenced by {', '.join(found.silenced_by)}"
    if found.inhibited_by:
        return "inhibited by another alert"
    if seen.receiver and seen.receiver not in found.receivers:
        return f"it goes to {', '.join(found.receivers) or 'nobody'}, not to {seen.receiver}"
    return ""


def _receiver(seen: Seen) -> str:
    if not seen.receiver:
        return "golive.yaml names no receiver for its severity"
    if seen.arrived is not None:
        return ""
    failed = ", ".join(f"{count} × {kind}" for kind, count in seen.undelivered.items() if count)
    if failed:
        return f"it could not be delivered: {failed} failed"
    if seen.deaf:
        return f"what arrived there could not be asked: {seen.deaf}"
    return "it was routed to the receiver, and nothing arrived there in time"


def _recovery(seen: Seen) -> str:
    return "its end was not told" if seen.recovers and seen.resolved is None else ""
