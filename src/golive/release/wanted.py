"""What a rollout is meant to reach, fixed when it starts and never edited afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from golive.evidence.record import Json
from golive.judge.series import calibration_body, calibration_from
from golive.judge.terms import Calibration
from golive.release.revision import Revision
from golive.release.stages import Stage
from golive.release.strategies import stages
from golive.spec.values import Environment, Judging, Objectives, Spec

Kind = Literal["deploy", "rollback"]

GRACE = timedelta(seconds=30)  # for a service without health checks of its own


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The wish: `new` live in the environment, or, when that fails, `old` as before.

    `old` is None in an environment without a live revision, and when `new` is live already (a rollout
    that only repairs or resizes). `standby` names revisions that may stay running without traffic.
    """

    rollout: str
    kind: Kind
    environment: Environment
    new: Revision
    old: Revision | None
    standby: tuple[str, ...]
    stages: tuple[Stage, ...]
    objectives: Objectives
    judging: Judging
    smoke: bool
    grace: timedelta  # from an instance's start until it must be ready
    deadline: datetime
    spec_digest: str
    calibration: Calibration | None = None  # of the environment, when the rollout began
    approval: str = ""  # nonce of the request that people signed; "" where nothing is asked for

    def body(self) -> dict[str, Json]:
        """What the ledger keeps; with the specification of `spec_digest` it gives the same wish again."""
        known = {"calibration": calibration_body(self.calibration)} if self.calibration else {}
        return {
            **known,
            "kind": self.kind,
            "new": revision_body(self.new),
            "old": revision_body(self.old) if self.old else None,
            "standby": list(self.standby),
            "deadline": self.deadline.isoformat(),
            "spec_digest": self.spec_digest,
            "approval": self.approval,
        }


def wish(
    spec: Spec,
    environment: str,
    *,
    rollout: str,
    kind: Kind,
    new: Revision,
    live: Revision | None,
    earlier: tuple[Revision, ...],
    deadline: datetime,
    calibration: Calibration | None = None,
) -> Wanted:
    """The wish for one rollout. `earlier` are the revisions that were live before `live`, newest last."""
    place = spec.environments[environment]
    old = live if live and live.name != new.name else None
    behind = (*earlier, live) if kind == "deploy" else earlier  # what is rolled back does not stand by
    line = [revision for revision in behind if revision and revision.name != new.name]
    return _wanted(
        spec,
        place,
        rollout=rollout,
        kind=kind,
        new=new,
        old=old,
        standby=tuple(revision.name for revision in line[len(line) - min(place.retain, len(line)) :]),
        deadline=deadline,
        calibration=calibration,
    )


def wish_again(spec: Spec, environment: str, rollout: str, body: Mapping[str, Json]) -> Wanted:
    """The wish that a `rollout.wanted` record holds, for a controller that takes over."""
    kind: Kind = "rollback" if body["kind"] == "rollback" else "deploy"
    standby = body["standby"]
    new = revision_from(body["new"])
    assert new is not None
    return _wanted(
        spec,
        spec.environments[environment],
        rollout=rollout,
        kind=kind,
        new=new,
        old=revision_from(body["old"]),
        standby=tuple(str(name) for name in standby) if isinstance(standby, list) else (),
        deadline=datetime.fromisoformat(str(body["deadline"])),
        approval=str(body.get("approval", "")),
        calibration=calibration_from(body["calibration"]) if "calibration" in body else None,
    )


def revision_body(revision: Revision) -> Json:
    return {"digest": revision.digest, "settings": revision.settings}


def revision_from(body: Json) -> Revision | None:
    if not isinstance(body, dict):
        return None
    return Revision(digest=str(body["digest"]), settings=str(body["settings"]))


def _wanted(
    spec: Spec,
    place: Environment,
    *,
    rollout: str,
    kind: Kind,
    new: Revision,
    old: Revision | None,
    standby: tuple[str, ...],
    deadline: datetime,
    approval: str = "",
    calibration: Calibration | None = None,
) -> Wanted:
    return Wanted(
        rollout=rollout,
        kind=kind,
        environment=place,
        new=new,
        old=old,
        standby=standby,
        stages=stages(place, first=old is None or kind == "rollback"),
        objectives=spec.objectives,
        judging=spec.judging,
        smoke=spec.smoke is not None,
        grace=max((check.grace for check in spec.health), default=GRACE),
        deadline=deadline,
        spec_digest=spec.digest,
        approval=approval,
        calibration=calibration,
    )
