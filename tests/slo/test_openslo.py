"""OpenSLO in and out: what golive writes it reads back the same; what means something else is left out."""

from typing import Any

import pytest
import yaml

from books import EVERY, book
from golive.slo.openslo import taken
from golive.slo.promql import text
from golive.slo.render.openslo import documents
from golive.slo.rulebook import RuleBook
from golive.spec.observed import Vocabulary

BOOK = book(EVERY)


def rules(made: RuleBook) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for recording in made.recordings:
        found.setdefault(dict(recording.labels)["slo"], set()).add(f"{recording.name} = {text(recording.of)}")
    return found


def test_what_is_rendered_is_read_back_to_the_same_rules() -> None:
    found = taken(list(documents(BOOK)), BOOK.observe.vocabulary, BOOK.service)
    assert not found.left_out
    assert [one["name"] for one in found.slos] == ["availability", "latency", "cart", "paid"]
    again = book(yaml.safe_dump({"observe": {"slos": list(found.slos)}}))
    before = rules(BOOK)
    assert rules(again) == {name: before[name] for name in ("availability", "latency", "cart", "paid")}
    for slo in again.slos:
        assert (slo.target_ppm, slo.window) == (BOOK.by_name[slo.name].target_ppm, BOOK.by_name[slo.name].window)


def slo(**changed: Any) -> dict[str, Any]:
    """A document as another tool writes it."""

    def metric(query: str, kind: str = "Prometheus") -> dict[str, Any]:
        return {"metricSource": {"type": kind, "spec": {"query": query}}}

    queries = changed.pop("queries", {"good": 'http_total{code!~"5.."}', "total": "http_total"})
    source = changed.pop("source", "Prometheus")
    ratio = {"counter": changed.pop("counter", True), **{name: metric(q, source) for name, q in queries.items()}}
    spec = {
        "service": "shop",
        "indicator": {"metadata": {"name": "i"}, "spec": {"ratioMetric": ratio}},
        "timeWindow": [{"duration": "4w", "isRolling": True}],
        "budgetingMethod": "Occurrences",
        "objectives": [{"target": 0.995}],
    }
    version = changed.pop("apiVersion", "openslo/v1")
    return {"apiVersion": version, "kind": "SLO", "metadata": {"name": "Web Orders"}, "spec": {**spec, **changed}}


def test_another_tools_ratio_is_taken_with_its_window_and_target() -> None:
    (one,) = taken([slo()], Vocabulary(), "shop").slos
    assert one == {
        "name": "web-orders",
        "kind": "ratio",
        "good": 'http_total{code!~"5.."}',
        "total": "http_total",
        "target": "99.5 %",
        "window": "672h",
    }
    several = taken([slo(objectives=[{"target": 0.9}, {"targetPercent": 99.95}])], Vocabulary(), "shop").slos
    assert [(s["name"], s["target"]) for s in several] == [("web-orders-1", "90 %"), ("web-orders-2", "99.95 %")]


def test_a_bucket_over_its_count_is_latency_in_the_unit_of_golive_yaml() -> None:
    queries = {"good": 'http_seconds_bucket{path="/",le="0.25"}', "total": 'http_seconds_count{path="/"}'}
    (one,) = taken([slo(queries=queries)], Vocabulary(unit="s"), "shop").slos
    assert (one["kind"], one["max"], one["latency"]) == ("latency", "250ms", 'http_seconds{path="/"}')
    (other,) = taken([slo(queries={**queries, "total": "http_seconds_count"})], Vocabulary(unit="s"), "shop").slos
    assert other["kind"] == "ratio"


def test_an_indicator_of_its_own_document_is_found() -> None:
    document = slo(indicatorRef="i")
    indicator = document["spec"].pop("indicator")
    sli = {"apiVersion": "openslo/v1", "kind": "SLI", **indicator}
    assert len(taken([document, sli], Vocabulary(), "shop").slos) == 1
    assert "'i'" in taken([document], Vocabulary(), "shop").left_out[0][1]


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (slo(budgetingMethod="Timeslices"), "golive counts events"),
        (slo(timeWindow=[{"duration": "1M", "isRolling": True}]), "weeks"),
        (slo(timeWindow=[{"duration": "1h", "isRolling": True}]), "a day to 90 days"),
        (slo(timeWindow=[{"duration": "28d", "isRolling": False}]), "rolls"),
        (slo(queries={"good": "sum(rate(x[5m]))", "total": "y"}), "no plain selector"),
        (slo(source="Datadog"), "golive asks Prometheus"),
        (slo(counter=False), "no counters"),
        (slo(indicator={"spec": {"thresholdMetric": {}}}), "no ratio"),
        (slo(apiVersion="openslo/v1alpha"), "openslo/v1alpha"),
        (slo(objectives="none"), "of another kind"),
        (slo(timeWindow=[]), "of another kind"),
        ({"kind": "SLO", "apiVersion": "openslo/v1"}, "of another kind"),
    ],
)
def test_what_would_mean_something_else_is_left_out_and_said(document: dict[str, Any], why: str) -> None:
    found = taken([document, None, "text", slo()], Vocabulary(), "shop")
    assert len(found.slos) == 1
    ((_, told),) = found.left_out
    assert why in told
