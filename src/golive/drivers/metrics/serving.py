"""golive's own figures over HTTP, for a Prometheus to scrape: GET /metrics."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from golive.errors import Failure

TYPE = "text/plain; version=0.0.4; charset=utf-8"


def server(host: str, port: int, text: Callable[[], str]) -> ThreadingHTTPServer:
    """Listens at once; `serve_forever` answers. `text` is asked anew each time."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.partition("?")[0] != "/metrics":
                return self._answer(404, "golive answers /metrics\n")
            try:
                found = text()
            except Failure as failure:
                return self._answer(500, f"{failure}\n")
            return self._answer(200, found)

        def _answer(self, code: int, content: str) -> None:
            body = content.encode()
            self.send_response(code)
            self.send_header("content-type", TYPE)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return ThreadingHTTPServer((host, port), Page)
