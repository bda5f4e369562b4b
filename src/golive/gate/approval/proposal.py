"""The proposal of a wish: every part of a deploy that a sign-off covers, as digests."""

from datetime import timedelta

from golive.evidence.record import Json
from golive.evidence.signing.statement import digest_of
from golive.gate.approval.request import Proposal
from golive.release.stages import Stage
from golive.release.wanted import Wanted, revision_body


def proposal(wanted: Wanted, policy: str) -> Proposal:
    """What `wanted` would do. `policy` is the digest of the policy that is in force.

    The plan's digest covers what is started from as well: when another revision went live since, the same
    wish is another plan.
    """
    return Proposal(
        environment=wanted.environment.name,
        artifact=wanted.new.digest,
        config=digest_of({"spec": wanted.spec_digest, "settings": wanted.new.settings}),
        plan=digest_of(_plan(wanted)),
        policy=policy,
    )


def _plan(wanted: Wanted) -> Json:
    return {
        "kind": wanted.kind,
        "new": revision_body(wanted.new),
        "old": revision_body(wanted.old) if wanted.old else None,
        "standby": list(wanted.standby),
        "smoke": wanted.smoke,
        "stages": [_stage(stage) for stage in wanted.stages],
    }


def _stage(stage: Stage) -> Json:
    return {
        "weight": stage.weight,
        "new": stage.new,
        "old": stage.old,
        "soak_ms": stage.soak // timedelta(milliseconds=1),
        "judged": stage.judged,
        "ask": stage.ask,
    }
