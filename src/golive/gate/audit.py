"""What a stranger checks beyond bytes: that what is recorded was allowed to happen, and by whom.

The chain, the files and the signed heads are `evidence.verification`. Here the specification that each rollout
began with is read from the evidence, its wish is made again, and the records are replayed against it; every
version of roster and policy is followed to the first; and each deploy is held against the sign-offs that were
there when it began: whether they were a quorum then, for exactly that build, configuration, plan and policy.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from golive.errors import Failure
from golive.evidence.record import Artifact, Record
from golive.evidence.shape import tampered
from golive.evidence.signing import dsse, statement
from golive.evidence.signing.keys import PublicKey
from golive.evidence.tree.heads import KEY_RECORD
from golive.evidence.tree.note import log_key
from golive.gate.approval.proposal import proposal
from golive.gate.approval.quorum import Approval, Question, decide
from golive.gate.approval.request import Request, request_from
from golive.gate.approval.review import Reviews
from golive.gate.trust.fold import KINDS, Trust, after
from golive.release.replay import Replay
from golive.release.wanted import Wanted, wish_again
from golive.spec.parse import parse
from golive.spec.values import Spec

SPECS = "operations/specs/"
ATTESTING = frozenset({"attestation.made", "gate.decided", "perf.measured"})

Read = Callable[[Artifact], bytes]


@dataclass(frozen=True, kw_only=True)
class Approved:
    """What people were asked before a deploy, and what their sign-offs were worth when it began."""

    question: Question
    approval: Approval


@dataclass(kw_only=True)
class Audit:
    """`take` records in order, one by one; what is wrong comes out at once, the rest is asked at the end."""

    read: Read
    where: str  # the name of the records' file, for findings
    first_roster: str = ""  # the digest that a stranger kept; "" when nobody kept one
    trust: Trust = field(default_factory=Trust)
    roster_digest: str = ""  # of version 1, as found
    approved: int = 0  # deploys that a quorum had signed
    emergencies: list[str] = field(default_factory=list)
    reviews: Reviews = field(default_factory=Reviews)  # emergencies whose full quorum has not followed
    approvals: dict[str, Approved] = field(default_factory=dict)  # by rollout
    unread: list[str] = field(default_factory=list)  # rollouts whose wish could not be made again
    last_signed: int = 0  # newest record under a person's sign-off
    _digests: list[str] = field(default_factory=list)
    _requests: dict[str, Request] = field(default_factory=dict)
    _spent: set[str] = field(default_factory=set)
    _attested: list[tuple[str, dsse.Envelope]] = field(default_factory=list)
    _log_keys: list[PublicKey] = field(default_factory=list)
    _specs: dict[str, Spec] = field(default_factory=dict)
    _replay: Replay = field(init=False)

    def __post_init__(self) -> None:
        self._replay = Replay(wish=self.wish)

    def take(self, record: Record) -> Iterator[Failure]:
        """The findings about one record."""
        self._digests.append(record.digest)
        try:
            for breach in self._replay.take(record):
                yield tampered(f"{self.where}:{breach.seq}", breach.what, breach.why)
            if record.draft.type in KINDS:
                yield from self._trusted(record)
            elif record.draft.type == "approval.requested":
                self._requested(record)
            elif record.draft.type == "rollout.wanted":
                yield from self._allowed(record)
            elif record.draft.type == KEY_RECORD:
                self._log_keys.append(log_key(str(record.draft.body["vkey"])).public)
            elif record.draft.type in ATTESTING:
                self._attested += self._envelopes(record)
        except Failure as fault:
            yield fault
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            what = f"this {record.draft.type} record does not say what it must"
            yield tampered(self._place(record), what, f"{type(error).__name__}: {error}")

    def rest(self) -> Iterator[Failure]:
        """The findings that need all records: attestations are signed by a key that the log announces.

        A log that has announced none yet vouches for nothing, which is part of the answer.
        """
        if not self._log_keys:
            return
        for path, envelope in self._attested:
            if not envelope.signed_by(self._log_keys):
                yield tampered(path, "it is not signed with the log's key", "the log.key records name its keys")

    def _envelopes(self, record: Record) -> Iterator[tuple[str, dsse.Envelope]]:
        for kept in record.draft.artifacts:
            if kept.path.endswith(".dsse.json"):
                envelope = dsse.read(self.read(kept), kept.path)
                statement.read(envelope.payload, kept.path)
                yield kept.path, envelope

    def wish(self, record: Record) -> Wanted | None:
        """What a `rollout.wanted` record asked for; None when its specification is not there, or not readable."""
        draft = record.draft
        kept = next((a for a in draft.artifacts if a.path.startswith(SPECS)), None)
        try:
            if kept and kept.sha256 not in self._specs:
                self._specs[kept.sha256] = parse(self.read(kept), name=f"evidence/{kept.path}")
            return (
                wish_again(self._specs[kept.sha256], draft.environment, draft.rollout, draft.body)
                if kept
                else None
            )
        except (Failure, KeyError):
            return None

    def _trusted(self, record: Record) -> Iterator[Failure]:
        self.trust = after(self.trust, record, self.read)
        if record.draft.type == "signoff.received":
            self.reviews.signed(
                record, lambda nonce, who: self._question(record, self._requests[nonce], who), self.trust
            )
        if record.draft.type == "roster.published" and self.trust.roster.version == 1:
            self.roster_digest = self.trust.roster.digest
            if self.first_roster and self.first_roster != self.roster_digest:
                why = f"kept is {self.first_roster[:16]}…, here it is {self.roster_digest[:16]}…"
                yield tampered(self._place(record), "this is another first roster than the one that was kept", why)

    def _requested(self, record: Record) -> None:
        (kept,) = record.draft.artifacts
        try:
            request = request_from(json.loads(self.read(kept)))
        except (ValueError, KeyError, TypeError) as error:
            raise tampered(kept.path, "this is not a request for sign-offs", str(error)) from error
        if {"nonce": request.nonce, **request.proposal.body()} != dict(record.draft.body):
            raise tampered(
                kept.path, "the request is not the one that its record tells of", f"record {record.seq}"
            )
        self._requests[request.nonce] = request

    def _allowed(self, record: Record) -> Iterator[Failure]:
        """Whether a rollout was allowed to begin. The way back asks for nobody."""
        draft = record.draft
        nonce = str(draft.body.get("approval", ""))
        asked = draft.environment in self.trust.policy.quorums
        if draft.body.get("kind") != "deploy" or not (nonce or asked):
            return
        if not nonce:
            why = f"policy version {self.trust.policy.version} asks for sign-offs in {draft.environment}"
            yield tampered(self._place(record), "deployed without an approval", why)
            return
        if nonce in self._spent:
            yield tampered(self._place(record), "an approval was used twice", f"request {nonce}")
        self._spent.add(nonce)
        yield from self._approved(record, nonce)

    def _approved(self, record: Record, nonce: str) -> Iterator[Failure]:
        request, wanted = self._requests.get(nonce), self.wish(record)
        if request is None:
            yield tampered(self._place(record), "deployed on a request that was never made", nonce)
            return
        if wanted is None:
            self.unread.append(record.draft.rollout)
        elif proposal(wanted, self.trust.policy.digest) != request.proposal:
            yield tampered(self._place(record), "what was deployed is not what was approved", f"request {nonce}")
        question = self._question(record, request, record.draft.actor.id)
        found = decide(question, self.trust.signoffs.get(nonce, ()))
        self.approvals[record.draft.rollout] = Approved(question=question, approval=found)
        if not found.met:
            why = f"missing: {', '.join(found.missing)}; {found.because}"
            yield tampered(self._place(record), "deployed without a quorum", why)
        frozen = self.reviews.overdue(record.draft.environment, record.draft.at)
        if frozen and not found.emergency:
            why = f"the full quorum after emergency {frozen[0].rollout} was due by {frozen[0].due.isoformat()}"
            yield tampered(self._place(record), "deployed into a frozen environment", why)
        self.reviews.began(record, nonce, found)
        self.approved += found.met
        self.emergencies += [record.draft.rollout] if found.emergency else []
        self.last_signed = max([self.last_signed, *(c.signoff.head.seq for c in found.counted)])

    def _question(self, record: Record, request: Request, deployer: str) -> Question:
        return Question(
            request=request,
            roster=self.trust.roster,
            policy=self.trust.policy,
            deployer=deployer,
            now=record.draft.at,
            head_digest=lambda size: self._digests[size - 1] if 0 < size <= len(self._digests) else None,
        )

    def _place(self, record: Record) -> str:
        return f"{self.where}:{record.seq}"
