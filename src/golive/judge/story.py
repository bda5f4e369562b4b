"""How the evidence of one rollout grew, tick by tick: what a picture of it is drawn from."""

from dataclasses import dataclass
from datetime import datetime

from golive.judge.samples import Event


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The evidence on one metric after each tick of the story, as log10 of e-values.

    `harm` at or above `harm_boundary` rolls back; `proof` at or above `proof_boundary` proves "not worse than
    the margin". A metric that only has one side has an empty other one.
    """

    metric: str  # "errors", "p99"
    harm: tuple[float, ...]
    proof: tuple[float, ...]
    harm_boundary: float
    proof_boundary: float
    margin: str = ""  # "not more than twice the baseline's, or 0.2 % above it"


@dataclass(frozen=True, kw_only=True)
class Served:
    """What one revision served in one tick."""

    requests: int
    errors: int
    p99_ms: float | None  # None: no latency was measured


@dataclass(frozen=True, kw_only=True)
class Story:
    """Everything that a picture shows. All tuples over time have one entry for each of `at`."""

    rollout: str
    new: str
    old: str
    at: tuple[datetime, ...]
    curves: tuple[Curve, ...]
    new_served: tuple[Served, ...]
    old_served: tuple[Served, ...]
    weights: tuple[Event, ...]
    marks: tuple[tuple[datetime, str], ...]  # verdicts and other events, in a few words
    conclusion: str  # one plain sentence
