"""What Envoy is told, as data."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.drivers.routers.envoy_admin import exactly
from golive.drivers.routers.envoy_config import bootstrap, bounds_ms, cluster, load_assignment
from golive.drivers.routers.envoy_refusals import refuse_name, refuse_unusable, weights_of
from golive.drivers.routers.envoy_routes import Division, read_table, table
from golive.errors import Failure
from golive.release.revision import Revision
from golive.release.target import Endpoint
from golive.spec.values import HealthCheck, LatencyObjective

OLD, NEW = Revision(digest="0" * 64), Revision(digest="a" * 64)
FIVE_S = timedelta(seconds=5)

names = st.text(alphabet="0123456789abcdef", min_size=12, max_size=12)


@st.composite
def divisions(draw: st.DrawFn) -> Division:
    weight = draw(st.integers(0, 100))
    new, old = draw(names), draw(names)
    shares = {} if new == old else {new: weight, old: 100 - weight}
    return Division(
        weights={name: share for name, share in shares.items() if share},
        marked=draw(st.frozensets(names)),
    )


@given(divisions())
def test_what_a_table_divides_can_be_read_back_from_it(division: Division) -> None:
    assert read_table(table(division, FIVE_S)) == division


def routes(division: Division) -> list[dict[str, object]]:
    (host,) = table(division, FIVE_S)["virtual_hosts"]
    return list(host["routes"])


SPLIT = Division(weights={"old": 90, "new": 10}, marked=frozenset({"old", "new"}))


def test_marked_requests_are_looked_at_before_the_split() -> None:
    kinds = ["direct_response" if "direct_response" in r else r["name"].split("-")[0] for r in routes(SPLIT)]
    assert kinds == ["marked"] * 4 + ["direct_response"] + ["split"] * 2


def test_only_reading_requests_may_be_sent_twice_once_they_were_begun() -> None:
    for route in routes(SPLIT):
        if "route" in route:
            reads = any(header["name"] == ":method" for header in route["match"]["headers"])
            conditions = route["route"]["retry_policy"]["retry_on"].split(",")
            assert ("reset" in conditions) == reads
            assert {"connect-failure", "refused-stream", "reset-before-request"} <= set(conditions)


def test_users_cannot_take_the_mark_that_keeps_requests_out_of_the_count() -> None:
    for route in routes(SPLIT):
        name = str(route.get("name", ""))
        if name.startswith("split"):
            assert route["request_headers_to_remove"] == ["x-envoy-internal"]
        if name.startswith("marked"):
            (added,) = route["request_headers_to_add"]
            assert added["header"] == {"key": "x-envoy-internal", "value": "true"}


def test_every_route_ends_at_the_request_timeout() -> None:
    assert {r["route"]["timeout"] for r in routes(SPLIT) if "route" in r} == {"5.000s"}


def test_weights_cannot_be_overridden_at_run_time() -> None:
    assert "runtime_key_prefix" not in repr(table(SPLIT, FIVE_S))
    assert "layered_runtime" not in bootstrap("/f", "/f/admin.sock", ())


def test_latency_bounds_surround_every_objective() -> None:
    found = bounds_ms([LatencyObjective(quantile_ppm=990_000, max_ms=300)])
    assert {150, 300, 600} <= set(found)
    assert list(found) == sorted(set(found))


@given(st.lists(st.integers(1, 10**6)))
def test_latency_bounds_are_positive_and_rise(limits: list[int]) -> None:
    found = bounds_ms(LatencyObjective(quantile_ppm=1, max_ms=limit) for limit in limits)
    assert found[0] > 0
    assert all(a < b for a, b in itertools.pairwise(found))


HTTP = HealthCheck(kind="http", path="/up", code=204, interval=timedelta(seconds=2), healthy_after=4)
COMMAND = HealthCheck(kind="command", command=("true",), interval=timedelta(seconds=3))


@pytest.mark.parametrize(
    ("checks", "kind", "interval"),
    [
        ((), "tcp_health_check", "0.500s"),
        ((HTTP,), "http_health_check", "2.000s"),
        ((COMMAND, HTTP), "http_health_check", "2.000s"),
        ((COMMAND,), "tcp_health_check", "3.000s"),
    ],
)
def test_the_router_asks_what_it_can_over_the_network(
    checks: tuple[HealthCheck, ...], kind: str, interval: str
) -> None:
    (asked,) = cluster("/f", "new", checks)["health_checks"]
    assert kind in asked
    assert asked["interval"] == asked["no_traffic_interval"] == interval


def test_the_expected_code_is_exactly_the_one_in_the_specification() -> None:
    (asked,) = cluster("/f", "new", (HTTP,))["health_checks"]
    assert asked["http_health_check"] == {"path": "/up", "expected_statuses": [{"start": 204, "end": 205}]}


def test_leaving_endpoints_are_marked_and_the_order_is_stable() -> None:
    first, second = Endpoint(host="127.0.0.1", port=1), Endpoint(host="127.0.0.1", port=2)
    (locality,) = load_assignment("new", {second, first}, frozenset({second}))["endpoints"]
    listed = [
        (e["endpoint"]["address"]["socket_address"]["port_value"], e["health_status"])
        for e in locality["lb_endpoints"]
    ]
    assert listed == [(1, "UNKNOWN"), (2, "DRAINING")]


@pytest.mark.parametrize(("old", "weight"), [(OLD, -1), (OLD, 101), (None, 50), (None, 1), (NEW, 50)])
def test_a_share_that_nobody_would_get_is_refused(old: Revision | None, weight: int) -> None:
    with pytest.raises(Failure, match="cannot be set"):
        weights_of(NEW, old, weight)


@pytest.mark.parametrize("digest", ["A" * 64, "a.b", "../../etc/pwd", "a|b", ""])
def test_a_name_that_would_confuse_files_or_statistics_is_refused(digest: str) -> None:
    with pytest.raises(Failure, match="cannot be used"):
        refuse_unusable(Revision(digest=digest), frozenset())


@pytest.mark.parametrize("host", ["localhost", "example.org", "127.1", "0x7f000001", ""])
def test_endpoints_are_addresses_not_names(host: str) -> None:
    with pytest.raises(Failure, match="not an IP address"):
        refuse_name(host)


def test_a_filter_names_one_statistic() -> None:
    assert exactly("cluster.a.version_text") == "%5Ecluster%5C.a%5C.version_text%24"
