"""A person's word on one request: approve, reject, abstain, or take back what was said before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast, get_args

from golive.evidence.ledger import Head
from golive.evidence.record import Json
from golive.evidence.shape import instant
from golive.evidence.signing.predicates import BASE
from golive.evidence.signing.statement import Statement, Subject

TYPE = BASE + "signoff/v1"

Word = Literal["approve", "reject", "abstain", "revoke"]


@dataclass(frozen=True, kw_only=True)
class SignOff:
    """What is signed. `head`, the newest record that the person saw, makes them a witness of all before it."""

    decision: Word
    person: str
    role: str
    environment: str
    gate: str  # nonce of the request
    artifact: str  # SHA-256 of the build
    config: str
    plan: str
    policy: str
    origin: str  # of the log
    head: Head
    signed_at: datetime
    not_after: datetime
    emergency: bool
    why: str
    text: str  # exactly what was shown

    def statement(self) -> Statement:
        """The statement to be signed, about the build."""
        return Statement(
            subjects=(Subject(name="artifact", sha256=self.artifact),),
            predicate_type=TYPE,
            predicate={
                "decision": self.decision,
                "person": self.person,
                "role": self.role,
                "environment": self.environment,
                "gate": self.gate,
                "configDigest": self.config,
                "planDigest": self.plan,
                "policyDigest": self.policy,
                "logHead": {"origin": self.origin, "size": self.head.seq, "digest": self.head.digest},
                "signedAt": instant(self.signed_at),
                "notAfter": instant(self.not_after),
                "emergency": self.emergency,
                "why": self.why,
                "statement": self.text,
            },
        )


def signoff_from(statement: Statement) -> SignOff:
    """The sign-off that a statement holds; `ValueError` says why it holds none."""
    if statement.predicate_type != TYPE or len(statement.subjects) != 1:
        raise ValueError(f"it is a {statement.predicate_type} about {len(statement.subjects)} subjects")
    found = statement.predicate
    try:
        head = found["logHead"]
        if not isinstance(head, Mapping):
            raise TypeError("logHead is no object")
        signoff = SignOff(
            decision=_word(found["decision"]),
            person=str(found["person"]),
            role=str(found["role"]),
            environment=str(found["environment"]),
            gate=str(found["gate"]),
            artifact=statement.subjects[0].sha256,
            config=str(found["configDigest"]),
            plan=str(found["planDigest"]),
            policy=str(found["policyDigest"]),
            origin=str(head["origin"]),
            head=Head(seq=_whole(head["size"]), digest=str(head["digest"])),
            signed_at=datetime.fromisoformat(str(found["signedAt"])),
            not_after=datetime.fromisoformat(str(found["notAfter"])),
            emergency=found["emergency"] is True,
            why=str(found["why"]),
            text=str(found["statement"]),
        )
        same = signoff.statement() == statement
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"its predicate is not a sign-off: {error}") from error
    if not same:
        raise ValueError("its predicate is not in the one form of a sign-off")
    return signoff


def _word(value: Json) -> Word:
    if value not in get_args(Word):
        raise TypeError(f"decision {value!r}")
    return cast(Word, value)


def _whole(value: Json) -> int:
    if type(value) is not int:
        raise TypeError(f"size {value!r}")
    return value
