"""What a load is made from: an access log, rows of data, the address of a place."""

import asyncio
from math import isclose

import pytest

from golive.drivers.load import lookup
from golive.drivers.load.lookup import near_address
from golive.drivers.load.machine import load_average, machine
from golive.drivers.load.rows import rows
from golive.drivers.load.schedule import Schedule
from golive.drivers.load.trace import Trace, flows, read, segments
from golive.errors import Exit, Failure

COMBINED = (
    '127.0.0.1 - - [10/Oct/2025:13:55:{second} +0000] "{method} {path} HTTP/1.1" 200 12 "-" "curl/8 \\"quoted\\""'
)


def line(second, path="/", method="GET"):
    return COMBINED.format(second=f"{second:02d}", path=path, method=method)


def test_a_log_tells_how_many_came_when_and_for_what():
    log = [line(10), line(10, "/a?b=1"), line(13), line(10, method="POST"), "no line of a log", ""]
    assert read(log) == Trace(per_second=(2, 0, 0, 1), paths=(("/", 2), ("/a?b=1", 1)), passed_over=3)


def test_a_log_is_played_as_it_was_and_faster():
    trace = read([line(10)] * 4 + [line(11)] * 4 + [line(13)] * 2)
    as_it_was, twice = Schedule(segments(trace, 100)), Schedule(segments(trace, 200))
    assert (as_it_was.total, twice.total) == (10, 10)
    assert isclose(as_it_was.length_s, 4)
    assert isclose(twice.length_s, 2)
    assert [as_it_was.due_by(second) for second in (1, 2, 3, 4)] == [4, 8, 8, 10]
    assert len(segments(trace, 100)) == 3  # equal neighbours are one


def test_results_call_what_a_log_asked_for_by_its_path_without_the_query():
    (flow,) = flows(read([line(1, "/search?token=secret")]))
    assert (flow.steps[0].name, flow.steps[0].path) == ("GET /search", "/search?token=secret")


@pytest.mark.parametrize(
    "text",
    [
        '1.2.3.4 - - [99/Oct/2025:13:55:10 +0000] "GET / HTTP/1.1" 200 1',
        '1.2.3.4 - - [10/Oct/2025:13:55:10 +0000] "GET http://elsewhere/ HTTP/1.1" 200 1',
        '1.2.3.4 - - [10/Oct/2025:13:55:10 +0000] "GET /a b HTTP/1.1" 200 1',
        '1.2.3.4 - - [10/Oct/2025:13:55:10 +0000] "GET /\x00 HTTP/1.1" 200 1',
        "[" * 10_000,
    ],
)
def test_a_line_that_is_no_request_is_passed_over(text):
    assert read([text]).requests == 0


def test_a_log_of_years_is_read_for_a_day():
    old = line(10).replace("2025", "2001")
    assert len(read([old, line(10)]).per_second) == 24 * 3600


def test_rows_are_read_by_the_names_in_the_first_line(tmp_path):
    file = tmp_path / "users.csv"
    file.write_text('\ufeffuser,note\nann,"says ""hi"", twice"\n\nbob,ü\n', encoding="utf-8")
    assert rows(file, "users.csv") == (
        {"user": "ann", "note": 'says "hi", twice'},
        {"user": "bob", "note": "ü"},
    )


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        (b"", "users.csv:1", "does not name columns"),
        (b"a,a\n1,2\n", "users.csv:1", "does not name columns"),
        (b"a b\n1\n", "users.csv:1", "no name of a column"),
        (b"a,b\n1\n", "users.csv:2", "1 values for 2 columns"),
        (b"a\n", "users.csv", "no rows"),
        (b"a\n\xff\xfe\n", "users.csv", "cannot be read"),
        (b"a\n" + b"1\n" * 100_001, "users.csv", "more than 100000 rows"),
        (None, "users.csv", "cannot be read"),
    ],
)
def test_rows_that_cannot_be_used_are_refused_with_their_line(tmp_path, text, where, what):
    file = tmp_path / "users.csv"
    if text is not None:
        file.write_bytes(text)
    with pytest.raises(Failure, match=what) as refused:
        rows(file, "users.csv")
    assert (refused.value.where, refused.value.code) == (where, Exit.USAGE)


def found(*addresses):
    async def resolved(*_, **__):
        return [(2, 1, 6, "", (address, 80)) for address in addresses]

    return resolved


@pytest.mark.parametrize(
    ("addresses", "public", "address"),
    [
        (("10.0.0.5",), False, "10.0.0.5"),
        (("9.9.9.9",), True, "9.9.9.9"),
        (("10.0.0.5", "9.9.9.9"), False, None),
        (("169.254.169.254",), False, None),
    ],
)
def test_a_name_is_looked_up_once_and_all_of_it_must_be_near(monkeypatch, addresses, public, address):
    class Loop:
        getaddrinfo = staticmethod(found(*addresses))

    monkeypatch.setattr(lookup.asyncio, "get_running_loop", Loop)
    asked = near_address("https://shop.example:8443", "environments.a.load", public=public)
    if address:
        assert asyncio.run(asked) == address
        return
    with pytest.raises(Failure, match="not near") as refused:
        asyncio.run(asked)
    assert refused.value.code == Exit.REFUSED


def test_localhost_is_the_loopback_and_a_name_that_is_not_there_is_told():
    assert asyncio.run(near_address("http://localhost:1", "x", public=False)) == "127.0.0.1"
    with pytest.raises(Failure, match="cannot be found"):
        asyncio.run(near_address("http://no-such-host.invalid", "x", public=False))


def test_a_machine_is_known_again_by_its_fingerprint():
    assert machine("golive", "1") == machine("golive", "1")
    assert machine("golive", "1")["fingerprint"] != machine("golive", "2")["fingerprint"]
    assert machine("golive", "1")["cores"] >= 1
    assert load_average() >= 0
