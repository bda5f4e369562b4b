"""golive's evaluator and a real Prometheus say the same of the same samples: every rule, panel and form."""

import asyncio
import json
import math
import random
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from books import EVERY, book
from golive.drivers.alerting.ask import Api
from golive.drivers.alerting.embedded import LookoutEngine
from golive.drivers.alerting.prometheus import PrometheusEngine
from golive.slo.evaluate import Store, between, evaluate
from golive.slo.firing import Watched
from golive.slo.panels import rows
from golive.slo.promql import By, Expression, Over, Quantile, Select, text
from golive.slo.series import NAME, Matcher, Series, labels_of

PROMETHEUS, PROMTOOL = shutil.which("prometheus"), shutil.which("promtool")
BEGIN_S, STEP_S, STEPS = 1_700_000_000, 15, 240
HERE = {"service": "storefront", "environment": "production"}


def history(seed: int) -> tuple[Series, ...]:
    """Counters that fall and pause, a histogram, gauges: one hour, a sample each 15 s, not all on time."""
    random_ = random.Random(seed)
    made = []

    def series(labels: dict[str, str], values: list[float], keep: float = 1.0) -> None:
        places = [n for n in range(STEPS) if random_.random() < keep]
        times = tuple((BEGIN_S + n * STEP_S) * 1000 + random_.randrange(2000) for n in places)
        named = labels_of({**labels, **HERE}.items())
        made.append(Series(labels=named, times_ms=times, values=tuple(values[n] for n in places)))

    def counter(rise: int, falls: bool) -> list[float]:
        value, found = float(random_.randrange(5)), []
        for n in range(STEPS):
            value = 0.0 if falls and n in (77, 200) else value + random_.randrange(rise + 1)
            found.append(value)
        return found

    for revision in ("a", "b"):
        of = {NAME: "envoy_cluster_external_upstream_rq_xx", "envoy_cluster_name": revision}
        series({**of, "envoy_response_code_class": "2"}, counter(50, True), keep=0.9)
        series({**of, "envoy_response_code_class": "5"}, counter(2, False))
        buckets = [counter(30, revision == "a") for _ in range(3)]
        counts = [[sum(one[n] for one in buckets[: k + 1]) for n in range(STEPS)] for k in range(3)]
        histogram = {"envoy_cluster_name": revision}
        for bound, count in zip(("100", "300", "+Inf"), counts, strict=True):
            name = "envoy_cluster_external_upstream_rq_time_bucket"
            series({NAME: name, **histogram, "le": bound}, count)
        series({NAME: "envoy_cluster_external_upstream_rq_time_count", **histogram}, counts[2])
    for state in ("paid", "lost"):
        series({NAME: "orders_total", "state": state}, counter(9, True))
    updated = [BEGIN_S + STEP_S * n - random_.choice([10, 1000]) for n in range(STEPS)]
    series({NAME: "catalogue_updated_timestamp_seconds"}, [float(value) for value in updated])
    series({NAME: "pool_used_ratio", "pool": "main"}, [round(random_.random(), 3) for _ in range(STEPS)], keep=0.8)
    series({NAME: "up"}, [float(n % 20 > 2) for n in range(STEPS)])
    return tuple(made)


def expressions() -> Iterator[Expression]:
    made = book(EVERY)
    yield from (recording.of for recording in made.recordings if "ratio_rate3d" not in recording.name)
    for alert in made.alerts:
        if alert.burn is None:
            yield alert.of
    for row in rows(made, "storefront", "production"):
        for panel in row.panels:
            yield from (curve.of for curve in panel.curves if "slo:" not in text(curve.of))
    buckets = Select("envoy_cluster_external_upstream_rq_time_bucket")
    for share in (0.0, 0.2, 0.5, 0.9, 0.999, 1.0):
        yield Quantile(share, By("sum", Over("increase", buckets, timedelta(minutes=7)), ("le",)))
    for function in ("sum", "min", "max", "avg", "count"):
        yield By(function, Over("increase", Select("orders_total"), timedelta(minutes=1)), ("state",))  # type: ignore[arg-type]


class Memory:
    def __init__(self, found: tuple[Series, ...]) -> None:
        self.found = found

    def read(self, of: Select, begin_ms: int, end_ms: int) -> Iterable[Series]:
        wanted = (Matcher(NAME, "=", of.metric), *of.matchers)
        cut = (between(s, begin_ms, end_ms) for s in self.found if all(m.matches(s.labels) for m in wanted))
        return [series for series in cut if series.values]


@pytest.fixture(scope="module")
def samples() -> tuple[Series, ...]:
    return history(7)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory, samples: tuple[Series, ...]) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("prometheus")
    lines = []
    for series in samples:
        labels = dict(series.labels)
        inside = ",".join(f'{name}="{value}"' for name, value in labels.items() if name != NAME)
        for at, value in zip(series.times_ms, series.values, strict=True):
            lines.append((labels[NAME], f"{labels[NAME]}{{{inside}}} {value!r} {at / 1000:.3f}"))
    ordered = [line for _, line in sorted(lines, key=lambda line: line[0])]
    (folder / "samples.txt").write_text("\n".join([*ordered, "# EOF\n"]))
    (folder / "prometheus.yml").write_text("{}\n")
    assert PROMETHEUS
    assert PROMTOOL
    blocks = [PROMTOOL, "tsdb", "create-blocks-from", "openmetrics", "samples.txt", "data"]
    subprocess.run(blocks, cwd=folder, check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = subprocess.Popen(
        [
            PROMETHEUS,
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=data",
            "--storage.tsdb.retention.time=100y",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                if b"Ready" in urllib.request.urlopen(f"{url}/-/ready", timeout=1).read():
                    break
            except OSError:
                pass
            time.sleep(0.1)
        yield url
    finally:
        child.terminate()
        child.wait(10)


def asked(url: str, query: str, at: datetime) -> dict[tuple[tuple[str, str], ...], float]:
    body = urllib.parse.urlencode({"query": query, "time": at.timestamp()}).encode()
    answer = json.load(urllib.request.urlopen(f"{url}/api/v1/query", body, timeout=10))
    assert answer["status"] == "success"
    return {labels_of(one["metric"].items()): float(one["value"][1]) for one in answer["data"]["result"]}


@pytest.mark.real
@pytest.mark.skipif(not (PROMETHEUS and PROMTOOL), reason="prometheus is not installed")
def test_the_evaluator_says_what_prometheus_says(prometheus: str, samples: tuple[Series, ...]) -> None:
    store = Store(read=Memory(samples).read, recordings={})
    differ, compared = [], 0
    for expression in expressions():
        for seconds in (600, 1_234, 3_000, 3_599):
            at = datetime.fromtimestamp(BEGIN_S + seconds, UTC)
            theirs, ours = asked(prometheus, text(expression), at), evaluate(expression, at, store)
            compared += len(theirs)
            same = theirs.keys() == ours.keys() and all(_near(ours[key], theirs[key]) for key in theirs)
            if not same:
                differ.append((text(expression), seconds, ours, theirs))
    assert compared > 200
    assert not differ, differ[0]


@pytest.mark.real
@pytest.mark.skipif(not (PROMETHEUS and PROMTOOL), reason="prometheus is not installed")
def test_both_engines_give_the_same_values_and_the_same_curves(
    prometheus: str, samples: tuple[Series, ...]
) -> None:
    theirs = PrometheusEngine(api=Api(url=prometheus, name="Prometheus"), label="service")
    ours = LookoutEngine(
        environment="production",
        label="service",
        load=Watched,
        plant=lambda series: None,
        store=lambda: Store(read=Memory(samples).read, recordings={}),
        receivers={},
        now_ms=lambda: 0,
    )
    begin = datetime.fromtimestamp(BEGIN_S + 400, UTC)
    compared = 0
    for expression in expressions():
        query, step = text(expression), timedelta(seconds=333)
        curves = [asyncio.run(one.curves(query, begin, begin + 9 * step, step)) for one in (ours, theirs)]
        one, other = ({c.labels: list(zip(c.times_ms, c.values, strict=True)) for c in found} for found in curves)
        assert one.keys() == other.keys(), query
        for labels, points in one.items():
            assert [at for at, _ in points] == [at for at, _ in other[labels]], query
            assert all(_near(a, b) for (_, a), (_, b) in zip(points, other[labels], strict=True)), query
            compared += len(points)
        values = [asyncio.run(one.values(query, begin)) for one in (ours, theirs)]
        assert all(_near(a, b) for a, b in zip(*values, strict=True)), query
    assert compared > 500


def _near(ours: float, theirs: float) -> bool:
    return (math.isnan(ours) and math.isnan(theirs)) or math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-12)
