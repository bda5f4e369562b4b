"""golive's own figures: counted from the records, named by the conventions, read by what reads them."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from golive.cli import golive
from golive.controller.figures import of_lookout, of_past
from golive.drivers.metrics.serving import server
from golive.errors import Failure
from golive.release.past import Past, Settled
from golive.release.revision import Revision
from golive.slo.figures import Figure, otlp, text
from golive.slo.firing import Firing, Watched

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD, BAD = Revision(digest="a" * 64), Revision(digest="b" * 64)


def settled(new: Revision, outcome: str, kind: str = "deploy") -> Settled:
    return Settled(
        id=f"r-{outcome}",
        kind=kind,
        new=new,
        old=None,
        outcome=outcome,
        because="",
        began_at=AT - timedelta(seconds=42),
        at=AT,
        by="ann",
    )


PAST = Past(
    environment="live",
    up=True,
    line=(GOOD,),
    settled=(settled(GOOD, "succeeded"), settled(GOOD, "succeeded"), settled(BAD, "rolled_back")),
)


def values(figures: Iterator[Figure]) -> dict[str, list[tuple[dict[str, str], float]]]:
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for one in figures:
        found.setdefault(one.name, []).append((dict(one.attributes), one.value))
    return found


def test_rollouts_are_counted_by_outcome_and_the_newest_is_told_as_the_conventions_say() -> None:
    found = values(of_past(PAST, "shop"))
    counted = {attributes["golive.rollout.outcome"]: value for attributes, value in found["golive.rollouts"]}
    assert counted == {"succeeded": 2, "rolled_back": 1}
    ((newest, seconds),) = found["golive.deployment.duration"]
    assert seconds == 42
    assert newest == {
        "service.name": "shop",
        "deployment.environment.name": "live",
        "deployment.id": "r-rolled_back",
        "deployment.name": "deploy",
        "deployment.status": "failed",
        "service.version": "b" * 12,
    }
    ((live, one),) = found["golive.live"]
    assert (live["service.version"], one) == ("a" * 12, 1)
    assert found["golive.rollout.active"][0][1] == 0
    assert values(of_past(Past(environment="live"), "shop")).keys() == {"golive.rollout.active"}


def test_a_watch_that_sleeps_tells_only_that() -> None:
    at_ms = round(AT.timestamp() * 1000)
    firing = (Firing(alert="A", labels=(), since_ms=1), Firing(alert="B", labels=(), since_ms=1, ended_ms=2))
    watched = Watched(
        at_ms=at_ms,
        interval_ms=1000,
        rules={"A": "x"},
        places={"envoy": "", "web": "no answer"},
        firing=firing,
        undelivered={"page": 3},
    )
    found = values(of_lookout(watched, "live", "shop", AT))
    assert {name: [value for _, value in same] for name, same in found.items()} == {
        "golive.lookout.awake": [1],
        "golive.alerts.firing": [1],
        "golive.alerts.failing": [0],
        "golive.scrape.up": [1, 0],
        "golive.messages.undelivered": [3],
    }
    late = values(of_lookout(watched, "live", "shop", AT + timedelta(minutes=1)))
    assert {name: [value for _, value in same] for name, same in late.items()} == {"golive.lookout.awake": [0]}
    assert not list(of_lookout(Watched(), "live", "shop", AT))


def test_prometheus_reads_every_figure_once_with_its_type() -> None:
    figures = list(of_past(PAST, 'sh"op\\'))
    families = {family.name: family for family in text_string_to_metric_families(text(figures))}
    assert families["golive_rollouts"].type == "counter"
    assert families["golive_deployment_time_seconds"].type == "gauge"
    assert sum(len(family.samples) for family in families.values()) == len(figures)
    (sample, *_) = families["golive_live"].samples
    assert sample.labels["service_name"] == 'sh"op\\'


def test_a_collector_gets_sums_and_gauges_in_the_form_of_the_specification() -> None:
    sent = otlp(list(of_past(PAST, "shop")), {"service.name": "golive"}, began_ns=1, at_ns=2)
    (resource,) = sent["resourceMetrics"]
    assert resource["resource"]["attributes"] == [{"key": "service.name", "value": {"stringValue": "golive"}}]
    metrics = {one["name"]: one for one in resource["scopeMetrics"][0]["metrics"]}
    assert metrics["golive.rollouts"]["sum"]["aggregationTemporality"] == 2
    assert metrics["golive.rollouts"]["sum"]["isMonotonic"] is True
    (point,) = metrics["golive.live"]["gauge"]["dataPoints"]
    assert (point["timeUnixNano"], point["asDouble"]) == ("2", 1.0)


def serving(listening: ThreadingHTTPServer) -> str:
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{listening.server_port}"


def test_they_are_served_and_what_cannot_be_read_is_no_success() -> None:
    def broken() -> str:
        raise Failure(where="golive.yaml", what="cannot be read")

    def code(told: Callable[[], str], path: str) -> int:
        listening = server("127.0.0.1", 0, told)
        try:
            return int(urllib.request.urlopen(serving(listening) + path, timeout=5).status)
        except urllib.error.HTTPError as error:
            return error.code
        finally:
            listening.shutdown()
            listening.server_close()

    assert code(lambda: "a 1\n", "/metrics") == 200
    assert code(lambda: "a 1\n", "/") == 404
    assert code(broken, "/metrics") == 500


def test_the_command_prints_and_sends_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    came = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append((self.path, json.loads(self.rfile.read(int(self.headers["content-length"])))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    monkeypatch.chdir(tmp_path)
    Path("golive.yaml").write_text(
        "service: shop\nowner: team\nrevision: {run: [a]}\nenvironments: {live: {target: {kind: local}}}\n"
    )
    run = CliRunner()
    printed = run.invoke(golive, ["observe", "metrics"])
    assert 'golive_rollout_active{deployment_environment_name="live",service_name="shop"} 0.0' in printed.output
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    url = serving(listening)
    try:
        sent = run.invoke(golive, ["observe", "metrics", "--otlp", url])
    finally:
        listening.shutdown()
        listening.server_close()
    assert "1 figures sent" in sent.output
    ((path, content),) = came
    assert path == "/v1/metrics"
    assert content["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["name"] == "golive.rollout.active"
    assert not Path(".golive").exists()
