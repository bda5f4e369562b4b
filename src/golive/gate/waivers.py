"""Which waivers stand: signed by somebody who may, for one claim in one environment, and not over yet. Pure."""

from collections.abc import Callable
from datetime import datetime

from golive.errors import Failure
from golive.evidence.signing import dsse, statement
from golive.evidence.signing.predicates.waiver import SignedWaiver, waiver_from
from golive.gate.claims.verdict import Waiver
from golive.gate.trust.fold import Trust
from golive.gate.trust.values import Received


def standing(
    trust: Trust, environment: str, now: datetime, head_digest: Callable[[int], str | None]
) -> dict[str, Waiver]:
    """The waivers that count now, by claim; the newest word about a claim counts."""
    found: dict[str, Waiver] = {}
    for received in trust.waivers:
        waiver = _valid(received, trust, head_digest)
        if waiver is None or waiver.environment != environment:
            continue
        found.pop(waiver.claim, None)
        if not waiver.revokes and now < waiver.not_after:
            found[waiver.claim] = Waiver(
                claim=waiver.claim,
                environment=environment,
                person=waiver.person,
                reason=waiver.reason,
                until=waiver.not_after,
                seq=received.seq,
            )
    return found


def opened(envelope: dsse.Envelope) -> SignedWaiver:
    """The waiver in an envelope, whoever signed it; `ValueError` when it holds none."""
    if envelope.payload_type != statement.PAYLOAD_TYPE:
        raise ValueError(f"its payload is {envelope.payload_type}")
    try:
        return waiver_from(statement.read(envelope.payload, "waiver"))
    except Failure as failure:
        raise ValueError(failure.what) from failure


def fault_in(waiver: SignedWaiver, envelope: dsse.Envelope, trust: Trust) -> str:
    """Why a waiver does not count under this roster and policy; "" when it does."""
    person = trust.roster.persons.get(waiver.person)
    if person is None or person.kind != "human":
        return f"{waiver.person} is nobody in the roster who may sign"
    if not envelope.signed_by(key.public for key in person.keys if key.last is None):
        return f"it is not signed with a key of {waiver.person}"
    if waiver.role not in person.roles or waiver.role not in trust.policy.waiver_roles:
        may = ", ".join(trust.policy.waiver_roles) or "nobody"
        return f"{waiver.person} may not waive as {waiver.role}: the policy lets {may}"
    if waiver.not_after - waiver.signed_at > trust.policy.longest_waiver:
        return f"it would hold longer than the policy's {trust.policy.longest_waiver.days} days"
    return ""


def _valid(received: Received, trust: Trust, head_digest: Callable[[int], str | None]) -> SignedWaiver | None:
    try:
        envelope = dsse.read(received.envelope, f"record {received.seq}")
        waiver = opened(envelope)
    except (Failure, ValueError):
        return None
    seen = head_digest(waiver.head.seq) == waiver.head.digest
    return waiver if seen and not fault_in(waiver, envelope, trust) else None
