"""Opening a rollout: what must hold before the first record, and the record itself."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from golive.controller.journal import Journal
from golive.errors import Exit, Failure
from golive.evidence.record import Artifact, Json, Record
from golive.gate.admission import admit
from golive.judge.terms import Calibration
from golive.release.past import Past
from golive.release.revision import Revision
from golive.release.strategies import refuse_unservable
from golive.release.target import Capabilities
from golive.release.wanted import Wanted, wish
from golive.spec.values import Spec

CALIBRATION_LASTS = timedelta(days=30)


def refuse_unfinished(past: Past) -> None:
    """One rollout at a time: an unfinished one is resumed or aborted first."""
    if past.rollout is None:
        return
    raise Failure(
        where=past.environment,
        what=f"rollout {past.rollout.id} has not finished",
        why=f"{past.rollout.by} began it at {past.rollout.at:%Y-%m-%d %H:%M:%S} UTC; nobody works on it now",
        next=f"golive resume --env {past.environment}, or golive abort --env {past.environment}",
        code=Exit.REFUSED,
    )


def refuse_unproven(revision: Revision, spec: Spec, pasts: Mapping[str, Past], environment: str) -> str:
    """Refuse a build that has not succeeded where the environment requires it; else say why it may."""
    decision = admit(revision, spec.environments[environment].requires, pasts)
    if decision.admitted:
        return decision.because
    raise Failure(
        where=f"environments.{environment}.requires",
        what=f"{revision.name} may not go to {environment} yet",
        why=decision.because,
        next=decision.next,
        code=Exit.REFUSED,
    )


def deploy_wish(
    spec: Spec, past: Past, revision: Revision, capabilities: Capabilities, now: datetime, rollout: str
) -> Wanted:
    """The wish to make `revision` live, refused when the target cannot serve its stages."""
    environment = spec.environments[past.environment]
    wanted = wish(
        spec,
        environment.name,
        rollout=rollout,
        kind="deploy",
        new=revision,
        live=past.live,
        earlier=past.line[:-1],
        deadline=now + environment.deadline,
        calibration=_fresh(past, now),
    )
    refuse_unservable(wanted.stages, environment, capabilities)
    return wanted


def rollback_wish(spec: Spec, past: Past, to: str | None, now: datetime, rollout: str) -> Wanted:
    """The wish to make an earlier revision live again: the one before, or the one whose name begins so."""
    environment = spec.environments[past.environment]
    new = _earlier(past, to)
    return wish(
        spec,
        environment.name,
        rollout=rollout,
        kind="rollback",
        new=new,
        live=past.live,
        earlier=past.line[: past.line.index(new)] if new in past.line else past.line[:-1],
        deadline=now + environment.deadline,
    )


def _fresh(past: Past, now: datetime) -> Calibration | None:
    """What is known of the noise, unless it is so old that the service may have changed."""
    known = past.calibration
    return known if known and now - known.at < CALIBRATION_LASTS else None


def open_rollout(
    journal: Journal, past: Past, wanted: Wanted, artifacts: tuple[Artifact, ...], said: Mapping[str, Json]
) -> Record:
    """Record the wish. From here on the rollout exists and will be settled, by us or by who resumes."""
    return journal.append(
        "rollout.wanted",
        rollout=wanted.rollout,
        body={**wanted.body(), **said},
        artifacts=artifacts,
        parent=past.head,
    )


def _earlier(past: Past, to: str | None) -> Revision:
    if past.live is None:
        raise Failure(
            where=past.environment,
            what="there is nothing to roll back",
            why="no revision is live in this environment",
            next=f"golive deploy --env {past.environment}",
            code=Exit.USAGE,
        )
    before = [r for r in past.line if r.name != past.live.name]
    if to is None and before:
        return before[-1]
    known = [r for r in past.revisions.values() if to and r.name.startswith(to) and r.name != past.live.name]
    if len(known) == 1:
        return known[0]
    names = ", ".join(r.name for r in before) or "none"
    raise Failure(
        where=past.environment,
        what=f"no single revision matches {to!r}" if to else "there is no earlier revision",
        why=f"live is {past.live.name}; earlier ones are: {names}",
        next=f"golive rollback --env {past.environment} --to REVISION" if before else "golive deploy",
        code=Exit.USAGE,
    )
