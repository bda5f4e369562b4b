"""What people do with a pen: publish a roster or a policy, sign for a request. No target is needed for that."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from golive.controller.approvals import REQUEST_LIFETIME, requests, reviewed
from golive.controller.journal import Journal
from golive.controller.outside import Artifacts, Clock
from golive.errors import Exit, Failure
from golive.evidence.ledger import Head, Ledger
from golive.evidence.lint import rules_in
from golive.evidence.record import Actor, Artifact, Json, Record
from golive.evidence.signing import dsse, statement
from golive.evidence.signing.keys import PublicKey, Signer
from golive.evidence.signing.predicates.signoff import SignOff, Word
from golive.evidence.signing.predicates.waiver import SignedWaiver
from golive.evidence.signing.statement import Statement
from golive.gate.approval.request import Request
from golive.gate.approval.signoffs import opened, sign_off
from golive.gate.trust.fold import Trust, trust
from golive.gate.trust.values import Person, Policy, Quorum, Roster
from golive.gate.trust.versions import (
    ROSTER_TYPE,
    lacking_signatures,
    next_policy,
    next_roster,
    policy_in,
    roster_in,
)
from golive.gate.waivers import fault_in

ENVELOPE = "application/vnd.dsse.envelope+json"


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The records of one checkout. `owns_log`: it is the one that appends to them, not a copy to look at."""

    ledger: Ledger
    artifacts: Artifacts
    clock: Clock
    actor: Actor
    owns_log: bool

    def records(self) -> Sequence[Record]:
        return self.ledger.read()

    def trust(self) -> Trust:
        return trust(self.records(), self.artifacts.read)

    def journal(self, environment: str) -> Journal:
        self._refuse_in_a_copy()
        return Journal(
            ledger=self.ledger,
            clock=self.clock,
            actor=self.actor,
            environment=environment,
            redact=lambda text: text,
        )

    def _refuse_in_a_copy(self) -> None:
        """A record that is added to a copy is a fork of the log."""
        if not self.owns_log:
            raise Failure(
                where="evidence/operations/records.jsonl",
                what="this checkout does not keep the records, it only has a copy of them",
                why="there are records, but no ledger in .golive: a record added here would fork the log",
                next="write it into a file with --output and carry it to the deploying checkout",
                code=Exit.USAGE,
            )


def publish_roster(desk: Desk, envelope: dsse.Envelope) -> Roster:
    """Record the next version of the roster; `Failure` when not enough people have signed it."""
    before = desk.trust().roster
    roster = next_roster(before if before.version else None, envelope, f"roster version {before.version + 1}")
    kept = _kept(desk, f"trust/roster/{roster.version}.dsse.json", envelope)
    body: dict[str, Json] = {"version": roster.version, "digest": roster.digest}
    desk.journal("").append("roster.published", body=body, artifacts=(kept,))
    return roster


def publish_policy(desk: Desk, envelope: dsse.Envelope) -> Policy:
    """Record the next version of the policy; `Failure` when not enough of the roster have signed it."""
    known = desk.trust()
    before = known.policy if known.policy.version else None
    policy = next_policy(before, known.roster if known.roster.version else None, envelope, "the next policy")
    kept = _kept(desk, f"trust/policy/{policy.version}.dsse.json", envelope)
    body: dict[str, Json] = {"version": policy.version, "digest": policy.digest}
    desk.journal("").append("policy.published", body=body, artifacts=(kept,))
    return policy


def lacking(desk: Desk, draft: dsse.Envelope | Statement) -> int:
    """How many more signatures a draft of a roster or policy needs before it can be published."""
    known = desk.trust().roster
    if isinstance(draft, Statement):
        return max(known.threshold, 1)
    if _is_roster(draft):
        successor = roster_in(draft, "draft")
        trusted = [successor] + ([known] if known.version else [])
        return max(lacking_signatures(roster, draft) for roster in trusted)
    policy_in(draft, "draft")
    return lacking_signatures(known, draft)


def publish(desk: Desk, draft: dsse.Envelope) -> Roster | Policy:
    """Record a draft that has its signatures."""
    return publish_roster(desk, draft) if _is_roster(draft) else publish_policy(desk, draft)


def open_request(desk: Desk, environment: str) -> Request:
    """What waits for a sign-off: an overdue emergency, the newest request, an emergency without its quorum.

    A `Failure` when nothing does.
    """
    records, now = desk.records(), desk.clock.now()
    asked = [r for r in requests(records, desk.artifacts) if r.proposal.environment == environment]
    spent = {str(r.draft.body.get("approval", "")) for r in records if r.draft.type == "rollout.wanted"}
    found = reviewed(records, desk.artifacts)
    frozen = {emergency.nonce for emergency in found.overdue(environment, now)}
    overdue = [r for r in asked if r.nonce in frozen]
    waiting = [r for r in asked if r.nonce not in spent and now < r.expires]
    behind = [r for r in asked if r.nonce in found.open]
    for request in (*overdue[:1], *waiting[-1:], *behind[:1]):
        is_spent = request.nonce in spent
        return replace(request, expires=now + REQUEST_LIFETIME) if is_spent else request
    raise Failure(
        where=f"environments.{environment}",
        what="nothing waits for a sign-off here",
        why="no deploy has asked for one, or the newest request was deployed on or has expired",
        next=f"golive deploy --env {environment} --if-approved",
        code=Exit.USAGE,
    )


def sign_for(
    desk: Desk,
    request: Request,
    key: PublicKey,
    *,
    decision: Word,
    role: str | None,
    emergency: bool = False,
    why: str = "",
) -> SignOff:
    """The sign-off that the owner of `key` is about to make, for them to read before it is signed."""
    refuse_credential("--why", why)
    known, records = desk.trust(), desk.records()
    person = owner(known.roster, key)
    quorum = known.policy.quorums.get(request.proposal.environment, Quorum())
    now = desk.clock.now()
    return sign_off(
        request,
        decision=decision,
        person=person.id,
        role=_role(person, role, quorum),
        origin=records[0].digest,
        head=Head(seq=records[-1].seq, digest=records[-1].digest),
        now=now,
        not_after=min(now + quorum.lifetime - timedelta(seconds=1), request.expires),
        emergency=emergency,
        why=why,
    )


def receive(desk: Desk, envelope: dsse.Envelope) -> SignOff:
    """Record a sign-off. Whether it counts is decided when it is needed; one of a stranger is refused here."""
    known = desk.trust()
    try:
        signoff = opened(envelope, "sign-off")
    except ValueError as error:
        raise Failure(
            where="sign-off",
            what="this file holds no sign-off",
            why=str(error),
            next="make it with golive approve --output FILE",
            code=Exit.USAGE,
        ) from error
    person = known.roster.persons.get(signoff.person)
    if person is None or not envelope.signed_by(key.public for key in person.keys):
        raise Failure(
            where="sign-off",
            what=f"it is not signed by {signoff.person}",
            why="they are not in the roster" if person is None else "none of their keys made this signature",
            next="golive roster show",
            code=Exit.REFUSED,
        )
    path = f"approvals/{signoff.gate}/{signoff.person}-{signoff.decision}.dsse.json"
    body = {"nonce": signoff.gate, "person": signoff.person, "role": signoff.role, "decision": signoff.decision}
    desk.journal(signoff.environment).append(
        "signoff.received", body=body, artifacts=(_kept(desk, path, envelope),)
    )
    return signoff


def waiver_for(
    desk: Desk,
    key: PublicKey,
    *,
    claim: str,
    environment: str,
    reason: str,
    lasts: timedelta,
    role: str | None,
    revokes: bool,
) -> SignedWaiver:
    """The waiver that the owner of `key` is about to sign."""
    refuse_credential("--reason", reason)
    known, records = desk.trust(), desk.records()
    person = owner(known.roster, key)
    now = desk.clock.now()
    return SignedWaiver(
        claim=claim,
        environment=environment,
        person=person.id,
        role=_role(person, role, Quorum(roles=known.policy.waiver_roles)),
        reason=reason,
        head=Head(seq=records[-1].seq, digest=records[-1].digest),
        signed_at=now,
        not_after=now + lasts,
        revokes=revokes,
    )


def receive_waiver(desk: Desk, waiver: SignedWaiver, signer: Signer) -> None:
    """Sign a waiver and record it; one that would not count is refused."""
    envelope = dsse.sign(statement.PAYLOAD_TYPE, waiver.statement().encoded(), (signer,))
    fault = fault_in(waiver, envelope, desk.trust())
    if fault:
        raise Failure(
            where=f"claim {waiver.claim}",
            what="this waiver would not count",
            why=fault,
            next="golive policy show says who may; golive policy set --waiver-role ROLE lets more",
            code=Exit.REFUSED,
        )
    name = f"waivers/{waiver.environment}-{waiver.claim}-{waiver.signed_at:%Y%m%dt%H%M%S%f}.dsse.json"
    body: dict[str, Json] = {"claim": waiver.claim, "person": waiver.person, "revokes": waiver.revokes}
    desk.journal(waiver.environment).append("waiver.received", body=body, artifacts=(_kept(desk, name, envelope),))


def refuse_credential(where: str, text: str) -> None:
    """`Failure` when a text that is about to be signed holds a credential: redacted, it would not verify."""
    rules = rules_in(text)
    if rules:
        raise Failure(
            where=where,
            what="there is a credential in this text",
            why=f"by its looks: {', '.join(rules)}; what is signed or recorded is shown to everybody",
            next="say it without the credential, and change the credential: it is in your shell's history",
            code=Exit.USAGE,
        )


def owner(roster: Roster, key: PublicKey) -> Person:
    """Whose key it is; `Failure` when it is nobody's."""
    for person in roster.persons.values():
        if any(held.public == key for held in person.keys):
            return person
    raise Failure(
        where="roster",
        what=f"nobody in the roster has the key {key.fingerprint}",
        why=f"it names: {', '.join(roster.persons) or 'nobody yet'}",
        next="sign with another key (--key), or add yours: golive roster add",
        code=Exit.REFUSED,
    )


def _role(person: Person, role: str | None, quorum: Quorum) -> str:
    """The role that was named, or the one that is needed, or the only one."""
    useful = sorted(person.roles & set(quorum.roles)) or sorted(person.roles)
    if role is None and len(useful) == 1:
        return useful[0]
    if role in person.roles:
        return str(role)
    raise Failure(
        where=f"roster: {person.id}",
        what=f"{person.id} does not hold the role {role}" if role else "in which role?",
        why=f"theirs are: {', '.join(sorted(person.roles)) or 'none'}",
        next="name one of them with --role",
        code=Exit.USAGE,
    )


def _kept(desk: Desk, path: str, envelope: dsse.Envelope) -> Artifact:
    desk.journal("")  # refuses in a copy before anything is written
    return desk.artifacts.keep(path, envelope.encoded(), ENVELOPE)


def _is_roster(envelope: dsse.Envelope) -> bool:
    return statement.read(envelope.payload, "draft").predicate_type == ROSTER_TYPE
