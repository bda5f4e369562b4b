"""A receiver for Alertmanager's webhooks: keeps every page in a file before it answers, and tells what came."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

MOST_BYTES = 4 * 1024 * 1024


class Pages:
    """The file of pages: one JSON object a line; a line that a crash cut off is passed over."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()

    def keep(self, pages: list[dict[str, Any]]) -> None:
        text = "".join(json.dumps(page, ensure_ascii=False) + "\n" for page in pages)
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            if file.tell() and not _ends_line(self.path):
                file.write("\n")
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    def of(self, marker: str) -> list[dict[str, Any]]:
        """Pages in whose labels the marker stands."""
        return [page for page in self._all() if marker and marker in page["labels"].values()]

    def _all(self) -> Iterator[dict[str, Any]]:
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                try:
                    yield json.loads(line)
                except ValueError:
                    continue


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def pages_of(webhook: Any, at: datetime) -> list[dict[str, Any]]:
    """What a webhook of Alertmanager (version 4) says; `ValueError` when it is none."""
    try:
        return [
            {
                "at": at.isoformat(),
                "alert": str(alert["labels"]["alertname"]),
                "status": str(alert["status"]),
                "labels": {str(name): str(value) for name, value in alert["labels"].items()},
                "summary": str(alert.get("annotations", {}).get("summary", "")),
                "runbook": str(alert.get("annotations", {}).get("runbook_url", "")),
            }
            for alert in webhook["alerts"]
        ]
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"this is no webhook of Alertmanager: {error}") from error


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # a drill sends a dozen pages at once, and a full queue loses them


def server(host: str, port: int, pages: Pages, tell: Callable[[dict[str, Any]], None]) -> ThreadingHTTPServer:
    """Listens at once; `serve_forever` answers. POST keeps pages, GET ?marker= tells which came."""

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            try:
                length = int(self.headers.get("content-length") or 0)
                if not 0 <= length <= MOST_BYTES:
                    raise ValueError("too large")
                found = pages_of(json.loads(self.rfile.read(length)), datetime.now(UTC))
            except ValueError as error:
                return self._answer(400, {"error": str(error)})
            try:
                pages.keep(found)
            except OSError as error:
                return self._answer(507, {"error": str(error)})
            for page in found:
                tell(page)
            return self._answer(200, {"kept": len(found)})

        def do_GET(self) -> None:
            marker = parse_qs(urlsplit(self.path).query).get("marker", [""])[0]
            self._answer(200, {"pages": pages.of(marker)})

        def _answer(self, code: int, content: object) -> None:
            body = json.dumps(content).encode()
            self.send_response(code)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return _Server((host, port), Page)
