"""One record: what somebody is about to do, did, or decided.

Shape (closed: an unknown key is an error on reading): integers and strings only, no floats; instants are
UTC with milliseconds. Source: `docs/decisions/0001-ledger-as-journal.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]

Result = Literal["", "ok", "failed", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who caused a record."""

    id: str
    kind: Literal["human", "agent", "system"] = "human"


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A file under `evidence/` that a record vouches for."""

    path: str  # relative to evidence/
    sha256: str
    size_bytes: int
    media_type: str
    redactions: int = 0  # how many secrets were taken out before it was hashed


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A record before the ledger numbers and chains it."""

    id: str  # unique; appending the same id again returns the record that is there
    at: datetime  # aware UTC, for people
    mono_ns: int  # monotonic, for durations within one boot
    boot: str
    type: str  # such as "step.began"
    environment: str
    rollout: str  # "" when the record belongs to no rollout
    epoch: int = 0
    actor: Actor
    cause: tuple[int, ...] = ()  # earlier records that led to this one
    result: Result = ""
    body: Mapping[str, Json] = field(default_factory=dict)
    artifacts: tuple[Artifact, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Record:
    """A draft in its place in the log."""

    seq: int  # 1, 2, 3 … without gaps
    prev: str  # SHA-256 of the previous line; 64 zeros for the first
    draft: Draft
    line: str  # the canonical JSON, without newline: the bytes that are hashed
    digest: str  # SHA-256 of `line`
