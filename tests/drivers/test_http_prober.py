"""What may be asked, how long, and what is said when no good answer comes."""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from golive.drivers.probes.http import MOST_BYTES, HttpProber
from golive.judge.probe import Reply, Request
from golive.spec.values import HealthCheck

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
QUICK = timedelta(milliseconds=300)


def saying(*parts: bytes, forever: bool = False) -> Serve:
    """A server that says these bytes to everybody, a moment apart, then hangs up (or never does)."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with_gap = 0.05 if len(parts) > 1 else 0
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(with_gap)
            if forever:
                await asyncio.Event().wait()
        except (ConnectionError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    return serve


@asynccontextmanager
async def served(serve: Serve) -> AsyncIterator[int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def call(serve: Serve, path: str = "/", **more: object) -> Reply:
    async def calling() -> Reply:
        async with served(serve) as port, HttpProber() as prober:
            request = Request(method="GET", url=f"http://127.0.0.1:{port}{path}", **more)  # type: ignore[arg-type]
            return await prober.call(request)

    return asyncio.run(calling())


def check(question: HealthCheck, serve: Serve | None = None, prober: HttpProber | None = None) -> str:
    async def checking() -> str:
        async with served(serve or saying(b"")) as port, prober or HttpProber() as asking:
            return await asking.check(question, "127.0.0.1", port if serve else closed_port())

    return asyncio.run(checking())


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


OK = b"HTTP/1.1 200 OK\r\nX-Version: 7\r\ncontent-length: 5\r\n\r\nhello"


def test_an_answer_comes_back_with_headers_in_lower_case() -> None:
    reply = call(saying(OK, forever=True))
    assert (reply.code, reply.text, reply.headers["x-version"], reply.fault) == (200, "hello", "7", "")


def test_redirects_are_not_followed() -> None:
    reply = call(saying(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"))
    assert (reply.code, reply.fault) == (302, "")


@pytest.mark.parametrize(
    ("serve", "reason"),
    [
        (saying(b""), "disconnected"),
        (saying(b"SSH-2.0-OpenSSH\r\n\r\n"), "illegal"),
        (saying(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"), ""),
        (saying(b"", forever=True), "no whole answer within 300 ms"),
        (saying(*[b"HTTP/1.1 200 OK\r\n", *[b"x: y\r\n"] * 100]), "no whole answer within 300 ms"),
    ],
)
def test_no_good_answer_is_a_fault_and_never_an_exception(serve: Serve, reason: str) -> None:
    began = time.monotonic()
    reply = call(serve, timeout=QUICK)
    assert reply.code == 0
    assert reply.fault
    assert reason in reply.fault
    assert time.monotonic() - began < 3


def test_no_more_is_read_than_is_of_use() -> None:
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000
    reply = call(saying(endless, endless, forever=True))
    assert (reply.code, len(reply.text)) == (200, MOST_BYTES)


def test_packed_answers_are_neither_asked_for_nor_unpacked() -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nabcd")
        writer.close()

    assert call(serve).text == "abcd"
    assert b"accept-encoding: identity" in asked[0].lower()


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "//127.0.0.1/",
        "http://",
        "http://example.com/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://[64:ff9b::7f00:1]/",
        "http://[fe80::1]/",
        "http://127.0.0.1@evil.test/",
        "http://127.0.0.1.evil.test/",
        "http://127.0.0.1:99999/",
        "http://[/",
    ],
)
def test_other_places_are_not_asked(url: str) -> None:
    reply = asyncio.run(HttpProber().call(Request(method="GET", url=url)))
    assert reply.code == 0
    assert reply.fault


def test_declared_hosts_are_asked() -> None:
    prober = HttpProber(declared=frozenset({"0.0.0.0"}))

    async def calling() -> Reply:
        async with served(saying(OK)) as port, prober:
            return await prober.call(Request(method="GET", url=f"http://0.0.0.0:{port}/"))

    assert asyncio.run(calling()).code == 200


def test_proxies_of_the_operator_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    assert call(saying(OK)).code == 200


def test_every_question_is_a_new_connection() -> None:
    async def calling() -> int:
        connections = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connections
            connections += 1
            await saying(OK, forever=True)(reader, writer)

        async with served(serve) as port, HttpProber() as prober:
            for _ in range(3):
                assert (await prober.call(Request(method="GET", url=f"http://127.0.0.1:{port}/"))).code == 200
        return connections

    assert asyncio.run(calling()) == 3


def test_http_checks_want_their_code() -> None:
    assert check(HealthCheck(kind="http", path="/health"), saying(OK)) == ""
    not_found = saying(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
    assert check(HealthCheck(kind="http", path="/health"), not_found) == "/health answered 404, not 200"
    assert check(HealthCheck(kind="http", code=404), not_found) == ""
    assert check(HealthCheck(kind="http")) == "connection refused"


def test_tcp_checks_want_a_connection() -> None:
    assert check(HealthCheck(kind="tcp"), saying(b"")) == ""
    assert check(HealthCheck(kind="tcp")) == "connection refused"


def test_command_checks_want_exit_0_and_get_host_and_port_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_KEY", "sentinel")
    (tmp_path / "probe").write_text('#!/bin/sh\nenv > seen\n[ "$HOST" = 127.0.0.1 ] && [ "$PORT" -gt 0 ]\n')
    (tmp_path / "probe").chmod(0o755)
    assert check(HealthCheck(kind="command", command=("./probe",)), prober=HttpProber(tmp_path)) == ""
    assert "sentinel" not in (tmp_path / "seen").read_text()
    assert check(HealthCheck(kind="command", command=("false",))) == "false exited 1"
    assert "cannot be run: no such file" in check(HealthCheck(kind="command", command=("no-such-probe",)))


def test_a_command_that_takes_too_long_is_ended_with_all_it_started(tmp_path: Path) -> None:
    script = ("/bin/sh", "-c", "sleep 600 & echo $! > child; wait")
    fault = check(HealthCheck(kind="command", command=script, timeout=QUICK), prober=HttpProber(tmp_path))
    assert fault == "/bin/sh did not end within 300 ms"
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 10
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_nothing_stays_open(tmp_path: Path) -> None:
    before = len(os.listdir("/dev/fd"))
    for _ in range(5):
        call(saying(OK))
        check(HealthCheck(kind="command", command=("true",)))
    assert len(os.listdir("/dev/fd")) <= before
