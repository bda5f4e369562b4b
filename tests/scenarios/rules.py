"""The rules that every run must keep, watched at every change of the world and checked at its end."""

from dataclasses import dataclass, field

from golive.drivers.simulated.world import World
from golive.evidence.record import Record
from golive.release.forward import FRESH
from golive.release.replay import breaches
from golive.release.wanted import Wanted, wish_again
from theatre import NEW, OLD, Theatre


@dataclass
class Rules:
    """Attach with `Rules(theatre)`; every broken rule is one line of `broken`."""

    theatre: Theatre
    broken: list[str] = field(default_factory=list)
    last: dict[str, int] = field(default_factory=dict)
    last_abort: bool = False

    def __post_init__(self) -> None:
        self.last = dict(self.theatre.world.weights)
        self.theatre.world.watch = self.watch

    def watch(self, world: World) -> None:
        weights = world.weights
        if weights:
            self._hold(sum(weights.values()) == 100, f"weights sum to {sum(weights.values())}")
        self._capacity(world, weights)
        for name, weight in weights.items():
            self._hold(world.healthy(name) > 0, f"{name} has {weight} % and no healthy instance")
        rose = weights.get(NEW.name, 0) > self.last.get(NEW.name, 0)
        if rose:
            self._rise(world, self.last.get(NEW.name, 0))
        self.last = dict(weights)

    def settled(self, outcome: str) -> None:
        """What holds once a rollout is over."""
        world = self.theatre.world
        wholly = {"succeeded": {NEW.name: 100}}.get(outcome, {} if self.theatre.first else {OLD.name: 100})
        self._hold(world.weights == wholly, f"{outcome}, but traffic is {world.weights}")
        if outcome != "succeeded":
            self._hold(NEW.name not in world.instances, "the failed revision still runs")
        self._no_step_twice()
        self._every_intent_has_one_outcome()
        self._is_a_legal_run()
        assert not self.broken, "\n".join(self.broken)

    def _capacity(self, world: World, weights: dict[str, int]) -> None:
        if weights:
            ready = sum(world.healthy(name) for name in weights)
            size = self.theatre.place.instances
            self._hold(ready >= size, f"{ready} of {size} healthy instances have traffic: {weights}")

    def _rise(self, world: World, before: int) -> None:
        rollout = self.theatre.past().rollout
        assert rollout
        self._hold(rollout.turn is None, "the weight rose after the rollout had turned")
        if before == 0:
            smoked = rollout.done(f"smoke before {NEW.name}") or self.theatre.spec.smoke is None
            self._hold(smoked, "first traffic without a passed smoke test")
            confirmed = rollout.last(f"confirm {NEW.name}")
            fresh = confirmed is not None and confirmed.result == "ok" and world.now - confirmed.at <= FRESH
            self._hold(fresh or not self.theatre.approval, "first traffic without a fresh look at the approval")
        elif self.theatre.place.strategy.soak:
            judged = rollout.last(f"judge {before}")
            fresh = judged is not None and judged.answer == "pass" and world.now - judged.at <= FRESH
            self._hold(fresh, f"the weight rose from {before} without a fresh PASS")

    def _no_step_twice(self) -> None:
        ended: list[tuple[str, str]] = []
        for record in self.theatre.ledger.records:
            if record.draft.type == "step.ended" and record.draft.result == "ok":
                key = str(record.draft.body["key"])
                if not key.startswith(("judge", "confirm")):  # taken again when they went stale
                    ended.append((record.draft.rollout, key))
        twice = {key for key in ended if ended.count(key) > 1}
        self._hold(not twice, f"recorded twice: {twice}")

    def _every_intent_has_one_outcome(self) -> None:
        began = [r.seq for r in self.theatre.ledger.records if r.draft.type == "step.began"]
        outcomes = [
            cause for r in self.theatre.ledger.records if r.draft.type == "step.ended" for cause in r.draft.cause
        ]
        self._hold(sorted(outcomes) == began, f"intents {began}, outcomes {outcomes}")

    def _is_a_legal_run(self) -> None:
        """A stranger who has only the records comes to the same conclusion."""
        spec = self.theatre.spec

        def wish(record: Record) -> Wanted:
            return wish_again(spec, record.draft.environment, record.draft.rollout, record.draft.body)

        found = [f"record {b.seq}: {b.what} ({b.why})" for b in breaches(self.theatre.ledger.records, wish)]
        self._hold(not found, "; ".join(found))

    def _hold(self, fact: bool, otherwise: str) -> None:
        if not fact:
            self.broken.append(f"{self.theatre.world.now:%H:%M:%S} {otherwise}")
