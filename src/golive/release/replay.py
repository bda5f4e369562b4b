"""Whether records are the run of a controller that kept its rules. Pure; for whoever verifies evidence later.

A chain shows that nobody touched the records since; replay shows that what they tell was allowed to happen:

- one rollout at a time in an environment, and nothing is recorded for one that is not open;
- an outcome names the step of its intent;
- the weight moves through the stages of the specification, in order, and rises past a judged stage only after a
  PASS at it;
- what asks for an approval gets its first traffic only after that was confirmed;
- once a rollout has turned, its weight only falls;
- a rollout ends as what its traffic says: succeeded with everything on the new revision, otherwise with nothing.

Not seen here: what was true outside of the records.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from golive.evidence.record import Draft, Record
from golive.judge.verdict import Answer
from golive.release.wanted import Wanted

OF_A_ROLLOUT = frozenset({"step.began", "step.ended", "rollout.turned", "promote.granted", "rollout.settled"})


@dataclass(frozen=True, kw_only=True)
class Breach:
    """A record that no controller of ours would have written there."""

    seq: int
    what: str
    why: str


def breaches(records: Iterable[Record], wish: Callable[[Record], Wanted | None]) -> Iterator[Breach]:
    """Every breach, in order. `wish` gives what a `rollout.wanted` record asked for, None when that is unknown."""
    replay = Replay(wish=wish)
    for record in records:
        yield from replay.take(record)


@dataclass(kw_only=True)
class Replay:
    """Takes records in order and says at once what is wrong with each."""

    wish: Callable[[Record], Wanted | None]
    _runs: dict[str, "_Run"] = field(default_factory=dict)

    def take(self, record: Record) -> tuple[Breach, ...]:
        name = record.draft.environment
        run = self._runs.setdefault(name, _Run())
        found = tuple(run.faults(record, self.wish))
        run.take(record)
        return found


@dataclass(kw_only=True)
class _Run:
    """One environment, as far as it was replayed. Read anew here, so that one reading checks the other."""

    rollout: str = ""  # the open one
    open: tuple[int, str] | None = None  # seq and key of an intent without outcome
    turned: str | None = None  # why the rollout goes back
    wanted: Wanted | None = None
    weight: int = 0  # of the new revision, in the open rollout
    passed: set[int] = field(default_factory=set)  # weights at which the judge said PASS since they were reached
    confirmed: bool = False

    def faults(self, record: Record, wish: Callable[[Record], Wanted | None]) -> Iterator[Breach]:
        kind = record.draft.type
        if kind == "rollout.wanted":
            if self.rollout:
                yield _breach(
                    record, "a rollout begins while another one is open", f"{self.rollout} has not settled"
                )
            self._begin(record, wish(record))
        elif kind in OF_A_ROLLOUT and (not self.rollout or self.rollout != record.draft.rollout):
            yield _breach(record, f"{kind} of a rollout that is not open", f"open is {self.rollout or 'none'}")
        elif kind == "step.began":
            yield from self._begun(record)
        elif kind == "step.ended":
            yield from self._other_step(record)
        elif kind == "rollout.settled":
            yield from self._unlike_its_traffic(record)

    def take(self, record: Record) -> None:
        draft = record.draft
        if draft.rollout != self.rollout or draft.type == "rollout.wanted":
            return
        match draft.type:
            case "step.began":
                self.open = (record.seq, str(draft.body.get("key", "")))
            case "step.ended":
                self._end(draft)
            case "rollout.turned" | "abort.requested":
                self._turn(str(draft.body.get("because", "")))
            case "rollout.settled":
                self.rollout = ""

    def _begin(self, record: Record, wanted: Wanted | None) -> None:
        self.rollout, self.wanted = record.draft.rollout, wanted
        self.open, self.turned, self.weight, self.confirmed = None, None, 0, False
        self.passed.clear()

    def _turn(self, because: str) -> None:
        self.turned = because if self.turned is None else self.turned

    def _end(self, draft: Draft) -> None:
        self.open = None
        if draft.body.get("answer") == Answer.FAIL:
            self._turn(str(draft.body.get("because", "")))
        if draft.result == "failed":
            return
        word, _, rest = str(draft.body.get("key", "")).partition(" ")
        if word == "shift" and self._is_ours(rest):
            self.weight = int(rest.rpartition(" ")[2])
            self.passed.discard(self.weight)
        elif word == "judge" and draft.body.get("answer") == Answer.PASS:
            self.passed.add(int(rest))
        elif word == "confirm" and draft.result == "ok":
            self.confirmed = True

    def _begun(self, record: Record) -> Iterator[Breach]:
        if self.open:
            yield _breach(record, "a step begins while another one is open", f"{self.open[1]} has not ended")
        word, _, rest = str(record.draft.body.get("key", "")).partition(" ")
        if word != "shift" or not self._is_ours(rest):
            return
        weight = int(rest.rpartition(" ")[2])
        if weight > self.weight and self.turned is not None:
            yield _breach(record, "the weight rises after the rollout had turned", self.turned)
        elif weight > self.weight:
            yield from self._unearned(record, weight)

    def _is_ours(self, rest: str) -> bool:
        """Whether a shift is about the revision that the open rollout wants."""
        return self.wanted is not None and rest.rpartition(" ")[0] == self.wanted.new.name

    def _unearned(self, record: Record, weight: int) -> Iterator[Breach]:
        assert self.wanted
        if self.wanted.approval and not self.weight and not self.confirmed:
            yield _breach(
                record, "first traffic without a look at the approval", f"request {self.wanted.approval}"
            )
        weights = [stage.weight for stage in self.wanted.stages]
        if weight not in weights:
            yield _breach(record, f"{weight} % is no stage of this rollout", f"its stages are {weights}")
            return
        for stage in self.wanted.stages[: weights.index(weight)]:
            if stage.weight > self.weight:
                yield _breach(record, f"the stage at {stage.weight} % was left out", f"it goes to {weight} %")
            elif stage.judged and stage.weight == self.weight and stage.weight not in self.passed:
                yield _breach(
                    record, f"the weight rises from {stage.weight} % without a PASS", "it is judged there"
                )

    def _other_step(self, record: Record) -> Iterator[Breach]:
        ended = str(record.draft.body.get("key", ""))
        if self.open is None:
            yield _breach(record, "a step ends that did not begin", ended)
        elif self.open[1] != ended:
            yield _breach(record, "a step ends as another one", f"record {self.open[0]} began {self.open[1]}")

    def _unlike_its_traffic(self, record: Record) -> Iterator[Breach]:
        weights, outcome = record.draft.body.get("weights"), record.draft.body.get("outcome")
        if self.wanted is None or not isinstance(weights, dict) or outcome == "needs_human":
            return
        share = weights.get(self.wanted.new.name, 0)
        if outcome == "succeeded" and share != 100:
            yield _breach(record, f"succeeded, with {share} % of the traffic", "the new revision must have it all")
        if outcome == "rolled_back" and share:
            yield _breach(record, f"rolled back, with {share} % of the traffic", "the new revision must have none")


def _breach(record: Record, what: str, why: str) -> Breach:
    return Breach(seq=record.seq, what=what, why=why)
