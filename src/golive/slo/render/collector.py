"""A piece of configuration for the OpenTelemetry collector: receive, name the service, pass on.

Names are OpenTelemetry's semantic conventions: service.name, deployment.environment.name.
"""

from typing import Any

from golive.slo.rulebook import RuleBook


def snippet(book: RuleBook, environment: str) -> dict[str, Any]:
    """Metrics go to Prometheus by remote write, and logs and traces to the address in OTLP_ENDPOINT."""
    place = book.observe.prometheus
    attributes = [
        {"key": "service.name", "value": book.service, "action": "upsert"},
        {"key": "deployment.environment.name", "value": environment, "action": "upsert"},
    ]
    onward = "prometheusremotewrite" if place else "otlp"
    exporters: dict[str, Any] = {"otlp": {"endpoint": "${env:OTLP_ENDPOINT}"}}
    if place:
        exporters["prometheusremotewrite"] = {
            "endpoint": f"{place.url}/api/v1/write",
            "resource_to_telemetry_conversion": {"enabled": True},
        }

    def pipeline(exporter: str) -> dict[str, Any]:
        return {"receivers": ["otlp"], "processors": ["resource", "batch"], "exporters": [exporter]}

    return {
        "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": "127.0.0.1:4317"}}}},
        "processors": {"resource": {"attributes": attributes}, "batch": {}},
        "exporters": exporters,
        "service": {
            "pipelines": {"metrics": pipeline(onward), "logs": pipeline("otlp"), "traces": pipeline("otlp")}
        },
    }
