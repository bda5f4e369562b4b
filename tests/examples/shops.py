"""A storefront as a process of its own, in a folder of its own."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).parents[2] / "examples" / "storefront"
LIMIT_S = 30.0


class Shop:
    """`ask` a running storefront; `url` for those who ask on their own."""

    def __init__(self, child: subprocess.Popen[str], port: int) -> None:
        self.child = child
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, path: str, method: str = "GET", body: str | None = None) -> tuple[int, Any]:
        """Code and JSON (or text) of one answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        is_json = answer.headers["content-type"] == "application/json"
        return answer.status, json.loads(text) if is_json else text

    def listens(self) -> bool:
        return listens(self.port)

    def end(self) -> int:
        """SIGTERM, and the exit code."""
        self.child.terminate()
        return self.child.wait(LIMIT_S)


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def start(folder: Path, *, version: str = "1.0.0", release: dict[str, str] | None = None, **environ: str) -> Shop:
    """A new process from a copy of the example, not waited for."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".*", "evidence", "__pycache__"))
    (folder / "release.json").write_text(json.dumps({"version": version, "faults": release or {}}))
    port = free_port()
    child = subprocess.Popen(
        [sys.executable, "-B", "app.py"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PORT": str(port), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Shop(child, port)


def wait_until(question: Callable[[], bool]) -> None:
    """Poll until the answer is yes."""
    deadline = time.monotonic() + LIMIT_S
    while not question():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@contextmanager
def storefront(folder: Path, **settings: Any) -> Iterator[Shop]:
    """A storefront that listens, ended at the end."""
    shop = start(folder, **settings)
    try:
        wait_until(lambda: shop.listens() or shop.child.poll() is not None)
        assert shop.child.poll() is None, shop.child.communicate()
        yield shop
    finally:
        shop.child.kill()
        shop.child.communicate()
