"""A claim: one sentence that must be true before going live, and what was done to prove it.

A claim is proven by its exercise, and only if that exercise was shown to fail: its *negative control* plants the
opposite fault, and the exercise must then turn red. The verdict over claims is `gate.claims.verdict`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from golive.evidence.record import Artifact

Input = Literal["artifact", "config", "plan", "policy", "migration"]
Phase = Literal["readiness", "deployment", "monitoring", "incidents", "gate"]  # the seed's steps 1 to 5


class Verdict(StrEnum):
    """What may be said of a claim. Only PROVEN and WAIVED let a gate pass; there is no score."""

    PROVEN = "proven"
    REFUTED = "refuted"
    UNPROVEN = "unproven"  # never exercised, no measurement, declared only, or its control did not turn red
    STALE = "stale"  # an input changed since, or its lifetime ended
    WAIVED = "waived"  # somebody signed for going on without it, until a date


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What must be true, how it is shown, and how long that holds."""

    id: str  # lower-case words with dashes, such as "rollback-rehearsed"
    statement: str  # one sentence, such as "a rollback was rehearsed and timed"
    phase: Phase
    exercise: str  # what is done to prove it, in words
    control: str  # the fault that is planted to show that the exercise can fail, in words
    inputs: frozenset[Input]  # a proof is stale once one of these has another digest
    lifetime: timedelta
    next: str  # the command that proves it
    owner: str = ""  # "" is the service's owner
    controls: tuple[str, ...] = ()  # such as "SOC2:CC8.1"


Answer = Literal["proven", "refuted", "declared", "nothing"]
Control = Literal["red", "green", "not run"]


@dataclass(frozen=True, kw_only=True)
class Exercised:
    """How one run of an exercise ended. `declared`: somebody says so, nothing was tried. `nothing`: no data."""

    answer: Answer
    because: str
    next: str = ""  # what to do about it
    facts: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """An exercise as the records hold it."""

    claim: str
    environment: str  # "" when it holds for all
    answer: Answer
    because: str
    control: Control  # whether the negative control turned red, as it must
    inputs: Mapping[str, str]  # Input → SHA-256 at that time
    at: datetime
    seq: int
    next: str = ""
    artifacts: tuple[Artifact, ...] = ()
