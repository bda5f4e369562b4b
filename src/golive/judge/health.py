"""From answers to readiness: passes and failures in a row, and when to ask again. Pure.

One `Health` for each check of each instance. An instance is ready when all of its checks say so; one that was
started anew begins with fresh ones. Never asked is never ready.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from golive.spec.values import HealthCheck


@dataclass(frozen=True, kw_only=True)
class Health:
    """What one check has found so far. `passes` and `failures` are in a row: one of them is 0."""

    ready: bool = False
    passes: int = 0
    failures: int = 0
    why: str = "not asked yet"
    asked_at: datetime | None = None


UNKNOWN = Health()


def answered(health: Health, check: HealthCheck, fault: str, at: datetime) -> Health:
    """The health after one more answer; `fault` is "" when the check passed."""
    if fault:
        failures = health.failures + 1
        ready = health.ready and failures < check.unhealthy_after
        return Health(ready=ready, failures=failures, why=fault, asked_at=at)
    passes = health.passes + 1
    ready = health.ready or passes >= check.healthy_after
    why = "healthy" if ready else f"{passes} of {check.healthy_after} passes"
    return Health(ready=ready, passes=passes, why=why, asked_at=at)


def questions(health: Health, check: HealthCheck, *, now: datetime, running_for: timedelta) -> int:
    """How often to ask now.

    Once when the interval is over. An instance that nobody has asked yet, though it has been running for
    as long as it takes to become ready, gets all questions at once: a command that finds it running knows
    within milliseconds what patience would have shown.
    """
    if health.asked_at is None:
        return check.healthy_after if running_for >= check.healthy_after * check.interval else 1
    waited = now - health.asked_at
    return 0 if timedelta(0) <= waited < check.interval else 1  # a clock that was set back: ask


def readiness(healths: Sequence[Health]) -> tuple[bool, str]:
    """Whether an instance is ready, and the first reason against it. No checks: not ready."""
    if not healths:
        return False, UNKNOWN.why
    unready = [health.why for health in healths if not health.ready]
    doubts = [health.why for health in healths if health.failures]
    return not unready, next(iter((*unready, *doubts)), "healthy")
