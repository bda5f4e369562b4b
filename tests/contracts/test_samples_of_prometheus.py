"""What a real Prometheus scraped of real counters, read as samples."""

import asyncio
import http.server
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from golive.drivers.metrics.prometheus import PrometheusSamples
from golive.judge.samples import Samples
from golive.spec.values import PrometheusChoice

PROMETHEUS = shutil.which("prometheus")
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(PROMETHEUS is None, reason="prometheus is not installed"),
]
CHOICE = {
    "requests": 'http_requests_total{version="{revision}"}',
    "errors": 'http_requests_total{version="{revision}",code="500"}',
    "latency": 'http_seconds_bucket{version="{revision}"}',
    "step": timedelta(seconds=2),
    "gauges": {"memory": 'memory_bytes{version="{revision}"}'},
}


class Exporter:
    """A service that counts; `restart` sets its counters to zero as a new process would."""

    def __init__(self, version: str) -> None:
        self.version, self.total, self.ever = version, [0, 0], [0, 0]
        exporter = self

        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = exporter.text().encode()
                self.send_response(200)
                self.send_header("content-type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, good: int, bad: int) -> None:
        for place, count in enumerate((good, bad)):
            self.total[place] += count
            self.ever[place] += count

    def restart(self) -> None:
        self.total = [0, 0]

    def text(self) -> str:
        own = f'version="{self.version}"'
        good, bad = self.total
        return (
            f'http_requests_total{{{own},code="200"}} {good}\nhttp_requests_total{{{own},code="500"}} {bad}\n'
            f'http_seconds_bucket{{{own},le="0.1"}} {good}\nhttp_seconds_bucket{{{own},le="+Inf"}} {good + bad}\n'
            f"memory_bytes{{{own}}} 1000\n"
        )


@pytest.fixture
def exporters() -> Iterator[dict[str, Exporter]]:
    found = {name: Exporter(name) for name in ("new", "old")}
    yield found
    for exporter in found.values():
        exporter.server.shutdown()


@pytest.fixture
def prometheus(tmp_path: Path, exporters: dict[str, Exporter]) -> Iterator[str]:
    targets = ", ".join(f'"127.0.0.1:{one.server.server_port}"' for one in exporters.values())
    config = tmp_path / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 500ms}\nscrape_configs:\n- job_name: shop\n"
        f"  static_configs: [{{targets: [{targets}]}}]\n"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert PROMETHEUS
    child = subprocess.Popen(
        [
            PROMETHEUS,
            f"--config.file={config}",
            f"--storage.tsdb.path={tmp_path / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _eventually(lambda: b"Ready" in urllib.request.urlopen(f"{url}/-/ready", timeout=1).read())
        yield url
    finally:
        child.terminate()
        child.wait(10)


def test_every_request_is_counted_once_across_a_restart(prometheus: str, exporters: dict[str, Exporter]) -> None:
    source = PrometheusSamples(PrometheusChoice(url=prometheus, **CHOICE))  # type: ignore[arg-type]
    both = f"{prometheus}/api/v1/query?query=count(up)"
    _eventually(lambda: b'"2"' in urllib.request.urlopen(both, timeout=1).read())
    begin = datetime.now(UTC)
    time.sleep(5)  # the counters are known before they rise
    for second in range(8):
        if second == 4:
            time.sleep(2)  # scraped once more
            exporters["new"].restart()
        exporters["new"].serve(90, 10)
        exporters["old"].serve(900, 1)
        time.sleep(1)
    time.sleep(5)
    found = asyncio.run(source.read(["new", "old"], begin))
    assert _totals(found) == {"new": (800, 80), "old": (7208, 8)}
    assert found.bounds_ms == (100,)
    assert sum(tick.latency[0] for tick in found.ticks if tick.revision == "new") == 720
    assert {tick.gauges["memory"] for tick in found.ticks} == {1000.0}
    again = asyncio.run(source.read(["new", "old"], found.ticks[-3].at))
    assert again.ticks[:2] == found.ticks[-2:]


def test_a_prometheus_that_is_not_there_gives_no_ticks_and_says_so() -> None:
    choice = PrometheusChoice(url="http://127.0.0.1:9", **CHOICE)  # type: ignore[arg-type]
    found = asyncio.run(PrometheusSamples(choice).read(["new"], datetime.now(UTC) - timedelta(minutes=1)))
    assert (found.ticks, "no usable answer" in found.note) == ((), True)


def _totals(found: Samples) -> dict[str, tuple[int, int]]:
    names = {tick.revision for tick in found.ticks}
    return {
        name: (
            sum(tick.requests for tick in found.ticks if tick.revision == name),
            sum(tick.errors for tick in found.ticks if tick.revision == name),
        )
        for name in names
    }


def _eventually(holds: object, within_s: float = 20.0) -> None:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        try:
            if holds():  # type: ignore[operator]
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("it did not become ready")
