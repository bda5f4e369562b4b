"""Who counts, and when it is enough: against a brute-force oracle, and case by case."""

import dataclasses
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.evidence.ledger import Head
from golive.evidence.signing.keys import PublicKey
from golive.gate.approval.quorum import Question, decide
from golive.gate.approval.request import Proposal, Request
from golive.gate.approval.signoffs import sign_off, signed
from golive.gate.trust.values import Key, Person, Policy, Quorum, Received, Roster

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
HEAD = Head(seq=5, digest="5" * 64)
PROPOSAL = Proposal(environment="production", artifact="a" * 64, config="c" * 64, plan="d" * 64, policy="e" * 64)
REQUEST = Request(
    nonce="n1",
    proposal=PROPOSAL,
    service="shop",
    requester="carl",
    authors=("dora@example.org",),
    steps=("a step",),
    changes=("a change",),
    at=NOON - timedelta(hours=1),
    expires=NOON + timedelta(days=7),
)


class Hand:
    def __init__(self, word: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(word.encode()).digest())
        self.public = PublicKey(self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


HANDS = {name: Hand(name) for name in ("ann", "bob", "carl", "dora", "fay", "bot")}


def person(name, *roles, **more):
    plain = {
        "id": name,
        "name": name,
        "kind": "human",
        "roles": frozenset(roles),
        "keys": (Key(public=HANDS[name].public),),
        "accounts": frozenset({name}),
        "emails": frozenset({f"{name}@example.org"}),
    }
    return Person(**{**plain, **more})


PEOPLE = (
    person("ann", "lead"),
    person("bob", "sre", "lead"),
    person("carl", "sre"),  # requests it
    person("dora", "lead", "sre"),  # wrote it
    person("fay", "sre", "on-call"),
    person("bot", "lead", "sre", kind="agent"),
)


def question(*people, quorum=None, deployer="gil", now=NOON, **policy):
    persons = {p.id: p for p in people or PEOPLE}
    return Question(
        request=REQUEST,
        roster=Roster(version=1, threshold=1, persons=persons),
        policy=Policy(version=1, quorums={"production": quorum or Quorum()}, **policy),
        deployer=deployer,
        now=now,
        head_digest=lambda size: "5" * 64 if size == 5 else None,
    )


def word(name, role, decision="approve", *, hand=None, seq=6, **changes):
    signoff = sign_off(
        REQUEST,
        decision=decision,
        person=name,
        role=role,
        origin="log",
        head=HEAD,
        now=NOON - timedelta(minutes=30),
        not_after=NOON + timedelta(hours=2),
    )
    envelope = signed(dataclasses.replace(signoff, **changes), hand or HANDS[name])
    return Received(envelope=envelope.encoded(), seq=seq, at=NOON)


def test_two_people_in_two_roles_are_a_quorum():
    found = decide(question(), [word("ann", "lead"), word("fay", "sre")])
    assert found.met
    assert [(c.person, c.role) for c in found.counted] == [("ann", "lead"), ("fay", "sre")]


@pytest.mark.parametrize(
    ("words", "lacks"),
    [
        ((), "2 more persons"),
        ((("ann", "lead"),), "1 more person"),
        ((("ann", "lead"), ("ann", "lead")), "1 more person"),
        ((("bob", "lead"), ("bob", "sre")), "1 more person"),
        ((("ann", "lead"), ("bob", "lead")), "1 more role"),
        ((("ann", "lead"), ("carl", "sre")), "1 more person"),
        ((("ann", "lead"), ("dora", "sre")), "1 more person"),
        ((("ann", "lead"), ("bot", "sre")), "1 more person"),
    ],
    ids=["nobody", "one", "one twice", "one in two roles", "one role", "requester", "author", "agent"],
)
def test_less_is_none(words, lacks):
    found = decide(question(), [word(name, role) for name, role in words])
    assert not found.met
    assert lacks in found.missing


def test_the_deployer_does_not_count():
    found = decide(question(deployer="fay"), [word("ann", "lead"), word("fay", "sre")])
    assert not found.met
    assert "fay: deploys it" in found.refused


CHANGED = {
    "another request": {"gate": "n2"},
    "another environment": {"environment": "staging"},
    "another build": {"artifact": "b" * 64},
    "another configuration": {"config": "b" * 64},
    "another plan": {"plan": "b" * 64},
    "another policy": {"policy": "b" * 64},
    "it has expired": {"not_after": NOON},
    "dated in the future": {"signed_at": NOON + timedelta(hours=1)},
    "longer than the policy allows": {"not_after": NOON + timedelta(days=3)},
    "is not of this log": {"head": Head(seq=4, digest="5" * 64)},
    "not in the roster": {"person": "zoe"},
}


@pytest.mark.parametrize("reason", CHANGED)
def test_a_sign_off_for_something_else_does_not_count_and_says_why(reason):
    found = decide(question(), [word("ann", "lead"), word("fay", "sre", **CHANGED[reason])])
    assert not found.met
    assert any(reason in refused for refused in found.refused), found.refused


def test_a_role_that_a_person_does_not_hold_does_not_count():
    found = decide(question(), [word("bob", "sre"), word("fay", "lead")])
    assert "fay: does not hold the role lead" in found.refused


@pytest.mark.parametrize("decision", ["abstain", "revoke"])
def test_what_is_taken_back_does_not_count_and_an_abstention_neither(decision):
    words = [word("ann", "lead"), word("fay", "sre"), word("fay", "sre", decision)]
    assert not decide(question(), words).met
    assert decide(question(), [*words, word("fay", "sre")]).met


def test_a_reject_blocks_until_it_is_taken_back():
    words = [word("ann", "lead"), word("fay", "sre"), word("bob", "sre", "reject", why="too slow")]
    found = decide(question(), words)
    assert (found.met, "too slow" in found.because) == (False, True)
    assert decide(question(), [*words, word("bob", "sre", "revoke")]).met


def test_an_author_may_not_approve_and_may_reject():
    words = [word("ann", "lead"), word("fay", "sre"), word("dora", "sre", "reject")]
    assert not decide(question(), words).met


@pytest.mark.parametrize(
    ("first", "last", "counts"), [(0, None, True), (5, 5, True), (6, None, False), (0, 4, False)]
)
def test_a_key_counts_in_its_stretch_of_the_log(first, last, counts):
    fay = person("fay", "sre", keys=(Key(public=HANDS["fay"].public, first=first, last=last),))
    found = decide(question(PEOPLE[0], fay), [word("ann", "lead"), word("fay", "sre")])
    assert found.met is counts


def test_two_persons_with_one_key_are_no_quorum_whatever_the_roster_says():
    fay = person("fay", "sre", keys=(Key(public=HANDS["ann"].public),))
    words = [word("ann", "lead"), word("fay", "sre", hand=HANDS["ann"])]
    found = decide(question(PEOPLE[0], fay), words)
    assert not found.met
    assert "a key of one's own for each person" in found.missing


def test_an_emergency_needs_its_role_and_says_what_is_still_missing():
    urgent = word("fay", "on-call", emergency=True, why="payments are down")
    assert not decide(question(), [urgent]).met
    found = decide(question(emergency_roles=("on-call",)), [urgent])
    assert (found.met, found.emergency, found.missing) == (True, True, ("1 more person", "1 more role"))


def test_who_is_to_sign_is_told_with_the_command():
    found = decide(question(quorum=Quorum(roles=("sre",))), [word("ann", "lead")])
    assert "fay: golive approve --env production --role sre" in found.next
    assert not any(line.startswith(("carl", "dora", "bot", "ann")) for line in found.next)


WORDS = st.tuples(
    st.sampled_from([p.id for p in PEOPLE]),
    st.sampled_from(["lead", "sre", "on-call"]),
    st.sampled_from(["approve", "approve", "approve", "reject", "abstain", "revoke"]),
    st.sampled_from(["own", "own", "own", "stolen"]),
)


@settings(max_examples=300, deadline=None)
@given(
    words=st.lists(WORDS, max_size=7),
    needed=st.integers(1, 3),
    distinct=st.integers(1, 3),
    roles=st.sets(st.sampled_from(["lead", "sre"])),
    deployer=st.sampled_from(["gil", "ann", "fay"]),
)
def test_it_is_what_counting_by_hand_says(words, needed, distinct, roles, deployer):
    quorum = Quorum(persons=needed, roles=tuple(roles), distinct_roles=distinct)
    made = [word(n, r, d, hand=HANDS[n] if own == "own" else HANDS["bot"]) for n, r, d, own in words]
    found = decide(question(quorum=quorum, deployer=deployer), made)
    assert found.met is by_hand(words, needed, distinct, roles, deployer)


def by_hand(words, needed, distinct, roles, deployer):
    """Another way of counting: walk backwards, keep the first valid word that is met of each person."""
    known = {p.id: p for p in PEOPLE}
    last = {}
    for name, role, decision, own in reversed(words):
        if own == "stolen" or name == "bot" or role not in known[name].roles:
            continue
        if decision == "approve" and name in {"carl", "dora", deployer}:
            continue
        last.setdefault(name, (decision, role))
    if any(decision == "reject" for decision, _ in last.values()):
        return False
    held = [role for decision, role in last.values() if decision == "approve"]
    return len(held) >= needed and len(set(held)) >= distinct and roles <= set(held)
