"""A real Prometheus, a real Alertmanager and golive's own receiver, on free ports of the loopback."""

import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from golive.assembly.observe import alerting, rules

PROMETHEUS, ALERTMANAGER = shutil.which("prometheus"), shutil.which("prometheus-alertmanager")
HERE = PROMETHEUS is not None and ALERTMANAGER is not None
MISSING = "prometheus and prometheus-alertmanager are not installed"

SPEC = """service: shop
owner: team-shop
revision: {run: [a]}
environments: {production: {target: {kind: local}}}
objectives: {error_rate: 1 %%, latency: [{quantile: p99, max: 300ms}]}
observe:
  prometheus: {url: "http://127.0.0.1:%(prometheus)d", alertmanager: "http://127.0.0.1:%(alertmanager)d"}
  receivers: {page: {webhook: "http://127.0.0.1:%(receiver)d/page", timeout: 15s}}
"""
Change = Callable[[dict[str, Any]], None]


def unchanged(document: dict[str, Any]) -> None:
    """As golive renders it."""


@dataclass(kw_only=True)
class Stack:
    """Started by `start`, ended by `end`. The changes are what a test breaks before anything starts."""

    folder: Path
    rules: Change = unchanged
    routes: Change = unchanged
    engine: Change = unchanged
    remote_write: bool = True
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)
    ports: Mapping[str, int] = field(default_factory=dict)

    @property
    def file(self) -> str:
        return str(self.folder / "golive.yaml")

    def start(self) -> None:
        assert PROMETHEUS
        assert ALERTMANAGER
        self.ports = {name: free_port() for name in ("prometheus", "alertmanager", "receiver")}
        (self.folder / "golive.yaml").write_text(SPEC % self.ports)
        self.server = alerting.listening(self.file, "127.0.0.1", self.ports["receiver"], lambda page: None)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        files = rules.rendered(self.file)
        self._write("rules.yml", files["prometheus-rules.yml"], self.rules)
        self._write("alertmanager.yml", files["alertmanager.yml"], lambda d: (fast(d), self.routes(d)))  # type: ignore[arg-type, return-value]
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "500ms"},
            "rule_files": ["rules.yml"],
            "alerting": {
                "alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{self.ports['alertmanager']}"]}]}]
            },
        }
        self._write("prometheus.yml", yaml.safe_dump(config), self.engine)
        self._spawn(
            ALERTMANAGER,
            "--config.file=alertmanager.yml",
            "--storage.path=alerts",
            f"--web.listen-address=127.0.0.1:{self.ports['alertmanager']}",
            "--cluster.listen-address=",
        )
        ready(f"http://127.0.0.1:{self.ports['alertmanager']}/-/ready")
        self._spawn(
            PROMETHEUS,
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=data",
            "--rules.alert.resend-delay=1s",
            f"--web.listen-address=127.0.0.1:{self.ports['prometheus']}",
            *(["--web.enable-remote-write-receiver"] if self.remote_write else []),
        )
        ready(f"http://127.0.0.1:{self.ports['prometheus']}/-/ready")

    def _write(self, name: str, text: str, change: Change) -> None:
        document = deepcopy(yaml.safe_load(text))
        change(document)
        (self.folder / name).write_text(yaml.safe_dump(document, sort_keys=False))

    def _spawn(self, *command: str) -> None:
        with (self.folder / f"{Path(command[0]).name}.log").open("wb") as log:
            self.children.append(subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log))

    def end(self) -> None:
        for child in reversed(self.children):
            child.terminate()
        for child in self.children:
            child.wait(10)
        self.server.shutdown()
        self.server.server_close()


def fast(routes: dict[str, Any]) -> None:
    """Alertmanager tells at once, so that a drill takes seconds."""
    routes["route"] |= {"group_wait": "0s", "group_interval": "1s"}


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def ready(url: str) -> None:
    for _ in range(200):
        try:
            if urllib.request.urlopen(url, timeout=1).status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{url} did not become ready")
