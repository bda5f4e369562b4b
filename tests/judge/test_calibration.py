"""Placebo canaries: calm services keep their evidence, noisy ones lose what noise would claim."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from golive.errors import Exit, Failure
from golive.judge.calibration import Placebo, calibrate, placebos
from golive.judge.samples import Tick
from golive.judge.terms import METRICS, SHARES, Calibration, Terms

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
BOUNDS = (10, 100, 300)
WATCH = timedelta(minutes=10)
TERMS = Terms(new="placebo", old="others", horizon=WATCH)
Instance = Callable[[random.Random, int, int], tuple[int, int, int]]  # pod, tick → requests, errors, slow


def calm(luck: random.Random, pod: int, number: int) -> tuple[int, int, int]:
    return 40, sum(luck.random() < 0.02 for _ in range(40)), sum(luck.random() < 0.3 for _ in range(40))


def storms(luck: random.Random, pod: int, number: int) -> tuple[int, int, int]:
    """As many errors, but four at a time."""
    return 40, 4 * sum(luck.random() < 0.02 for _ in range(10)), 12


def one_is_slow(luck: random.Random, pod: int, number: int) -> tuple[int, int, int]:
    return 40, 0, 30 if pod == 0 else 5


def history(instance: Instance, *, pods: int = 5, minutes: int = 60) -> list[Tick]:
    luck = random.Random(1)
    found = []
    for number in range(6 * minutes):
        for pod in range(pods):
            requests, errors, slow = instance(luck, pod, number)
            found.append(
                Tick(
                    at=NOON + timedelta(seconds=10 * number),
                    revision="old",
                    requests=requests,
                    errors=errors,
                    latency=(0, requests - slow, slow, 0),
                    instance=f"pod-{pod}",
                )
            )
    return found


def learned(instance: Instance, **shape: int) -> Calibration:
    return calibrate(placebos(history(instance, **shape), BOUNDS, TERMS), watch=WATCH, source="test", at=NOON)


def test_a_calm_service_keeps_its_evidence() -> None:
    found = learned(calm)
    assert found.canaries == 5 * 6
    assert {phi.fine for phi in found.phi.values()} == {1.0}
    assert found.alarms == 0


def test_errors_that_come_in_storms_count_for_less_and_latency_does_not() -> None:
    found = learned(storms)
    assert found.phi["errors"].fine > 1.0
    assert found.phi["p99"].fine == 1.0


def test_a_service_with_an_instance_that_is_slow_for_good_is_refused() -> None:
    with pytest.raises(Failure, match="p50 differ too much between instances"):
        learned(one_is_slow)


def test_too_few_placebo_canaries_teach_nothing() -> None:
    with pytest.raises(Failure, match="20 are needed") as caught:
        learned(calm, pods=3, minutes=50)
    assert caught.value.code == Exit.WAITING


def test_one_instance_alone_is_no_placebo() -> None:
    assert list(placebos(history(calm, pods=1), BOUNDS, TERMS)) == []


def test_noise_beyond_every_temper_is_said_with_its_metric() -> None:
    wild = [Placebo(instance=f"pod-{n}", began=NOON, needed={("p99", "fine"): 1_000.0}) for n in range(30)]
    with pytest.raises(Failure, match="p99 differ too much"):
        calibrate(wild, watch=WATCH, source="test", at=NOON)


def test_a_reserve_is_kept_where_the_same_instances_alarm_again_and_again() -> None:
    def needs(instance: int, phi: float) -> Placebo:
        return Placebo(instance=f"pod-{instance}", began=NOON, needed={("p50", "fine"): phi})

    calm_ones = [needs(n % 20, 1.0) for n in range(440)]
    lasting = calibrate([*calm_ones, *[needs(0, 2.0)] * 20], watch=WATCH, source="t", at=NOON)
    chance = calibrate([*calm_ones, *[needs(n, 2.0) for n in range(20)]], watch=WATCH, source="t", at=NOON)
    assert (lasting.phi["p50"].fine, chance.phi["p50"].fine) == (4.0, 3.0)


def test_alpha_is_shared_and_never_exceeded() -> None:
    assert sum(SHARES.values()) <= 1.0
    for known in (None, learned(calm)):
        terms = Terms(new="new", old="old", calibration=known)
        spent = sum(terms.alpha_of(name) * (2 if terms.looks_are_planned(name) else 1) for name in METRICS)
        assert spent <= terms.alpha
