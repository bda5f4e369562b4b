"""The test of the tests: each rule is broken once in the code, and the scenarios must notice."""

import dataclasses
from datetime import timedelta

import pytest

from golive.controller import drive
from golive.drivers.simulated.world import Behaviour
from golive.judge.verdict import Answer, Verdict
from golive.release import back, forward, past
from golive.release.steps import Confirm, Settle, Stop
from rules import Rules
from test_crashes import ENDS, abort_at, crash_at, scene
from theatre import CANARY, NEW, ROLLING, Theatre, specification


def without_smoke(patch):
    patch.setattr(forward, "_before_weight", lambda *_: iter(()))


def nobody_looks_at_the_approval(patch):
    real = forward._before_weight

    def careless(*args):
        yield from (step for step in real(*args) if not isinstance(step, Confirm))

    patch.setattr(forward, "_before_weight", careless)


def unknown_is_a_pass(patch):
    patch.setattr(past.Rollout, "passed", past.Rollout.last)


def no_data_is_a_pass(patch):
    good = Verdict(answer=Answer.PASS, because="nothing was seen")
    patch.setattr(forward, "judge", lambda *_, **__: good)


def a_pass_stays_fresh(patch):
    patch.setattr(forward, "FRESH", timedelta(days=1))


def the_old_one_shrinks_first(patch):
    real = forward._stage

    def early(wanted, number, seen, rollout, now):
        if wanted.old and not seen.weight(wanted.new) and len(seen.of(wanted.old)) > 1:
            yield Stop(revision=wanted.old, keep=1)
        yield from real(wanted, number, seen, rollout, now)

    patch.setattr(forward, "_stage", early)


def nobody_waits_for_health(patch):
    def careless(revision, size, seen, rollout, now):
        from golive.release.capacity import provide

        yield from (step for step in provide(revision, size, seen, rollout, now) if hasattr(step, "key"))

    patch.setattr(forward, "provide", careless)


def aborts_are_not_read(patch):
    patch.setattr(past, "_turned", lambda rollout, because, record: rollout)


def the_way_back_forgets_the_traffic(patch):
    def forgetful(*_):
        yield Settle(outcome="rolled_back", because="so they say")

    patch.setattr(back, "_return", forgetful)


def the_new_one_is_left_running(patch):
    patch.setattr(back, "reduce", lambda *_: iter(()))


def outcomes_get_lost(patch):

    patch.setattr(drive.Drive, "_close", lambda self, dangling: self._forget())
    patch.setattr(drive.Drive, "_forget", _forget, raising=False)


def _forget(self):
    rollout = self.past.rollout
    self.past = dataclasses.replace(self.past, rollout=dataclasses.replace(rollout, open=None))


def every_crash(strategy, end="good"):
    calls = undisturbed(strategy, end)
    for number in range(1, calls + 1):
        play(scene(strategy, ENDS[end]), fault=lambda theatre, n=number: crash_at(n, "before"))


def undisturbed(strategy, end):
    theatre = scene(strategy, ENDS[end])
    play(theatre)
    return theatre.world.calls


def play(theatre, fault=None, wanted=None):
    if fault:
        theatre.world.fault = fault(theatre)
    rules = Rules(theatre)
    outcome = theatre.deploy().outcome
    rules.settled(outcome)
    assert wanted in (None, outcome)


def canary_of_four():
    play(scene(CANARY, ENDS["good"]), wanted="succeeded")


def a_slow_start():
    slow = Behaviour(ready_after=timedelta(seconds=9))
    play(scene(CANARY, slow), wanted="succeeded")


def rolling_of_four():
    play(scene(ROLLING, ENDS["good"]), wanted="succeeded")


def crashes_in_a_rolling_release():
    every_crash(ROLLING)


def no_traffic():
    theatre = scene(CANARY, ENDS["good"])
    theatre.world.requests_per_second = 0
    play(theatre, wanted="rolled_back")


def a_bad_release():
    play(scene(CANARY, ENDS["bad"]), wanted="rolled_back")


def an_abort():
    play(scene(CANARY, ENDS["good"]), fault=lambda theatre: abort_at(theatre, 15), wanted="rolled_back")


def a_person_who_takes_a_minute():
    spec = specification(
        dataclasses.replace(CANARY, promotion="ask"),
        environment=lambda e: dataclasses.replace(e, deadline=timedelta(hours=1)),
    )
    theatre = Theatre(spec)
    rules = Rules(theatre)
    waited = {}

    def answer(world):
        rules.watch(world)
        weight = world.weights.get(NEW.name, 0)
        rollout = theatre.past().rollout
        if rollout and weight and rollout.done(f"judge {weight}"):
            waited.setdefault(weight, world.now)
            if waited[weight] and world.now - waited[weight] > timedelta(minutes=1):
                waited[weight] = None
                theatre.promote()

    theatre.world.watch = answer
    rules.settled(theatre.deploy().outcome)


MUTATIONS = [
    (without_smoke, canary_of_four),
    (nobody_looks_at_the_approval, canary_of_four),
    (unknown_is_a_pass, crashes_in_a_rolling_release),
    (no_data_is_a_pass, no_traffic),
    (a_pass_stays_fresh, a_person_who_takes_a_minute),
    (the_old_one_shrinks_first, rolling_of_four),
    (nobody_waits_for_health, a_slow_start),
    (aborts_are_not_read, an_abort),
    (the_way_back_forgets_the_traffic, a_bad_release),
    (the_new_one_is_left_running, a_bad_release),
    (outcomes_get_lost, crashes_in_a_rolling_release),
]


@pytest.mark.parametrize("run", sorted({run for _, run in MUTATIONS}, key=lambda run: run.__name__))
def test_the_rule_holds(run):
    run()


@pytest.mark.parametrize(("mutation", "run"), MUTATIONS, ids=[m.__name__ for m, _ in MUTATIONS])
def test_breaking_it_is_noticed(mutation, run, monkeypatch):
    mutation(monkeypatch)
    with pytest.raises(AssertionError):
        run()
