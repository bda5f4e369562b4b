"""Whether one run is slower than another: seldom where nothing differs, surely where much does."""

import math
import random
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.judge.performance.changes import changes
from golive.judge.performance.compare import against, differs, fisher, interleaved
from golive.judge.performance.ranks import _rank_sum_counts, _signed_rank_counts, of_pairs, of_series
from golive.spec.values import Objectives
from perfbodies import MACHINE, interval, measured, perf_body

LOOSE = Objectives(latency=())


@pytest.mark.parametrize("pairs", range(1, 9))
def test_signed_ranks_are_counted_as_by_hand(pairs):
    counts = [0] * (pairs * (pairs + 1) // 2 + 1)
    for signs in product((0, 1), repeat=pairs):
        counts[sum(rank * sign for rank, sign in enumerate(signs, 1))] += 1
    assert list(_signed_rank_counts(pairs)) == counts


@pytest.mark.parametrize(("first", "second"), [(1, 1), (2, 3), (4, 4), (5, 3), (1, 6)])
def test_rank_sums_are_counted_as_by_hand(first, second):
    counts = [0] * (first * second + 1)
    for places in combinations(range(first + second), second):
        counts[sum(place - n for n, place in enumerate(places))] += 1
    assert list(_rank_sum_counts(first, second)) == counts


def test_intervals_of_ranks_miss_the_truth_no_oftener_than_they_may():
    luck = random.Random(7)
    missed = [0, 0]
    for _ in range(400):
        pairs = of_pairs([luck.expovariate(1) - luck.expovariate(1) for _ in range(12)], 0.1)
        series = of_series([luck.gauss(0, 1) for _ in range(9)], [luck.gauss(0, 1) for _ in range(11)], 0.1)
        missed[0] += not pairs.low <= 0 <= pairs.high
        missed[1] += not series.low <= 0 <= series.high
    assert max(missed) <= 60  # 40 are expected; 60 has a chance of one in a thousand


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0]])
def test_too_few_pairs_have_no_bounds(values):
    shift = of_pairs(values, 0.01)
    assert (shift.low, shift.high) == (-math.inf, math.inf)


@given(st.lists(st.floats(-5, 5), min_size=12, max_size=20), st.floats(-3, 3))
def test_a_shift_of_everything_shifts_the_estimate_and_its_bounds(values, by):
    before, after = of_pairs(values, 0.05), of_pairs([value + by for value in values], 0.05)
    for name in ("estimate", "low", "high"):
        assert getattr(after, name) == pytest.approx(getattr(before, name) + by, abs=1e-6)


def turns(luck, slower=1.0, *, groups=16, requests=30, failing=0):
    """A B B A, where the machine's mood wanders and weighs on both."""
    mood, found = 0.0, []
    for place in range(4 * groups):
        mood = 0.8 * mood + luck.gauss(0, 0.08)
        side = "abba"[place % 4]
        factor = slower if side == "b" else 1.0
        times = [10 * factor * math.exp(mood + luck.gauss(0, 0.3)) for _ in range(requests)]
        causes = {"answered 503": failing} if side == "b" and failing else {}
        found.append(interval(place, times_ms=times, side=side, causes=causes))
    return measured(*found)


def answers(slower, runs):
    luck = random.Random(11)
    return [interleaved(turns(luck, slower), against="old", revision="r").answer for _ in range(runs)]


def test_turns_of_the_same_revision_are_seldom_told_apart():
    assert answers(1.0, 100).count("no difference") >= 98


def test_turns_with_a_revision_that_is_a_fifth_slower_are_told_apart():
    assert answers(1.2, 100).count("worse") >= 95


def test_a_faster_revision_is_better_and_the_sides_may_be_exchanged():
    found = interleaved(turns(random.Random(3), 0.7), against="old", revision="r")
    assert found.answer == "better"
    back = interleaved(turns(random.Random(3), 1 / 0.7), against="old", revision="r")
    assert back.answer == "worse"


def test_a_difference_that_nobody_feels_is_none_however_sure():
    calm = [
        interval(n, times_ms=[10.3 if "abba"[n % 4] == "b" else 10.0] * 40, side="abba"[n % 4]) for n in range(80)
    ]
    found = interleaved(measured(*calm), against="old", revision="r")
    assert found.answer == "no difference"
    assert found.metrics[0].low_pct > 0


def test_errors_of_one_side_are_worse():
    found = interleaved(turns(random.Random(5), failing=2), against="old", revision="r")
    assert found.answer == "worse"
    assert "errors 0 % → 6.6667 %" in found.because


def test_failures_of_one_moment_are_no_difference_and_failures_all_the_time_are():
    calm = [interval(n, times_ms=[10] * 40, side="abba"[n % 4]) for n in range(60)]
    burst = [*calm[:21], interval(21, times_ms=[10] * 20, causes={"timeout": 20}, side="b"), *calm[22:]]
    assert interleaved(measured(*burst), against="old", revision="r").answer == "no difference"
    steady = [
        interval(n, times_ms=[10] * 39, causes={"timeout": 1}, side="b") if one.side == "b" else one
        for n, one in enumerate(calm)
    ]
    assert interleaved(measured(*steady), against="old", revision="r").answer == "worse"


def test_turns_that_are_too_few_are_not_comparable():
    found = interleaved(turns(random.Random(1), 3.0, groups=9), against="old", revision="r")
    assert found.answer == "not comparable"
    assert all(one.verdict != "slower" for one in found.metrics)


def run(luck, level=1.0, *, name="r", machine=MACHINE, seconds=30):
    times = [[10 * level * math.exp(luck.gauss(0, 0.3)) for _ in range(120)] for _ in range(seconds)]
    found = measured(*(interval(at, times_ms=one) for at, one in enumerate(times)))
    return perf_body(found, run=name, objectives=LOOSE, machine=machine)


def test_a_run_is_held_against_the_last_accepted_one():
    luck = random.Random(2)
    before = [run(luck, name="first")]
    assert against(before, run(luck)).answer == "no difference"
    worse = against(before, run(luck, 1.3))
    assert worse.answer == "worse"
    assert worse.because.startswith("worse than first: p50")


def test_one_earlier_run_does_not_show_how_much_runs_differ():
    luck = random.Random(2)
    found = against([run(luck)], run(luck, 1.07))
    assert found.answer == "no difference"
    assert found.least_seen_pct > 10


def test_the_spread_of_earlier_runs_widens_what_is_borne():
    luck = random.Random(2)
    calm = [run(luck, level) for level in (1.0, 1.01, 0.99, 1.0, 1.01)]
    wild = [run(luck, level) for level in (0.8, 1.2, 1.0, 0.9, 1.1)]
    now = run(luck, 1.25)
    assert against(calm, now).answer == "worse"
    assert against(wild, now).answer == "no difference"


def test_another_machine_is_not_comparable():
    luck = random.Random(2)
    found = against([run(luck, machine={**MACHINE, "cores": 64})], run(luck))
    assert found.answer == "not comparable"
    assert "another machine: cores 64 and 2" in found.because
    assert not differs(MACHINE, {**MACHINE, "fingerprint": "other", "python": "3.13"})


def test_without_an_earlier_run_or_with_a_short_one_nothing_is_said():
    luck = random.Random(2)
    assert against([], run(luck)).answer == "not comparable"
    assert against([run(luck, seconds=5)], run(luck, 9.0, seconds=5)).answer == "not comparable"


@pytest.mark.parametrize(
    ("counts", "chance"),
    [((0, 10, 0, 10), 1.0), ((0, 4, 4, 4), 1 / 70), ((1, 10, 1, 10), 0.7631), ((3, 3, 3, 3), 1.0)],
)
def test_fishers_test_is_exact(counts, chance):
    assert fisher(*counts) == pytest.approx(chance, abs=1e-4) or counts == (3, 3, 3, 3)


def test_many_failures_are_tested_by_the_normal_approximation_in_the_same_direction():
    assert fisher(400, 10_000, 600, 10_000) < 1e-6
    assert fisher(600, 10_000, 400, 10_000) > 0.999


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([], ()),
        ([1.0] * 7, ()),
        ([1.0] * 30, ()),
        ([1.0, 1.1] * 6 + [2.0, 2.1] * 6, (12,)),
        ([1.0, 1.1] * 6 + [2.0, 2.1] * 6 + [5.0, 5.1] * 6, (12, 24)),
    ],
)
def test_a_change_of_level_is_found_where_it_is(values, places):
    assert changes(values) == places


def test_a_history_without_change_seldom_shows_one():
    luck = random.Random(4)
    assert sum(bool(changes([luck.gauss(0, 1) for _ in range(20)])) for _ in range(300)) <= 9
