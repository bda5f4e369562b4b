"""A team's own claims as claims like any other."""

from dataclasses import replace

from golive.evidence.claim import Claim, Input
from golive.gate.claims.catalogue import CLAIMS
from golive.spec.values import OwnClaim, Spec


def asked(spec: Spec, environment: str) -> dict[str, Claim]:
    """Every claim that is asked for in an environment, by id: the catalogue's first, then the team's own."""
    own = [claim for claim in spec.claims if not claim.environments or environment in claim.environments]
    return {**CLAIMS, **{claim.id: as_claim(claim) for claim in own}}


def as_claim(own: OwnClaim) -> Claim:
    """The claim; one that is known keeps its phase, and its controls are joined."""
    inputs: frozenset[Input] = frozenset(own.inputs)
    made = Claim(
        id=own.id,
        statement=own.statement,
        phase="readiness",
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
    return replace(made, phase=known.phase, controls=tuple(dict.fromkeys((*known.controls, *own.controls))))
