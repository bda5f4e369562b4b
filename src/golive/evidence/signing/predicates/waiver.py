"""A person's word to go on without a claim, in one environment, until a moment: it always expires."""

from dataclasses import dataclass
from datetime import datetime

from golive.evidence.ledger import Head
from golive.evidence.shape import instant
from golive.evidence.signing.predicates import BASE
from golive.evidence.signing.statement import Statement, Subject, digest_of

TYPE = BASE + "waiver/v1"


@dataclass(frozen=True, kw_only=True)
class SignedWaiver:
    """What is signed. `revokes`: the same word taken back."""

    claim: str
    environment: str
    person: str
    role: str
    reason: str
    head: Head  # the newest record that the person saw
    signed_at: datetime
    not_after: datetime
    revokes: bool = False

    def statement(self) -> Statement:
        """The statement to be signed, about the claim in its environment."""
        named = {"claim": self.claim, "environment": self.environment}
        return Statement(
            subjects=(Subject(name=f"claim/{self.claim}", sha256=digest_of({**named})),),
            predicate_type=TYPE,
            predicate={
                **named,
                "person": self.person,
                "role": self.role,
                "reason": self.reason,
                "logHead": {"size": self.head.seq, "digest": self.head.digest},
                "signedAt": instant(self.signed_at),
                "notAfter": instant(self.not_after),
                "revokes": self.revokes,
            },
        )


def waiver_from(statement: Statement) -> SignedWaiver:
    """The waiver that a statement holds; `ValueError` says why it holds none."""
    if statement.predicate_type != TYPE:
        raise ValueError(f"it is a {statement.predicate_type}")
    found = statement.predicate
    try:
        head = found["logHead"]
        if not isinstance(head, dict) or not isinstance(head["size"], int):
            raise TypeError("logHead is no head")
        waiver = SignedWaiver(
            claim=str(found["claim"]),
            environment=str(found["environment"]),
            person=str(found["person"]),
            role=str(found["role"]),
            reason=str(found["reason"]),
            head=Head(seq=head["size"], digest=str(head["digest"])),
            signed_at=datetime.fromisoformat(str(found["signedAt"])),
            not_after=datetime.fromisoformat(str(found["notAfter"])),
            revokes=found["revokes"] is True,
        )
        same = waiver.statement() == statement
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"its predicate is not a waiver: {error}") from error
    if not same:
        raise ValueError("its predicate is not in the one form of a waiver")
    return waiver
