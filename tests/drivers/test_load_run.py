"""The load generator against servers that behave, and servers that do not."""

import asyncio
import json
import os
import signal
import sys
import time

import psutil
import pytest

from golive.drivers.load.job import Flow, Job, Place, Step
from golive.drivers.load.run import LoadRun
from golive.drivers.load.schedule import constant
from golive.errors import Failure
from loadserver import OK, answering, request, server

pytestmark = pytest.mark.anyio
LIMIT_S = 20.0


@pytest.fixture
def anyio_backend():
    return "asyncio"


def child(run):
    (only,) = run._run._children
    return only


async def until(question):
    async with asyncio.timeout(LIMIT_S):
        while True:
            if question():
                return
            await asyncio.sleep(0.02)


async def loaded(talk, *, sent=20, rate=200, **settings):
    """The report of a load of at least `sent` requests."""
    async with server(talk) as url, LoadRun(url, rate=rate, **settings) as run:
        await until(lambda: run.latest.sent >= sent)
        return await run.stop()


async def test_answers_are_counted_by_code_and_revision():
    report = await loaded(answering(OK))
    assert report.sent == report.ok == report.by_code["200"] == report.by_revision["abc"]
    assert report.failed == report.reconnected == 0
    assert 0 < report.p50_ms <= report.p99_ms


async def test_paths_are_asked_in_turn_with_the_headers():
    seen = []

    async def talk(reader, writer, number):
        while True:
            seen.append(await request(reader))
            writer.write(OK)

    await loaded(talk, paths=("/a?x=1", "/b"), headers={"X-Who": "me"})
    assert {text.split(" ")[1] for text in seen} == {"/a?x=1", "/b"}
    assert all("x-who: me\r\n" in text for text in seen)


async def test_the_rate_is_kept_while_nothing_is_answered():
    async def talk(reader, writer, number):
        await reader.read()

    async with server(talk) as url, LoadRun(url, rate=200, timeout_s=3) as run:
        await until(lambda: run.latest.elapsed_s >= 1)
        assert run.latest.sent == pytest.approx(200 * run.latest.elapsed_s, rel=0.5)
        assert run.latest.ok == 0
        report = await run.stop()
    assert report.causes == {"timeout": report.sent}
    assert report.p50_ms == pytest.approx(3000, rel=0.3)


async def test_latency_counts_from_when_the_request_was_due_not_from_when_it_was_sent():
    """What a generator that was held up sends late is slow, although the server answers at once."""
    async with server(answering(OK)) as url, LoadRun(url, rate=200) as run:
        await until(lambda: run.latest.ok >= 20)
        generator = psutil.Process(child(run).pid)
        generator.suspend()
        await asyncio.sleep(1)  # the fault itself
        missed = run.latest.sent + 200
        generator.resume()
        await until(lambda: run.latest.sent >= missed)  # it catches up
        report = await run.stop()
    assert report.p99_ms > 500
    assert report.late_p99_ms > 500  # and it says whose fault that was


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (b"HTTP/1.1 503 no\r\ncontent-length: 0\r\n\r\n", "answered 503"),
        (b"HTTP/1.1 404 no\r\ncontent-length: 0\r\n\r\n", "answered 404"),
    ],
)
async def test_codes_from_400_are_failures(answer, cause):
    report = await loaded(answering(answer))
    assert report.causes == {cause: report.sent}
    assert report.failed == report.sent
    assert report.failures[0].cause == cause
    assert "GET /" in report.failures[0].detail
    assert report.failures[0].at.endswith("+00:00")


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nha", "closed in mid-answer"),
        (b"HTTP/1.1 200 OK\r\n", "closed in mid-answer"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nha\r\n", "closed in mid-answer"),
        (b"", "closed before the answer"),
    ],
)
async def test_a_death_in_mid_answer_and_on_a_new_connection_is_a_failure(answer, cause):
    async def talk(reader, writer, number):
        await request(reader)
        writer.write(answer)

    report = await loaded(talk)
    assert report.causes == {cause: report.sent}
    assert report.reconnected == 0


async def test_a_death_in_mid_answer_on_a_kept_connection_is_a_failure():
    async def talk(reader, writer, number):
        await request(reader)
        writer.write(OK)
        await request(reader)
        writer.write(OK[:20])

    report = await loaded(talk)
    assert report.causes["closed in mid-answer"] > 5
    assert report.reconnected == 0


async def test_a_kept_connection_that_died_before_the_answer_is_replaced_once():
    async def talk(reader, writer, number):
        await request(reader)
        writer.write(OK)
        await request(reader)

    report = await loaded(talk)
    assert report.failed == 0
    assert report.reconnected > 5


async def test_when_several_kept_connections_have_died_a_request_is_not_tried_on_the_next_of_them():
    """Two at a time, so that two connections are kept; each dies under its second request."""

    async def talk(reader, writer, number):
        await request(reader)
        await asyncio.sleep(0.05)
        writer.write(OK)
        await request(reader)

    report = await loaded(talk, rate=100, sent=60)
    assert report.failed == 0
    assert report.reconnected > 5


async def test_a_connection_closed_while_idle_counts_as_nothing():
    async def talk(reader, writer, number):
        await request(reader)
        writer.write(OK)

    report = await loaded(talk, rate=20, sent=10)
    assert (report.failed, report.reconnected) == (0, 0)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 200 OK\r\n\r\nall until the end",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nall until the end",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + OK,
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ],
)
async def test_every_way_to_end_an_answer_is_understood(answer):
    async def talk(reader, writer, number):
        await request(reader)
        writer.write(answer)

    report = await loaded(talk)
    assert report.ok == report.sent, report


async def test_what_is_no_http_is_a_failure():
    report = await loaded(answering(b"SSH-2.0-server\r\n"))
    (cause,) = report.causes
    assert cause.startswith("no HTTP")


async def test_nobody_there_is_a_failure():
    async with server(answering(OK)) as url:
        pass
    async with LoadRun(url, rate=100) as run:
        await until(lambda: run.latest.sent >= 10)
        report = await run.stop()
    assert report.causes == {"connection refused": report.sent}


async def test_no_request_fails_over_a_server_that_ends_gracefully_and_a_slow_one_is_waited_for():
    async def talk(reader, writer, number):
        await request(reader)
        await asyncio.sleep(0.5)
        writer.write(OK)

    report = await loaded(talk)
    assert report.ok == report.sent
    assert report.p50_ms > 490


async def test_stop_may_be_repeated_and_leaves_no_process():
    async with server(answering(OK)) as url:
        run = LoadRun(url, rate=50)
        await run.start()
        pid = child(run).pid
        report = await run.stop()
        assert report.is_final
        assert await run.stop() is report is run.latest
        assert not psutil.pid_exists(pid)


async def test_an_error_inside_ends_the_load_and_is_what_is_heard():
    async with server(answering(OK)) as url:
        with pytest.raises(ZeroDivisionError):
            async with LoadRun(url, rate=50) as run:
                raise ZeroDivisionError
        assert not psutil.pid_exists(child(run).pid)


async def test_a_generator_that_was_killed_is_told_and_its_counts_are_not_taken_for_a_report():
    async with server(answering(OK)) as url:
        run = LoadRun(url, rate=50)
        await run.start()
        os.kill(child(run).pid, signal.SIGKILL)
        with pytest.raises(Failure, match="no report"):
            await run.stop()


def job(url, rate=100):
    return Job(places=(Place(url=url),), segments=constant(rate).segments, flows=(Flow(steps=(Step(name="/"),)),))


def share(told):
    return json.dumps({"job": told, "worker": 0, "workers": 1}).encode() + b"\n"


async def generator(url, rate=100):
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "golive.drivers.load.worker", stdin=pipe, stdout=pipe, stderr=pipe
    )
    child.stdin.write(share(job(url, rate).to_json().decode()))
    await child.stdout.readline()
    child.stdin.write(json.dumps({"begin_ns": time.monotonic_ns()}).encode() + b"\n")
    await child.stdout.readline()
    return child


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_with_its_last_counts(number):
    async with server(answering(OK)) as url:
        child = await generator(url)
        child.send_signal(number)
        async with asyncio.timeout(LIMIT_S):
            *_, last = (await child.stdout.read()).splitlines()
            assert await child.wait() == 0
    assert json.loads(last)["last"]


async def test_it_ends_with_its_parent():
    async with server(answering(OK)) as url:
        child = await generator(url)
        child.stdin.close()
        child._transport.get_pipe_transport(1).close()
        async with asyncio.timeout(LIMIT_S):
            await child.wait()


async def test_a_reader_that_does_not_read_does_not_slow_it():
    seen = []

    async def talk(reader, writer, number):
        while True:
            await request(reader)
            seen.append(time.monotonic())
            writer.write(OK)

    async with server(talk) as url:
        child = await generator(url, rate=200)
        transport = child._transport.get_pipe_transport(1)
        transport.pause_reading()
        await until(lambda: len(seen) >= 600)
        transport.resume_reading()
        child.stdin.close()
        *_, last = (await child.stdout.read()).splitlines()
        await child.wait()
    assert json.loads(last)["most_late_us"] < 1_500_000


async def test_what_is_no_job_is_told_on_stderr():
    pipe = asyncio.subprocess.PIPE
    far = job("http://127.0.0.1:1").to_json().decode().replace("127.0.0.1", "8.8.8.8")
    for line in (b"{}\n", b"what\n", share(far)):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "golive.drivers.load.worker", stdin=pipe, stdout=pipe, stderr=pipe
        )
        out, said = await child.communicate(line)
        assert (child.returncode, out) == (2, b"")
        assert b"Traceback" not in said
