"""The acts of a rollout, one at a time, and the things that it waits for.

Each step names an end state; performing it twice does no harm, except for hooks, which are not ours.
`key` names the act within a rollout (records are matched by it), `text` tells a person.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from golive.judge.verdict import Verdict
from golive.release.revision import Revision
from golive.release.target import Endpoint

Outcome = Literal["succeeded", "rolled_back", "failed_safe", "needs_human"]


@dataclass(frozen=True, kw_only=True)
class RunHook:
    when: Literal["before", "after"]
    name: str

    @property
    def key(self) -> str:
        return f"hook {self.when} {self.name}"

    @property
    def text(self) -> str:
        return f"run the hook {self.name} ({self.when} the rollout)"


@dataclass(frozen=True, kw_only=True)
class Prepare:
    revision: Revision

    @property
    def key(self) -> str:
        return f"prepare {self.revision.name}"

    @property
    def text(self) -> str:
        return f"check the bytes of {self.revision.name}"


@dataclass(frozen=True, kw_only=True)
class Start:
    revision: Revision
    instances: int

    @property
    def key(self) -> str:
        return f"start {self.revision.name} {self.instances}"

    @property
    def text(self) -> str:
        return f"start {self.revision.name}: {self.instances} instance{'s' * (self.instances != 1)}"


@dataclass(frozen=True, kw_only=True)
class Attach:
    """The router's pool of a revision becomes exactly `endpoints`."""

    revision: Revision
    endpoints: frozenset[Endpoint]

    @property
    def key(self) -> str:
        return f"attach {self.revision.name} {' '.join(str(e) for e in sorted(self.endpoints)) or 'none'}"

    @property
    def text(self) -> str:
        if not self.endpoints:
            return f"take {self.revision.name} out of the router"
        return f"put {self.revision.name} behind the router, without traffic"


@dataclass(frozen=True, kw_only=True)
class Narrow:
    """The router's pool of a revision shrinks to `endpoints`, before the others are stopped."""

    revision: Revision
    endpoints: frozenset[Endpoint]

    @property
    def key(self) -> str:
        return f"narrow {self.revision.name} {' '.join(str(e) for e in sorted(self.endpoints)) or 'none'}"

    @property
    def text(self) -> str:
        if not self.endpoints:
            return f"take {self.revision.name} out of the router"
        return f"leave {len(self.endpoints)} of {self.revision.name} behind the router"


@dataclass(frozen=True, kw_only=True)
class Smoke:
    """Run the smoke test; `marked` reaches the revision by header, before users do."""

    revision: Revision
    marked: bool

    @property
    def key(self) -> str:
        return f"smoke {'before' if self.marked else 'after'} {self.revision.name}"

    @property
    def text(self) -> str:
        return "smoke test, " + ("before users reach it" if self.marked else "through the front door")


@dataclass(frozen=True, kw_only=True)
class Confirm:
    """Right before first traffic: the bytes are still those that were built, the sign-offs still a quorum."""

    revision: Revision

    @property
    def key(self) -> str:
        return f"confirm {self.revision.name}"

    @property
    def text(self) -> str:
        return f"check once more that {self.revision.name} is what was approved"


@dataclass(frozen=True, kw_only=True)
class Shift:
    new: Revision
    old: Revision | None
    weight: int

    @property
    def key(self) -> str:
        return f"shift {self.new.name} {self.weight}"

    @property
    def text(self) -> str:
        return f"give {self.new.name} {self.weight} % of the traffic"


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Record the verdict on one stage; it was computed from the samples that the planner saw."""

    stage: int
    weight: int
    verdict: Verdict | None  # None only in a forecast

    @property
    def key(self) -> str:
        return f"judge {self.weight}"

    @property
    def text(self) -> str:
        return f"judge it at {self.weight} %"


@dataclass(frozen=True, kw_only=True)
class Stop:
    revision: Revision
    keep: int

    @property
    def key(self) -> str:
        return f"stop {self.revision.name} {self.keep}"

    @property
    def text(self) -> str:
        return f"drain and stop {self.revision.name}" + (f", keep {self.keep}" if self.keep else "")


@dataclass(frozen=True, kw_only=True)
class TurnBack:
    """From here on the rollout plans towards the old revision only."""

    because: str

    @property
    def key(self) -> str:
        return "turn back"

    @property
    def text(self) -> str:
        return f"turn back: {self.because}"


@dataclass(frozen=True, kw_only=True)
class Settle:
    outcome: Outcome
    because: str

    @property
    def key(self) -> str:
        return "settle"

    @property
    def text(self) -> str:
        return f"settle: {self.outcome.replace('_', ' ')}"


Step = RunHook | Prepare | Start | Attach | Narrow | Smoke | Confirm | Shift | Judge | Stop | TurnBack | Settle


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Nothing to do before `until`, unless what is seen changes."""

    on: Literal["health", "router", "soak", "traffic", "person", "sight", "retry"]
    why: str
    until: datetime

    @property
    def text(self) -> str:
        return f"wait: {self.why}"
