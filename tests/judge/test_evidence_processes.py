"""Evidence may be looked at all the time: its mean never rises above 1 while its null holds. Counted exactly."""

import pickle
from collections.abc import Callable
from math import comb, exp

import pytest

from golive.judge.guard import Guard
from golive.judge.harm import Harm, factors, tempered
from golive.judge.odds import Table, log_factors
from golive.judge.process import Bets, Mixture
from golive.judge.proof import ErrorProof, LatencyProof
from golive.judge.signs import Saturation, Traffic
from golive.judge.terms import CALM, WORSE_WEIGHTS

TABLES = ((3, 9, 4), (5, 5, 3), (1, 20, 2))  # requests to new and old, and faults of both, tick by tick


def law(n1: int, n0: int, m: int) -> dict[int, float]:
    whole = comb(n1 + n0, m)
    return {x: comb(n1, x) * comb(n0, m - x) / whole for x in range(max(0, m - n0), min(n1, m) + 1)}


def mean_evidence(fold: Callable[[tuple[Table, ...]], float]) -> float:
    """Over every way in which the faults of all ticks may fall."""
    ways: list[tuple[float, tuple[Table, ...]]] = [(1.0, ())]
    for n1, n0, m in TABLES:
        ways = [(p * q, (*found, Table(x, n1, m - x, n0))) for p, found in ways for x, q in law(n1, n0, m).items()]
    return sum(p * exp(fold(found)) for p, found in ways)


@pytest.mark.parametrize("phi", [1.0, 2.0, 6.0])
@pytest.mark.parametrize("elapsed", [0.0, 0.1, 0.5])
def test_a_good_revision_gathers_no_evidence_of_harm_on_average(phi: float, elapsed: float) -> None:
    def fold(found: tuple[Table, ...]) -> float:
        mixture = Mixture(WORSE_WEIGHTS)
        for table in found:
            mixture.take([tempered(f, phi) for f in factors("errors", table, 1.0, 4.0).fine], elapsed)
        return mixture.log_e

    assert 0.3 < mean_evidence(fold) <= 1 + 1e-9


def test_a_revision_as_slow_as_the_margin_is_not_proven_on_average() -> None:
    def fold(found: tuple[Table, ...]) -> float:
        proof = LatencyProof(phi=1.0, beta=0.05, beyond=0.01)  # far more than that are slow: no absence helps
        for table in found:
            proof.take(table, 0.1)
        return proof.log_e

    assert 0.3 < mean_evidence(fold) <= 1 + 1e-9


def test_bets_on_a_fair_rank_gain_nothing_on_average() -> None:
    for phi in (1.0, 3.0):
        total = 0.0
        for high in (0, 1):
            for then in (0, 1):
                bets = Bets(phi)
                bets.take(float(high))
                bets.take(float(then))
                total += exp(bets.log_e) / 4
        assert total <= 1 + 1e-12


@pytest.mark.parametrize("rate", [0.0, 0.002, 0.01])
def test_an_objective_that_is_kept_is_not_called_broken_on_average(rate: float) -> None:
    total = 0.0
    for x in range(41):
        guard = Guard("errors", 10_000)
        guard.take((x, 40, 0, 0), elapsed=0.1, seconds=10)
        total += comb(40, x) * rate**x * (1 - rate) ** (40 - x) * exp(guard.log_e)
    assert total <= 1 + 1e-9


@pytest.mark.parametrize("share", [0.19, 0.2, 0.4])
def test_traffic_that_arrives_is_not_called_lost_on_average(share: float) -> None:
    total = 0.0
    for arrived in range(31):
        traffic = Traffic(0.0005)
        traffic.take(arrived, 30, 20, 0.1)
        total += comb(30, arrived) * share**arrived * (1 - share) ** (30 - arrived) * exp(traffic.log_e)
    assert total <= 1 + 1e-9


@pytest.mark.parametrize("beyond", [0.5, 0.1, 0.01])
def test_a_quantile_beyond_the_shifted_bound_is_not_proven_on_average(beyond: float) -> None:
    total = 0.0
    for x in range(41):
        proof = LatencyProof(phi=1.0, beta=0.05, beyond=beyond)
        proof.take(Table(x, 40, 0, 0), 0.1)
        total += comb(40, x) * beyond**x * (1 - beyond) ** (40 - x) * exp(proof.log_e)
    assert total <= 1 + 1e-9


def test_errors_at_the_absolute_margin_are_not_proven_on_average() -> None:
    total = 0.0
    for x in range(31):
        proof = ErrorProof(phi=1.0, beta=0.05, times=2.0, plus=0.05)
        proof.take(Table(x, 30, 0, 0), 0.1)
        total += comb(30, x) * 0.05**x * 0.95 ** (30 - x) * exp(proof.log_e)
    assert total <= 1 + 1e-9


def test_nothing_seen_is_no_evidence() -> None:
    assert Mixture(WORSE_WEIGHTS).log_e == pytest.approx(0.0)
    assert Bets().log_e == pytest.approx(0.0)
    assert ErrorProof(phi=1.0, beta=0.05, times=2.0, plus=0.002).log_e == pytest.approx(0.0)


def late(weights: tuple[float, ...], elapsed: float) -> int:
    """Ticks from the beginning of a fault after 200 good ticks until evidence of 100 to 1."""
    mixture = Mixture(weights)
    for _ in range(200):
        mixture.take(log_factors(Table(1, 100, 19, 1_900), (5.0,)), elapsed)
    for count in range(1, 500):
        mixture.take(log_factors(Table(5, 100, 19, 1_900), (5.0,)), elapsed)
        if mixture.log_e > 4.6:
            return count
    return 500


def test_a_fault_that_begins_late_need_not_outweigh_the_good_time_before() -> None:
    assert late((1.0,), 0.003) < late((1.0,), 0.0) / 3


def test_the_state_does_not_grow() -> None:
    mixture, sizes = Mixture(WORSE_WEIGHTS), []
    for number in range(2_000):
        mixture.take(factors("errors", Table(1, 50, 2, 950), 1.0, 4.0).fine, 0.0005)
        if number in (20, 1_999):
            sizes.append(len(pickle.dumps((mixture._running, mixture._late))))
    assert sizes[0] == sizes[1]


def test_a_gauge_needs_many_minutes_and_a_single_one_proves_nothing() -> None:
    gauge = Saturation(0.0005)
    gauge.take(100.0, 1.0, 60.0)
    assert not gauge.crossed
    for _ in range(60):
        gauge.take(1.5, 1.0, 60.0)
    assert gauge.crossed


def test_a_planned_look_sees_what_evidence_has_not_reached_and_only_when_it_is_planned() -> None:
    """190 errors beside 130: too little for evidence at half-way, enough for one exact test."""
    found = {}
    for looks in (True, False):
        harm = Harm("errors", phi=CALM, alpha=0.0025, looks=looks)
        for number in range(1, 101):
            tick = factors("errors", Table(2 - (number % 10 == 0), 1_000, 1 + (number % 10 < 3), 1_000), 1.0, 4.0)
            harm.take(tick, elapsed=0.005, seconds=10, progress=number / 200)
        found[looks] = harm.crossed
    assert found == {True: "look", False: ""}
