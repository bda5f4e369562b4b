"""Probes from outside, for Debian's and others' blackbox exporter, and how Prometheus asks it."""

from collections.abc import Mapping
from typing import Any

from golive.slo.rulebook import RuleBook
from golive.spec.values import HealthCheck

MODULE = "golive_http_2xx"
EXPORTER = "127.0.0.1:9115"


def modules() -> dict[str, Any]:
    """The file of the exporter. https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md"""
    return {
        "modules": {
            MODULE: {
                "prober": "http",
                "timeout": "5s",
                "http": {"method": "GET", "follow_redirects": False, "preferred_ip_protocol": "ip4"},
            }
        }
    }


def jobs(book: RuleBook, doors: Mapping[str, str], health: tuple[HealthCheck, ...]) -> list[dict[str, Any]]:
    """Scrape jobs that ask each environment's front door; `doors` are addresses by environment."""
    path = next((check.path for check in health if check.kind == "http"), "/")
    names = book.observe.vocabulary
    return [
        {
            "job_name": f"{book.service}-{environment}-door",
            "metrics_path": "/probe",
            "params": {"module": [MODULE]},
            "static_configs": [
                {
                    "targets": [f"{url.rstrip('/')}{path}"],
                    "labels": {names.service: book.service, names.environment: environment},
                }
            ],
            "relabel_configs": [
                {"source_labels": ["__address__"], "target_label": "__param_target"},
                {"source_labels": ["__param_target"], "target_label": "instance"},
                {"target_label": "__address__", "replacement": EXPORTER},
            ],
        }
        for environment, url in doors.items()
    ]
