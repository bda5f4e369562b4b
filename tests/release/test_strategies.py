"""Strategies are lists of stages; what a target cannot serve is refused, not rounded."""

from datetime import timedelta

import pytest

from golive.errors import Failure
from golive.release.strategies import refuse_unservable, stages
from golive.release.target import Capabilities
from golive.spec.values import Environment, Strategy, TargetChoice

SOAK = timedelta(seconds=5)
SPLITS = Capabilities(weighted=False, header_route=False, mirror=False, faults=False)
WEIGHS = Capabilities(weighted=True, header_route=True, mirror=False, faults=False)


def environment(kind, instances, weights=(), soak=SOAK, promotion="auto"):
    strategy = Strategy(kind=kind, weights=weights, soak=soak, promotion=promotion)
    return Environment(
        name="production", target=TargetChoice(kind="local"), instances=instances, strategy=strategy
    )


def shape(chosen):
    return [(stage.weight, stage.new, stage.old, stage.judged) for stage in chosen]


CASES = {
    "all at once": (environment("all-at-once", 3), [(100, 3, 3, False)]),
    "blue-green is judged at 100 %": (environment("blue-green", 3), [(100, 3, 3, True)]),
    "rolling, one by one": (
        environment("rolling", 3),
        [(33, 1, 2, True), (66, 2, 1, True), (100, 3, 0, True)],
    ),
    "rolling without soak is not judged": (
        environment("rolling", 2, soak=timedelta(0)),
        [(50, 1, 1, False), (100, 2, 0, False)],
    ),
    "canary": (
        environment("canary", 4, (5, 50)),
        [(5, 1, 4, True), (50, 2, 4, True), (100, 4, 4, False)],
    ),
}


@pytest.mark.parametrize(("place", "expected"), CASES.values(), ids=CASES)
def test_stages(place, expected):
    assert shape(stages(place, first=False)) == expected


@pytest.mark.parametrize("place", [case[0] for case in CASES.values()], ids=CASES)
def test_a_first_release_is_one_stage(place):
    assert shape(stages(place, first=True)) == [(100, place.instances, place.instances, False)]


@pytest.mark.parametrize("instances", [1, 9, 10, 11, 57, 200])
def test_rolling_has_at_most_ten_stages_with_rising_weights_and_whole_capacity(instances):
    chosen = stages(environment("rolling", instances), first=False)
    assert len(chosen) <= 10
    weights = [stage.weight for stage in chosen]
    assert weights == sorted(set(weights))
    assert weights[-1] == 100
    assert all(stage.new + stage.old == instances for stage in chosen)


def test_a_weight_that_the_target_cannot_serve_is_refused_with_the_smallest_step():
    place = environment("canary", 4, (5, 50))
    with pytest.raises(Failure) as refused:
        refuse_unservable(stages(place, first=False), place, SPLITS)
    assert refused.value.lines() == [
        "environments.production.strategy: 5 % cannot be served",
        "why:  the target splits by its 4 instances; the smallest step is 25 %",
        "next: use weights that are whole instances, or a target with a weighted router",
    ]
    refuse_unservable(stages(place, first=False), place, WEIGHS)


def test_a_person_is_asked_at_each_weight_below_100():
    chosen = stages(environment("canary", 4, (5, 50), promotion="ask"), first=False)
    assert [stage.ask for stage in chosen] == [True, True, False]
