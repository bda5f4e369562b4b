"""Whole rollouts in the simulated world: what a strategy does, and how each kind of trouble ends."""

import dataclasses
from datetime import timedelta

import pytest

from golive.drivers.simulated.world import Behaviour
from golive.errors import Failure
from golive.spec.values import Hook, Objectives
from rules import Rules
from theatre import ALL_AT_ONCE, BLUE_GREEN, CANARY, NEW, OLD, ROLLING, Theatre, specification

STRATEGIES = {"all-at-once": ALL_AT_ONCE, "blue-green": BLUE_GREEN, "rolling": ROLLING, "canary": CANARY}


def shifts(theatre: Theatre) -> list[str]:
    return [verb for verb in theatre.world.performed if verb.startswith("shift")]


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
@pytest.mark.parametrize("instances", [1, 2, 3, 7, 25])
def test_a_good_release_goes_live(strategy, instances):
    theatre = Theatre(specification(strategy, instances=instances))
    rules = Rules(theatre)
    assert theatre.deploy().outcome == "succeeded"
    rules.settled("succeeded")
    assert len(theatre.world.instances[NEW.name]) == instances


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_what_is_no_longer_approved_right_before_first_traffic_gets_none(strategy):
    theatre = Theatre(specification(strategy), approval="request-1")
    rules = Rules(theatre)
    theatre.approvals.withdrawn = "bob took his sign-off back"
    settled = theatre.deploy()
    assert (settled.outcome, shifts(theatre)) == ("rolled_back", [])
    assert "bob took his sign-off back" in settled.because
    rules.settled("rolled_back")


def test_bytes_that_change_after_the_start_get_no_traffic():
    theatre = Theatre(specification(CANARY), approval="request-1")
    rules = Rules(theatre)

    def changed_after_start(call, verb, moment):
        if verb.startswith("run smoke") and moment == "after":
            theatre.world.behaviours[NEW.name] = Behaviour(corrupt=True)

    theatre.world.fault = changed_after_start
    settled = theatre.deploy()
    assert (settled.outcome, shifts(theatre)) == ("rolled_back", [])
    assert "do not hash" in settled.because
    rules.settled("rolled_back")


def test_the_approval_is_looked_at_once_and_right_before_the_first_weight():
    theatre = Theatre(specification(CANARY), approval="request-1")
    theatre.deploy()
    done = [v for v in theatre.world.performed if v.startswith(("shift", "confirm"))]
    assert done[:2] == [f"confirm {NEW.name}", f"shift {NEW.name} 5"]
    assert sum(v.startswith("confirm") for v in done) == 1


def test_a_canary_rises_through_its_weights():
    theatre = Theatre(specification(CANARY))
    theatre.deploy()
    assert shifts(theatre) == [f"shift {NEW.name} {weight}" for weight in (5, 25, 50, 100)]


def test_rolling_never_has_fewer_than_the_wanted_instances_nor_stops_before_starting():
    theatre = Theatre(specification(ROLLING, instances=3))
    rules = Rules(theatre)
    theatre.deploy()
    rules.settled("succeeded")
    assert shifts(theatre) == [f"shift {NEW.name} {weight}" for weight in (33, 66, 100)]


def test_a_first_release_needs_no_earlier_one():
    theatre = Theatre(specification(CANARY), first=True)
    assert theatre.deploy().outcome == "succeeded"
    assert shifts(theatre) == [f"shift {NEW.name} 100"]


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
@pytest.mark.parametrize(
    ("behaviour", "word"),
    [
        (Behaviour(crashes=True), "failed"),
        (Behaviour(never_ready=True), "not ready within"),
        (Behaviour(corrupt=True), "do not hash"),
    ],
    ids=["crashes", "never ready", "changed bytes"],
)
def test_a_release_that_does_not_start_gets_no_traffic(strategy, behaviour, word):
    theatre = Theatre(specification(strategy), behaviour=behaviour)
    rules = Rules(theatre)
    settled = theatre.deploy()
    assert (settled.outcome, word in settled.because) == ("rolled_back", True), settled.because
    rules.settled("rolled_back")
    assert shifts(theatre) == []


@pytest.mark.parametrize("strategy", [CANARY, BLUE_GREEN, ROLLING], ids=["canary", "blue-green", "rolling"])
@pytest.mark.parametrize(
    "behaviour", [Behaviour(error_ppm=200_000), Behaviour(error_ppm=15_000)], ids=["20 %", "1.5 %"]
)
def test_a_release_with_errors_is_taken_back(strategy, behaviour):
    theatre = Theatre(specification(strategy), behaviour=behaviour)
    rules = Rules(theatre)
    assert theatre.deploy().outcome == "rolled_back"
    rules.settled("rolled_back")


def test_gross_errors_are_not_watched_until_the_soak_ends():
    slow = dataclasses.replace(CANARY, soak=timedelta(minutes=5))
    theatre = Theatre(specification(slow), behaviour=Behaviour(error_ppm=900_000))
    began = theatre.world.now
    theatre.deploy()
    assert theatre.world.now - began < timedelta(minutes=1)


def test_no_traffic_is_not_a_pass():
    theatre = Theatre(specification(CANARY))
    theatre.world.requests_per_second = 0
    rules = Rules(theatre)
    settled = theatre.deploy()
    assert settled.outcome == "rolled_back"
    assert "undecided" in settled.because
    rules.settled("rolled_back")
    assert shifts(theatre) == [f"shift {NEW.name} 5", f"shift {NEW.name} 0"]


def test_no_traffic_can_be_put_to_a_person():
    objectives = Objectives(no_data="ask", patience=timedelta(seconds=10))
    theatre = Theatre(specification(CANARY, objectives=objectives))
    theatre.world.requests_per_second = 0
    settled = theatre.deploy()
    assert settled.outcome == "rolled_back"  # nobody answered before the deadline
    assert "deadline" in settled.because


def test_a_failing_smoke_test_keeps_users_away():
    theatre = Theatre(specification(CANARY), exits={("smoke",): 1})
    rules = Rules(theatre)
    assert theatre.deploy().outcome == "rolled_back"
    rules.settled("rolled_back")
    assert shifts(theatre) == []


@pytest.mark.parametrize(("when", "moved"), [("before", []), ("after", ["100", "0"])])
def test_a_failing_hook_turns_back(when, moved):
    hook = Hook(name="migrate", command=("migrate",))
    spec = specification(ALL_AT_ONCE, environment=lambda e: dataclasses.replace(e, **{when: (hook,)}))
    theatre = Theatre(spec, exits={("migrate",): 1})
    assert theatre.deploy().outcome == "rolled_back"
    assert [verb.split()[-1] for verb in shifts(theatre)] == moved


def test_a_failed_first_release_leaves_the_front_door_closed():
    theatre = Theatre(specification(CANARY), first=True, behaviour=Behaviour(crashes=True))
    rules = Rules(theatre)
    assert theatre.deploy().outcome == "failed_safe"
    rules.settled("failed_safe")


def test_the_deadline_turns_back():
    spec = specification(
        dataclasses.replace(CANARY, soak=timedelta(minutes=8)),
        objectives=Objectives(patience=timedelta(minutes=30)),
    )
    theatre = Theatre(spec)
    rules = Rules(theatre)
    settled = theatre.deploy()
    assert "deadline" in settled.because
    rules.settled("rolled_back")


def test_a_person_can_be_asked_at_every_weight():
    theatre = Theatre(specification(dataclasses.replace(CANARY, promotion="ask")))
    asked = []

    def answer(world):
        theatre_past = theatre.past().rollout
        if theatre_past and world.weights.get(NEW.name, 0) not in (0, 100):
            weight = world.weights[NEW.name]
            done = theatre_past.done(f"judge {weight}")
            if done and weight not in asked:
                asked.append(weight)
                theatre.promote()

    theatre.world.watch = answer
    assert theatre.deploy().outcome == "succeeded"
    assert asked == [5, 25, 50]


def test_a_standby_revision_takes_over_without_a_start():
    theatre = Theatre(specification(CANARY))
    theatre.deploy()
    theatre.world.performed.clear()
    settled = theatre.rollback()
    assert settled.outcome == "succeeded"
    assert theatre.world.performed[0] == f"shift {OLD.name} 100"
    assert theatre.world.weights == {OLD.name: 100}
    assert NEW.name not in theatre.world.instances


def test_a_revision_that_does_not_stand_by_is_started_first():
    spec = specification(CANARY, environment=lambda e: dataclasses.replace(e, retain=0))
    theatre = Theatre(spec)
    theatre.deploy()
    assert OLD.name not in theatre.world.instances
    theatre.world.performed.clear()
    assert theatre.rollback().outcome == "succeeded"
    assert theatre.world.performed[1] == f"start {OLD.name} 4"


def test_a_rollback_to_something_broken_leaves_traffic_where_it_is():
    spec = specification(CANARY, environment=lambda e: dataclasses.replace(e, retain=0))
    theatre = Theatre(spec)
    theatre.deploy()
    theatre.world.behaviours[OLD.name] = Behaviour(crashes=True)
    assert theatre.rollback().outcome == "rolled_back"
    assert theatre.world.weights == {NEW.name: 100}


def test_nothing_to_roll_back_is_said():
    theatre = Theatre(specification(CANARY), first=True)
    with pytest.raises(Failure, match="nothing to roll back"):
        theatre.rollback()


def test_after_a_reboot_the_live_revision_gets_its_traffic_back_before_the_new_one_starts():
    theatre = Theatre(specification(CANARY))
    theatre.world.instances.clear()
    theatre.world.pools.clear()
    theatre.world.weights.clear()
    assert theatre.deploy().outcome == "succeeded"
    assert shifts(theatre)[0] == f"shift {NEW.name} 0"


def test_a_defect_of_ours_in_mid_rollout_ends_on_the_way_back():
    theatre = Theatre(specification(CANARY))
    rules = Rules(theatre)

    def broken(call, verb, when):
        if verb == f"shift {NEW.name} 25" and when == "before":
            raise ZeroDivisionError("planted")

    theatre.world.fault = broken
    settled = theatre.deploy()
    assert (settled.outcome, "a defect of golive: ZeroDivisionError" in settled.because) == ("rolled_back", True)
    rules.settled("rolled_back")
