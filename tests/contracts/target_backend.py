"""A tiny service for target tests: `python target_backend.py PORT`. The variable FAULT says how it misbehaves.

crash: says why and exits 3 · slow: listens after SLOW_S seconds · sick: /health is 503 · children: starts a child
that ignores SIGTERM · stubborn: ignores SIGTERM itself · lingering: exits 0.5 s after SIGTERM.
What it does is noted in the file NOTES, one word a line. /env answers with its environment as JSON.
"""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

FAULT = os.environ.get("FAULT", "")
NOTES = os.environ.get("NOTES", os.devnull)


def note(*words: object) -> None:
    with Path(NOTES).open("a") as file:
        print(*words, file=file)


def linger(number: int, frame: object) -> None:
    note("asked to stop")
    time.sleep(0.5)
    note("stopped")
    sys.exit(0)


def start_child() -> None:
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        note("child", os.getpid())
        while True:
            time.sleep(60)


def serve(port: int) -> None:
    server = socket.create_server(("127.0.0.1", port), reuse_port=False)
    note("listening", os.getpid())
    print("listening on", port, flush=True)
    while True:
        connection, _ = server.accept()
        with connection:
            path = connection.recv(4096).split(b" ")[1:2]
            body = json.dumps(dict(os.environ)).encode() if path == [b"/env"] else b"hello"
            code = 503 if FAULT == "sick" and path == [b"/health"] else 200
            connection.sendall(b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n%s" % (code, len(body), body))


if FAULT == "crash":
    print("there is no database", flush=True)
    sys.exit(3)
if FAULT == "slow":
    time.sleep(float(os.environ.get("SLOW_S", "1")))
if FAULT == "children":
    start_child()
if FAULT == "stubborn":
    signal.signal(signal.SIGTERM, lambda number, frame: note("asked to stop"))
if FAULT == "lingering":
    signal.signal(signal.SIGTERM, linger)
serve(int(sys.argv[1]))
