"""Whether enough of the right people have signed exactly this: asked when a deploy begins, and before traffic.

Counted are distinct persons, each with a raw key of their own: a key under two ids, the same signature twice, or
one person in two roles count once. Nobody counts who wrote, requested or deploys the change, and nothing that is
no human. Of one person the newest word counts; a standing reject blocks, whoever else approved.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, product

from golive.errors import Failure
from golive.evidence.signing import dsse
from golive.evidence.signing.keys import PublicKey
from golive.evidence.signing.predicates.signoff import SignOff
from golive.gate.approval.request import Request
from golive.gate.approval.signoffs import opened
from golive.gate.trust.values import Person, Policy, Quorum, Received, Roster

SKEW = timedelta(minutes=5)  # how far the clock of a signer may be ahead of the log's


@dataclass(frozen=True, kw_only=True)
class Counted:
    person: str
    role: str
    key: PublicKey
    signoff: SignOff
    seq: int


@dataclass(frozen=True, kw_only=True)
class Approval:
    """The answer: whether a quorum stands, who counts, who does not and why, what is missing, what to do."""

    met: bool
    because: str
    counted: tuple[Counted, ...] = ()
    refused: tuple[str, ...] = ()  # "bob: he wrote this change"
    missing: tuple[str, ...] = ()  # "1 more person", "role sre"
    next: tuple[str, ...] = ()  # commands
    emergency: bool = False  # it stands on one person's word


@dataclass(frozen=True, kw_only=True)
class Question:
    """One request, and everything its sign-offs are held against."""

    request: Request
    roster: Roster
    policy: Policy
    deployer: str  # `actor.id`
    now: datetime
    head_digest: Callable[[int], str | None]  # of the record at a place of this log

    @property
    def quorum(self) -> Quorum:
        return self.policy.quorums.get(self.request.proposal.environment, Quorum())


def decide(question: Question, received: Sequence[Received]) -> Approval:
    """Whether the sign-offs are a quorum now."""
    spoken, refused = _spoken(question, received)
    rejecting = [c for c in spoken if c.signoff.decision == "reject"]
    approving = tuple(c for c in spoken if c.signoff.decision == "approve")
    told = tuple(refused)
    if rejecting:
        said = ", ".join(
            f"{c.person} as {c.role}" + (f": {c.signoff.why}" if c.signoff.why else "") for c in rejecting
        )
        return Approval(
            met=False, because=f"rejected by {said}", counted=approving, refused=told, missing=("no reject",)
        )
    missing = _missing(question, approving)
    names = ", ".join(f"{c.person} as {c.role}" for c in approving) or "nobody"
    if not missing:
        return Approval(met=True, because=f"signed by {names}", counted=approving, refused=told)
    urgent = tuple(c for c in approving if c.signoff.emergency and c.role in question.policy.emergency_roles)
    if urgent:
        why = f"emergency, on the word of {urgent[0].person} as {urgent[0].role}: {urgent[0].signoff.why}"
        return Approval(met=True, because=why, counted=urgent[:1], refused=told, missing=missing, emergency=True)
    because = "; ".join((f"signed by {names}", *told))
    return Approval(
        met=False,
        because=because,
        counted=approving,
        refused=told,
        missing=missing,
        next=_next(question, approving),
    )


def _spoken(question: Question, received: Sequence[Received]) -> tuple[list[Counted], list[str]]:
    """The newest valid word of each person, in order of arrival, and why others do not count."""
    newest: dict[str, Counted] = {}
    refused = []
    for one in received:
        try:
            counted = _counted(question, one)
        except ValueError as error:
            refused.append(str(error))
            continue
        newest.pop(counted.person, None)
        newest[counted.person] = counted
    return list(newest.values()), refused


def _counted(question: Question, one: Received) -> Counted:
    """The word of a person who may give it; `ValueError` says why it does not count."""
    try:
        envelope = dsse.read(one.envelope, f"record {one.seq}")
        signoff = opened(envelope, f"record {one.seq}")
    except (Failure, ValueError) as error:
        raise ValueError(f"record {one.seq} holds no sign-off: {error}") from error
    person = question.roster.persons.get(signoff.person)
    if person is None:
        raise ValueError(f"{signoff.person}: not in the roster")
    key = _key(person, envelope, signoff)
    fault = next(_faults(question, person, signoff), "")
    if fault:
        raise ValueError(f"{signoff.person}: {fault}")
    return Counted(person=person.id, role=signoff.role, key=key, signoff=signoff, seq=one.seq)


def _key(person: Person, envelope: dsse.Envelope, signoff: SignOff) -> PublicKey:
    """The person's own key that signed it and counted at the head that they saw."""
    signing = envelope.signed_by(key.public for key in person.keys)
    if not signing:
        raise ValueError(f"{person.id}: it is not signed with a key of theirs")
    valid = [
        key.public
        for key in person.keys
        if key.public in signing
        and key.first <= signoff.head.seq
        and (key.last is None or signoff.head.seq <= key.last)
    ]
    if not valid:
        raise ValueError(f"{person.id}: the key was revoked, or did not count yet, at log head {signoff.head.seq}")
    return valid[0]


def _faults(question: Question, person: Person, signoff: SignOff) -> Iterator[str]:
    yield from _about_another(question.request, signoff)
    if person.kind != "human":
        yield f"a {person.kind} signs for nobody"
    if signoff.role not in person.roles:
        yield f"does not hold the role {signoff.role}"
    if signoff.decision == "approve":
        yield from _too_close(question, person)
    if question.head_digest(signoff.head.seq) != signoff.head.digest:
        yield f"the log head {signoff.head} that was seen is not of this log"
    if signoff.not_after <= question.now:
        yield "it has expired"
    if signoff.signed_at > question.now + SKEW:
        yield "it is dated in the future"
    if signoff.not_after - signoff.signed_at > question.quorum.lifetime:
        yield "it would hold longer than the policy allows"


def _about_another(request: Request, signoff: SignOff) -> Iterator[str]:
    asked = request.proposal
    pairs = (
        ("request", signoff.gate, request.nonce),
        ("environment", signoff.environment, asked.environment),
        ("build", signoff.artifact, asked.artifact),
        ("configuration", signoff.config, asked.config),
        ("plan", signoff.plan, asked.plan),
        ("policy", signoff.policy, asked.policy),
    )
    yield from (f"it is for another {name}" for name, signed, wanted in pairs if signed != wanted)


def _too_close(question: Question, person: Person) -> Iterator[str]:
    """Separation of duties. A name in the roster counts as an account as well."""
    names = person.accounts | {person.id}
    if person.emails & set(question.request.authors):
        yield "wrote this change"
    if question.request.requester in names:
        yield "requested this deploy"
    if question.deployer in names:
        yield "deploys it"


def _missing(question: Question, approving: Sequence[Counted]) -> tuple[str, ...]:
    """What is still needed, in words; nothing when some choice of the counted words is a quorum."""
    quorum = question.quorum
    persons = len({c.person for c in approving})
    roles = {c.role for c in approving}
    lacking = [f"role {role}" for role in quorum.roles if role not in roles]
    if persons < quorum.persons:
        more = quorum.persons - persons
        lacking.append(f"{more} more person{'s' * (more != 1)}")
    if len(roles) < quorum.distinct_roles:
        more = quorum.distinct_roles - len(roles)
        lacking.append(f"{more} more role{'s' * (more != 1)}")
    if _shared_keys(approving):
        lacking.append("a key of one's own for each person")
    return tuple(lacking)


def _shared_keys(approving: Sequence[Counted]) -> bool:
    return any(a.key == b.key for a, b in combinations(approving, 2))


def _next(question: Question, approving: Sequence[Counted]) -> tuple[str, ...]:
    """A command for everybody whose word would count."""
    spoken = {c.person for c in approving}
    environment = question.request.proposal.environment
    wanted = set(question.quorum.roles) - {c.role for c in approving}
    able = [
        p
        for p in question.roster.persons.values()
        if p.kind == "human" and p.id not in spoken and not any(_too_close(question, p))
    ]
    pairs = [(p, role) for p, role in product(able, sorted({r for p in able for r in p.roles})) if role in p.roles]
    useful = [(p, role) for p, role in pairs if role in wanted] or pairs
    if not useful:
        return ("nobody in the roster may sign this: golive roster show, golive roster add",)
    return tuple(f"{p.id}: golive approve --env {environment} --role {role}" for p, role in useful)
