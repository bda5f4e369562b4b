"""Versions of roster and policy: each signed by those whom the one before trusted, all the way to the first.

Roster version n is signed by `threshold` persons of version n - 1 and by `threshold` of version n: nobody is put
in charge without the old ones, nor anybody who cannot sign. Version 1 is signed by its own persons;
its digest is what a stranger keeps. A policy is signed by `threshold` persons of the roster then in force.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from golive.errors import Failure
from golive.evidence.shape import tampered
from golive.evidence.signing import dsse, statement
from golive.evidence.signing.keys import PublicKey, Signer
from golive.evidence.signing.predicates import BASE
from golive.evidence.signing.statement import Statement, Subject, digest_of
from golive.gate.trust.bodies import policy_body, policy_from, roster_body, roster_from
from golive.gate.trust.values import Person, Policy, Roster

ROSTER_TYPE = BASE + "roster/v1"
POLICY_TYPE = BASE + "policy/v1"


def roster_statement(roster: Roster) -> Statement:
    body = roster_body(roster)
    return Statement(subjects=(_subject("roster", body),), predicate_type=ROSTER_TYPE, predicate=body)


def policy_statement(policy: Policy) -> Statement:
    body = policy_body(policy)
    return Statement(subjects=(_subject("policy", body),), predicate_type=POLICY_TYPE, predicate=body)


def endorsed(draft: dsse.Envelope | Statement, signer: Signer) -> dsse.Envelope:
    """A draft with one more signature; a second one by the same key changes nothing."""
    if isinstance(draft, Statement):
        return dsse.sign(statement.PAYLOAD_TYPE, draft.encoded(), (signer,))
    if draft.signed_by((signer.public,)):
        return draft
    more = dsse.sign(draft.payload_type, draft.payload, (signer,))
    return dsse.Envelope(
        payload_type=draft.payload_type,
        payload=draft.payload,
        signatures=(*draft.signatures, *more.signatures),
    )


def roster_in(envelope: dsse.Envelope, where: str) -> Roster:
    """The roster that an envelope holds, whoever signed it; `Failure` (exit 5) when it is none or not sound."""
    body, digest = _body(envelope, ROSTER_TYPE, where)
    try:
        roster = roster_from(body, digest)
    except (KeyError, TypeError, ValueError, AttributeError, Failure) as error:
        raise tampered(where, "this is not a roster", str(error)) from error
    fault = fault_in(roster)
    if fault:
        raise tampered(where, "this roster is not sound", fault)
    return roster


def policy_in(envelope: dsse.Envelope, where: str) -> Policy:
    """The policy that an envelope holds, whoever signed it; `Failure` as `roster_in`."""
    body, digest = _body(envelope, POLICY_TYPE, where)
    try:
        policy = policy_from(body, digest)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise tampered(where, "this is not a policy", str(error)) from error
    for name, quorum in policy.quorums.items():
        if quorum.persons < 1 or quorum.distinct_roles > quorum.persons or len(quorum.roles) > quorum.persons:
            raise tampered(
                where, "this policy is not sound", f"its quorum for {name} can be met by nobody, or by none"
            )
    return policy


def fault_in(roster: Roster) -> str:
    """Why a roster cannot be trusted by itself; "" when it can."""
    owners: dict[PublicKey, str] = {}
    for person in roster.persons.values():
        for key in person.keys:
            other = owners.setdefault(key.public, person.id)
            if other != person.id:
                return f"{other} and {person.id} have the same key {key.public.fingerprint}"
    able = [p for p in roster.persons.values() if p.kind == "human" and _standing(p)]
    if roster.version < 1 or roster.threshold < 1:
        return f"version {roster.version} and threshold {roster.threshold} begin with 1"
    if len(able) < roster.threshold:
        return f"it asks for {roster.threshold} signatures, and {len(able)} persons in it can sign"
    return ""


def next_roster(before: Roster | None, envelope: dsse.Envelope, where: str) -> Roster:
    """The roster of an envelope as successor of `before`; `Failure` (exit 5) says what is missing."""
    roster = roster_in(envelope, where)
    expected = before.version + 1 if before else 1
    if roster.version != expected:
        raise tampered(where, f"this is version {roster.version} of the roster", f"version {expected} is expected")
    for trusted in (before, roster):
        lacking = lacking_signatures(trusted, envelope) if trusted else 0
        if trusted and lacking:
            raise tampered(
                where,
                f"version {roster.version} of the roster is not signed by enough people",
                f"{lacking} more of version {trusted.version} must sign it",
            )
    return roster


def next_policy(before: Policy | None, roster: Roster | None, envelope: dsse.Envelope, where: str) -> Policy:
    """The policy of an envelope as successor of `before`, signed by `roster`; `Failure` (exit 5) if not."""
    policy = policy_in(envelope, where)
    expected = before.version + 1 if before else 1
    if policy.version != expected:
        raise tampered(where, f"this is version {policy.version} of the policy", f"version {expected} is expected")
    if roster is None:
        raise tampered(where, "this policy was published before there was a roster", "nobody could sign it")
    lacking = lacking_signatures(roster, envelope)
    if lacking:
        raise tampered(
            where, "this policy is not signed by enough people", f"{lacking} more of the roster must sign it"
        )
    return policy


def lacking_signatures(roster: Roster, envelope: dsse.Envelope) -> int:
    """How many more persons of `roster` must sign the envelope; 0 when it is enough."""
    signers = [p for p in roster.persons.values() if p.kind == "human" and envelope.signed_by(_standing(p))]
    return max(0, roster.threshold - len(signers))


def _standing(person: Person) -> Iterable[PublicKey]:
    return [key.public for key in person.keys if key.last is None]


def _subject(name: str, body: Mapping[str, Any]) -> Subject:
    return Subject(name=name, sha256=digest_of(dict(body)))


def _body(envelope: dsse.Envelope, kind: str, where: str) -> tuple[Mapping[str, Any], str]:
    if envelope.payload_type != statement.PAYLOAD_TYPE:
        raise tampered(where, "this envelope holds no statement", envelope.payload_type)
    found = statement.read(envelope.payload, where)
    digest = digest_of(dict(found.predicate))
    if found.predicate_type != kind or [s.sha256 for s in found.subjects] != [digest]:
        raise tampered(where, "this statement is about something else", found.predicate_type)
    return found.predicate, digest
