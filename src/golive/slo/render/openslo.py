"""SLOs as OpenSLO v1 documents. https://github.com/OpenSLO/OpenSLO

Composed SLOs and alerts have no form in v1 that keeps their meaning: they are left out, and the answer says so.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from golive.slo.promql import Select, length, text
from golive.slo.ratios import Counted
from golive.slo.rulebook import RuleBook
from golive.spec.observed import Slo

VERSION = "openslo/v1"


def documents(book: RuleBook) -> Iterator[dict[str, Any]]:
    """The service, and each SLO with its indicator inside."""
    yield {
        "apiVersion": VERSION,
        "kind": "Service",
        "metadata": {"name": book.service},
        "spec": {"description": f"{book.service}, owned by {book.owner}"},
    }
    for slo in book.slos:
        if slo.kind in ("availability", "latency", "ratio"):
            yield _document(book, slo)


def left_out(book: RuleBook) -> tuple[str, ...]:
    """Names of SLOs that v1 cannot say."""
    return tuple(slo.name for slo in book.slos if slo.kind in ("freshness", "composed"))


def _document(book: RuleBook, slo: Slo) -> dict[str, Any]:
    return {
        "apiVersion": VERSION,
        "kind": "SLO",
        "metadata": {"name": f"{book.service}-{slo.name}", "labels": {"golive-kind": slo.kind}},
        "spec": {
            "service": book.service,
            "indicator": {
                "metadata": {"name": f"{book.service}-{slo.name}"},
                "spec": {"ratioMetric": _ratio(book, slo)},
            },
            "timeWindow": [{"duration": _window(slo.window), "isRolling": True}],
            "budgetingMethod": "Occurrences",
            "objectives": [{"displayName": slo.name, "target": float(f"{slo.target_ppm / 1_000_000:.6f}")}],
        },
    }


def _window(window: timedelta) -> str:
    return length(window)


def _ratio(book: RuleBook, slo: Slo) -> dict[str, Any]:
    counted = Counted(slo=slo, vocabulary=book.observe.vocabulary)
    match slo.kind:
        case "availability":
            return {"counter": True, "bad": _metric(counted.errors), "total": _metric(counted.requests)}
        case "latency":
            fast = Select(counted.buckets.metric, (*counted.buckets.matchers, counted.fast))
            return {"counter": True, "good": _metric(fast), "total": _metric(counted.count)}
    good, total = counted.selected(slo.good, "good"), counted.selected(slo.total, "total")
    return {"counter": True, "good": _metric(good), "total": _metric(total)}


def _metric(of: Select) -> dict[str, Any]:
    return {"metricSource": {"type": "Prometheus", "spec": {"query": text(of)}}}
