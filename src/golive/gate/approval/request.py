"""What people are asked to approve: one build, under one configuration, by one plan, in one environment.

Everything is a digest, so whatever changes afterwards is another thing, which nobody approved. The nonce makes
each request its own: a sign-off for one cannot be shown for another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from golive.evidence.record import Json


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What would be deployed. Equal proposals are the same deploy."""

    environment: str
    artifact: str  # `Revision.digest`
    config: str  # digest of specification and settings
    plan: str  # digest of the steps, and of what they start from
    policy: str  # `Policy.digest`

    def body(self) -> dict[str, Json]:
        return {
            "environment": self.environment,
            "artifact": self.artifact,
            "config": self.config,
            "plan": self.plan,
            "policy": self.policy,
        }


@dataclass(frozen=True, kw_only=True)
class Request:
    """A proposal that waits for sign-offs."""

    nonce: str
    proposal: Proposal
    service: str
    requester: str  # `actor.id`
    authors: tuple[str, ...]  # e-mail addresses of who wrote the change, as git knows them
    steps: tuple[str, ...]  # the plan in words
    changes: tuple[str, ...]  # what differs from the revision that is live, in words
    at: datetime
    expires: datetime

    def body(self) -> dict[str, Json]:
        """As the file `operations/approvals/<nonce>/request.json` holds it."""
        return {
            "nonce": self.nonce,
            "proposal": self.proposal.body(),
            "service": self.service,
            "requester": self.requester,
            "authors": list(self.authors),
            "steps": list(self.steps),
            "changes": list(self.changes),
            "at": self.at.isoformat(),
            "expires": self.expires.isoformat(),
        }


def request_from(body: Mapping[str, Json]) -> Request:
    """The request of a `body`; `KeyError`, `TypeError` or `ValueError` when it is none."""
    proposal = body["proposal"]
    if not isinstance(proposal, dict):
        raise TypeError("proposal is not an object")
    return Request(
        nonce=str(body["nonce"]),
        proposal=Proposal(**{key: str(proposal[key]) for key in Proposal.__dataclass_fields__}),
        service=str(body["service"]),
        requester=str(body["requester"]),
        authors=_texts(body["authors"]),
        steps=_texts(body["steps"]),
        changes=_texts(body["changes"]),
        at=datetime.fromisoformat(str(body["at"])),
        expires=datetime.fromisoformat(str(body["expires"])),
    )


def _texts(value: Json) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("a list is expected")
    return tuple(str(item) for item in value)
