"""Measurements made up for tests: how many requests took how long."""

from datetime import UTC, datetime

from golive.judge.performance.histogram import bucket_of
from golive.judge.performance.measured import Cell, Generator, Interval, Measured
from golive.judge.performance.perfjson import Subject, body
from golive.judge.performance.verdict import judge_load
from golive.spec.values import LatencyObjective, Objectives

ASKED = Objectives(
    error_rate_ppm=10_000, latency=(LatencyObjective(quantile_ppm=990_000, max_ms=300),), min_requests=50
)
MADE = Generator(engine="golive", version="0.1.0", loop="uvloop", cpu_share=0.2)
MACHINE = {
    "cpu": "a",
    "cores": 2,
    "memory_gib": 8,
    "system": "Linux",
    "engine_version": "golive 1",
    "fingerprint": "f",
}


def latency(*times_ms):
    counts = {}
    for ms in times_ms:
        bucket = bucket_of(round(ms * 1000))
        counts[bucket] = counts.get(bucket, 0) + 1
    return counts


def interval(at_s=0, *, times_ms=(), causes=None, asked=None, late_us=50, side="", name="home", length_s=1.0):
    """Answers that took so long, and failures by cause."""
    causes = causes or {}
    answered = sum(count for cause, count in causes.items() if cause.startswith("answered "))
    codes = {200: len(times_ms) - answered, 503: answered} if answered else {200: len(times_ms)}
    cell = Cell(codes=codes, causes=causes, latency=latency(*times_ms))
    return Interval(
        at_s=float(at_s),
        length_s=length_s,
        asked=cell.ended if asked is None else asked,
        sent=cell.ended,
        cells={name: cell},
        lateness={late_us: cell.ended},
        side=side,
    )


def measured(*intervals, **more):
    made = {"elapsed_s": float(sum(one.length_s for one in intervals)), "generator": MADE, **more}
    return Measured(intervals=tuple(intervals), **made)


def perf_body(found, *, run="r1", objectives=ASKED, machine=MACHINE, revision="ab" * 32, service="shop"):
    subject = Subject(
        run=run,
        began=datetime(2026, 1, 2, tzinfo=UTC),
        service=service,
        environment="staging",
        url="http://127.0.0.1:1",
        revision=revision,
        config_digest="c",
        scenario={"name": "load", "seconds": 10},
        scenario_digest="d",
        machine=machine,
    )
    return body(subject, found, objectives, judge_load(found, objectives))
