"""The roster and the policy as frozen values; `roster` and `policy` in this room read and write them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from golive.evidence.signing.keys import PublicKey


@dataclass(frozen=True, kw_only=True)
class Key:
    """A person's key and the stretch of the log in which it counts."""

    public: PublicKey
    first: int = 0  # size of the log from which on it counts
    last: int | None = None  # size of the log up to which it counts; None: not revoked


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who may sign. `accounts` and `emails` tell who requested, deployed and wrote a change."""

    id: str  # [a-z0-9][a-z0-9._-]{0,99}
    name: str
    kind: str  # "human", "agent" or "service"; only a human's signature counts
    roles: frozenset[str]
    keys: tuple[Key, ...]
    accounts: frozenset[str] = frozenset()  # names that records call them by: `actor.id`
    emails: frozenset[str] = frozenset()  # as git names them


@dataclass(frozen=True, kw_only=True)
class Roster:
    """Everybody who may sign, as of one version."""

    version: int  # 1, 2, 3 …
    threshold: int  # how many persons of this version must sign the next one
    persons: Mapping[str, Person]
    digest: str = ""  # SHA-256 of the payload that was signed


@dataclass(frozen=True, kw_only=True)
class Quorum:
    """Whose sign-offs an environment asks for before a deploy."""

    persons: int = 2  # distinct persons with distinct raw keys
    roles: tuple[str, ...] = ()  # each must be held by one of the counted persons
    distinct_roles: int = 2  # how many different roles the counted persons must sign in
    lifetime: timedelta = timedelta(hours=24)  # of a sign-off


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is asked of each environment, as of one version. An environment that is not named asks for nothing."""

    version: int
    quorums: Mapping[str, Quorum] = field(default_factory=dict)  # by environment
    emergency_roles: tuple[str, ...] = ()  # who may approve alone in an emergency; () forbids it
    waiver_roles: tuple[str, ...] = ()  # who may waive a claim; () forbids waivers
    longest_waiver: timedelta = timedelta(days=30)
    digest: str = ""  # SHA-256 of the payload that was signed; of the built-in one when there is none


@dataclass(frozen=True, kw_only=True)
class Received:
    """A sign-off as the records hold it, not yet believed."""

    envelope: bytes
    seq: int  # of the record that received it
    at: datetime
