"""Figures of golive itself, named as OpenTelemetry names things, and how Prometheus and OTLP read them.

Attributes are those of the semantic conventions where there is one (service.*, deployment.*):
https://opentelemetry.io/docs/specs/semconv/registry/attributes/deployment/
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["counter", "gauge"]
UNITS = {"s": "_seconds", "1": "", "By": "_bytes"}  # as Prometheus spells them behind a name


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One value. Counters never fall, as long as the records are those of one log."""

    name: str  # golive.rollouts
    kind: Kind
    unit: str  # UCUM, or {rollout} and the like
    says: str
    value: float
    attributes: Mapping[str, str] = field(default_factory=dict)


def text(figures: Sequence[Figure]) -> str:
    """In Prometheus' text format 0.0.4, each metric once, in the order in which it came first."""
    lines = []
    for name in dict.fromkeys(one.name for one in figures):
        found = [one for one in figures if one.name == name]
        metric = _metric(found[0])
        lines += [f"# HELP {metric} {found[0].says}", f"# TYPE {metric} {found[0].kind}"]
        lines += [f"{metric}{_labels(one.attributes)} {one.value!r}" for one in found]
    return "\n".join([*lines, ""])


def _metric(figure: Figure) -> str:
    """https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/"""
    name = figure.name.replace(".", "_") + UNITS.get(figure.unit, "")
    return f"{name}_total" if figure.kind == "counter" else name


def _labels(attributes: Mapping[str, str]) -> str:
    inside = ",".join(
        f"{name.replace('.', '_')}={json.dumps(value, ensure_ascii=False)}"
        for name, value in sorted(attributes.items())
    )
    return f"{{{inside}}}" if inside else ""


def otlp(figures: Iterable[Figure], resource: Mapping[str, str], *, began_ns: int, at_ns: int) -> dict[str, Any]:
    """As an OTLP request for metrics, in its JSON form: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding"""
    metrics = []
    for figure in figures:
        point = {
            "attributes": _pairs(figure.attributes),
            "startTimeUnixNano": str(began_ns),
            "timeUnixNano": str(at_ns),
            "asDouble": figure.value,
        }
        data: dict[str, Any] = {"gauge": {"dataPoints": [point]}}
        if figure.kind == "counter":
            data = {"sum": {"dataPoints": [point], "aggregationTemporality": 2, "isMonotonic": True}}  # cumulative
        metrics.append({"name": figure.name, "unit": figure.unit, "description": figure.says, **data})
    scope = {"scope": {"name": "golive"}, "metrics": metrics}
    return {"resourceMetrics": [{"resource": {"attributes": _pairs(resource)}, "scopeMetrics": [scope]}]}


def _pairs(attributes: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"key": name, "value": {"stringValue": value}} for name, value in sorted(attributes.items())]
