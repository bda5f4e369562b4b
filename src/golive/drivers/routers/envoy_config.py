"""What Envoy is told, as data: bootstrap, listener, clusters and endpoints. Pure; routes are next door.

Every function returns the JSON form of one Envoy v3 message. Each non-default setting says why it is there;
the measurements behind them are in `docs/decisions`, the field meanings in Envoy's v3 API reference.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from golive.judge.samples import BOUNDS_MS
from golive.release.target import Endpoint
from golive.spec.values import HealthCheck, LatencyObjective

Message = dict[str, object]

TYPES = "type.googleapis.com/envoy."
ROUTE_CONFIG = "main"
LISTENER_STAT = "in"  # prefix of the front door's own counters: `http.in.*`
AN_HOUR_MS = 3_600_000  # Envoy does not count what is slower than the last bound: nothing may be
OWNER_ONLY = 0o600
MANY = 10_000  # circuit breakers: the supervisor and the instances limit load, not the front door


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How one environment's front door behaves."""

    host: str  # an IP address
    port: int | None  # None: a free one is chosen once and kept
    request_timeout: timedelta  # retries included; zero means none
    health: tuple[HealthCheck, ...]
    latency: tuple[LatencyObjective, ...] = ()


def bounds_ms(objectives: Iterable[LatencyObjective]) -> tuple[int, ...]:
    """Upper bounds of the latency histogram, rising, with one at, below and above each objective."""
    near = {bound for o in objectives for bound in (o.max_ms // 2, o.max_ms, o.max_ms * 2)}
    return tuple(sorted({bound for bound in near if bound > 0} | {*BOUNDS_MS, AN_HOUR_MS}))


def bootstrap(folder: str, socket: str, objectives: Iterable[LatencyObjective]) -> Message:
    """Read once, at the start: where the rest is, and the admin socket.

    There is no admin runtime layer: `/runtime_modify` refuses, so nothing can shadow the weights in the files.
    """
    return {
        "node": {"id": "golive", "cluster": "golive"},
        "admin": {"address": {"pipe": {"path": socket, "mode": OWNER_ONLY}}},
        "dynamic_resources": {"lds_config": source(folder, "lds"), "cds_config": source(folder, "cds")},
        "stats_flush_interval": "0.2s",  # histograms are merged at the flush: this is how far they lag
        "stats_config": {
            "histogram_bucket_settings": [
                {"match": {"suffix": "upstream_rq_time"}, "buckets": list(bounds_ms(objectives))}
            ]
        },
    }


def source(folder: str, name: str) -> Message:
    """A file that Envoy reads again whenever something is moved into its folder."""
    watched = {"path": f"{folder}/{name}.json", "watched_directory": {"path": folder}}
    return {"path_config_source": watched, "resource_api_version": "V3"}


def listener(folder: str, host: str, port: int) -> Message:
    """The front door."""
    connections = {
        "@type": TYPES + "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": LISTENER_STAT,
        "use_remote_address": True,  # the front door is the edge: clients cannot set x-envoy-* headers
        "server_header_transformation": "PASS_THROUGH",
        "rds": {"route_config_name": ROUTE_CONFIG, "config_source": source(folder, "rds")},
        "http_filters": [_filter("router", {"suppress_envoy_headers": True})],
    }
    return {
        "@type": TYPES + "config.listener.v3.Listener",
        "name": "front-door",
        "address": address(Endpoint(host=host, port=port)),
        "enable_reuse_port": False,  # else two front doors could share a port and each get half of the users
        "filter_chains": [{"filters": [{"name": "http", "typed_config": connections}]}],
    }


def _filter(name: str, settings: Mapping[str, object]) -> Message:
    typed = {"@type": f"{TYPES}extensions.filters.http.{name}.v3.{name.title()}", **settings}
    return {"name": f"envoy.filters.http.{name}", "typed_config": typed}


def address(endpoint: Endpoint) -> Message:
    return {"socket_address": {"address": endpoint.host, "port_value": endpoint.port}}


def cluster(folder: str, name: str, health: tuple[HealthCheck, ...]) -> Message:
    """One revision's pool."""
    return {
        "@type": TYPES + "config.cluster.v3.Cluster",
        "name": name,
        "type": "EDS",
        "eds_cluster_config": {"eds_config": source(folder, endpoints_file(name))},
        "connect_timeout": "1s",
        "lb_policy": "LEAST_REQUEST",
        "ignore_health_on_host_removal": True,  # else a removed endpoint serves on while its check passes
        "common_lb_config": {
            "healthy_panic_threshold": {"value": 0},  # never send to an unhealthy endpoint
            "update_merge_window": "0s",  # else workers may learn of health up to 1 s after we read it
        },
        "typed_extension_protocol_options": _protocol(),
        "health_checks": [_health_check(health)],
        "outlier_detection": _ejection(),
        "circuit_breakers": {
            "thresholds": [  # the default of 3 retries at once fails users when an instance is killed
                {
                    "max_retries": 1000,
                    "max_connections": MANY,
                    "max_pending_requests": MANY,
                    "max_requests": MANY,
                }
            ]
        },
    }


def _protocol() -> Message:
    """HTTP/1.1, and connections that we close before the instance does.

    Common servers close after 2 to 5 s without a request; one that is sent just then fails, and only a GET may
    be sent again.
    """
    name = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    options = {
        "@type": f"type.googleapis.com/{name}",
        "common_http_protocol_options": {"idle_timeout": "1s"},
        "explicit_http_config": {"http_protocol_options": {}},
    }
    return {name: options}


def endpoints_file(name: str) -> str:
    """The file of a cluster's endpoints, without its ending."""
    return f"eds_{name}"


def _health_check(health: tuple[HealthCheck, ...]) -> Message:
    """Envoy takes one check a cluster: the first HTTP one, else whether the port answers.

    Commands are run by the target; the router can only ask over the network.
    """
    check = next((c for c in health if c.kind == "http"), None) or next(iter(health), HealthCheck(kind="tcp"))
    asked: Message = {"tcp_health_check": {}}
    if check.kind == "http":
        expected = [{"start": check.code, "end": check.code + 1}]
        asked = {"http_health_check": {"path": check.path, "expected_statuses": expected}}
    return asked | {
        "timeout": seconds(check.timeout),
        "interval": seconds(check.interval),
        "no_traffic_interval": seconds(check.interval),  # default: a minute without weight is a minute unhealthy
        "healthy_threshold": check.healthy_after,
        "unhealthy_threshold": check.unhealthy_after,
    }


def _ejection() -> Message:
    """Leave out an endpoint that cannot be reached. Its own 5xx answers are for the judge and never eject it."""
    return {
        "split_external_local_origin_errors": True,
        "consecutive_local_origin_failure": 3,
        "interval": "0.2s",
        "base_ejection_time": "2s",
        "max_ejection_percent": 50,
        "enforcing_consecutive_5xx": 0,
        "enforcing_success_rate": 0,
        "enforcing_local_origin_success_rate": 0,
        "consecutive_gateway_failure": 0,
        "enforcing_consecutive_gateway_failure": 0,
    }


def load_assignment(name: str, endpoints: Iterable[Endpoint], draining: frozenset[Endpoint]) -> Message:
    """A cluster's endpoints; those in `draining` finish what they have and get nothing new."""
    listed = [
        {
            "endpoint": {
                "address": address(endpoint),
                "health_check_config": {"hostname": str(endpoint)},  # default Host: the cluster's name
            },
            "health_status": "DRAINING" if endpoint in draining else "UNKNOWN",
        }
        for endpoint in sorted(endpoints)
    ]
    return {
        "@type": TYPES + "config.endpoint.v3.ClusterLoadAssignment",
        "cluster_name": name,
        "endpoints": [{"lb_endpoints": listed}],
    }


def seconds(duration: timedelta) -> str:
    """A duration as Envoy writes it, such as "0.500s"."""
    return f"{duration.total_seconds():.3f}s"
