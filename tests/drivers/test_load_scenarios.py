"""Users that do several things, several generators, two places in turn, and servers that mean harm."""

import asyncio
import json
import ssl
import subprocess
from contextlib import asynccontextmanager

import psutil
import pytest

from golive.drivers.load.job import Flow, Job, Place, Step
from golive.drivers.load.run import Run
from golive.drivers.load.schedule import Segment, constant
from golive.errors import Failure
from loadserver import OK, answering, request, server

pytestmark = pytest.mark.anyio
MIB = 1024 * 1024


@pytest.fixture
def anyio_backend():
    return "asyncio"


def job(url, *flows, rate=100, seconds=1.0, **more):
    places = tuple(Place(url=one) for one in ([url] if isinstance(url, str) else url))
    asked = {"segments": constant(rate, seconds).segments, "interval_s": 1.0, **more}
    return Job(places=places, flows=flows or (Flow(steps=(Step(name="home"),)),), **asked)


async def made(asked, workers=1):
    run = Run(asked, workers=workers)
    async with run, asyncio.timeout(60):
        await run.wait()
        return run.recording.measured()


def reply(body, *, code="200 OK", headers=""):
    text = json.dumps(body).encode() if not isinstance(body, bytes) else body
    return f"HTTP/1.1 {code}\r\ncontent-length: {len(text)}\r\n{headers}\r\n".encode() + text


@asynccontextmanager
async def shop(answers):
    """A server that answers by path, and what it was asked."""
    seen = []

    async def talk(reader, writer, number):
        while True:
            head = await request(reader)
            length = next((int(h[15:]) for h in head.split("\r\n") if h.startswith("content-length:")), 0)
            body = (await reader.readexactly(length)).decode() if length else ""
            seen.append((head, body))
            writer.write(answers(head, body))

    async with server(talk) as url:
        yield url, seen


async def test_every_request_of_a_schedule_is_sent_once_and_counted_in_the_interval_in_which_it_was_due():
    async with server(answering(OK)) as url:
        steps = (
            Segment(begin_per_s=50, end_per_s=50, length_s=1),
            Segment(begin_per_s=150, end_per_s=150, length_s=1),
        )
        found = await made(job(url, segments=steps))
    assert [(one.asked, one.sent, one.ok) for one in found.intervals] == [(50, 50, 50), (150, 150, 150)]
    assert found.by_revision == {"abc": 200}
    assert found.bytes_received == 200 * len(OK)
    assert found.elapsed_s >= 2


async def test_several_generators_share_the_load_and_their_counts_add_up():
    async with server(answering(OK)) as url:
        found = await made(job(url, rate=301), workers=3)
    assert (found.asked, found.sent, found.ok, found.generator.processes) == (301, 301, 301, 3)
    assert found.latency().total == 301
    assert found.lateness().total == 301


async def test_several_generators_take_each_row_of_the_data_once():
    rows = tuple({"n": str(number)} for number in range(40))
    flow = Flow(steps=(Step(name="row", path="/${n}"),), rows=rows)
    async with shop(lambda head, body: OK) as (url, seen):
        await made(job(url, flow, rate=40), workers=2)
    assert sorted(int(head.split(" ")[1][1:]) for head, _ in seen) == list(range(40))


async def test_two_places_take_turns_in_the_order_a_b_b_a():
    def tell(letter):
        return reply(b"ok", headers=f"x-golive-revision: {letter}\r\n")

    async with server(answering(tell("a"))) as first, server(answering(tell("b"))) as second:
        found = await made(job([first, second], interval_s=0.25))
    assert [one.side for one in found.intervals] == ["a", "b", "b", "a"]
    assert found.by_revision == {"a": 50, "b": 50}


async def test_users_take_what_they_captured_and_the_rows_of_the_data_with_them():
    def answers(head, body):
        return reply({"items": [{"id": "k 1"}]}) if head.startswith("GET /list") else reply(b"", code="201 Made")

    flow = Flow(
        steps=(
            Step(name="list", path="/list?user=${user}", capture={"id": "items[0].id"}),
            Step(
                name="order",
                method="POST",
                path="/orders/${id}",
                headers={"x-user": "${user}", "content-type": "application/json"},
                body='{"id":"${id}","note":"${note}"}',
                codes=(201,),
            ),
        ),
        rows=({"user": "ann", "note": 'says "hi"'}, {"user": "bob", "note": "ü"}),
    )
    async with shop(answers) as (url, seen):
        found = await made(job(url, flow, rate=20))
    assert found.failed == 0
    assert found.ok == 40
    orders = [(head, body) for head, body in seen if head.startswith("POST")]
    assert {head.split(" ")[1] for head, _ in orders} == {"/orders/k%201"}
    assert {json.loads(body)["note"] for _, body in orders} == {'says "hi"', "ü"}
    assert {head.partition("x-user: ")[2][:3] for head, _ in orders} == {"ann", "bob"}


async def test_what_follows_from_an_answer_is_asked_as_well_as_sent():
    flow = Flow(steps=(Step(name="one"), Step(name="two", think_ms=100)))
    async with server(answering(OK)) as url:
        found = await made(job(url, flow, rate=50, seconds=2.0))
    assert found.sent == found.asked
    assert {name: sum(i.cells[name].ok for i in found.intervals if name in i.cells) for name in found.names()} == {
        "one": 100,
        "two": pytest.approx(96, abs=5),  # whose time to think ends after the load is not sent
    }


async def test_cookies_are_kept_for_one_user_only_and_taken_back():
    numbers = iter(range(10**6))

    def answers(head, body):
        if head.startswith("GET /in"):
            return reply(b"", headers=f"set-cookie: sid={next(numbers)}; Path=/; HttpOnly\r\nset-cookie: x=y\r\n")
        return reply(b"", headers="set-cookie: x=; Max-Age=0\r\n")

    flow = Flow(steps=(Step(name="in", path="/in"), Step(name="do", path="/do"), Step(name="out", path="/out")))
    async with shop(answers) as (url, seen):
        await made(job(url, flow, rate=20))
    sent = {path: [h for h, _ in seen if h.startswith(f"GET {path} ")] for path in ("/in", "/do", "/out")}
    assert not any("cookie:" in head for head in sent["/in"])
    assert all("; x=y" in head for head in sent["/do"])
    assert not any("x=" in head.replace("max-age=", "") for head in sent["/out"])
    assert len({head.partition("sid=")[2].partition(";")[0] for head in sent["/do"]}) == len(sent["/do"]) == 20


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (reply(b"no json"), "answered 200, but no JSON to capture from"),
        (reply({"other": 1}), "answered 200, but id is not in the answer"),
        (reply({"id": "a\r\nb: c"}), "a captured value holds a line break"),
    ],
)
async def test_an_answer_that_does_not_hold_what_is_captured_is_a_failure_and_ends_the_visit(answer, cause):
    flow = Flow(
        steps=(Step(name="a", capture={"id": "id"}), Step(name="b", headers={"x": "${id}"}), Step(name="c"))
    )
    async with server(answering(answer)) as url:
        found = await made(job(url, flow, rate=20))
    causes = {key for i in found.intervals for cell in i.cells.values() for key in cell.causes}
    assert causes == {cause}
    assert found.failed == 20
    assert found.sent == 20 + ("line break" in cause) * 20


async def test_a_code_that_was_not_expected_is_a_failure_and_one_that_was_is_none():
    expecting = (Flow(steps=(Step(name="ok", codes=(404,)), Step(name="then", codes=(201,)))),)
    async with server(answering(reply(b"", code="404 No"))) as url:
        found = await made(job(url, *expecting, rate=20))
    assert found.ok == found.failed == 20
    assert found.intervals[0].cells["then"].causes == {"answered 404": 20}


async def test_requests_that_find_no_free_connection_wait_and_that_is_their_latency():
    async def talk(reader, writer, number):
        while True:
            await request(reader)
            await asyncio.sleep(0.1)
            writer.write(OK)

    async with server(talk) as url:
        found = await made(job(url, rate=40, connections=2))
    assert found.ok == 40
    assert found.generator.held > 20
    assert found.elapsed_s > 1.5  # the last ones are answered after the schedule
    assert found.latency().quantile_ms(0.9) > 500


async def test_what_is_not_repeatable_is_not_sent_twice():
    async def talk(reader, writer, number):
        await request(reader)
        writer.write(OK)
        await request(reader)

    flow = Flow(steps=(Step(name="post", method="POST"),))
    async with server(talk) as url:
        found = await made(job(url, flow))
    assert found.generator.reconnected == 0
    assert found.failed > 0


@pytest.fixture
def own(tmp_path):
    """A key, and a certificate that nobody else has signed."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1")
    made_ = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject)
    subprocess.run([*made_, "-keyout", key, "-out", certificate], check=True, capture_output=True, timeout=60)
    return key, certificate


async def test_https_is_spoken_to_whom_is_trusted_only(own):
    key, certificate = own
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    async with server(answering(OK), ssl=context) as url:
        secure = url.replace("http:", "https:")
        trusted = await made(job(secure, rate=20, ca=certificate.read_text()))
        strange = await made(job(secure, rate=20))
    assert trusted.ok == 20
    assert strange.ok == 0
    (cause,) = strange.intervals[0].cells["home"].causes
    assert cause.startswith("certificate refused")


async def drip(reader, writer, number):
    """Headers without end."""
    await request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x-more: " + b"y" * 60_000 + b"\r\n")
        await writer.drain()


async def flood(reader, writer, number):
    """A gigabyte, as fast as it is taken."""
    await request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n")
    for _ in range(1024):
        writer.write(b"z" * MIB)
        await writer.drain()


async def unasked(reader, writer, number):
    """Answers twice."""
    while True:
        await request(reader)
        writer.write(OK + OK)


async def reset(reader, writer, number):
    await request(reader)
    writer.transport.get_extra_info("socket").setsockopt(1, 13, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    writer.transport.abort()


async def silent(reader, writer, number):
    await reader.read()


async def closing(reader, writer, number):
    writer.close()


@pytest.mark.parametrize(
    ("talk", "causes"),
    [
        (reset, {"connection reset by peer before the answer"}),
        (silent, {"timeout"}),
        (closing, {"closed before the answer", "connection reset by peer before the answer", "broken pipe"}),
        (answering(b"\x00\xff" * 500), {"no HTTP"}),
        (answering(b"HTTP/1.1 99999 ?\r\n\r\n"), {"no HTTP"}),
        (answering(b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"), {"no HTTP"}),
        (answering(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"), {"no HTTP"}),
        (
            answering(b"HTTP/1.1 101 Other\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
            {"no HTTP: it changes the protocol"},
        ),
    ],
    ids=lambda value: getattr(value, "__name__", "") if callable(value) else "",
)
async def test_a_server_that_means_harm_is_classified_and_costs_little_memory(talk, causes):
    async with server(talk) as url:
        run = Run(job(url, rate=20, seconds=0.5, timeout_s=1.0), workers=1)
        async with run:
            (child,) = run._children
            worker, most = psutil.Process(child.pid), 0
            finished = asyncio.ensure_future(run.wait())
            while not finished.done():
                await asyncio.sleep(0.05)
                most = max(most, _resident(worker))
            finished.result()
            found = run.recording.measured()
    assert found.ok == 0
    assert found.failed == found.sent == 10
    told = {cause for i in found.intervals for cell in i.cells.values() for cause in cell.causes}
    assert all(any(cause.startswith(known) for known in causes) for cause in told), told
    assert most < 300 * MIB


@pytest.mark.parametrize("talk", [drip, flood])
async def test_an_answer_that_does_not_end_is_cut_off_and_costs_little_memory(talk):
    async with server(talk) as url:
        run = Run(job(url, rate=2, timeout_s=30.0), workers=1)
        async with run:
            worker, most = psutil.Process(run._children[0].pid), 0
            finished = asyncio.ensure_future(run.wait())
            while not finished.done():
                await asyncio.sleep(0.02)
                most = max(most, _resident(worker))
            finished.result()
            found = run.recording.measured()
    assert found.intervals[0].cells["home"].causes == {"an answer of more than 64 MiB": 2}
    assert found.bytes_received < 200 * MIB
    assert most < 300 * MIB


async def test_a_second_answer_that_nobody_asked_for_closes_the_connection_and_nothing_else():
    async with server(unasked) as url:
        found = await made(job(url, rate=20))
    assert found.ok + found.failed == found.sent == 20
    assert found.ok >= 10


def _resident(process):
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


async def test_a_generator_that_dies_is_told():
    async with server(answering(OK)) as url:
        run = Run(job(url, seconds=30.0), workers=2)
        await run.start()
        run._children[1].kill()
        with pytest.raises(Failure, match="no report"):
            await run.stop()
        assert all(child.returncode is not None for child in run._children)
