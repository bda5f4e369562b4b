"""What a load says about the objectives; nothing measured is never a pass."""

import pytest

from golive.judge.load import Load, judge_load
from golive.spec.values import LatencyObjective, Objectives

ASKED = Objectives(
    error_rate_ppm=10_000, latency=(LatencyObjective(quantile_ppm=990_000, max_ms=300),), min_requests=50
)


def load(**more):
    given = {"sent": 200, "failed": 0, "elapsed_s": 10.0, "quantiles_ms": {990_000: 120.0}, "late_p99_ms": 1.0}
    return Load(**{**given, **more})


@pytest.mark.parametrize(
    ("changes", "answer", "because"),
    [
        ({}, "pass", "200 requests, 0 failed, every objective held"),
        ({"sent": 0}, "inconclusive", "0 requests, 50 are needed"),
        ({"sent": 1}, "inconclusive", "1 requests, 50 are needed"),
        ({"sent": 49}, "inconclusive", "49 requests, 50 are needed"),
        ({"failed": 2}, "pass", "200 requests, 2 failed, every objective held"),
        ({"failed": 3}, "fail", "3 of 200 requests failed, 1 % may"),
        ({"failed": 200}, "fail", "200 of 200 requests failed, 1 % may"),
        ({"quantiles_ms": {990_000: 300.0}}, "pass", "200 requests, 0 failed, every objective held"),
        ({"quantiles_ms": {990_000: 300.1}}, "fail", "p99 was 300.1 ms, 300 ms may be"),
        ({"quantiles_ms": {500_000: 1.0}}, "inconclusive", "p99 was not measured"),
        ({"quantiles_ms": {999_000: 250.0}}, "pass", "200 requests, 0 failed, every objective held"),
        ({"quantiles_ms": {999_000: 350.0}}, "fail", "p99 was 350 ms, 300 ms may be"),
        (
            {"late_p99_ms": 151.0},
            "inconclusive",
            "the load generator itself was late by 151 ms, so latencies say nothing",
        ),
    ],
)
def test_verdict(changes, answer, because):
    found = judge_load(load(**changes), ASKED)
    assert (found.answer, found.because) == (answer, because)


def test_without_objectives_only_enough_requests_are_asked_for():
    nothing = Objectives(error_rate_ppm=None, latency=(), min_requests=1)
    assert judge_load(load(failed=200), nothing).answer == "pass"
    assert judge_load(load(sent=1), nothing).answer == "inconclusive"
