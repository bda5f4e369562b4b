"""Who is trusted and what was signed, as a fold of the records. The files are read through `read`, which checks
their digest; every version is checked against the one before."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from golive.evidence.record import Artifact, Record
from golive.evidence.shape import tampered
from golive.evidence.signing import dsse
from golive.evidence.signing.statement import digest_of
from golive.gate.trust.bodies import policy_body
from golive.gate.trust.values import Policy, Received, Roster
from golive.gate.trust.versions import next_policy, next_roster

Read = Callable[[Artifact], bytes]

_NOTHING = Policy(version=0)
NO_POLICY = replace(_NOTHING, digest=digest_of(policy_body(_NOTHING)))  # asks for nobody
NO_ROSTER = Roster(version=0, threshold=1, persons={})
KINDS = frozenset({"roster.published", "policy.published", "signoff.received", "waiver.received"})


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Everything about people that the records say. `signoffs` by the nonce of their request, oldest first."""

    roster: Roster = NO_ROSTER
    policy: Policy = NO_POLICY
    signoffs: Mapping[str, tuple[Received, ...]] = field(default_factory=dict)
    waivers: tuple[Received, ...] = ()


def trust(records: Iterable[Record], read: Read) -> Trust:
    """The trust after `records`; `Failure` (exit 5) when one of its files is missing, changed or not signed so."""
    found = Trust()
    for record in records:
        if record.draft.type in KINDS:
            found = after(found, record, read)
    return found


def after(found: Trust, record: Record, read: Read) -> Trust:
    """The trust after one more record of `KINDS`."""
    draft = record.draft
    if len(draft.artifacts) != 1:
        raise tampered(f"record {record.seq}", f"{draft.type} names {len(draft.artifacts)} files", "it names one")
    (kept,) = draft.artifacts
    content = read(kept)
    received = Received(envelope=content, seq=record.seq, at=draft.at)
    match draft.type:
        case "roster.published":
            before = found.roster if found.roster.version else None
            return replace(found, roster=next_roster(before, dsse.read(content, kept.path), kept.path))
        case "policy.published":
            last = found.policy if found.policy.version else None
            roster = found.roster if found.roster.version else None
            return replace(found, policy=next_policy(last, roster, dsse.read(content, kept.path), kept.path))
        case "signoff.received":
            nonce = str(draft.body.get("nonce", ""))
            earlier = found.signoffs.get(nonce, ())
            return replace(found, signoffs={**found.signoffs, nonce: (*earlier, received)})
    return replace(found, waivers=(*found.waivers, received))
