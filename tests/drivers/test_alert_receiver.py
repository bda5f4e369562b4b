"""golive's own receiver keeps a page before it says so; the wire format is the one that Prometheus reads."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from golive.drivers.alerting.ask import counter
from golive.drivers.alerting.listen import Pages, server
from golive.drivers.alerting.remotewrite import body
from golive.slo.series import Series

WEBHOOK = {
    "version": "4",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "NoTraffic", "service": "shop-drill-1-0"},
            "annotations": {"summary": "no request in 10m", "runbook_url": "runbook.md#notraffic"},
        }
    ],
}


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    listening = server("127.0.0.1", 0, Pages(tmp_path / "pages.jsonl"), lambda page: None)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}/page"
    listening.shutdown()
    listening.server_close()


def post(url: str, content: bytes) -> int:
    try:
        return int(urllib.request.urlopen(url, content, timeout=5).status)
    except urllib.error.HTTPError as error:
        return error.code


def came(url: str, marker: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.load(urllib.request.urlopen(f"{url}?marker={marker}", timeout=5))[
        "pages"
    ]
    return found


def test_a_page_is_kept_and_found_by_its_marker(url: str, tmp_path: Path) -> None:
    assert post(url, json.dumps(WEBHOOK).encode()) == 200
    assert [(page["alert"], page["status"]) for page in came(url, "shop-drill-1-0")] == [("NoTraffic", "firing")]
    assert came(url, "shop-drill-1") == came(url, "") == []
    assert len((tmp_path / "pages.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"alerts": [1]}', b'{"alerts": [{}]}', b"\xff", b"null"])
def test_what_is_no_webhook_is_refused_and_nothing_is_kept(url: str, tmp_path: Path, content: bytes) -> None:
    assert post(url, content or b" ") == 400
    assert not (tmp_path / "pages.jsonl").exists()


def test_a_line_that_a_crash_cut_off_costs_no_other(url: str, tmp_path: Path) -> None:
    assert post(url, json.dumps(WEBHOOK).encode()) == 200
    whole = (tmp_path / "pages.jsonl").read_text()
    (tmp_path / "pages.jsonl").write_text(whole + whole[: len(whole) // 2])
    assert post(url, json.dumps(WEBHOOK).encode()) == 200
    assert len(came(url, "shop-drill-1-0")) == 2


def test_series_are_written_as_prometheus_reads_them() -> None:
    labels = (("__name__", "up"), ("job", "a"))
    one = Series(labels=labels, times_ms=(300,), values=(1.0,))
    message = bytes.fromhex(
        "0a28 0a0e 0a085f5f6e616d655f5f 12027570 0a08 0a036a6f62 120161 120c 09 000000000000f03f 10ac02"
    )
    assert len(message) == 42
    assert body([one]) == bytes([42, 61 << 2, 41, 0]) + message


def test_a_series_that_is_gone_is_told_by_the_nan_of_prometheus() -> None:
    gone = Series(labels=(("__name__", "up"),), times_ms=(1,), values=(float("nan"),))
    assert bytes.fromhex("020000000000f07f") in body([gone])


def test_long_content_is_cut_into_literals_that_a_reader_takes() -> None:
    series = Series(labels=(("__name__", "up"),), times_ms=tuple(range(20_000)), values=(1.0,) * 20_000)
    content, place, found = body([series]), 0, b""
    length = shift = 0
    while True:
        byte = content[place]
        length |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            break
    while place < len(content):
        assert content[place] == 61 << 2
        size = int.from_bytes(content[place + 1 : place + 3], "little") + 1
        found += content[place + 3 : place + 3 + size]
        place += 3 + size
    assert len(found) == length


def test_a_counter_is_read_by_its_label() -> None:
    text = (
        b'# HELP x y\nx_total{integration="webhook",code="5"} 2\nx_total{integration="email"} 1e+00\ny_total 7\n'
    )
    assert counter(text, "x_total", by="integration") == {"webhook": 2, "email": 1}
    assert counter(text, "y_total") == {"": 7}
    assert counter(text, "z_total") == {}
