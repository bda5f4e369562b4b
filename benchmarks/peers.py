"""The peers of the load benchmarks: nginx and wrk from the system, Locust from its own folder (`make peers`)."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port} backlog=8192;
    location / {{ return 200 "hello, this is a small answer\\n"; }}
  }}
}}
"""
LOCUSTFILE = """from locust import FastHttpUser, task


class Visitor(FastHttpUser):
    network_timeout = connection_timeout = 10.0

    @task
    def ask(self):
        self.client.get("/")
"""


def locust() -> str:
    """Where Locust is; leaves with a hint when it is not there."""
    return _found(os.environ.get("GOLIVE_LOCUST") or str(ROOT / ".peers" / "bin" / "locust"), "make peers")


def wrk() -> str:
    return _found("wrk", "apt install wrk")


def _found(program: str, hint: str) -> str:
    found = shutil.which(program)
    if not found:
        sys.exit(f"{program} is not there, so there is nothing to compare with: {hint}")
    return found


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def nginx() -> Iterator[str]:
    """A small answer from one worker of nginx; its address."""
    program = _found(shutil.which("nginx") or "/usr/sbin/nginx", "apt install nginx-light")
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(lambda port: [program, "-p", folder, "-c", _config(folder, port)]) as (url, _),
    ):
        yield url


def _config(folder: str, port: int) -> str:
    path = Path(folder) / "nginx.conf"
    path.write_text(NGINX.format(folder=folder, port=port))
    return str(path)


@contextmanager
def serving(command) -> Iterator[tuple[str, subprocess.Popen]]:  # type: ignore[type-arg, no-untyped-def]
    """A server process on a free port, ended afterwards; its address and itself."""
    port = free_port()
    server = subprocess.Popen(command(port), stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.send_signal(signal.SIGCONT)
        server.terminate()
        server.wait()


def start_wrk(url: str, seconds: int, connections: int = 64) -> subprocess.Popen:  # type: ignore[type-arg]
    command = [wrk(), "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency", url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def told_by_wrk(child: subprocess.Popen) -> tuple[float, float]:  # type: ignore[type-arg]
    """Requests per second and p99 in milliseconds."""
    out, _ = child.communicate()
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])  # type: ignore[index]
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", out).groups()  # type: ignore[union-attr]
    return rate, float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}[unit]


def start_locust(url: str, seconds: int, folder: str, users: int = 64) -> subprocess.Popen:  # type: ignore[type-arg]
    file = Path(folder) / f"locustfile_{users}.py"
    file.write_text(LOCUSTFILE)
    quiet = ["--headless", "--json", "--only-summary", "--loglevel", "ERROR"]
    command = [locust(), "-f", str(file), "--host", url, *quiet, "-u", str(users), "-r", str(users)]
    return subprocess.Popen(
        [*command, "-t", f"{seconds}s"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def told_by_locust(child: subprocess.Popen) -> tuple[float, float]:  # type: ignore[type-arg]
    """The same; its rate over the whole seconds in which all users were there."""
    out, _ = child.communicate()
    (told,) = json.loads(out[out.index("[") :])
    rates = sorted(told["num_reqs_per_sec"].items())[1:-1]
    times = sorted((float(ms), count) for ms, count in told["response_times"].items())
    rank, seen, p99 = 0.99 * sum(count for _, count in times), 0, 0.0
    for ms, count in times:
        seen += count
        if seen >= rank:
            p99 = ms
            break
    return sum(count for _, count in rates) / max(len(rates), 1), p99
