"""Asking people: a request for exactly one plan, and whether enough of them have signed it by now.

Nothing is remembered between two looks: roster, policy and sign-offs are read from the records each time, so
somebody who left the roster, or took a sign-off back, does not count any more.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from golive.controller.journal import Journal
from golive.controller.outside import Artifacts, Clock
from golive.controller.site import Site
from golive.errors import Exit, Failure
from golive.evidence.ledger import Ledger
from golive.evidence.record import Record
from golive.gate.admission import Decision
from golive.gate.approval.proposal import proposal
from golive.gate.approval.quorum import Approval, Question, decide
from golive.gate.approval.request import Proposal, Request, request_from
from golive.gate.approval.review import REVIEW_WITHIN, Reviews, reviews
from golive.gate.trust.fold import Trust, trust
from golive.release.wanted import Wanted

REQUEST_LIFETIME = timedelta(days=7)  # how long a request waits for its sign-offs
MOST_CHANGES = 40  # lines that tell people what is different


@dataclass(frozen=True, kw_only=True)
class RecordedApprovals:
    """Implements `controller.outside.Approvals` on the records. `deployer` is whoever runs this controller."""

    ledger: Ledger
    artifacts: Artifacts
    clock: Clock
    deployer: str

    def confirm(self, wanted: Wanted) -> Decision:
        """Whether what `wanted` would do now is still what a quorum has signed."""
        records = self.ledger.read()
        now_trusted = trust(records, self.artifacts.read)
        request = next((r for r in requests(records, self.artifacts) if r.nonce == wanted.approval), None)
        if request is None:
            return Decision(admitted=False, because=f"there is no request {wanted.approval}")
        proposed = proposal(wanted, now_trusted.policy.digest)
        if proposed != request.proposal:
            return Decision(
                admitted=False, because=f"it is not what was approved: {_difference(proposed, request)}"
            )
        found = weigh(request, now_trusted, records, clock=self.clock, deployer=self.deployer)
        return Decision(admitted=found.met, because=found.because, next="\n".join(found.next))


async def approved(site: Site, journal: Journal, wanted: Wanted, *, if_approved: bool) -> Wanted:
    """The wish under the request that a quorum has signed; as it is where the policy asks for nobody.

    Where sign-offs are missing, the request is opened once and a `Failure` says who is to sign and how: exit 3
    with `if_approved`, else exit 4.
    """
    records, artifacts = site.outside.ledger.read(), site.outside.artifacts
    trusted = trust(records, artifacts.read)
    if site.environment not in trusted.policy.quorums and not if_approved:
        return wanted
    proposed = proposal(wanted, trusted.policy.digest)
    spent = {str(r.draft.body.get("approval", "")) for r in records if r.draft.type == "rollout.wanted"}
    request = _open(proposed, requests(records, artifacts), spent, site)
    if request is None:
        request = await _ask(site, journal, wanted, proposed)
        records = site.outside.ledger.read()
    found = weigh(request, trusted, records, clock=site.outside.clock, deployer=site.actor.id)
    if found.met:
        if not found.emergency:
            refuse_frozen(reviewed(records, artifacts), site.environment, site.outside.clock)
        return replace(wanted, approval=request.nonce)
    raise Failure(
        where=f"environments.{site.environment}",
        what=f"{wanted.new.name} waits for sign-offs to go to {site.environment}: {', '.join(found.missing)}",
        why=found.because,
        next="\n      ".join(found.next),
        code=Exit.WAITING if if_approved else Exit.REFUSED,
    )


def requests(records: Sequence[Record], artifacts: Artifacts) -> list[Request]:
    """Every request that was ever opened, oldest first."""
    asked = [r for r in records if r.draft.type == "approval.requested"]
    return [request_from(json.loads(artifacts.read(r.draft.artifacts[0]))) for r in asked]


def reviewed(records: Sequence[Record], artifacts: Artifacts) -> Reviews:
    """The emergencies whose full quorum has not followed yet."""
    return reviews(records, artifacts.read, {r.nonce: r for r in requests(records, artifacts)})


def refuse_frozen(found: Reviews, environment: str, clock: Clock) -> None:
    """`Failure` (exit 4) while the quorum after an emergency is overdue."""
    for emergency in found.overdue(environment, clock.now()):
        raise Failure(
            where=f"environments.{environment}",
            what=f"{environment} is frozen: emergency {emergency.rollout} was never approved in full",
            why=f"it went on one person's word; the full quorum was due by {emergency.due:%Y-%m-%d %H:%M} UTC, "
            f"{REVIEW_WITHIN.total_seconds() / 3600:g} h after it",
            next=f"golive approve --env {environment} signs for that emergency; a rollback is free",
            code=Exit.REFUSED,
        )


def weigh(request: Request, trusted: Trust, records: Sequence[Record], *, clock: Clock, deployer: str) -> Approval:
    """Whether the sign-offs for `request` are a quorum now."""

    def head_digest(size: int) -> str | None:
        return records[size - 1].digest if 0 < size <= len(records) else None

    question = Question(
        request=request,
        roster=trusted.roster,
        policy=trusted.policy,
        deployer=deployer,
        now=clock.now(),
        head_digest=head_digest,
    )
    return decide(question, trusted.signoffs.get(request.nonce, ()))


def _open(proposed: Proposal, asked: Sequence[Request], spent: set[str], site: Site) -> Request | None:
    """The newest request for exactly this that has neither expired nor been deployed on."""
    now = site.outside.clock.now()
    waiting = [r for r in asked if r.proposal == proposed and r.nonce not in spent and now < r.expires]
    return waiting[-1] if waiting else None


async def _ask(site: Site, journal: Journal, wanted: Wanted, proposed: Proposal) -> Request:
    now, nonce = site.outside.clock.now(), site.outside.clock.new_id()
    commits = site.history(_live_commit(site))
    authors = {commit.author for commit in commits} | ({site.checkout.author} if site.checkout.dirty else set())
    request = Request(
        nonce=nonce,
        proposal=proposed,
        service=site.spec.service,
        requester=site.actor.id,
        authors=tuple(sorted(filter(None, authors))),
        steps=await site.forecast(site.spec, replace(wanted, approval=nonce), site.past()),
        changes=_changes(site, wanted, [f"{c.id[:12]} {c.subject} ({c.author})" for c in commits]),
        at=now,
        expires=now + REQUEST_LIFETIME,
    )
    content = json.dumps(request.body(), indent=2, ensure_ascii=False).encode() + b"\n"
    kept = site.outside.artifacts.keep(f"approvals/{nonce}/request.json", content, "application/json")
    journal.append("approval.requested", body={"nonce": nonce, **proposed.body()}, artifacts=(kept,))
    return request


def _live_commit(site: Site) -> str:
    """The commit of what is live, as its change ticket says; "" when there is none."""
    for settled in reversed(site.past().settled):
        if settled.outcome == "succeeded" and isinstance(settled.ticket, dict):
            return str(settled.ticket.get("commit", ""))
    return ""


def _changes(site: Site, wanted: Wanted, commits: list[str]) -> tuple[str, ...]:
    """What differs from what is live, in words, each line redacted."""
    old = wanted.old
    lines = [f"build {old.name if old else 'none'} → {wanted.new.name}"]
    if site.checkout.dirty:
        lines.append(f"not committed: {', '.join(site.checkout.dirty)}")
    shown = [*lines, *commits]
    left_out = len(shown) - MOST_CHANGES
    if left_out > 0:
        shown = [*shown[:MOST_CHANGES], f"and {left_out} more"]
    return tuple(site.outside.redact(line) for line in shown)


def _difference(proposed: Proposal, request: Request) -> str:
    was, now = request.proposal.body(), proposed.body()
    return ", ".join(f"the {key} is another" for key in was if was[key] != now[key])
