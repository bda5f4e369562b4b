"""perf.json by its schema, and told as page, summary and JUnit file, whatever names come from outside."""

import math
import re
from xml.etree import ElementTree

import jsonschema
import pytest

from golive.judge.performance.compare import against, interleaved
from golive.judge.performance.knee import Tried
from golive.judge.performance.knee import body as knee_body
from golive.judge.performance.measured import Failed, Resource
from golive.judge.performance.perfschema import SCHEMA
from golive.judge.performance.report.junit import junit
from golive.judge.performance.report.markdown import markdown
from golive.judge.performance.report.page import page
from golive.paper.plots import Line, Plot, svg, thinned
from golive.spec.values import Knee
from perfbodies import interval, measured, perf_body

EVIL = "a<script>alert(1)</script>|\"'&\n# b\x00"


def whole():
    return measured(
        *(interval(at, times_ms=[5 + at] * 50 + [200], causes={"timeout": 1}) for at in range(12)),
        resources=tuple(Resource(at_s=float(at), cpu_cores=0.5, memory_bytes=10_000_000 + at) for at in range(12)),
        resources_from="its processes",
        failures=(Failed(at="2026-01-01T00:00:00+00:00", cause="timeout", detail="GET /"),),
        by_revision={"abc": 12},
    )


def full_body():
    told = perf_body(whole())
    tried = [
        Tried(rate_per_s=100, achieved_per_s=99.9, p99_ms=5.0, error_ratio=0.0, holds=True, because="held"),
        Tried(rate_per_s=200, achieved_per_s=120.0, p99_ms=None, error_ratio=0.5, holds=False, because="p99"),
    ]
    told["knee"] = knee_body(tried, Knee(lowest=100, highest=200))
    told["comparison"] = against([perf_body(whole(), run="before")], told).body()
    told["comparison"]["changes"] = [{"run": "r0", "metric": "p99", "from": 1.0, "to": 2.0}]
    return told


def bodies():
    yield "full", full_body()
    yield "empty", perf_body(measured())
    yield "only failures", perf_body(measured(interval(causes={"connection refused": 60})))
    yield "interrupted", perf_body(measured(interval(times_ms=[1]), ended="interrupted", because="Ctrl-C"))
    yield "late", perf_body(measured(interval(times_ms=[1] * 99, late_us=900_000)))
    alternating = [interval(n, times_ms=[10] * 40, side="abba"[n % 4]) for n in range(60)]
    told = perf_body(measured(*alternating))
    told["comparison"] = interleaved(measured(*alternating), against="old", revision="r").body()
    yield "turns", told


BODIES = dict(bodies())


@pytest.mark.parametrize("name", BODIES)
def test_every_result_keeps_the_schema_and_is_told_in_every_form(name):
    told = BODIES[name]
    jsonschema.validate(told, SCHEMA)
    text = page(told)
    assert told["verdict"]["answer"] in text
    assert not re.search(r"\b(nan|inf)\b", text, re.IGNORECASE)
    assert "<script" not in text
    assert "http-equiv" in text
    assert not re.findall(r"(?:src|href)=", text)
    assert told["verdict"]["answer"] in markdown(told)
    suite = ElementTree.fromstring(junit(told))[0]
    assert len(suite) == int(suite.get("tests"))


def test_the_schema_is_a_schema_and_refuses_what_is_none():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for spoilt in ({"surprise": 1}, {"totals": {}}, {"schema_version": "golive.perf/v1"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**BODIES["full"], **spoilt}, SCHEMA)


def test_what_stands_out_is_on_the_page():
    text = page(BODIES["full"])
    for told in ("Capacity: 100 requests/s", "What the service used", "Latency by share of requests", "timeout"):
        assert told in text
    assert text.count("<svg") == len(re.findall(r"<svg[^>]*>\n<title>", text)) >= 7
    assert "The load was interrupted: Ctrl-C" in page(BODIES["interrupted"])
    assert "The generator was the bottleneck" in page(BODIES["late"])


def test_names_from_outside_do_nothing_but_stand_there():
    found = measured(
        interval(times_ms=[1] * 99, causes={EVIL: 2}, name=EVIL),
        failures=(Failed(at="now", cause=EVIL, detail=EVIL),),
        because=EVIL,
        ended="aborted",
    )
    told = perf_body(found, service=EVIL, run=EVIL, machine={"fingerprint": EVIL, "cpu": EVIL})
    assert "<script" not in page(told)
    lines = markdown(told).splitlines()
    assert not any(re.search(r"(?<!\\)<script|^# b", line) for line in lines)
    tables = [line for line in lines if line.startswith("| a")]
    assert tables
    assert all(len(re.findall(r"(?<!\\)\|", line)) in (3, 8) for line in tables)
    suite = ElementTree.fromstring(junit(told))[0]
    assert "<script>" in suite.get("name")


def test_junit_tells_what_failed_and_skips_what_is_not_known():
    failing = perf_body(measured(interval(times_ms=[400] * 99)))
    cases = {case.get("name"): case for case in ElementTree.fromstring(junit(failing))[0]}
    assert cases["p99 at most 300 ms"].find("failure") is not None
    assert cases["errors at most 1 %"].find("failure") is None
    nothing = {case.get("name"): case for case in ElementTree.fromstring(junit(BODIES["empty"]))[0]}
    assert nothing["p99 at most 300 ms"].find("skipped") is not None
    late = {case.get("name"): case for case in ElementTree.fromstring(junit(BODIES["late"]))[0]}
    assert late["the load was whole, and its generator kept up"].find("failure") is not None


def test_a_long_series_is_thinned_and_keeps_its_extremes():
    points = [(float(n), math.sin(n)) for n in range(10_000)] + [(10_000.0, 99.0)]
    found = thinned(points)
    assert len(found) <= 602
    assert (10_000.0, 99.0) in found
    assert min(y for _, y in found) == min(y for _, y in points)
    assert found == sorted(found)


@pytest.mark.parametrize(
    "points", [[], [(0.0, None)], [(0.0, 0.0)], [(0.0, math.nan), (1.0, math.inf)], [(0.0, 0.0), (1.0, 0.0)]]
)
def test_a_plot_of_nothing_or_of_one_point_does_no_harm(points):
    drawn = svg(Plot(title="x", unit="ms", lines=(Line(name="a", colour="#000", points=points),)))
    assert not re.search(r"nan|inf\b", drawn)
