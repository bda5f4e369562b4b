"""The controller dies, calls fail, people abort: the rules hold all the same."""

import dataclasses
import os
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from golive.drivers.simulated.world import Behaviour, Crash, Fault
from golive.errors import Failure
from golive.spec.values import Hook, Objectives, Strategy
from rules import Rules
from theatre import ALL_AT_ONCE, BLUE_GREEN, CANARY, NEW, ROLLING, Theatre, specification

STRATEGIES = {"all-at-once": ALL_AT_ONCE, "blue-green": BLUE_GREEN, "rolling": ROLLING, "canary": CANARY}
ENDS = {"good": Behaviour(), "bad": Behaviour(error_ppm=300_000), "crashing": Behaviour(crashes=True)}
RUNS = int(os.environ.get("GOLIVE_SCENARIO_RUNS", "2000"))
FEWEST_POINTS = 20  # a sweep over fewer calls than this did not sweep


def scene(strategy: Strategy, behaviour: Behaviour, *, first: bool = False) -> Theatre:
    theatre = Theatre(specification(strategy), first=first, behaviour=behaviour, approval="request-1")
    theatre.ledger.act = theatre.world.act  # a record is a call like any other
    return theatre


def crash_at(number: int, when: str) -> Fault:
    def strike(call: int, verb: str, moment: str) -> None:
        if (call, moment) == (number, when):
            raise Crash(f"{moment} call {call}: {verb}")

    return strike


def fail_at(number: int) -> Fault:
    def strike(call: int, verb: str, moment: str) -> None:
        if call == number and moment == "before" and not verb.startswith("record"):
            raise Failure(where=verb, what="planted", why="a test", next="nothing")

    return strike


def outcomes(theatre: Theatre) -> str:
    return theatre.past().settled[-1].outcome


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_a_crash_at_every_call_changes_nothing(strategy, end, when):
    undisturbed = scene(strategy, end)
    wanted = undisturbed.deploy().outcome
    points = undisturbed.world.calls
    assert points >= (FEWEST_POINTS if end == ENDS["good"] else 10)
    for number in range(1, points + 1):
        theatre = scene(strategy, end)
        theatre.world.fault = crash_at(number, when)
        rules = Rules(theatre)
        assert theatre.deploy().outcome == wanted, f"crash {when} call {number}"
        rules.settled(wanted)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_one_failing_call_is_tried_again(strategy, end):
    undisturbed = scene(strategy, end)
    wanted = undisturbed.deploy().outcome
    for number in range(1, undisturbed.world.calls + 1):
        theatre = scene(strategy, end)
        theatre.world.fault = fail_at(number)
        rules = Rules(theatre)
        settled = theatre.deploy()
        assert settled.outcome == wanted or "planted" in settled.because, f"call {number}"
        rules.settled(settled.outcome)


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_an_abort_at_every_call_wins(strategy):
    undisturbed = scene(strategy, ENDS["good"])
    undisturbed.deploy()
    last_record = undisturbed.world.calls  # the settling record itself: after it there is nothing to abort
    for number in range(1, last_record):
        theatre = scene(strategy, ENDS["good"])
        theatre.world.fault = abort_at(theatre, number)
        rules = Rules(theatre)
        settled = theatre.deploy()
        assert settled.outcome == ("rolled_back" if aborted(theatre) else "succeeded"), f"abort at {number}"
        rules.settled(settled.outcome)


def abort_at(theatre: Theatre, number: int) -> Fault:
    done: list[int] = []

    def strike(call: int, verb: str, moment: str) -> None:
        if call >= number and moment == "after" and not done:
            done.append(call)
            theatre.abort()

    return strike


def aborted(theatre: Theatre) -> bool:
    return any(r.draft.type == "abort.requested" for r in theatre.ledger.records)


@dataclass(frozen=True)
class Plot:
    """One random run: which calls kill the controller, which fail, when somebody aborts."""

    strategy: Strategy
    instances: int
    behaviour: Behaviour
    first: bool
    crashes: frozenset[tuple[int, str]]
    failures: frozenset[int]
    abort: int | None
    requests_per_second: int

    def fault(self, theatre: Theatre) -> Fault:
        abort = abort_at(theatre, self.abort) if self.abort else None

        def strike(call: int, verb: str, moment: str) -> None:
            if (call, moment) in self.crashes:
                raise Crash(f"{moment} {verb}")
            if abort:
                abort(call, verb, moment)
            if call in self.failures and moment == "before" and not verb.startswith("record"):
                raise Failure(where=verb, what="planted", why="a test", next="nothing")

        return strike


BEHAVIOURS = st.builds(
    Behaviour,
    ready_after=st.sampled_from([timedelta(0), timedelta(seconds=1), timedelta(seconds=9)]),
    never_ready=st.sampled_from([False] * 7 + [True]),
    crashes=st.sampled_from([False] * 7 + [True]),
    corrupt=st.sampled_from([False] * 9 + [True]),
    error_ppm=st.sampled_from([0, 0, 0, 5_000, 12_000, 400_000]),
    latency_ms=st.sampled_from([3, 80, 900]),
)
PLOTS = st.builds(
    Plot,
    strategy=st.sampled_from(list(STRATEGIES.values())),
    instances=st.integers(1, 12),
    behaviour=BEHAVIOURS,
    first=st.sampled_from([False, False, False, True]),
    crashes=st.frozensets(st.tuples(st.integers(1, 70), st.sampled_from(["before", "after"])), max_size=8),
    failures=st.frozensets(st.integers(1, 70), max_size=4),
    abort=st.none() | st.integers(1, 60),
    requests_per_second=st.sampled_from([0, 20, 500]),
)


@pytest.mark.timeout(540)
@settings(max_examples=RUNS, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(PLOTS)
def test_random_crashes_failures_and_aborts(plot):
    spec = specification(
        plot.strategy, instances=plot.instances, objectives=Objectives(patience=timedelta(seconds=10))
    )
    theatre = Theatre(spec, first=plot.first, behaviour=plot.behaviour)
    theatre.ledger.act = theatre.world.act
    theatre.world.requests_per_second = plot.requests_per_second
    theatre.world.fault = plot.fault(theatre)
    rules = Rules(theatre)
    settled = theatre.deploy()
    if aborted(theatre):
        assert settled.outcome in ("rolled_back", "failed_safe")
    rules.settled(settled.outcome)


def test_a_crash_inside_a_hook_that_may_not_be_repeated_turns_back():
    hook = Hook(name="migrate", command=("migrate",))
    spec = specification(ALL_AT_ONCE, environment=lambda e: dataclasses.replace(e, before=(hook,)))
    theatre = Theatre(spec)
    theatre.world.fault = lambda call, verb, when: _die(verb == "run migrate" and when == "after")
    settled = theatre.deploy()
    assert settled.outcome == "rolled_back"
    assert "interrupted" in settled.because
    assert theatre.world.performed.count("run migrate") == 1


def test_a_repeatable_hook_is_run_again():
    hook = Hook(name="warm", command=("warm",), repeatable=True)
    spec = specification(ALL_AT_ONCE, environment=lambda e: dataclasses.replace(e, before=(hook,)))
    theatre = Theatre(spec)
    died: list[bool] = []

    def once(call: int, verb: str, when: str) -> None:
        if verb == "run warm" and not died:
            died.append(True)
            _die(True)

    theatre.world.fault = once
    assert theatre.deploy().outcome == "succeeded"
    assert theatre.world.weights == {NEW.name: 100}


def _die(now: bool) -> None:
    if now:
        raise Crash
