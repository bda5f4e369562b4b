"""What generators tell is added up, whatever comes when, and put away without loss."""

from random import Random

from golive.drivers.load.job import Job, Place
from golive.drivers.load.recording import Recording
from golive.drivers.load.schedule import constant
from golive.drivers.load.tally import MOST_CAUSES, MOST_FAILURES, Tally
from golive.judge.performance.histogram import Histogram

NAMES = ("home", "order")


def recording(timeout_s=1.0, interval_s=1.0, workers=2):
    job = Job(
        places=(Place(url="http://127.0.0.1:1"),),
        segments=constant(10, 60.0).segments,
        timeout_s=timeout_s,
        interval_s=interval_s,
    )
    return Recording(job, NAMES, workers)


def told(tally, elapsed_s):
    """As a worker's line is read from JSON: every key is text."""
    line = tally.take() | {
        "elapsed_ns": int(elapsed_s * 1e9),
        "cpu_s": elapsed_s / 4,
        "at_ns": int(elapsed_s * 1e9),
    }
    line["cells"] = [
        [i, n, *({str(k): v for k, v in part.items()} for part in rest)] for i, n, *rest in line["cells"]
    ]
    line["late"] = {str(i): {str(k): v for k, v in counts.items()} for i, counts in line["late"].items()}
    line["followed"] = {str(i): count for i, count in line["followed"].items()}
    return line


def test_intervals_that_were_put_away_hold_what_was_told_and_take_what_comes_late():
    luck, recorded, plain = Random(1), recording(), {}
    for second in range(60):
        for worker in range(2):
            tally = Tally(len(NAMES))
            for _ in range(5):
                interval, name, took = (
                    max(0, second - luck.choice((0, 0, 1, 20))),
                    luck.randrange(2),
                    luck.randrange(9**6),
                )
                tally.send(interval, luck.randrange(2_000_000))
                tally.answer(interval, name, 200, took, "abc")
                plain.setdefault((interval, NAMES[name]), Histogram()).add(took)
            recorded.take(worker, told(tally, second + 1))
    found = recorded.measured()
    assert len(recorded._packed) > 40
    assert {
        (place, name): cell.latency
        for place, interval in enumerate(found.intervals)
        for name, cell in interval.cells.items()
    } == {key: histogram.counts for key, histogram in plain.items()}
    assert (found.sent, found.ok, found.by_revision) == (600, 600, {"abc": 600})
    assert found.generator.cpu_share == 0.25
    assert recorded.report().sent == 600


def test_only_the_first_failures_are_kept_and_all_are_counted():
    recorded, tally = recording(), Tally(len(NAMES))
    for number in range(MOST_FAILURES + 5):
        tally.send(0, 0)
        tally.fail(0, 0, "timeout", str(number), 0.0)
    recorded.take(0, told(tally, 1))
    report = recorded.report(is_final=True)
    assert report.failed == recorded.failed == MOST_FAILURES + 5
    assert [one.detail for one in report.failures] == [str(n) for n in range(MOST_FAILURES)]
    assert recorded.report().failures == ()


def test_causes_and_revisions_without_number_are_not_kept_apart_for_ever():
    recorded, tally = recording(), Tally(len(NAMES))
    for number in range(1000):
        tally.fail(0, 0, f"strange {number}", "", 0.0)
        tally.answer(0, 1, 200, 1, f"revision {number}")
    recorded.take(0, told(tally, 1))
    report = recorded.report()
    assert report.failed == 1000
    assert len(report.causes) == MOST_CAUSES + 1
    assert len(report.by_revision) <= 64


def test_an_interval_that_was_cut_short_is_asked_only_so_far():
    recorded, tally = recording(), Tally(len(NAMES))
    for _ in range(15):
        tally.send(0, 0)
    tally.follow(1)
    recorded.take(0, told(tally, 1.5))
    found = recorded.measured(ended="interrupted", because="Ctrl-C")
    assert [(one.asked, one.length_s) for one in found.intervals] == [(10, 1.0), (6, 0.5)]
