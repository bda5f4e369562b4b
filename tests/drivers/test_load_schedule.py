"""When requests are due, which requests they are, and which loads are refused: no clock, no network."""

from itertools import islice
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.drivers.load.clients import cycle
from golive.drivers.load.job import MOST_RATE, Flow, Job, Place, Step, from_json
from golive.drivers.load.schedule import SECOND_NS, Schedule, Segment, constant
from golive.errors import Exit, Failure

rates = st.integers(1, 20_000)
segments = st.lists(
    st.builds(
        Segment,
        begin_per_s=st.integers(0, 60),
        end_per_s=st.integers(0, 60),
        length_s=st.integers(1, 6).map(float),
    ),
    min_size=1,
    max_size=6,
)


@given(st.data(), rates)
def test_a_request_is_due_at_its_time_and_not_before(data, rate):
    number = data.draw(st.integers(0, rate * 10**6))  # within eleven days
    at = constant(rate).due_ns(number)
    assert abs(at * rate - number * SECOND_NS) < 2 * rate
    assert constant(rate).due_by((at + 1) / SECOND_NS) > number - 1


@given(st.integers(0, 10**6), rates)
def test_a_long_run_does_not_drift(seconds, rate):
    assert abs(constant(rate).due_ns(seconds * rate) - seconds * SECOND_NS) <= 1
    assert constant(rate).due_by(seconds) == seconds * rate


@given(segments)
def test_every_request_of_a_schedule_is_due_once_in_order_and_within_it(row):
    schedule = Schedule(row)
    dues = list(schedule.dues(0, 1))
    assert len(dues) == schedule.total == schedule.due_by(schedule.length_s)
    assert dues == sorted(dues)
    assert all(0 <= due <= schedule.length_s * SECOND_NS for due in dues)
    assert dues == [schedule.due_ns(number) for number in range(len(dues))]


@given(segments, st.integers(1, 5))
def test_generators_share_a_schedule_without_gap_or_overlap(row, workers):
    schedule = Schedule(row)
    shares = [list(schedule.dues(worker, workers)) for worker in range(workers)]
    assert sorted(due for share in shares for due in share) == sorted(schedule.dues(0, 1))


@given(segments, st.floats(0.1, 30))
def test_as_many_are_due_by_a_moment_as_have_their_time_before_it(row, moment_s):
    schedule = Schedule(row)
    before = sum(due < moment_s * SECOND_NS - 2 for due in schedule.dues(0, 1))
    assert before <= schedule.due_by(moment_s) <= before + 1


def test_a_ramp_rises_evenly():
    ramp = Schedule([Segment(begin_per_s=0, end_per_s=100, length_s=10)])
    assert ramp.total == 500
    assert [ramp.due_by(s) for s in (1, 2, 5, 10)] == [5, 20, 125, 500]


def test_a_pause_holds_no_request():
    row = [Segment(begin_per_s=r, end_per_s=r, length_s=1) for r in (3, 0, 3)]
    assert [due // SECOND_NS for due in Schedule(row).dues(0, 1)] == [0, 0, 0, 2, 2, 2]


def test_a_schedule_without_end_goes_on():
    endless = constant(1000)
    assert endless.total == endless.length_s == inf
    assert list(islice(endless.dues(1, 2), 3)) == [1_000_000, 3_000_000, 5_000_000]


@given(st.lists(st.integers(1, 30), min_size=1, max_size=5))
def test_flows_are_taken_as_often_as_their_weights_say_and_spread_out(weights):
    turns = cycle(weights)
    counts = [turns.count(kind) for kind in range(len(weights))]
    assert [count * sum(weights) for count in counts] == [weight * len(turns) for weight in weights]
    for kind, count in enumerate(counts):
        for length in range(1, len(turns)):
            share = turns[:length].count(kind)
            assert abs(share - length * count / len(turns)) < len(weights)


def job(url="http://127.0.0.1:1", rate=1, paths=("/",), **more):
    flows = tuple(Flow(steps=(Step(name=path, path=path),)) for path in paths)
    return Job(places=(Place(url=url),), segments=constant(rate).segments, flows=flows, **more)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "https://127.0.0.1:8443",
        "http://localhost:8080",
        "http://[::1]:8080/",
        "http://10.1.2.3",
        "http://192.168.1.1:80",
    ],
)
def test_load_goes_to_this_machine_and_its_private_network(url):
    told = job(url)
    assert from_json(told.to_json()) == told


def test_load_goes_further_only_when_that_is_said():
    public = Place(url="https://shop.example", address="9.9.9.9", public=True)
    told = Job(places=(public,), segments=constant(1).segments)
    assert (told.places[0].host, told.places[0].port) == ("9.9.9.9", 443)
    with pytest.raises(Failure, match="not near"):
        Job(places=(Place(url="https://shop.example", address="9.9.9.9"),), segments=constant(1).segments)


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://8.8.8.8:80"},
        {"url": "http://169.254.169.254"},
        {"url": "http://0.0.0.0:80"},
        {"url": "http://example.com"},
        {"url": "ftp://127.0.0.1:80"},
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
        job(**wrong)
    assert refused.value.code == Exit.USAGE
    assert refused.value.next


@pytest.mark.parametrize("method", ["HEAD", "CONNECT", "TRACE", "GET /x HTTP/1.1\r\na:"])
def test_a_method_whose_answer_cannot_be_read_is_refused(method):
    with pytest.raises(Failure, match="cannot be sent"):
        Job(
            places=(Place(url="http://127.0.0.1:1"),),
            segments=constant(1).segments,
            flows=(Flow(steps=(Step(name="x", method=method),)),),
        )
