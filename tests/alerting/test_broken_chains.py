"""Whatever breaks between a rule and a person is found, and named by the hop where it broke."""

import asyncio
import json
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import alertstack
from alertstack import Change, Stack, unchanged
from golive.assembly.observe import alerting
from golive.errors import Failure

pytestmark = [
    pytest.mark.observe,
    pytest.mark.skipif(not alertstack.HERE, reason=alertstack.MISSING),
]
PATIENCE = timedelta(seconds=8)
ALERT = "AvailabilityBurn1h"


def rule(change: Callable[[dict[str, Any]], None]) -> Change:
    """A change of one alert's rule."""

    def changed(rules: dict[str, Any]) -> None:
        for group in rules["groups"]:
            for one in group["rules"]:
                if one.get("alert") == ALERT:
                    change(one)

    return changed


def replaced(old: str, new: str) -> Change:
    def change(one: dict[str, Any]) -> None:
        assert old in one["expr"]
        one["expr"] = one["expr"].replace(old, new)

    return rule(change)


def renamed(one: dict[str, Any]) -> None:
    one["alert"] = "AvailabilityBurnOnce"


def ambiguous(one: dict[str, Any]) -> None:
    one["expr"] = "slo:sli_error:ratio_rate1h * on () slo:sli_error:ratio_rate5m"


def recording(old: str, new: str) -> Change:
    def changed(rules: dict[str, Any]) -> None:
        for one in rules["groups"][0]["rules"]:
            if "record" in one:
                one["expr"] = one["expr"].replace(old, new)

    return changed


def webhook(url: str) -> Change:
    def changed(routes: dict[str, Any]) -> None:
        for receiver in routes["receivers"][1:]:
            receiver["webhook_configs"][0]["url"] = url

    return changed


def swallowing() -> str:
    """A server that accepts everything and tells nobody."""

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def route(change: Callable[[list[Any]], Any]) -> Change:
    def changed(routes: dict[str, Any]) -> None:
        for one in routes["route"]["routes"]:
            change(one["matchers"])

    return changed


def inhibiting(routes: dict[str, Any]) -> None:
    routes["inhibit_rules"].append(
        {"source_matchers": ['alertname="Maintenance"'], "target_matchers": [f'alertname="{ALERT}"']}
    )


def slow(routes: dict[str, Any]) -> None:
    routes["route"]["group_wait"] = "10m"


def without_end(routes: dict[str, Any]) -> None:
    for receiver in routes["receivers"][1:]:
        receiver["webhook_configs"][0]["send_resolved"] = False


def muted(routes: dict[str, Any]) -> None:
    routes["time_intervals"] = [{"name": "always", "time_intervals": [{"months": ["1:12"]}]}]
    for one in routes["route"]["routes"]:
        one["mute_time_intervals"] = ["always"]


def nobody_to_tell(config: dict[str, Any]) -> None:
    del config["alerting"]


def wrong_port(config: dict[str, Any]) -> None:
    config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = ["127.0.0.1:9"]


def relabelled(config: dict[str, Any]) -> None:
    drop = {"source_labels": ["alertname"], "regex": ALERT, "action": "drop"}
    config["alerting"]["alert_relabel_configs"] = [drop]


def label_dropped(config: dict[str, Any]) -> None:
    config["alerting"]["alert_relabel_configs"] = [{"regex": "application", "action": "labeldrop"}]


def post(stack: Stack, path: str, body: object) -> None:
    url = f"http://127.0.0.1:{stack.ports['alertmanager']}{path}"
    asked = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    assert urllib.request.urlopen(asked, timeout=5).status == 200


def maintenance(stack: Stack) -> None:
    post(stack, "/api/v2/alerts", [{"labels": {"alertname": "Maintenance"}}])


def silence(stack: Stack) -> None:
    now = datetime.now(UTC)
    body = {
        "matchers": [{"name": "application", "value": "shop", "isRegex": False, "isEqual": True}],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "ann",
        "comment": "for the weekend",
    }
    post(stack, "/api/v2/silences", body)


@dataclass(frozen=True, kw_only=True)
class Broken:
    hop: str
    because: str
    rules: Change = unchanged
    routes: Change = unchanged
    engine: Change = unchanged
    after: Callable[[Stack], None] = lambda stack: None


BREAKAGES = {
    "rule that is not there": Broken(hop="rule", because="no rule of this name", rules=rule(renamed)),
    "typo in a rule": Broken(hop="rule", because="did not fire", rules=replaced("ratio_rate5m", "ratio_rate5min")),
    "threshold too high": Broken(hop="rule", because="did not fire", rules=replaced("0.144", "0.16")),
    "threshold too low": Broken(hop="rule", because="not the rule that", rules=replaced("0.144", "0.13")),
    "recording of another metric": Broken(
        hop="rule", because="did not fire", rules=recording("upstream_rq_xx", "upstream_rq_completed")
    ),
    "recording that counts too much": Broken(
        hop="control", because="cannot fail", rules=recording('envoy_response_code_class="5",', "")
    ),
    "rule that cannot be evaluated": Broken(hop="rule", because="evaluation fails", rules=rule(ambiguous)),
    "no Alertmanager is told": Broken(hop="notification", because="knows no", engine=nobody_to_tell),
    "Alertmanager at another port": Broken(hop="notification", because="dropped", engine=wrong_port),
    "relabelled away": Broken(hop="notification", because="has not heard", engine=relabelled),
    "label that the route needs is dropped": Broken(hop="route", because="goes to nobody", engine=label_dropped),
    "wrong label in the route": Broken(
        hop="route", because="goes to nobody", routes=route(lambda m: m.append('team="other"'))
    ),
    "silenced": Broken(hop="route", because="silenced by", after=silence),
    "inhibited": Broken(hop="route", because="inhibited", routes=inhibiting, after=maintenance),
    "receiver at another port": Broken(
        hop="receiver", because="could not be delivered", routes=webhook("http://127.0.0.1:9/")
    ),
    "receiver that swallows": Broken(hop="receiver", because="nothing arrived", routes=webhook(swallowing())),
    "receiver that is told too late": Broken(hop="receiver", because="nothing arrived", routes=slow),
    "muted at this time": Broken(hop="receiver", because="nothing arrived", routes=muted),
    "end that is not told": Broken(hop="recovery", because="end was not told", routes=without_end),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_what_breaks_is_named(name: str, tmp_path: Path) -> None:
    broken = BREAKAGES[name]
    stack = Stack(folder=tmp_path, rules=broken.rules, routes=broken.routes, engine=broken.engine)
    try:
        stack.start()
        broken.after(stack)
        shown = asyncio.run(alerting.prove_alerts(stack.file, "production", PATIENCE, lambda line: None))
    finally:
        stack.end()
    found = next(one for one in shown.alerts if one.alert == ALERT)
    assert (found.broken, broken.because in found.because) == (broken.hop, True), found
    assert shown.answer == "refuted"


def test_a_prometheus_that_takes_no_samples_is_told(tmp_path: Path) -> None:
    stack = Stack(folder=tmp_path, remote_write=False)
    try:
        stack.start()
        with pytest.raises(Failure) as refused:
            asyncio.run(alerting.prove_alerts(stack.file, "production", PATIENCE, lambda line: None))
    finally:
        stack.end()
    assert "--web.enable-remote-write-receiver" in refused.value.next
