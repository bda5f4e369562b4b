"""The real controller on a simulated world: set a scene, let controllers die, see how it ends."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from golive.controller.drive import Drive
from golive.controller.journal import Journal
from golive.controller.opening import deploy_wish, open_rollout, rollback_wish
from golive.controller.outside import Outside
from golive.drivers.simulated.clock import SimulatedClock
from golive.drivers.simulated.edges import (
    SimulatedApprovals,
    SimulatedArtifacts,
    SimulatedCommands,
    SimulatedProber,
    SimulatedSamples,
)
from golive.drivers.simulated.ledger import SimulatedLedger
from golive.drivers.simulated.router import SimulatedRouter
from golive.drivers.simulated.target import SimulatedTarget
from golive.drivers.simulated.world import Behaviour, Crash, World
from golive.evidence.ledger import Holder
from golive.evidence.record import Actor
from golive.release.past import Past, Settled, fold
from golive.release.revision import Revision
from golive.release.wanted import Wanted, wish_again
from golive.spec.values import (
    Build,
    Change,
    Environment,
    HealthCheck,
    Judging,
    Objectives,
    SmokeTest,
    Spec,
    Strategy,
    TargetChoice,
)

OLD = Revision(digest="a" * 64)
NEW = Revision(digest="b" * 64)
SMOKE = SmokeTest(command=("smoke",))
MOST_RESUMES = 60


BY_OBJECTIVES = Judging(unproven="objectives")


def specification(
    strategy: Strategy,
    *,
    instances: int = 4,
    smoke: SmokeTest | None = SMOKE,
    objectives: Objectives | None = None,
    judging: Judging = BY_OBJECTIVES,
    environment: Callable[[Environment], Environment] = lambda e: e,
) -> Spec:
    place = Environment(
        name="production",
        target=TargetChoice(kind="local"),
        instances=instances,
        strategy=strategy,
        deadline=timedelta(minutes=10),
    )
    return Spec(
        service="shop",
        owner="team",
        revision=Build(include=("**",), exclude=(), build=(), run=("app",)),
        health=(HealthCheck(kind="http"),),
        smoke=smoke,
        objectives=objectives or Objectives(patience=timedelta(seconds=30)),
        judging=judging,
        environments={"production": environment(place)},
        change=Change(),
        digest="0" * 64,
        source="golive.yaml",
    )


CANARY = Strategy(kind="canary", weights=(5, 25, 50), soak=timedelta(seconds=5))
ROLLING = Strategy(kind="rolling", soak=timedelta(seconds=2))
BLUE_GREEN = Strategy(kind="blue-green", soak=timedelta(seconds=5))
ALL_AT_ONCE = Strategy(kind="all-at-once")


@dataclass
class Theatre:
    """One environment with `OLD` live, unless `first`."""

    spec: Spec
    first: bool = False
    behaviour: Behaviour = field(default_factory=Behaviour)
    world: World = field(default_factory=World)
    ledger: SimulatedLedger = field(default_factory=SimulatedLedger)
    exits: dict[tuple[str, ...], int] = field(default_factory=dict)
    approval: str = ""
    before_first_step: Callable[["Theatre"], None] = lambda theatre: None

    def __post_init__(self) -> None:
        self.clock = SimulatedClock(self.world)
        self.world.behaviours[NEW.name] = self.behaviour
        target = SimulatedTarget(self.world)
        self.approvals = SimulatedApprovals(self.world)
        self.outside = Outside(
            target=target,
            logs=target,
            redact=lambda text: text,
            router=SimulatedRouter(self.world),
            prober=SimulatedProber(),
            samples=SimulatedSamples(self.world),
            clock=self.clock,
            commands=SimulatedCommands(self.world, self.exits),
            artifacts=SimulatedArtifacts(),
            approvals=self.approvals,
            ledger=self.ledger,
        )
        if not self.first:
            self.world.live(OLD, self.place.instances)
            self._record_old_as_live()

    @property
    def place(self) -> Environment:
        return self.spec.environments["production"]

    def past(self) -> Past:
        return fold(self.ledger.read("production"), "production")

    def deploy(self) -> Settled:
        """Deploy `NEW`; whenever the controller dies, another one resumes."""
        return self._play(self._open)

    def rollback(self) -> Settled:
        return self._play(self._open_rollback)

    def abort(self) -> None:
        """What another process does: no lease, no parent."""
        rollout = self.past().rollout
        if rollout:
            self._journal(leased=False).append(
                "abort.requested", rollout=rollout.id, body={"because": "a person aborted"}
            )

    def promote(self) -> None:
        rollout = self.past().rollout
        assert rollout
        self._journal(leased=False).append("promote.granted", rollout=rollout.id)

    def _play(self, opening: Callable[[Journal], Wanted | None]) -> Settled:
        for _ in range(MOST_RESUMES):
            try:
                return asyncio.run(self._controller(opening))
            except Crash:
                self.ledger.holders.clear()  # the process is gone, and its lease with it
        raise AssertionError("too many crashes")

    async def _controller(self, opening: Callable[[Journal], Wanted | None]) -> Settled:
        journal = self._journal(leased=True)
        before = len(self.past().settled)
        if self.past().rollout is None:
            wanted = opening(journal)
            self.before_first_step(self)
        past = self.past()
        if past.rollout:
            wanted = wish_again(self.spec, "production", past.rollout.id, past.rollout.wanted)
        assert wanted or before
        if not past.rollout:
            return past.settled[-1]
        drive = Drive(
            outside=self.outside,
            journal=journal,
            wanted=wanted,
            smoke=self.spec.smoke,
            watch=lambda moment: None,
            past=past,
        )
        settled = await drive.to_the_end()
        if journal.lease:
            self.ledger.release(journal.lease)
        return settled

    def _open(self, journal: Journal) -> Wanted | None:
        past = self.past()
        if any(s.new == NEW for s in past.settled):
            return None  # the controller died right after settling
        wanted = deploy_wish(
            self.spec, past, NEW, self.outside.target.capabilities, self.world.now, self.clock.new_id()
        )
        wanted = replace(wanted, approval=self.approval)
        open_rollout(journal, past, wanted, (), {})
        return wanted

    def _open_rollback(self, journal: Journal) -> Wanted | None:
        past = self.past()
        if past.settled and past.settled[-1].kind == "rollback":
            return None
        wanted = rollback_wish(self.spec, past, None, self.world.now, self.clock.new_id())
        open_rollout(journal, past, wanted, (), {})
        return wanted

    def _journal(self, *, leased: bool) -> Journal:
        holder = Holder(actor="ann", where="pid 1 on laptop", since=self.world.now)
        return Journal(
            ledger=self.ledger,
            clock=self.clock,
            actor=Actor(id="ann"),
            environment="production",
            redact=lambda text: text,
            lease=self.ledger.take("production", holder) if leased else None,
        )

    def _record_old_as_live(self) -> None:
        pen = self._journal(leased=False)
        wanted = {
            "kind": "deploy",
            "new": {"digest": OLD.digest, "settings": ""},
            "old": None,
            "standby": [],
            "deadline": self.world.now.isoformat(),
            "spec_digest": "",
        }
        pen.append("rollout.wanted", rollout="first", body=wanted)
        pen.append("rollout.settled", rollout="first", body={"outcome": "succeeded"})
