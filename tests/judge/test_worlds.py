"""The simulated deployments that judges are compared on: as noisy, and as broken, as they say."""

import sys
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest

np = pytest.importorskip("numpy", reason="the benchmarks need numpy")
sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
worlds = import_module("worlds")


def ticks_of(deployment, revision):
    return [tick for tick in deployment.ticks if tick.revision == revision]


def error_rate(ticks):
    return sum(tick.errors for tick in ticks) / sum(tick.requests for tick in ticks)


def quantile_ms(ticks, q):
    """Linear inside its bucket."""
    counts = np.sum([tick.latency for tick in ticks], axis=0)
    return float(np.interp(q * counts.sum(), np.cumsum(counts), (*worlds.BOUNDS_MS, 1e9)))


def broken(regression, **more):
    return ticks_of(worlds.simulate("clean", regression, seed=7, rate=10_000, **more), "new")


def test_one_seed_is_one_deployment():
    once = worlds.simulate("bursts", "none", seed=(3, 1), minutes=5)
    assert once == worlds.simulate("bursts", "none", seed=(3, 1), minutes=5)
    assert once != worlds.simulate("bursts", "none", seed=(3, 2), minutes=5)


def test_the_baseline_is_the_same_whatever_is_wrong_with_the_canary():
    healthy, wrong = (worlds.simulate("pods", name, seed=5, minutes=5) for name in ("none", "errors 50 %"))
    assert ticks_of(healthy, "old") == ticks_of(wrong, "old")
    assert healthy.control == wrong.control
    assert ticks_of(healthy, "new") != ticks_of(wrong, "new")


def test_a_watch_has_both_revisions_at_each_instant_and_its_weight_just_before():
    deployment = worlds.simulate("clean", "none", seed=1, minutes=2)
    start = datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert [(tick.at, tick.revision) for tick in deployment.ticks[:3]] == [
        (start, "new"),
        (start, "old"),
        (start + timedelta(seconds=10), "new"),
    ]
    assert len(deployment.ticks) == 2 * len(deployment.control) == 24
    assert [(event.at, event.weight) for event in deployment.events] == [(start - timedelta(seconds=10), 5)]
    assert all(sum(tick.latency) == tick.requests >= tick.errors for tick in deployment.ticks)


@pytest.mark.parametrize("world", [*worlds.WORLDS, "unseen"])
def test_rate_and_share_are_kept_down_to_no_traffic_and_no_errors(world):
    world = worlds.WORLDS.get(world, worlds.UNSEEN)
    deployment = worlds.simulate(world, "none", seed=2, rate=50, share=0.1, minutes=10, pods=3)
    served = {name: sum(tick.requests for tick in ticks_of(deployment, name)) for name in ("new", "old")}
    share = 0.01 if world.weights else 0.1
    assert served["new"] == pytest.approx(50 * 600 * share, rel=0.35)  # bursts vary the traffic
    assert served["old"] == pytest.approx(50 * 600 * (1 - share), rel=0.35)
    silent = worlds.simulate(world, "errors x5", seed=2, rate=0, base=0, minutes=1)
    assert {tick.requests for tick in silent.ticks} == {0}


@pytest.mark.parametrize(
    ("regression", "rate"),
    [
        ("none", 0.001),
        ("errors x5", 0.005),
        ("errors 50 %", 0.5),
        ("errors at the margin", 0.003),  # +0.2 percentage points are more than twice 0.1 %
    ],
)
def test_errors_of_a_regression(regression, rate):
    assert error_rate(broken(regression)) == pytest.approx(rate, rel=0.05)


def test_the_margin_is_twice_a_high_base():
    assert error_rate(broken("errors at the margin", base=0.01)) == pytest.approx(0.02, rel=0.05)


@pytest.mark.parametrize(
    ("regression", "p50", "p99"),
    [
        ("none", 80, 323),
        ("p99 x1.5", 80, 484.5),
        ("p50 x1.1", 88, 355.3),
        ("latency at the margin", 113.6, 458.7),
    ],
)
def test_latency_of_a_regression(regression, p50, p99):
    ticks = broken(regression)
    assert quantile_ms(ticks, 0.5) == pytest.approx(p50, rel=0.02)
    assert quantile_ms(ticks, 0.99) == pytest.approx(p99, rel=0.05)


def test_a_late_regression_begins_on_time():
    ticks = broken("errors x5 from minute 20")
    assert error_rate(ticks[:120]) == pytest.approx(0.001, rel=0.1)
    assert error_rate(ticks[120:]) == pytest.approx(0.005, rel=0.05)


@pytest.mark.parametrize("rate", ["none", "errors 50 %"])
def test_retries_put_errors_in_clusters_and_leave_their_rate(rate):
    clean, retry = (
        ticks_of(worlds.simulate(world, rate, seed=11, rate=1000, base=0.01, minutes=240), "new")
        for world in ("clean", "retry")
    )
    assert error_rate(retry) == pytest.approx(error_rate(clean), rel=0.05)
    if rate == "none":
        dispersion = [
            np.var(errors) / np.mean(errors) for errors in ([t.errors for t in x] for x in (clean, retry))
        ]
        assert dispersion == pytest.approx([1, 3], rel=0.15)  # geometric clusters of mean 2: 2 x 2 - 1


def test_a_cold_pod_is_half_as_slow_again_and_warms_up():
    deployment = worlds.simulate("cold", "none", seed=4, rate=10_000, minutes=10)
    new = ticks_of(deployment, "new")
    assert quantile_ms(new[:1], 0.5) == pytest.approx(80 * 1.47, rel=0.03)
    assert quantile_ms(deployment.control[:1], 0.5) == pytest.approx(80 * 1.47, rel=0.03)  # as fresh as the canary
    assert quantile_ms(new[-6:], 0.5) == pytest.approx(80, rel=0.02)
    assert quantile_ms(ticks_of(deployment, "old")[:1], 0.5) == pytest.approx(80, rel=0.02)


def test_the_ramp_raises_weights_while_errors_of_both_rise():
    deployment = worlds.simulate("ramp", "none", seed=4, rate=100_000)
    assert [event.weight for event in deployment.events] == [1, 5, 10, 25, 50]
    for ticks in (ticks_of(deployment, "new"), ticks_of(deployment, "old")):
        assert error_rate(ticks[-30:]) / error_rate(ticks[:30]) == pytest.approx(3.44, rel=0.15)  # 3.875 by 1.125


def test_pods_differ_where_the_world_says_so():
    def spread(world):
        medians = [
            quantile_ms([tick for tick in ticks if tick.instance == f"pod-{pod}"], 0.5)
            for ticks in [worlds.history(world, seed=9, hours=1, rate=1000)]
            for pod in range(1, 20)
        ]
        return np.std(np.log(medians))

    assert spread("clean") < 0.005
    assert spread("offset") == pytest.approx(0.03, rel=0.5)


def test_history_is_of_pods_in_order_of_time_and_without_a_canary():
    ticks = worlds.history("ramp", seed=9, hours=1, pods=3)
    assert [(tick.revision, tick.instance) for tick in ticks[:4]] == [
        ("old", "pod-1"),
        ("old", "pod-2"),
        ("old", "pod-3"),
        ("old", "pod-1"),
    ]
    assert len(ticks) == 3 * 360
    assert [tick.at for tick in ticks] == sorted(tick.at for tick in ticks)
