"""What is promised and watched in operation, as frozen values: the key `observe`.

Targets and limits are parts per million. Selectors are PromQL, kept as the operator wrote them.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, TypeAlias

from golive.spec.secretref import SecretRef

SloKind: TypeAlias = Literal["availability", "latency", "freshness", "ratio", "composed"]
Severity: TypeAlias = Literal["page", "ticket"]


@dataclass(frozen=True, kw_only=True)
class Slo:
    """A promise over a long time: `target_ppm` of what is counted is good, within `window`."""

    name: str
    kind: SloKind
    target_ppm: int  # 999000 is 99.9 %
    window: timedelta = timedelta(days=30)
    max_ms: int = 0  # latency: an answer may take so long; freshness: what is served may be so old
    requests: str = ""  # a selector of a counter; "" is the one of `Metrics`
    errors: str = ""  # of those that are bad
    latency: str = ""  # a histogram, by its name without _bucket
    good: str = ""  # ratio: a selector of the counter of good events
    total: str = ""  # ratio: and of all
    updated: str = ""  # freshness: a gauge with the unix time, in seconds, of the last update
    parts: tuple[str, ...] = ()  # composed: names of others; bad in one is bad
    runbook: str = ""  # "" is the page of `Observe` with the alert's name as its anchor


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """How the service's requests are named where they are counted. The defaults are golive's own front door."""

    requests: str = "envoy_cluster_external_upstream_rq_xx"
    errors: str = 'envoy_cluster_external_upstream_rq_xx{envoy_response_code_class="5"}'
    latency: str = "envoy_cluster_external_upstream_rq_time"
    unit: Literal["s", "ms"] = "ms"
    service: str = "service"  # the label that holds the service's name
    environment: str = "environment"
    revision: str = "envoy_cluster_name"


@dataclass(frozen=True, kw_only=True)
class Saturation:
    """A resource is short when its use stays above `limit_ppm` for five minutes."""

    name: str
    metric: str  # a gauge between 0 and 1
    limit_ppm: int


RESOURCES = (
    Saturation(name="cpu", metric="system_cpu_utilization_ratio", limit_ppm=900_000),
    Saturation(name="memory", metric="system_memory_utilization_ratio", limit_ppm=900_000),
    Saturation(name="disk", metric="system_filesystem_utilization_ratio", limit_ppm=900_000),
)


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """Where alerts of a severity go, and how golive learns that one arrived."""

    webhook: str  # gets Alertmanager's webhook as JSON
    acknowledged: tuple[str, ...] = ()  # exits 0 once the text in GOLIVE_MARKER has arrived; () asks the webhook
    timeout: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class PrometheusPlace:
    """A Prometheus and its Alertmanager."""

    url: str
    alertmanager: str
    token: SecretRef | None = None
    ca: str = ""


@dataclass(frozen=True, kw_only=True)
class Observe:
    """Everything that is watched in operation. Without slos: those that follow from `objectives`."""

    slos: tuple[Slo, ...] = ()
    vocabulary: Vocabulary = Vocabulary()
    saturation: tuple[Saturation, ...] = RESOURCES
    quiet: timedelta | None = timedelta(minutes=10)  # so long without a request is an alert
    runbook: str = "runbook.md"
    dashboard: str = ""  # the address of Grafana; "" names the dashboard only
    scrape: str = ""  # a path of each instance that shows its own metrics
    receivers: dict[Severity, Receiver] = field(default_factory=dict)
    prometheus: PrometheusPlace | None = None  # None: golive scrapes and evaluates by itself
