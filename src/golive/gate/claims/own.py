"""A team's own claims as claims like any other."""

from dataclasses import replace

from golive.errors import Exit, Failure
from golive.evidence.claim import Claim, Input
from golive.gate.claims.catalogue import CLAIMS, OPEN
from golive.spec.values import OwnClaim, Readiness, Spec

CHANNELS = {
    "metrics": "metrics-received",
    "logs": "logs-received",
    "traces": "traces-received",
    "incidents": "incident-channel-received",
}


def asked(spec: Spec, environment: str) -> dict[str, Claim]:
    """Every claim that is asked for in an environment, by id: the catalogue's first, then the team's own."""
    return {**CLAIMS, **{claim.id: as_claim(claim) for claim in own_claims(spec, environment)}}


def own_claims(spec: Spec, environment: str) -> tuple[OwnClaim, ...]:
    """The team's own claims of an environment; `Failure` when one takes the name of a claim that golive tries.

    Otherwise a command that exits 0 would stand in for what golive looks at itself.
    """
    tried = (CLAIMS.keys() - OPEN) | configured(spec.readiness)
    for number, claim in enumerate(spec.claims):
        if claim.id in tried:
            raise Failure(
                where=f"{spec.source}: claims[{number}].id",
                what=f"{claim.id} cannot have another exercise",
                why="golive tries this claim itself"
                if claim.id not in OPEN
                else "readiness: says how it is tried",
                next="give your claim a name of its own, or remove it",
                code=Exit.USAGE,
            )
    return tuple(claim for claim in spec.claims if not claim.environments or environment in claim.environments)


def configured(readiness: Readiness) -> frozenset[str]:
    """The open claims for which the operator's file says under `readiness` how they are tried."""
    found = {CHANNELS[name] for name in readiness.channels}
    found |= {"credentials-valid"} if readiness.credentials else set()
    found |= {"migration-reversible"} if readiness.migration else set()
    return frozenset(found)


def as_claim(own: OwnClaim) -> Claim:
    """The claim. One that golive knows keeps its phase and what it depends on, and holds no longer than it did."""
    inputs: frozenset[Input] = frozenset(own.inputs)
    made = Claim(
        id=own.id,
        statement=own.statement,
        phase=own.phase,
        exercise=" ".join(own.exercise) or f"none: it is declared ({own.declared})",
        control=" ".join(own.control) or "none",
        inputs=inputs,
        lifetime=own.lifetime,
        next="golive ready --env ENV",
        owner=own.owner,
        controls=own.controls,
    )
    known = CLAIMS.get(own.id)
    if known is None:
        return made
    return replace(
        made,
        phase=known.phase,
        inputs=known.inputs | inputs,
        lifetime=min(known.lifetime, own.lifetime),
        controls=tuple(dict.fromkeys((*known.controls, *own.controls))),
    )
