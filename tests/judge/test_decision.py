"""From evidence to a verdict: no data is never a pass, what is clear ends early, what is proven goes on early."""

import dataclasses
import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.judge.assessment import Assessment
from golive.judge.decision import Stand, judge, proven
from golive.judge.odds import chance
from golive.judge.samples import Event, Samples, Tick
from golive.judge.terms import Calibration, Phi, Terms
from golive.judge.verdict import Answer
from golive.judge.watch import Watch
from golive.spec.values import Judging, LatencyObjective, Objectives

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
BOUNDS = (10, 100, 300, 1000)
P99 = Objectives(latency=(LatencyObjective(quantile_ppm=990_000, max_ms=300),))


def tick(requests, errors=0, *, revision="new", slow=0, seconds_ago=0, latency=None):
    counts = latency or (requests - slow, 0, 0, slow, 0)
    return Tick(
        at=NOW - timedelta(seconds=seconds_ago),
        revision=revision,
        requests=requests,
        errors=errors,
        latency=counts,
    )


BY_OBJECTIVES = Judging(unproven="objectives")


def verdict(*ticks, final=True, objectives=None, note="", judging=BY_OBJECTIVES, weight=50):
    """The verdict at a weight on these ticks, a minute after the shift."""
    began = NOW - timedelta(seconds=61)
    terms = Terms(new="new", old="old", objectives=objectives or Objectives(), judging=judging)
    watch = Watch(terms)
    watch.take(Samples(bounds_ms=BOUNDS, ticks=ticks, note=note), [Event(at=began, weight=weight)])
    soak = timedelta(seconds=60 if final else 120)
    return judge(watch.assess(), terms, Stand(weight=weight, since=began, soak=soak, now=NOW))


CASES = {
    "nothing at all": ([], True, Answer.INCONCLUSIVE, "0 of 50 requests"),
    "one request": ([tick(1)], True, Answer.INCONCLUSIVE, "1 of 50"),
    "one failed request": ([tick(1, 1)], True, Answer.INCONCLUSIVE, "1 of 50"),
    "only the old revision": ([tick(900, revision="old")], True, Answer.INCONCLUSIVE, "0 of 50"),
    "enough and good": ([tick(500)], True, Answer.PASS, "0 of 500 errors"),
    "good but too early": ([tick(500)], False, Answer.INCONCLUSIVE, "no clear fault"),
    "exactly at the objective": ([tick(1000, 10)], True, Answer.PASS, "10 of 1000"),
    "just above it at the end": ([tick(1000, 11)], True, Answer.FAIL, "11 of 1000"),
    "just above it too early": ([tick(1000, 11)], False, Answer.INCONCLUSIVE, "no clear fault"),
    "gross, early": ([tick(100, 40)], False, Answer.FAIL, "40 of 100"),
    "all failed, early": ([tick(50, 50)], False, Answer.FAIL, "50 of 50"),
    "stale": ([tick(500, seconds_ago=60)], True, Answer.INCONCLUSIVE, "60 s old"),
    "stale, and yet clear": ([tick(500, 100, seconds_ago=60)], True, Answer.FAIL, "100 of 500"),
    "one fault less than enough requests": ([tick(49, 49)], True, Answer.INCONCLUSIVE, "49 of 50"),
}


@pytest.mark.parametrize(("ticks", "final", "answer", "words"), CASES.values(), ids=CASES)
def test_verdicts(ticks, final, answer, words):
    found = verdict(*ticks, final=final)
    assert (found.answer, words in found.because) == (answer, True), found


def test_slow_answers_break_a_latency_objective():
    assert verdict(tick(1000, slow=9), objectives=P99).answer is Answer.PASS
    found = verdict(tick(1000, slow=11), objectives=P99)
    assert found.answer is Answer.FAIL
    assert "11 of 1000 slower than 300 ms (1.1 %, allowed 1 %)" in found.because


def test_a_latency_objective_without_latencies_is_not_met():
    found = verdict(tick(1000, latency=(0, 0, 0, 0, 0)), objectives=P99)
    assert (found.answer, "latencies of 0 of 50" in found.because) == (Answer.INCONCLUSIVE, True)


def test_errors_are_judged_before_any_latency_was_measured():
    found = verdict(tick(1000, 500, latency=(0, 0, 0, 0, 0)), objectives=P99)
    assert (found.answer, "500 of 1000 errors" in found.because) == (Answer.FAIL, True)


def test_few_latencies_are_too_few_whatever_the_number_of_requests():
    found = verdict(tick(1000, latency=(1, 0, 0, 0, 0)), objectives=P99)
    assert (found.answer, "latencies of 1 of 50" in found.because) == (Answer.INCONCLUSIVE, True)


def test_a_few_slow_answers_stop_nobody():
    found = verdict(tick(1000, latency=(0, 0, 0, 49, 0)), objectives=P99)
    assert (found.answer, "latencies of 49 of 50" in found.because) == (Answer.INCONCLUSIVE, True)


def test_a_histogram_that_ends_below_the_objective_proves_nothing():
    far = Objectives(latency=(LatencyObjective(quantile_ppm=990_000, max_ms=2000),))
    found = verdict(tick(1000), objectives=far)
    assert (found.answer, "up to 1000 ms only" in found.because) == (Answer.INCONCLUSIVE, True)


def test_latencies_in_the_bucket_that_holds_the_objective_count_as_in_time():
    between = Objectives(latency=(LatencyObjective(quantile_ppm=990_000, max_ms=200),))
    assert verdict(tick(1000, latency=(0, 0, 1000, 0, 0)), objectives=between).answer is Answer.PASS
    assert verdict(tick(1000, latency=(0, 0, 0, 1000, 0)), objectives=between).answer is Answer.FAIL


def test_trouble_that_the_baseline_has_as_well_stops_nobody_early():
    both = [tick(1000, 300), tick(1000, 300, revision="old")]
    assert verdict(*both, final=False).answer is Answer.INCONCLUSIVE
    assert verdict(tick(1000, 400), both[1], final=False).answer is Answer.FAIL


def test_an_objective_that_both_revisions_break_is_broken_at_the_end_and_the_reason_says_so():
    found = verdict(tick(1000, 50), tick(1000, 40, revision="old"))
    assert found.answer is Answer.FAIL
    assert found.because == (
        "50 of 1000 errors (5 %, allowed 1 %, the old revision has 4 %; both revisions break the objective)"
    )


def test_the_reason_names_what_the_old_revision_has():
    assert verdict(tick(1000, 50), tick(400, 2, revision="old")).because == (
        "50 of 1000 errors (5 %, allowed 1 %, the old revision has 0.5 %)"
    )


def test_the_reason_says_how_long_it_will_take():
    found = verdict(tick(5, seconds_ago=5), tick(5), final=False)
    assert "at 0.2 requests/s it takes 244 s more" in found.because


def test_what_the_source_has_to_say_is_passed_on():
    assert "front door unreachable" in verdict(note="front door unreachable").because


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6), st.booleans())
def test_too_few_requests_never_pass(counts, final):
    ticks = [tick(max(n, e), e) for n, e in counts]
    found = verdict(*ticks, final=final)
    if sum(t.requests for t in ticks) < 50:
        assert found.answer is Answer.INCONCLUSIVE


@given(st.integers(50, 5000), st.data())
def test_more_errors_never_turn_a_fail_into_a_pass(requests, data):
    fewer = data.draw(st.integers(0, requests))
    more = data.draw(st.integers(fewer, requests))
    for final in (False, True):
        if verdict(tick(requests, fewer), final=final).answer is Answer.FAIL:
            assert verdict(tick(requests, more), final=final).answer is Answer.FAIL


@given(st.integers(0, 400), st.data())
def test_chance_is_the_binomial_tail(whole, data):
    part = data.draw(st.integers(0, whole))
    rate = Fraction(data.draw(st.integers(0, 1000)), 1000)
    if part <= whole * rate:
        assert chance(part, whole, float(rate)) == 1.0
    else:
        assert chance(part, whole, float(rate)) == pytest.approx(float(_tail(part, whole, rate)), rel=1e-6)


def test_an_objective_that_is_just_met_is_hardly_ever_called_broken():
    """True error rate 1 %, which is allowed, looked at every second for a minute: fewer than 1 in 100."""
    luck = random.Random(8)
    assert sum(_stopped(luck, rate=0.01, baseline=0) for _ in range(400)) <= 4


def test_chance_of_many_requests_is_cheap_and_finite():
    assert chance(10_000_000, 10_000_000, 0.01) == 0.0
    assert 0 < chance(101_000, 10_000_000, 0.01) < 0.001


@pytest.mark.parametrize(("part", "whole", "rate", "likely"), [(0, 0, 0, 1), (0, 1, 0.01, 1), (1, 1, 0.01, 0.01)])
def test_the_chance_of_nothing_and_of_one(part, whole, rate, likely):
    assert chance(part, whole, rate) == pytest.approx(likely)
    assert chance(1, whole + 1, 0.0) == 0.0
    assert chance(1, whole + 1, 1.0) == 1.0


def _tail(part, whole, rate):
    return sum(comb(whole, k) * rate**k * (1 - rate) ** (whole - k) for k in range(part, whole + 1))


def test_a_release_well_within_its_objective_is_hardly_ever_stopped_early():
    """True error rate 0.5 %, objective 1 %, a look each second for 60 s at 20 requests/s: fewer than 1 in 50."""
    luck = random.Random(7)
    assert sum(_stopped(luck, rate=0.005, baseline=0) for _ in range(400)) <= 8


def test_a_release_like_its_baseline_is_hardly_ever_stopped_early_even_when_both_break_the_objective():
    """True error rate 3 % on both sides, 20 and 180 requests/s: fewer than 1 in 20, at 60 looks each."""
    luck = random.Random(7)
    assert sum(_stopped(luck, rate=0.03, baseline=180) for _ in range(100)) <= 5


def _stopped(luck, *, rate, baseline, candidate=20):
    """Whether one of 60 looks, one each second, stopped a release that is like its baseline."""
    began, weight = NOW - timedelta(seconds=61), 100 * candidate // (candidate + baseline)
    terms = Terms(new="new", old="old" if baseline else None)
    watch = Watch(terms)
    for second in range(60):
        ticks = [
            tick(n, sum(luck.random() < rate for _ in range(n)), revision=name, seconds_ago=60 - second)
            for name, n in (("new", candidate), ("old", baseline))
        ]
        watch.take(Samples(bounds_ms=BOUNDS, ticks=tuple(ticks)), [Event(at=began, weight=weight)])
        stand = Stand(weight=weight, since=began, soak=timedelta(minutes=5), now=NOW)
        if judge(watch.assess(), terms, stand).answer is Answer.FAIL:
            return True
    return False


CALM = Calibration(
    phi={}, canaries=456, alarms=1, watch=timedelta(hours=1), source="history.json", at=NOW - timedelta(days=1)
)


class Played:
    """Both revisions at 10 %, a tick every 10 s, as an operator would watch them."""

    def __init__(self, *, calibration=CALM, judging=None, objectives=None, weight=10, soak=60, old="old"):
        self.terms = Terms(
            new="new",
            old=old,
            objectives=objectives or P99,
            judging=judging or Judging(),
            calibration=calibration,
            horizon=timedelta(minutes=soak),
        )
        self.weight, self.soak = weight, timedelta(minutes=soak)
        self.now = self.began = NOW
        self.watch = Watch(self.terms)
        self.events = [Event(at=NOW, weight=weight)]

    def tick(self, new, old=None, *, gauges=(None, None), synthetic=False):
        """One tick; `new` and `old` are requests, errors and how many took 200 ms (the rest 20 ms)."""
        if not synthetic:
            self.now += timedelta(seconds=10)
        ticks = [
            Tick(
                at=self.now,
                revision=name,
                requests=requests,
                errors=errors,
                latency=(0, requests - slow, slow, 0, 0),
                synthetic=synthetic,
                gauges={} if gauge is None else {"cpu_cores": gauge},
            )
            for name, (requests, errors, slow), gauge in (
                ("new", new, gauges[0]),
                ("old", old or (0, 0, 0), gauges[1]),
            )
            if name == "new" or old is not None
        ]
        self.watch.take(Samples(bounds_ms=BOUNDS, ticks=tuple(ticks)), self.events)
        return self.verdict

    @property
    def verdict(self):
        stand = Stand(weight=self.weight, since=self.began, soak=self.soak, now=self.now)
        return judge(self.watch.assess(), self.terms, stand)

    def until(self, answer, new, old, *, most=400, **more):
        """How many ticks it takes until this answer; None when it does not come."""
        for count in range(1, most + 1):
            if self.tick(new, old, **more).answer is answer:
                return count
        return None


GOOD, OLD_GOOD = (1_000, 1, 10), (9_000, 9, 90)


def test_a_good_revision_with_traffic_goes_on_at_the_floor_and_not_before():
    played = Played()
    assert played.until(Answer.PASS, GOOD, OLD_GOOD) == 30
    said = played.verdict.because
    assert "proven not worse" in said
    assert "errors at most 2 times the old revision's, or 0.2 % above" in said
    assert "calibrated on 456 placebo canaries" in said


def test_the_floor_can_be_set_and_a_shorter_soak_is_one():
    assert Played(judging=Judging(floor=timedelta(minutes=2))).until(Answer.PASS, GOOD, OLD_GOOD) == 12
    assert Played(soak=3).until(Answer.PASS, GOOD, OLD_GOOD) == 18


def test_a_revision_without_any_error_beside_one_without_any_is_proven_by_its_absence():
    assert Played().until(Answer.PASS, (1_000, 0, 10), (9_000, 0, 90)) == 30


def test_half_of_all_requests_failing_ends_it_within_two_ticks():
    for calibration in (CALM, None):
        assert Played(calibration=calibration).until(Answer.FAIL, (50, 25, 0), (950, 1, 10)) <= 2


def test_five_times_the_errors_are_rolled_back_though_they_keep_the_objective():
    played = Played()
    count = played.until(Answer.FAIL, (1_000, 5, 10), OLD_GOOD)
    assert count is not None
    assert "5.0 times the odds" in played.verdict.because


def test_slower_requests_are_rolled_back_once_the_instances_are_warm():
    slower = (1_000, 1, 40)
    warm = Played(judging=Judging(warm_up=timedelta(0))).until(Answer.FAIL, slower, OLD_GOOD)
    assert warm is not None
    assert warm < 30 <= Played().until(Answer.FAIL, slower, OLD_GOOD)


def test_without_calibration_the_fine_holds_and_a_person_is_asked():
    played = Played(calibration=None)
    assert played.until(Answer.FAIL, (1_000, 4, 10), OLD_GOOD, most=120) is None
    assert played.verdict.then == "ask"
    assert "a person decides" in played.verdict.because


def test_without_calibration_the_good_is_not_proven_and_the_verdict_says_why():
    played = Played(calibration=None, soak=10)
    assert played.until(Answer.PASS, GOOD, OLD_GOOD, most=120) is None
    assert (played.verdict.then, "golive judge calibrate" in played.verdict.because) == ("ask", True)


def test_trust_chosen_on_purpose_is_said_in_the_verdict():
    played = Played(calibration=None, judging=Judging(uncalibrated="trust"))
    assert played.until(Answer.PASS, GOOD, OLD_GOOD) == 30
    assert "without placebo calibration, as judge.uncalibrated says" in played.verdict.because


@pytest.mark.parametrize(
    ("unproven", "answer", "then"),
    [("ask", Answer.INCONCLUSIVE, "ask"), ("fail", Answer.INCONCLUSIVE, "fail"), ("objectives", Answer.PASS, "")],
)
def test_the_unproven_goes_the_way_that_was_chosen(unproven, answer, then):
    played = Played(judging=Judging(unproven=unproven), soak=5)
    for _ in range(31):
        played.tick((10, 0, 0), (90, 0, 1))
    assert (played.verdict.answer, played.verdict.then) == (answer, then)


def test_undecided_says_how_much_more_would_decide():
    played = Played(soak=5)
    for number in range(31):
        played.tick((30, 0, 0), (270, number % 4 == 0, 3))
    assert "at 3 requests/s to the new revision a doubling of 0.096 % errors is seen in about 2 h" in (
        played.verdict.because
    )


def test_lost_traffic_is_rolled_back():
    played = Played()
    assert played.until(Answer.FAIL, (700, 0, 7), (9_300, 9, 93), most=60) is not None
    assert "were due" in played.verdict.because


def test_a_revision_that_nobody_hears_of_is_turned_back_for_that_reason():
    played = Played(objectives=Objectives(min_requests=1), weight=1)
    played.events = [Event(at=NOW, weight=1)]
    count = played.until(Answer.FAIL, (0, 0, 0), (90, 0, 1), most=60)
    assert count is not None
    assert "no telemetry" in played.verdict.because or "were due" in played.verdict.because


def test_no_traffic_at_all_holds_for_ever():
    assert Played().until(Answer.FAIL, (0, 0, 0), (0, 0, 0)) is None


def test_a_saturated_resource_is_rolled_back_and_a_noisy_gauge_is_not():
    assert Played().until(Answer.FAIL, GOOD, OLD_GOOD, gauges=(0.7, 0.5)) is not None
    assert Played().until(Answer.FAIL, GOOD, OLD_GOOD, gauges=(0.52, 0.5)) is None
    assert Played().until(Answer.FAIL, GOOD, OLD_GOOD, gauges=(float("nan"), 0.5)) is None


def test_what_breaks_both_holds_and_turns_back_when_it_lasts():
    """An outage that both share: 5 % errors where 1 % is allowed."""
    short = Played()
    assert short.until(Answer.FAIL, (1_000, 50, 10), (9_000, 450, 90), most=24) is None
    lasting = Played()
    assert lasting.until(Answer.FAIL, (1_000, 50, 10), (9_000, 450, 90), most=31) == 30
    assert "for minutes on end" in lasting.verdict.because


def test_own_load_decides_where_users_are_few_and_is_not_counted_as_theirs():
    alone, helped = Played(), Played(judging=Judging(assist="load"))
    for _ in range(100):
        alone.tick((1, 0, 0), (9, 0, 0))
        helped.tick((0, 0, 0), (0, 0, 0))
        helped.tick((200, 0, 2), (200, 0, 2), synthetic=True)
    assert (alone.verdict.answer, helped.verdict.answer) == (Answer.INCONCLUSIVE, Answer.PASS)
    assert (alone.verdict.requests, helped.verdict.requests) == (100, 0)


def test_a_first_release_is_judged_by_its_objectives_alone():
    played = Played(old=None, soak=1)
    for _ in range(7):
        played.tick(GOOD)
    assert played.verdict.answer is Answer.PASS


def test_reading_tick_by_tick_and_all_at_once_give_the_same_to_the_last_digit():
    luck = random.Random(3)
    ticks = []
    for number in range(90):
        for name, most in (("new", 60), ("old", 900)):
            requests, slow = luck.randint(30, most), luck.randint(0, 30)
            ticks.append(
                Tick(
                    at=NOW + timedelta(seconds=10 * (number + 1)),
                    revision=name,
                    requests=requests,
                    errors=luck.randint(0, 2),
                    latency=(0, requests - slow, slow, 0, 0),
                )
            )
    parts, whole = Played(), Played()
    for place in range(0, len(ticks), 2):
        parts.watch.take(Samples(bounds_ms=BOUNDS, ticks=tuple(ticks[place : place + 2])), parts.events)
    whole.watch.take(Samples(bounds_ms=BOUNDS, ticks=tuple(ticks)), whole.events)
    assert whole.watch.assess() == parts.watch.assess()
    whole.watch.take(Samples(bounds_ms=BOUNDS, ticks=tuple(ticks)), whole.events)  # told again: nothing new
    assert whole.watch.assess() == parts.watch.assess()


def test_evidence_needs_no_least_number_of_requests_and_objectives_do():
    thin = Played(objectives=Objectives(min_requests=1_000))
    assert thin.until(Answer.FAIL, (10, 5, 0), (990, 1, 10), most=3) is not None
    alone = Played(old=None, objectives=Objectives(min_requests=1_000))
    assert alone.until(Answer.FAIL, (10, 5, 0), None, most=20) is None


def test_gross_breakage_needs_no_objective_and_no_calibration():
    without = Objectives(error_rate_ppm=None, min_requests=50)
    for calibration in (CALM, None):
        played = Played(calibration=calibration, objectives=without)
        assert played.until(Answer.FAIL, (50, 25, 0), (950, 1, 10)) <= 2
        assert "errors: " in played.verdict.because


def test_a_tick_in_which_the_weight_moved_says_nothing_of_lost_traffic():
    played = Played(weight=10)
    for arrived in (40, 60, 100):  # the first answers come late: only the third tick counts
        played.tick((arrived, 0, 1), (900, 0, 9))
    played.events.append(Event(at=NOW + timedelta(seconds=35), weight=60))
    for arrived in (350, 500):  # 10 % for 5 s and 60 % for 5 s; then some are still under way
        played.tick((arrived, 0, 3), (1_000 - arrived, 0, 6))
    (traffic,) = (sign for sign in played.watch.assess().signs if sign.name == "traffic")
    assert (traffic.crossed, traffic.text) == (False, "100 requests arrived, 100 were due")
    played.tick((600, 0, 6), (400, 0, 4))
    (traffic,) = (sign for sign in played.watch.assess().signs if sign.name == "traffic")
    assert traffic.text == "700 requests arrived, 700 were due"


def test_what_is_proven_and_yet_suspicious_does_not_go_on():
    played = Played()
    played.until(Answer.PASS, GOOD, OLD_GOOD)
    found = played.watch.assess()
    assert proven(found)
    doubtful = tuple(dataclasses.replace(metric, harm=1.0) for metric in found.metrics)
    assert not proven(dataclasses.replace(found, metrics=doubtful))
    assert not proven(Assessment())


def test_what_may_be_worse_is_watched_on_though_the_objectives_would_do():
    """5 errors of 930 beside 8 of 8,370: six times the odds, and not enough for a rollback."""
    played = Played(judging=Judging(unproven="objectives"), soak=5)
    for number in range(31):
        played.tick((30, number % 6 == 5, 0), (270, number % 4 == 0, 3))
    assert played.verdict.answer is Answer.INCONCLUSIVE
    assert "it may be worse: errors: 5 of 930" in played.verdict.because


def test_ticks_of_one_revision_alone_say_nothing_about_the_other():
    """Versions that appear late, vanish for a while, and instants that are missing."""
    paired, ragged = Played(), Played()
    for number in range(30):
        lone = number in (0, 7, 8, 20)
        paired.now += timedelta(seconds=10 * lone)
        if not lone:
            paired.tick((100, 1, 2), (900, 2, 9))
    for number in range(30):
        if number in (0, 8):
            ragged.watch.take(Samples(bounds_ms=BOUNDS, ticks=()), ragged.events)
            ragged.now += timedelta(seconds=10)
        elif number in (7, 20):
            ragged.tick((100, 90, 100))  # of the new revision only: it counts for the objectives, not here
        else:
            ragged.tick((100, 1, 2), (900, 2, 9))
    ours, theirs = ragged.watch.assess().metric("errors"), paired.watch.assess().metric("errors")
    assert (ours.new_part, ours.new_whole, ours.old_whole) == (26, 2_600, 23_400)
    assert ours.harm == pytest.approx(theirs.harm, abs=0.1)
    assert ragged.watch.assess().limits[0].part == 26 + 180


def test_a_histogram_with_other_buckets_is_no_latency_and_errors_are_judged_on():
    played = Played()
    for number in range(40):
        at = NOW + timedelta(seconds=10 * (number + 1))
        ticks = tuple(
            Tick(at=at, revision=name, requests=n, errors=0, latency=(n, 0))
            for name, n in (("new", 100), ("old", 900))
        )
        played.watch.take(Samples(bounds_ms=BOUNDS, ticks=ticks), played.events)
    assert [metric.name for metric in played.watch.assess().metrics] == ["errors"]
    played.now = NOW + timedelta(seconds=400)
    for _ in range(3):
        played.tick(GOOD, OLD_GOOD)
    before = played.watch.assess().metric("p99")
    at = played.now + timedelta(seconds=10)
    ticks = tuple(Tick(at=at, revision=n, requests=9, errors=0, latency=(0,)) for n in ("new", "old"))
    played.watch.take(Samples(bounds_ms=(), ticks=ticks), played.events)
    assert (before.new_whole, played.watch.assess().metric("p99")) == (2_000, before)


def test_a_storm_of_retries_does_not_break_an_objective_where_storms_are_known():
    """Seven failures at once in the first tick, as two retries make them, and then none."""
    storms = dataclasses.replace(CALM, phi={"errors": Phi(fine=3.0, gross=2.0)})
    assert Played(calibration=storms).until(Answer.FAIL, (60, 7, 0), (540, 0, 5), most=1) is None
    assert Played(calibration=None).until(Answer.FAIL, (60, 7, 0), (540, 0, 5), most=1) == 1
