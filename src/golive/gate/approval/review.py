"""The full quorum after an emergency: it must follow within a day, or the environment takes no further deploy.

A fold of the records: each emergency is open from the rollout that began on one person's word until the sign-offs
received since make its quorum whole. Everything is counted as it stood when the record was written, so that nobody
who leaves the roster later reopens it. The way back, and another emergency, are never frozen.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from golive.evidence.record import Record
from golive.gate.approval.quorum import Approval, Question, decide
from golive.gate.approval.request import Request
from golive.gate.trust.fold import KINDS, Read, Trust, after

REVIEW_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Emergency:
    """A deploy on one person's word whose quorum is not whole yet."""

    environment: str
    rollout: str
    nonce: str
    deployer: str
    at: datetime

    @property
    def due(self) -> datetime:
        return self.at + REVIEW_WITHIN


@dataclass(kw_only=True)
class Reviews:
    """The emergencies that still wait for the full quorum, by the nonce of their request."""

    open: dict[str, Emergency] = field(default_factory=dict)

    def began(self, record: Record, nonce: str, found: Approval) -> None:
        """A rollout began on `found`."""
        if found.emergency:
            draft = record.draft
            self.open[nonce] = Emergency(
                environment=draft.environment,
                rollout=draft.rollout,
                nonce=nonce,
                deployer=draft.actor.id,
                at=draft.at,
            )

    def signed(self, record: Record, ask: Callable[[str, str], Question], trust: Trust) -> None:
        """A sign-off came in. `ask` makes the question of a nonce and a deployer, as of now."""
        waiting = self.open.get(str(record.draft.body.get("nonce", "")))
        if waiting:
            question = ask(waiting.nonce, waiting.deployer)
            found = decide(question, trust.signoffs.get(waiting.nonce, ()))
            if found.met and not found.emergency:
                del self.open[waiting.nonce]

    def overdue(self, environment: str, now: datetime) -> tuple[Emergency, ...]:
        """Those that freeze an environment."""
        return tuple(e for e in self.open.values() if e.environment == environment and e.due <= now)


def reviews(records: Iterable[Record], read: Read, requests: Mapping[str, Request]) -> Reviews:
    """The reviews after `records`; `requests` by nonce, `read` gives the files that records vouch for."""
    found, trust, digests = Reviews(), Trust(), list[str]()

    def ask(nonce: str, deployer: str) -> Question:
        return Question(
            request=requests[nonce],
            roster=trust.roster,
            policy=trust.policy,
            deployer=deployer,
            now=now,
            head_digest=lambda size: digests[size - 1] if 0 < size <= len(digests) else None,
        )

    for record in records:
        digests.append(record.digest)
        now, draft = record.draft.at, record.draft
        if draft.type in KINDS:
            trust = after(trust, record, read)
        nonce = str(draft.body.get("approval", ""))
        if draft.type == "rollout.wanted" and nonce in requests:
            found.began(record, nonce, decide(ask(nonce, draft.actor.id), trust.signoffs.get(nonce, ())))
        elif draft.type == "signoff.received":
            found.signed(record, ask, trust)
    return found
