"""How requests are divided, as Envoy's route table, and the way back from the table to the division. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from golive.drivers.routers.envoy_config import ROUTE_CONFIG, TYPES, Message, seconds

HEADER = "x-golive-revision"  # in a request: picks the revision; in an answer: names the one that gave it
INTERNAL = "x-envoy-internal"  # makes Envoy count a request under `internal`, apart from users' (`external`)
SPLIT = "split"
UNSENT = "connect-failure,refused-stream,reset-before-request"  # the instance never saw it: safe to repeat
CLOSED_TEXT = "No revision is live here.\n"
UNKNOWN_TEXT = f"No revision of the name given in {HEADER} is attached here.\n"


@dataclass(frozen=True, kw_only=True)
class Division:
    """Who gets which requests: `weights` sum to 100 or are empty, `marked` can be picked by header."""

    weights: Mapping[str, int]
    marked: frozenset[str]


def table(division: Division, timeout: timedelta) -> Message:
    """The route table: marked requests first, then the split, or a plain 503 while no revision is live."""
    routes = [route for name in sorted(division.marked) for route in _marked(name, timeout)]
    routes.append(_answer(404, UNKNOWN_TEXT, headers=[{"name": HEADER, "present_match": True}]))
    if division.weights:
        routes += _split(division.weights, timeout)
    else:
        routes.append(_answer(503, CLOSED_TEXT, headers=[]))
    return {
        "@type": TYPES + "config.route.v3.RouteConfiguration",
        "name": ROUTE_CONFIG,
        "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}],
    }


def read_table(config: Mapping[str, Any]) -> Division:
    """The division that a route table, as Envoy shows it, makes."""
    weights: dict[str, int] = {}
    marked: set[str] = set()
    for route in (r for host in config.get("virtual_hosts", ()) for r in host.get("routes", ())):
        action = route.get("route", {})
        if "weighted_clusters" in action:
            weights = {c["name"]: int(c["weight"]) for c in action["weighted_clusters"]["clusters"]}
        elif "cluster" in action:
            marked.add(action["cluster"])
    return Division(weights=weights, marked=frozenset(marked))


def _marked(name: str, timeout: timedelta) -> list[Message]:
    """Requests that name their revision. They are not users' and are counted apart from theirs."""
    named: Message = {"name": HEADER, "string_match": {"exact": name}}
    own: Message = {
        "request_headers_to_add": [_header(INTERNAL, "true")],
        "response_headers_to_add": [_header(HEADER, name)],
    }
    return [route | own for route in _by_method(f"marked-{name}", [named], {"cluster": name}, timeout)]


def _split(weights: Mapping[str, int], timeout: timedelta) -> list[Message]:
    """Users' requests, whatever they claim to be: one marked as internal is counted all the same."""
    shares = [
        {"name": name, "weight": weight, "response_headers_to_add": [_header(HEADER, name)]}
        for name, weight in sorted(weights.items())
    ]
    own: Message = {"request_headers_to_remove": [INTERNAL]}
    action: Message = {"weighted_clusters": {"clusters": shares}}
    return [route | own for route in _by_method(SPLIT, [], action, timeout)]


def _by_method(name: str, headers: Sequence[Message], action: Message, timeout: timedelta) -> list[Message]:
    """Two routes: a GET or HEAD may be sent again even when it was begun, other methods only when it was not."""
    reading = {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD"}}}
    return [
        {
            "name": f"{name}-read",
            "match": {"prefix": "/", "headers": [*headers, reading]},
            "route": action | _bounds(f"{UNSENT},reset", timeout),
        },
        {
            "name": name,
            "match": {"prefix": "/", "headers": list(headers)},
            "route": action | _bounds(UNSENT, timeout),
        },
    ]


def _bounds(retry_on: str, timeout: timedelta) -> Message:
    predicate = {
        "name": "envoy.retry_host_predicates.previous_hosts",
        "typed_config": {"@type": TYPES + "extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"},
    }
    return {
        "timeout": seconds(timeout),
        "retry_policy": {
            "retry_on": retry_on,
            "num_retries": 3,
            "retry_host_predicate": [predicate],  # another instance than the one that just failed
            "host_selection_retry_max_attempts": 5,
            "retry_back_off": {"base_interval": "0.005s", "max_interval": "0.05s"},
        },
    }


def _answer(code: int, text: str, *, headers: list[Message]) -> Message:
    return {
        "match": {"prefix": "/", "headers": headers},
        "direct_response": {"status": code, "body": {"inline_string": text}},
    }


def _header(name: str, value: str) -> Message:
    return {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
