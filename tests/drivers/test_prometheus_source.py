"""Asking a Prometheus: one evaluation time for both revisions, and no answer is no tick."""

import asyncio
import http.server
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from golive.drivers.metrics.prometheus import PrometheusSamples
from golive.judge.samples import Samples
from golive.spec.values import PrometheusChoice

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


class Api:
    """A server that answers every query with a counter rising by 2 a second, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, float]] = []
        self.reply: tuple[int, bytes] | None = None
        api = self

        class Page(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                at = float(form["time"][0])
                api.asked.append((form["query"][0], at))
                code, content = api.reply or (200, api.rising(at))
                self.send_response(code)
                self.send_header("location", "http://127.0.0.1:1/")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def rising(self, at: float) -> bytes:
        values = [[at - 5 * n, str(2 * (at - 5 * n - NOON.timestamp()) + 10_000)] for n in range(30)]
        result = [{"metric": {"instance": "a"}, "values": values}]
        return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}).encode()

    def read(self, since: datetime = NOON - timedelta(seconds=60)) -> Samples:
        choice = PrometheusChoice(
            url=f"http://127.0.0.1:{self.server.server_port}/",
            requests='r{v="{revision}"}',
            errors='e{v="{revision}"}',
        )
        return asyncio.run(
            PrometheusSamples(choice, now=lambda: NOON + timedelta(seconds=1)).read(["new", "old"], since)
        )


@pytest.fixture
def api() -> Iterator[Api]:
    found = Api()
    yield found
    found.server.shutdown()


def test_both_revisions_are_read_at_the_same_instant(api: Api) -> None:
    found = api.read()
    assert {at for _, at in api.asked} == {NOON.timestamp()}
    assert [query.split("[")[0] for query, _ in api.asked] == [
        'r{v="new"}',
        'e{v="new"}',
        'r{v="old"}',
        'e{v="old"}',
    ]
    assert [(tick.revision, tick.requests, tick.at) for tick in found.ticks[:2]] == [
        ("new", 30, NOON - timedelta(seconds=45)),
        ("old", 30, NOON - timedelta(seconds=45)),
    ]
    assert len(found.ticks) == 8


def test_going_on_from_the_last_tick_gives_the_next_ones_only(api: Api) -> None:
    assert [tick.at for tick in api.read(since=NOON - timedelta(seconds=15)).ticks] == [NOON, NOON]
    assert api.read(since=NOON).ticks == ()


@pytest.mark.parametrize(
    "reply",
    [
        (302, b""),
        (200, b"<html>"),
        (422, b'{"status": "error", "error": "parse error: unexpected end"}'),
        (200, b"x" * (65 * 1024 * 1024)),
    ],
    ids=["elsewhere", "a page", "refused", "endless"],
)
def test_what_is_no_answer_gives_no_ticks_and_says_why(api: Api, reply: tuple[int, bytes]) -> None:
    api.reply = reply
    found = api.read()
    assert (found.ticks, "Prometheus gave no usable answer" in found.note) == ((), True)
