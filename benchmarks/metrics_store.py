"""What an hour of scrapes costs golive's own store, beside Prometheus: 10,000 series, one scrape every 15 s.

Both get the same values, scrape by scrape: golive as the text that services show, Prometheus by remote write,
whose encoding is ours and not counted. Then a 5-minute rate of all series, summed by service; in Prometheus over
HTTP, as anybody asks it. A fourth of the series, first, says whether the cost is linear.
"""

import json
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from bench import close, quick

from golive.drivers.alerting.remotewrite import HEADERS, body
from golive.drivers.metrics.exposition import Exposition
from golive.drivers.metrics.scrapes import ScrapeStore
from golive.slo.evaluate import Store, evaluate
from golive.slo.promql import By, Over, Select, text
from golive.slo.series import NAME, Series, labels_of

STEP_MS, SCRAPES = 15_000, 240
INGEST_BAR_S, RATE_BAR_MS = 5.0, 100.0
ASKED = By("sum", Over("rate", Select("hits_total"), timedelta(minutes=5)), ("service",))


def shown(series: int, scrape: int) -> str:
    lines = [f'hits_total{{path="/{n}",service="s{n % 100}"}} {scrape * (n % 50 + 1)}' for n in range(series)]
    return "\n".join(["# TYPE hits_total counter", *lines, ""])


def golives(series: int, begin_ms: int) -> tuple[float, float, float, dict[str, float]]:
    """Seconds to take in an hour; milliseconds of the first question, and of later ones; the answer."""
    with tempfile.TemporaryDirectory() as folder:
        store, reader, spent = ScrapeStore(Path(folder) / "scrapes.sqlite3"), Exposition({"job": "bench"}), 0.0
        for scrape in range(SCRAPES):
            told = shown(series, scrape)
            began = time.perf_counter()
            store.keep("bench", begin_ms + scrape * STEP_MS, reader.read(told))
            spent += time.perf_counter() - began
        at = datetime.fromtimestamp((begin_ms + (SCRAPES - 1) * STEP_MS) / 1000, UTC)
        taken, answer = [], {}
        for _ in range(6):
            began = time.perf_counter()
            found = evaluate(ASKED, at, Store(read=store.read, recordings={}))
            taken.append((time.perf_counter() - began) * 1000)
            answer = {dict(labels)["service"]: value for labels, value in found.items()}
        store.close()
    return spent, taken[0], median(taken[1:]), answer


def prometheus_own(series: int, begin_ms: int) -> tuple[float, float, dict[str, float]] | None:
    """The same of Prometheus; None where it is not installed."""
    program = shutil.which("prometheus")
    if program is None:
        return None
    labels = [
        labels_of({NAME: "hits_total", "job": "bench", "path": f"/{n}", "service": f"s{n % 100}"}.items())
        for n in range(series)
    ]
    with _running(program) as url:
        spent = 0.0
        for scrape in range(SCRAPES):
            at = (begin_ms + scrape * STEP_MS,)
            rows = (
                Series(labels=one, times_ms=at, values=(float(scrape * (n % 50 + 1)),))
                for n, one in enumerate(labels)
            )
            request = urllib.request.Request(f"{url}/api/v1/write", data=body(rows), headers=HEADERS)
            began = time.perf_counter()
            urllib.request.urlopen(request).read()
            spent += time.perf_counter() - began
        asked = urlencode({"query": text(ASKED), "time": (begin_ms + (SCRAPES - 1) * STEP_MS) / 1000})
        taken, answer = [], {}
        for _ in range(6):
            began = time.perf_counter()
            told = json.load(urllib.request.urlopen(f"{url}/api/v1/query?{asked}"))
            taken.append((time.perf_counter() - began) * 1000)
            answer = {row["metric"]["service"]: float(row["value"][1]) for row in told["data"]["result"]}
    return spent, median(taken[1:]), answer


@contextmanager
def _running(program: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "prometheus.yml").write_text("global: {}\n")
        child = subprocess.Popen(
            (
                program,
                "--config.file=prometheus.yml",
                "--storage.tsdb.path=data",
                "--web.enable-remote-write-receiver",
                f"--web.listen-address=127.0.0.1:{port}",
            ),
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _ready(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            child.terminate()
            child.wait(30)


def _ready(url: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/-/ready")
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("Prometheus did not become ready")


def main() -> None:
    series = 2_500 if quick() else 10_000
    begin_ms = int(time.time() * 1000) // STEP_MS * STEP_MS - (SCRAPES - 1) * STEP_MS
    fourth, *_ = golives(series // 4, begin_ms)
    spent, first, later, answer = golives(series, begin_ms)
    print(f"{series} series × {SCRAPES} scrapes: {spent:.2f} s; {spent / fourth:.1f} times a fourth of the series")
    print(f"5-minute rate of all: {later:.0f} ms, the first time {first:.0f} ms")
    agrees = True
    if peer := prometheus_own(series, begin_ms):
        peer_spent, peer_rate, peer_answer = peer
        worst = max(abs(answer[name] - value) / value for name, value in peer_answer.items())
        agrees = len(answer) == len(peer_answer) and worst < 1e-9
        print(f"Prometheus: {peer_spent:.2f} s, {peer_rate:.0f} ms; answers differ by {worst:.1e} at most")
        print(f"ratio: {spent / peer_spent:.2f} of its time to take in, {later / peer_rate:.2f} to answer")
    else:
        print("Prometheus is not installed: golive alone")
    holds = agrees and spent < INGEST_BAR_S and later < RATE_BAR_MS
    close(f"an hour of {series} series taken in, and a 5-minute rate below 100 ms", round(spent, 2), "s", 5, holds)


if __name__ == "__main__":
    main()
