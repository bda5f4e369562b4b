"""The rules of other tools, each on cases that a person can work out, and on what their users stumbled over."""

from datetime import UTC, datetime, timedelta
from math import comb, sqrt

import pytest

from golive.judge.minutes import Count, Minute
from golive.judge.peers import argo, fixed, flagger, kayenta, ztest
from golive.judge.peers.brent import root
from golive.judge.peers.mannwhitney import shift
from golive.judge.peers.rules import PEERS
from golive.judge.peers.tally import bucket_of, minutes_of, slower, together
from golive.judge.samples import Tick

BOUNDS_MS = (50, 100, 400, 800)
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
NOTHING = Count(requests=0, errors=0, latency=(0, 0, 0, 0, 0))


def count(requests=1000, errors=0, slow=0):
    """Requests between 50 and 100 ms, and `slow` ones between 400 and 800."""
    return Count(requests=requests, errors=errors, latency=(0, requests - slow, 0, slow, 0))


def minute(errors=0, slow=0, requests=1000, old_errors=0):
    baseline = count(20_000, 20 * old_errors)
    return Minute(canary=count(requests, errors, slow), baseline=baseline, control=count(1000, old_errors))


GOOD = minute()
FAILING = minute(errors=11)  # 98.9 %
SLOW = minute(slow=20)  # p99: the 10th slowest of 20 between 400 and 800 ms is at 600
QUIET = Minute(canary=NOTHING, baseline=count(20_000), control=count(1000))


def told(rule, minutes):
    ruling = rule(minutes, BOUNDS_MS)
    return ruling.answer, ruling.minute


class TestEveryPeer:
    @pytest.mark.parametrize(("name", "rule"), PEERS)
    def test_of_nothing_says_nothing(self, name, rule):
        assert told(rule, ()) == ("none", 0)

    @pytest.mark.parametrize(("name", "rule"), PEERS)
    def test_promotes_a_canary_equal_to_its_control(self, name, rule):
        assert told(rule, [GOOD] * 60) == ("promote", 10 if name == "Flagger, 10 checks" else 60)

    @pytest.mark.parametrize(("name", "rule"), PEERS)
    def test_rolls_back_when_half_of_all_answers_are_errors(self, name, rule):
        minutes = [minute(errors=500 + index % 2) for index in range(60)]
        assert rule(minutes, BOUNDS_MS).answer == "rollback"

    @pytest.mark.parametrize(("name", "rule"), PEERS)
    @pytest.mark.parametrize("requests", [0, 1])
    def test_has_an_answer_to_a_single_minute_with_next_to_nothing(self, name, rule, requests):
        assert rule([minute(requests=requests)], BOUNDS_MS).answer in ("promote", "rollback")


class TestFlagger:
    def test_failed_checks_add_up_and_good_ones_take_none_back(self):
        minutes = ([GOOD] * 9 + [FAILING]) * 5
        assert told(flagger.watched, minutes) == ("rollback", 50)
        assert told(flagger.watched, minutes[:-1]) == ("promote", 49)

    def test_promotes_after_ten_good_checks_unless_five_failed_before(self):
        assert told(flagger.iterated, [FAILING] * 4 + [GOOD] * 20) == ("promote", 14)
        assert told(flagger.iterated, [GOOD] * 9 + [FAILING] * 5) == ("rollback", 14)

    def test_a_minute_without_requests_is_a_failed_check(self):
        ruling = flagger.watched([QUIET] * 5, BOUNDS_MS)
        assert (ruling.answer, ruling.minute) == ("rollback", 5)
        assert ruling.because == "5 failed checks, the last: no values found"

    @pytest.mark.parametrize(
        ("edge", "answer"),
        [
            (minute(errors=10), "promote"),  # exactly 99 %
            (minute(errors=11), "rollback"),
            (minute(slow=20), "rollback"),
        ],
    )
    def test_limits(self, edge, answer):
        assert flagger.watched([edge] * 5, BOUNDS_MS).answer == answer

    @pytest.mark.parametrize(
        ("latency", "p99_ms", "answer"),
        [
            ((0, 990, 10, 0, 0), 500, "promote"),
            ((0, 989, 10, 0, 1), 500.1, "promote"),
            ((0, 980, 10, 0, 10), 501, "rollback"),
        ],
    )
    def test_a_p99_is_cut_to_whole_milliseconds(self, latency, p99_ms, answer):
        canary, bounds_ms = Count(requests=1000, errors=0, latency=latency), (100, 500, 501, 800)
        assert canary.quantile_ms(0.99, bounds_ms) == pytest.approx(p99_ms)
        minutes = [Minute(canary=canary, baseline=NOTHING, control=NOTHING)] * 5
        assert flagger.watched(minutes, bounds_ms).answer == answer


class TestArgo:
    def test_a_limit_of_three_fails_at_the_fourth_failure(self):
        failing = minute(errors=51)
        assert told(argo.documented, [failing] * 19) == ("promote", 19)
        assert told(argo.documented, [failing] * 20) == ("rollback", 20)

    def test_each_metric_has_failures_of_its_own(self):
        failing, slow = minute(errors=60), SLOW
        assert told(argo.documented, ([failing] * 5 + [slow] * 5) * 3) == ("promote", 30)
        assert told(argo.documented, ([failing] * 5 + [slow] * 5) * 4) == ("rollback", 35)

    def test_a_window_is_judged_as_a_whole(self):
        assert told(argo.documented, [minute(errors=200), GOOD, GOOD, GOOD, GOOD] * 12) == ("promote", 60)

    def test_windows_without_requests_are_failures(self):
        assert told(argo.documented, [QUIET] * 20) == ("rollback", 20)
        ruling = argo.strict([GOOD, QUIET], BOUNDS_MS)
        assert (ruling.minute, ruling.because) == (2, "1 failures of success rate")

    def test_strict_allows_not_one(self):
        assert told(argo.strict, [minute(errors=10)] * 60) == ("promote", 60)
        assert told(argo.strict, [GOOD] * 30 + [FAILING] + [GOOD] * 29) == ("rollback", 31)
        assert told(argo.strict, [GOOD, SLOW]) == ("rollback", 2)


def z_by_ranks(ones, others, by):
    """The test itself, worked out from ranks: whether `ones` lie more than `by` above `others`."""
    moved = [one - by for one in ones]
    values = sorted([*moved, *others])
    rank = {value: values.index(value) + (values.count(value) + 1) / 2 for value in values}
    many, whole = len(ones) * len(others), len(values)
    surplus = sum(rank[value] for value in moved) - len(ones) * (len(ones) + 1) / 2 - many / 2
    ties = sum(values.count(value) ** 3 - values.count(value) for value in {*values})
    deviation = sqrt(many / 12 * (whole + 1 - ties / (whole * (whole - 1))))
    return (surplus - (0.5 if surplus > 0 else -0.5 if surplus < 0 else 0)) / deviation


class TestRoot:
    def test_of_a_cubic(self):
        """Brent's and everybody's example: x^3 - 2x - 5 is zero at 2.0945514815."""
        assert root(lambda x: x**3 - 2 * x - 5, 2, 3) == pytest.approx(2.0945514815, abs=1e-6)

    @pytest.mark.parametrize(("below", "above"), [(1, -2), (2, -1), (-1, 1000), (-1000, 1)])
    def test_of_a_jump_is_on_the_side_that_is_nearer_to_zero(self, below, above):
        found = root(lambda x: below if x < 0.3 else above, -4, 3)
        assert found == pytest.approx(0.3, abs=1e-6)
        assert (found < 0.3) == (abs(below) < abs(above))

    def test_takes_few_steps_to_a_smooth_crossing(self):
        asked = []
        root(lambda x: asked.append(x) or x**3 - 2 * x - 5, -100, 100)
        assert len(asked) <= 22  # halving alone takes 28, with straight lines 27


class TestMannWhitney:
    def test_four_against_four(self):
        found = shift((10, 20, 30, 40), (1, 2, 3, 4), 1.959963984540054)
        assert (found.low, found.middle, found.high) == (6, 22.5, 39)

    def test_permeability_of_membranes(self):
        """Hollander and Wolfe (1973), page 69: the estimate is 0.305, in the middle of two differences."""
        at_term = (0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46)
        earlier = (1.15, 0.88, 0.90, 0.74, 1.21)
        assert 0.30 < shift(at_term, earlier, 1.96).middle < 0.31

    @pytest.mark.parametrize(
        ("ones", "others"),
        [
            (range(0, 40, 2), range(5, 35, 3)),
            ((0, 0, 0, 1, 0, 2, 0, 0, 3, 1, 0, 5), (0, 0, 0, 0, 1, 0, 0, 0, 0, 1)),
            ((7, 7, 7, 7, 7, 7, 8), (1, 1, 1, 1, 1, 2)),
        ],
    )
    def test_the_interval_holds_what_the_test_does_not_reject(self, ones, others):
        z, hair = 2.3263478740408408, 2e-6
        found = shift(ones, others, z)
        assert z_by_ranks(ones, others, found.low - hair) > z >= z_by_ranks(ones, others, found.low + hair)
        assert z_by_ranks(ones, others, found.high - hair) >= -z > z_by_ranks(ones, others, found.high + hair)

    def test_one_against_one_and_two_against_two_reject_nothing(self):
        assert shift([5.0], [3.0], 2.33).low == shift([5.0], [3.0], 2.33).high == 2.0
        found = shift([5.0, 9.0], [3.0, 4.0], 2.33)
        assert (found.low, found.middle, found.high) == (1.0, 3.5, 6.0)


class TestKayenta:
    @pytest.mark.parametrize(
        ("canary", "control", "grade"),
        [
            ([], [1.0], "no data"),
            ([1.0], [], "no data"),
            ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], "Pass"),  # identical
            ([0.0] * 60, [0.0] * 50, "Pass"),  # one value over all
            ([2.0] * 60, [1.0] * 60, "High"),  # constant each
            ([1.0] * 60, [2.0] * 60, "Pass"),  # lower is no harm
            ([2.0], [1.0], "High"),  # a single minute is no obstacle
            ([10.0, 20.0, 30.0, 40.0], [1.0, 2.0, 3.0, 4.0], "High"),
            ([4.0] + [0.0] * 59, [0.0] * 60, "Pass"),  # sparse errors against none
            ([100.0] * 7 + [1.0] * 3, [1.1] * 10, "Pass"),  # 7 of 10 minutes a hundred times worse
        ],
    )
    def test_grade(self, canary, control, grade):
        assert kayenta.grade(canary, control) == grade

    def test_a_quarter_of_the_shift_is_the_bar(self):
        control = [float(value) for value in range(20)]
        found = shift([value + 6 for value in control], control, kayenta.Z)
        assert (found.low, found.middle) == pytest.approx((1, 6), abs=1e-6)  # clearly above, but for less than 1.5
        assert kayenta.grade([value + 6 for value in control], control) == "Pass"
        assert kayenta.grade([value + 7 for value in control], control) == "High"

    def test_sparse_errors_are_high_though_most_pairs_of_minutes_do_not_differ(self):
        """Low and middle are both zero but for the search, which ends just above where the test would reject."""
        control = [0.003] * 8 + [0.0] * 52
        assert kayenta.grade([0.003] * 18 + [0.0] * 42, control) == "Pass"
        assert kayenta.grade([0.003] * 28 + [0.0] * 32, control) == "High"

    def test_a_mean_below_the_controls_is_not_high(self):
        canary, control = [10.0] * 40, [9.0] * 39 + [1000.0]
        assert kayenta.grade(canary, control) == "Pass"
        assert kayenta.grade(canary, [9.0] * 40) == "High"

    def test_once_waits_for_the_end_and_growing_looks_every_five_minutes_from_ten(self):
        bad = [minute(errors=50 + index % 3) for index in range(60)]
        assert told(kayenta.once, bad) == ("rollback", 60)
        assert told(kayenta.growing, bad) == ("rollback", 10)
        late = [minute(errors=index % 3, old_errors=index % 3) for index in range(12)] + bad
        assert told(kayenta.growing, late)[1] % 5 == 0
        assert told(kayenta.growing, late)[1] > 15

    def test_a_watch_shorter_than_the_first_look_is_judged_at_its_end(self):
        assert told(kayenta.growing, [minute(errors=50 + index % 3) for index in range(8)]) == ("rollback", 8)

    def test_no_data_of_most_metrics_fails_the_canary(self):
        ruling = kayenta.once([QUIET] * 60, BOUNDS_MS)
        assert (ruling.answer, ruling.because) == ("rollback", "no data of errors and p50 and p99")

    def test_the_control_is_compared_not_production(self):
        crowd = [
            Minute(canary=count(1000, 20 + index % 3), baseline=count(20_000), control=count(1000, 20 + index % 3))
            for index in range(60)
        ]
        assert told(kayenta.once, crowd) == ("promote", 60)


class TestZTest:
    def test_statistic(self):
        assert ztest.z_of(15, 100, 5, 100) == pytest.approx(0.1 / sqrt(0.1 * 0.9 * 0.02))

    @pytest.mark.parametrize("shares", [(0, 0, 5, 100), (5, 100, 0, 0), (0, 100, 0, 100), (1, 1, 9, 9)])
    def test_shares_that_tell_nothing_have_no_z(self, shares):
        assert ztest.z_of(*shares) == 0.0

    def test_counts_add_up_until_they_alarm(self):
        minutes = [minute(errors=2, old_errors=1)] * 60
        first = next(n for n in range(1, 61) if ztest.z_of(2 * n, 1000 * n, 20 * n, 20_000 * n) > 2.713)
        assert told(ztest.judge, minutes) == ("rollback", first)


class TestExactTest:
    def test_hand_counted(self):
        """3 of 4 errors among 5 of 15 requests: (10 x 10 + 5 x 1) of 1365 ways."""
        ways = comb(5, 3) * comb(10, 1) + comb(5, 4) * comb(10, 0)
        assert fixed.chance(3, 5, 1, 10) == pytest.approx(ways / comb(15, 4))

    @pytest.mark.parametrize("counts", [(0, 0, 0, 0), (0, 5, 0, 10), (1, 1, 0, 0), (0, 0, 1, 1), (0, 9, 4, 9)])
    def test_nothing_to_tell_is_no_alarm(self, counts):
        assert fixed.chance(*counts) == 1.0

    def test_alarms_at_the_end_by_the_half_percent_of_errors(self):
        assert told(fixed.judge, [minute(errors=3, old_errors=1)] * 60) == ("rollback", 60)
        assert told(fixed.judge, [minute(errors=1, old_errors=1)] * 60) == ("promote", 60)


def tick(second, revision="new", requests=10, **more):
    return Tick(
        at=NOON + timedelta(seconds=second),
        revision=revision,
        requests=requests,
        errors=1,
        latency=(requests,),
        **more,
    )


class TestMinutes:
    def test_six_ticks_are_one_minute(self):
        ticks = [tick(10 * index, revision) for index in range(7) for revision in ("new", "old")]
        first, second = minutes_of(ticks, "new", "old")
        assert first.canary == Count(requests=60, errors=6, latency=(60,))
        assert second.baseline == Count(requests=10, errors=1, latency=(10,))
        assert first.control == first.baseline

    def test_a_control_is_kept_apart(self):
        (only,) = minutes_of([tick(0), tick(0, "old")], "new", "old", [tick(0, "old", 3)])
        assert (only.baseline.requests, only.control.requests) == (10, 3)

    def test_a_gap_is_minutes_with_nothing(self):
        minutes = minutes_of([tick(0), tick(0, "old"), tick(200, "old")], "new", "old")
        assert [(each.canary.requests, each.baseline.requests) for each in minutes] == [
            (10, 10),
            (0, 0),
            (0, 0),
            (0, 10),
        ]

    def test_golives_own_load_and_instances_beside_their_whole_do_not_count(self):
        whole, parts = tick(0), [tick(0, instance="a", requests=4), tick(0, instance="b", requests=6)]
        own = tick(0, synthetic=True)
        assert minutes_of([whole, *parts, own], "new", "old")[0].canary.requests == 10
        assert minutes_of([*parts, own], "new", "old")[0].canary.requests == 10

    def test_no_ticks_are_no_minutes(self):
        assert minutes_of([], "new", "old") == ()
        assert minutes_of([tick(0, "other")], "new", "old") == ()

    def test_counts_of_none_are_empty(self):
        assert together([]) == Count(requests=0, errors=0, latency=())
        assert (bucket_of(together([]), 0.5), slower(together([]), 0)) == (0, 0)
