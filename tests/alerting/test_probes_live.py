"""The probe that golive renders, run by a real blackbox exporter: it passes what is well and fails what is not."""

import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from golive.slo.render.probes import modules

EXPORTER = shutil.which("prometheus-blackbox-exporter")
pytestmark = [
    pytest.mark.observe,
    pytest.mark.skipif(not EXPORTER, reason="the blackbox exporter is not installed"),
]


class Page(BaseHTTPRequestHandler):
    """/well is 200, /gone elsewhere, everything else fails."""

    def do_GET(self) -> None:
        code = {"/well": 200, "/gone": 302}.get(self.path, 500)
        self.send_response(code)
        self.send_header("content-length", "0")
        if code == 302:
            self.send_header("location", "/well")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    listening.server_close()


@pytest.fixture
def exporter(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "blackbox.yml").write_text(yaml.safe_dump(modules()))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert EXPORTER
    command = [EXPORTER, f"--config.file={tmp_path}/blackbox.yml", f"--web.listen-address=127.0.0.1:{port}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        url = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                urllib.request.urlopen(url, timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield url
        child.terminate()


def test_a_real_exporter_passes_what_answers_and_fails_what_does_not(exporter: str, service: str) -> None:
    (module,) = modules()["modules"]

    def success(target: str) -> bool:
        told = (
            urllib.request.urlopen(f"{exporter}/probe?module={module}&target={target}", timeout=10).read().decode()
        )
        return "\nprobe_success 1\n" in told

    assert success(f"{service}/well")
    assert not success(f"{service}/broken")
    assert not success(f"{service}/gone")
    assert not success("http://127.0.0.1:9/")
