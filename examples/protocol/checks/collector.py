"""A small collector: what is posted to /CHANNEL is found at /CHANNEL?marker=…. Writes its port to a file."""

import sys
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

received: dict[str, set[str]] = defaultdict(set)


class Collector(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        received[self.path].add(self.rfile.read(int(self.headers["content-length"])).decode())
        self.answer(204)

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        (marker,) = parse_qs(asked.query).get("marker", [""])
        self.answer(204 if marker in received[asked.path] else 404)

    def answer(self, code: int) -> None:
        self.send_response(code)
        self.end_headers()

    def log_message(self, format: str, *values: object) -> None:
        return


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    Path(sys.argv[1]).write_text(str(server.server_address[1]))
    server.serve_forever()
