"""Roster and policy as JSON, and back: one form, so that a digest of it names a version."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from golive.evidence.record import Json
from golive.evidence.shape import FILE_NAME
from golive.evidence.signing.keys import public_key
from golive.gate.trust.values import Key, Person, Policy, Quorum, Roster

KINDS = ("human", "agent", "service")
_SECOND = timedelta(seconds=1)


def roster_body(roster: Roster) -> dict[str, Json]:
    return {
        "version": roster.version,
        "threshold": roster.threshold,
        "persons": {name: _person_body(person) for name, person in roster.persons.items()},
    }


def roster_from(body: Mapping[str, Any], digest: str) -> Roster:
    """The roster of a body; `ValueError`, `KeyError` or `TypeError` when it is none, or has not the one form."""
    persons = {name: _person(name, found) for name, found in body["persons"].items()}
    roster = Roster(version=body["version"], threshold=body["threshold"], persons=persons, digest=digest)
    if roster_body(roster) != body:
        raise ValueError("it is not in the one form of a roster")
    return roster


def policy_body(policy: Policy) -> dict[str, Json]:
    return {
        "version": policy.version,
        "quorums": {name: _quorum_body(quorum) for name, quorum in policy.quorums.items()},
        "emergencyRoles": list(policy.emergency_roles),
        "waiverRoles": list(policy.waiver_roles),
        "longestWaiverSeconds": policy.longest_waiver // _SECOND,
    }


def policy_from(body: Mapping[str, Any], digest: str) -> Policy:
    """The policy of a body; errors as `roster_from`."""
    policy = Policy(
        version=body["version"],
        quorums={name: _quorum(found) for name, found in body["quorums"].items()},
        emergency_roles=tuple(body["emergencyRoles"]),
        waiver_roles=tuple(body["waiverRoles"]),
        longest_waiver=timedelta(seconds=body["longestWaiverSeconds"]),
        digest=digest,
    )
    if policy_body(policy) != body:
        raise ValueError("it is not in the one form of a policy")
    return policy


def _person_body(person: Person) -> Json:
    return {
        "name": person.name,
        "kind": person.kind,
        "roles": list[Json](sorted(person.roles)),
        "keys": [{"key": key.public.line, "first": key.first, "last": key.last} for key in person.keys],
        "accounts": list[Json](sorted(person.accounts)),
        "emails": list[Json](sorted(person.emails)),
    }


def _person(name: str, found: Mapping[str, Any]) -> Person:
    if not FILE_NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} cannot be the id of a person: lower-case letters, digits, dot, dash, underscore"
        )
    if found["kind"] not in KINDS:
        raise ValueError(f"{name} is of kind {found['kind']!r}; there are {', '.join(KINDS)}")
    return Person(
        id=name,
        name=found["name"],
        kind=found["kind"],
        roles=frozenset(found["roles"]),
        keys=tuple(
            Key(public=public_key(key["key"], f"key of {name}"), first=key["first"], last=key["last"])
            for key in found["keys"]
        ),
        accounts=frozenset(found["accounts"]),
        emails=frozenset(found["emails"]),
    )


def _quorum_body(quorum: Quorum) -> Json:
    return {
        "persons": quorum.persons,
        "roles": list(quorum.roles),
        "distinctRoles": quorum.distinct_roles,
        "lifetimeSeconds": quorum.lifetime // _SECOND,
    }


def _quorum(found: Mapping[str, Any]) -> Quorum:
    return Quorum(
        persons=found["persons"],
        roles=tuple(found["roles"]),
        distinct_roles=found["distinctRoles"],
        lifetime=timedelta(seconds=found["lifetimeSeconds"]),
    )
