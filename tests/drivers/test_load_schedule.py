"""When requests are due, how durations are counted, and which loads are refused: no clock, no network."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.drivers.load.histogram import Histogram
from golive.drivers.load.job import MOST_RATE, Job, from_json
from golive.drivers.load.schedule import SECOND_NS, due_by, due_ns
from golive.drivers.load.tally import MOST_FAILURES, Tally
from golive.errors import Exit, Failure

rates = st.integers(1, MOST_RATE)
numbers = st.integers(0, 10**9)


@given(numbers, rates)
def test_a_request_is_due_at_its_time_and_not_a_nanosecond_before(number, rate):
    at = due_ns(number, rate)
    assert due_by(at, rate) > number
    assert due_by(at - 1, rate) <= number


@given(st.integers(0, 10**6), rates)
def test_a_long_run_does_not_drift(seconds, rate):
    assert due_ns(seconds * rate, rate) == seconds * SECOND_NS
    assert due_by(seconds * SECOND_NS, rate) == seconds * rate + 1


@given(st.lists(st.integers(0, 10**8), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_low_by_less_than_one_bucket(durations, share):
    histogram = Histogram()
    for duration in durations:
        histogram.add(duration)
    rank = next(n for n in range(1, len(durations) + 1) if n >= share * len(durations))
    exact = sorted(durations)[rank - 1] / 1000
    assert exact * (1 - 1 / 128) - 0.001 <= histogram.quantile_ms(share) <= exact + 0.001


def test_without_durations_every_quantile_is_zero():
    assert Histogram().quantile_ms(0.99) == 0.0


def test_only_the_first_failures_are_kept_and_all_are_counted():
    tally = Tally()
    for number in range(MOST_FAILURES + 5):
        tally.fail("timeout", str(number), 0.0)
    report = tally.report(0, is_final=True)
    assert report.failed == MOST_FAILURES + 5
    assert [f.detail for f in report.failures] == [str(n) for n in range(MOST_FAILURES)]
    assert tally.report(0, is_final=False).failures == ()


@pytest.mark.parametrize(("code", "is_ok"), [(200, True), (204, True), (302, True), (404, False), (503, False)])
def test_answers_below_400_are_ok(code, is_ok):
    tally = Tally()
    tally.answer(code, "abc", 5_000_000, "/", 0.0)
    report = tally.report(0, is_final=True)
    assert (report.ok, report.failed) == ((1, 0) if is_ok else (0, 1))
    assert report.by_code == {str(code): 1}
    assert report.by_revision == {"abc": 1}
    assert report.p99_ms == pytest.approx(5, rel=0.01)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "http://localhost:8080",
        "http://[::1]:8080/",
        "http://10.1.2.3",
        "http://192.168.1.1:80",
    ],
)
def test_load_goes_to_this_machine_and_its_private_network(url):
    job = Job(url=url, rate=1)
    assert from_json(job.to_json()) == job


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://8.8.8.8:80"},
        {"url": "http://169.254.169.254"},
        {"url": "http://0.0.0.0:80"},
        {"url": "http://example.com"},
        {"url": "https://127.0.0.1:80"},
        {"url": "http://127.0.0.1:80/path"},
        {"url": "http://127.0.0.1:port"},
        {"url": "http://me@127.0.0.1"},
        {"url": ""},
        {"rate": 0},
        {"rate": MOST_RATE + 1},
        {"paths": ()},
        {"paths": ("products",)},
        {"paths": ("/a b",)},
        {"paths": ("/a\r\nhost: elsewhere",)},
        {"headers": {"a": "b\r\nhost: elsewhere"}},
        {"timeout_s": 0},
    ],
)
def test_a_load_that_cannot_or_must_not_be_is_refused(wrong):
    with pytest.raises(Failure) as refused:
        Job(**{"url": "http://127.0.0.1:1", "rate": 1, **wrong})
    assert refused.value.code == Exit.USAGE
    assert refused.value.next
