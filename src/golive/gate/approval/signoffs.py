"""Making a sign-off: the text that a person is shown, and the statement that covers exactly that text."""

from collections.abc import Iterator
from datetime import datetime

from golive.errors import Failure
from golive.evidence.ledger import Head
from golive.evidence.shape import instant
from golive.evidence.signing import dsse, statement
from golive.evidence.signing.keys import Signer
from golive.evidence.signing.predicates.signoff import SignOff, Word, signoff_from
from golive.gate.approval.request import Request

MOST_SHOWN = 40  # lines of the plan or of what is different


def sign_off(
    request: Request,
    *,
    decision: Word,
    person: str,
    role: str,
    origin: str,
    head: Head,
    now: datetime,
    not_after: datetime,
    emergency: bool = False,
    why: str = "",
) -> SignOff:
    """The sign-off of `person` for `request`, not yet signed."""
    asked = request.proposal
    return SignOff(
        decision=decision,
        person=person,
        role=role,
        environment=asked.environment,
        gate=request.nonce,
        artifact=asked.artifact,
        config=asked.config,
        plan=asked.plan,
        policy=asked.policy,
        origin=origin,
        head=head,
        signed_at=now,
        not_after=not_after,
        emergency=emergency,
        why=why,
        text="\n".join(_lines(request, decision, person, role, head, not_after, emergency)),
    )


def signed(signoff: SignOff, signer: Signer) -> dsse.Envelope:
    """The sign-off in an envelope of its own."""
    return dsse.sign(statement.PAYLOAD_TYPE, signoff.statement().encoded(), (signer,))


def opened(envelope: dsse.Envelope, where: str) -> SignOff:
    """The sign-off in an envelope, whoever signed it; `ValueError` when it holds none."""
    if envelope.payload_type != statement.PAYLOAD_TYPE:
        raise ValueError(f"its payload is {envelope.payload_type}")
    try:
        return signoff_from(statement.read(envelope.payload, where))
    except Failure as failure:
        raise ValueError(failure.what) from failure


def _lines(
    request: Request, decision: Word, person: str, role: str, head: Head, not_after: datetime, emergency: bool
) -> Iterator[str]:
    asked = request.proposal
    yield f"{person}, as {role}: {decision} {request.service} to {asked.environment}"
    if emergency:
        yield "This is an emergency: it goes without the usual quorum, which must follow."
    yield ""
    yield f"build    {asked.artifact}"
    yield f"config   {asked.config}"
    yield f"plan     {asked.plan}"
    yield f"policy   {asked.policy}"
    yield f"request  {request.nonce} by {request.requester}, {instant(request.at)}"
    yield f"seen     log head {head.seq}:{head.digest}"
    yield f"until    {instant(not_after)}"
    yield ""
    yield "What is different:"
    yield from _cut(request.changes)
    yield "What will be done:"
    yield from _cut(request.steps)


def _cut(lines: tuple[str, ...]) -> Iterator[str]:
    yield from (f"  {line}" for line in lines[:MOST_SHOWN])
    if len(lines) > MOST_SHOWN:
        yield f"  and {len(lines) - MOST_SHOWN} more"
