"""Alerts from one evaluation to the next: what begins, goes on and ends, and what is still to be told.

Told at least once: a message that may have been cut off is sent again. An alert that ended is kept until its end
was told; one that nobody can have heard of ends in silence.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from golive.slo.series import Labels

REPEAT = timedelta(hours=4)  # what goes on is told again so often
HEARTBEATS = 3  # a lookout that missed so many intervals is none


@dataclass(frozen=True, kw_only=True)
class Firing:
    """One alert of one group of series, such as a service in an environment. Times are unix milliseconds."""

    alert: str
    labels: Labels  # of the series, without the metric's name
    since_ms: int
    tried: bool = False  # a message about it was begun: it may have arrived
    told_ms: int | None = None  # when a message arrived last
    ended_ms: int | None = None  # it holds no more

    @property
    def key(self) -> tuple[str, Labels]:
        return self.alert, self.labels


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What a lookout saw in its last round; it is its memory, and what others are told of it."""

    at_ms: int = 0
    interval_ms: int = 0
    rules: Mapping[str, str] = field(default_factory=dict)  # the query of each alert
    failing: Mapping[str, str] = field(default_factory=dict)  # alerts that could not be evaluated, and why
    places: Mapping[str, str] = field(default_factory=dict)  # what was scraped; why not, or ""
    firing: tuple[Firing, ...] = ()
    undelivered: Mapping[str, int] = field(default_factory=dict)  # messages that failed so far, by severity
    deaf: Mapping[str, str] = field(default_factory=dict)  # receivers that the last message did not reach, and why
    unheard: tuple[str, ...] = ()  # severities of alerts for which golive.yaml names no receiver
    trouble: str = ""  # what keeps it from its work

    @property
    def open(self) -> tuple[Firing, ...]:
        """What fires now."""
        return tuple(one for one in self.firing if one.ended_ms is None)

    def is_awake(self, now_ms: int) -> bool:
        """Whether its last round was lately."""
        return bool(self.at_ms) and now_ms - self.at_ms <= HEARTBEATS * max(self.interval_ms, 1_000)


def went_on(
    before: Iterable[Firing], holding: Mapping[str, Collection[Labels]], failed: Collection[str], at_ms: int
) -> tuple[Firing, ...]:
    """The table after an evaluation. Of an alert that could not be evaluated nothing is known: it stays."""
    known = {one.key: one for one in before}
    return (*_old(known.values(), holding, failed, at_ms), *_new(known, holding, at_ms))


def _old(
    known: Iterable[Firing], holding: Mapping[str, Collection[Labels]], failed: Collection[str], at_ms: int
) -> Iterator[Firing]:
    for one in known:
        if one.alert in failed:
            yield one
        elif one.labels in holding.get(one.alert, ()):
            yield one if one.ended_ms is None else replace(one, since_ms=at_ms, told_ms=None, ended_ms=None)
        elif one.tried:
            yield one if one.ended_ms is not None else replace(one, ended_ms=at_ms)


def _new(known: Collection[object], holding: Mapping[str, Collection[Labels]], at_ms: int) -> Iterator[Firing]:
    for alert, groups in holding.items():
        for labels in sorted(groups):
            if (alert, labels) not in known:
                yield Firing(alert=alert, labels=labels, since_ms=at_ms)


def due(table: Iterable[Firing], at_ms: int, repeat: timedelta = REPEAT) -> tuple[Firing, ...]:
    """What must be told now: new, told long ago, or ended."""
    longest_ms = repeat // timedelta(milliseconds=1)
    return tuple(
        one
        for one in table
        if one.ended_ms is not None or one.told_ms is None or at_ms - one.told_ms >= longest_ms
    )


def tried(table: Iterable[Firing], messages: Sequence[Firing]) -> tuple[Firing, ...]:
    """To be kept before anything is sent: after a crash nobody knows what arrived."""
    keys = {one.key for one in messages}
    return tuple(replace(one, tried=True) if one.key in keys else one for one in table)


def told(table: Iterable[Firing], messages: Sequence[Firing], at_ms: int) -> tuple[Firing, ...]:
    """After these were delivered: ends are forgotten."""
    keys = {one.key for one in messages}
    return tuple(
        replace(one, told_ms=at_ms) if one.key in keys else one
        for one in table
        if one.key not in keys or one.ended_ms is None
    )
