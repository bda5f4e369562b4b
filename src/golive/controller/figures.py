"""Figures of golive itself: what the records say of rollouts, and what a lookout says of its rounds."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from golive.release.past import Past, Settled
from golive.slo.figures import Figure
from golive.slo.firing import Watched

STATUS = {"succeeded": "succeeded"}  # every other outcome is `failed` in the semantic conventions


def of_past(past: Past, service: str) -> Iterator[Figure]:
    """Rollouts of one environment."""
    own = {"service.name": service, "deployment.environment.name": past.environment}
    counted = Counter((one.kind, one.outcome) for one in past.settled)
    for (kind, outcome), count in sorted(counted.items()):
        yield Figure(
            name="golive.rollouts",
            kind="counter",
            unit="{rollout}",
            says="rollouts that settled",
            value=float(count),
            attributes={**own, "golive.rollout.kind": kind, "golive.rollout.outcome": outcome},
        )
    if past.settled:
        yield from _last(past.settled[-1], own)
    yield Figure(
        name="golive.rollout.active",
        kind="gauge",
        unit="{rollout}",
        says="1 while a rollout is under way",
        value=float(past.rollout is not None),
        attributes=own,
    )
    if past.live:
        yield Figure(
            name="golive.live",
            kind="gauge",
            unit="{revision}",
            says="1 for the revision that is live",
            value=1.0,
            attributes={**own, "service.version": past.live.name},
        )


def _last(last: Settled, own: Mapping[str, str]) -> Iterator[Figure]:
    told = {
        **own,
        "deployment.id": last.id,
        "deployment.name": last.kind,
        "deployment.status": STATUS.get(last.outcome, "failed"),
        "service.version": last.new.name,
    }
    yield Figure(
        name="golive.deployment.time",
        kind="gauge",
        unit="s",
        says="unix time at which the newest rollout settled",
        value=last.at.timestamp(),
        attributes=told,
    )
    yield Figure(
        name="golive.deployment.duration",
        kind="gauge",
        unit="s",
        says="how long the newest rollout took",
        value=round((last.at - last.began_at).total_seconds(), 3),
        attributes=told,
    )


def of_lookout(watched: Watched, environment: str, service: str, now: datetime) -> Iterator[Figure]:
    """A lookout of golive's own; nothing where there never was one."""
    if not watched.rules:
        return
    own = {"service.name": service, "deployment.environment.name": environment}
    awake = watched.is_awake(round(now.timestamp() * 1000))
    yield _of_lookout("golive.lookout.awake", "1 while somebody watches", float(awake), own)
    if not awake:
        return  # what it saw last is no longer so
    yield _of_lookout("golive.alerts.firing", "alerts that fire", float(len(watched.open)), own)
    yield _of_lookout("golive.alerts.failing", "alerts that cannot be evaluated", float(len(watched.failing)), own)
    for place, why in sorted(watched.places.items()):
        told = {**own, "golive.place": place}
        yield _of_lookout("golive.scrape.up", "1 where the last scrape was answered", float(not why), told)
    for severity, count in sorted(watched.undelivered.items()):
        yield Figure(
            name="golive.messages.undelivered",
            kind="counter",
            unit="{message}",
            says="messages to receivers that failed",
            value=float(count),
            attributes={**own, "golive.severity": severity},
        )


def _of_lookout(name: str, says: str, value: float, attributes: Mapping[str, str]) -> Figure:
    return Figure(name=name, kind="gauge", unit="1", says=says, value=value, attributes=attributes)
