"""Engines of others: what they are called with, what their outputs become, and what happens when they fail."""

import asyncio
import json
import shutil
import stat
import sys
from pathlib import Path

import pytest

from golive.drivers.load.engines import run
from golive.drivers.load.engines.ask import Asked, Call, spread
from golive.drivers.load.engines.run import ENGINES, measure
from golive.errors import Failure
from golive.judge.performance.histogram import Histogram
from loadserver import OK, answering, server

ASKED = Asked(
    url="http://127.0.0.1:1", paths=("/", "/a'\"\\"), headers={"x": 'se"cret'}, rate=50, seconds=2, users=4
)
WRK = """Running 2s test @ http://127.0.0.1:1
GOLIVE {"requests":1000,"duration_us":2000000,"bytes":50000,"status":10,"connect":1,"read":2,"write":0,\
"timeout":3,"percentiles":[[50,1000],[90,2000],[99,9000],[100,20000]]}
"""
LOCUST = json.dumps(
    [
        {
            "name": "/",
            "method": "GET",
            "last_request_timestamp": 102.0,
            "start_time": 100.0,
            "num_requests": 100,
            "num_failures": 4,
            "max_response_time": 250.5,
            "response_times": {"3": 90, "250": 10},
        }
    ],
    indent=1,
)
STEPS = (*range(1, 100), 99.5, 99.9, 99.95, 99.99)
K6 = "GOLIVE " + json.dumps(
    {
        "http_req_duration": {"values": {"max": 30.0, **{f"p({step:g})": step / 10 for step in STEPS}}},
        "http_reqs": {"values": {"count": 1000, "rate": 500}},
        "http_req_failed": {"values": {"rate": 0.1}},
    }
)
OHA = json.dumps(
    {
        "summary": {"successRate": 1.0, "total": 2.0, "slowest": 0.03},
        "latencyPercentiles": {
            "p10": 0.001,
            "p25": 0.001,
            "p50": 0.002,
            "p75": 0.003,
            "p90": 0.004,
            "p95": 0.005,
            "p99": 0.02,
            "p99.9": 0.03,
            "p99.99": None,
        },
        "statusCodeDistribution": {"200": 95, "503": 5},
        "errorDistribution": {"operation timed out": 2},
    }
)
TOLD = {
    "wrk": (WRK, (990, 16), {0.5: 1.0, 0.99: 9.0, 1.0: 20.0}),
    "locust": ("[]\n" + LOCUST + "\n[]\n", (96, 4), {0.5: 3.0, 0.99: 250.0}),
    "k6": (K6, (900, 100), {0.5: 5.0, 0.99: 9.9, 1.0: 30.0}),
    "oha": (OHA, (95, 7), {0.5: 2.0, 0.9: 4.0, 0.99: 20.0}),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_an_engine_prints_becomes_counts_and_latencies(name):
    text, counts, quantiles = TOLD[name]
    found = ENGINES[name].read(text, ASKED, "1.0")
    assert (found.ok, found.failed) == counts
    assert (found.generator.engine, found.generator.version) == (name, "1.0")
    assert found.generator.note
    for share, ms in quantiles.items():
        assert found.latency().quantile_ms(share) == pytest.approx(ms, rel=0.01)


def told(name, text):
    if ENGINES[name].read(text, ASKED, "1.0").sent == 0:
        raise ValueError("nothing was measured")


@pytest.mark.parametrize("name", TOLD)
@pytest.mark.parametrize("text", ["", "[]", "{}", "GOLIVE {}", "GOLIVE 1", "[1]", "[[]]", "\x00"])
def test_what_is_no_output_is_an_error_that_the_caller_expects(name, text):
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError, IndexError)):
        told(name, text)


@pytest.mark.parametrize("name", ["wrk", "locust", "k6"])
def test_headers_stand_in_a_file_and_not_among_the_arguments(name):
    call = ENGINES[name].call("/bin/engine", ASKED)
    assert not any("cret" in word for word in call.command)
    assert any("cret" in text for text in call.files.values())


def test_workers_on_other_machines_join_locusts_own_distributed_mode():
    asked = Asked(url="http://127.0.0.1:1", paths=("/",), locustfile="/a/locustfile.py", workers=3, processes=2)
    call = ENGINES["locust"].call("/bin/locust", asked)
    assert call.command[1:3] == ("-f", "/a/locustfile.py")
    assert call.command[call.command.index("--master") :][:3] == ("--master", "--expect-workers", "3")
    assert "--processes" not in call.command


@pytest.mark.parametrize(
    ("said", "name", "version"),
    [
        ("wrk debian/4.1.0-3+b2 [epoll] Copyright", "wrk", "debian/4.1.0-3+b2"),
        ("locust 2.47.0 from /x", "locust", "2.47.0"),
        ("k6 v0.50.0 (go1.22)", "k6", "0.50.0"),
        ("oha 1.4.0", "oha", "1.4.0"),
        ("", "wrk", "unknown"),
    ],
)
def test_an_engine_is_named_with_its_version(said, name, version):
    assert ENGINES[name].version(said) == version


def test_percentiles_come_back_as_they_were_told():
    latency = Histogram(spread([(50, 1.0), (90, 2.0), (99, 8.0), (100, 9.0)], 1000))
    assert latency.total == 1000
    assert latency.quantiles_ms((0.5, 0.9, 0.99, 1.0)) == pytest.approx([1.0, 2.0, 8.0, 9.0], rel=0.01)
    assert spread([], 10) == spread([(50, 1.0)], 0) == {}


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """Puts a program of the name `wrk` on PATH that does what it is told."""

    def make(body):
        program = tmp_path / "wrk"
        program.write_text(f"#!{sys.executable}\nimport sys, time, pathlib\n{body}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        return tmp_path

    return make


def measured():
    return asyncio.run(measure("wrk", ASKED, lambda _: None))


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (
            "print('wrk 4.1'); sys.exit(0 if '-v' in sys.argv else sys.stderr.write('no such host\\n') and 3)",
            "code 3",
        ),
        ("print('nonsense')", "cannot read"),
        ("print('GOLIVE {\"requests\": []}')", "cannot read"),
        ("sys.stdout.buffer.write(bytes(range(256)) * 1000)", "cannot read"),
    ],
)
def test_an_engine_that_fails_is_told_and_not_a_trace(engine, body, what):
    engine(body)
    with pytest.raises(Failure, match=what):
        measured()


def test_an_engine_that_does_not_end_is_ended(engine, monkeypatch):
    folder = engine("'-v' in sys.argv or (pathlib.Path(__file__).with_name('began').touch(), time.sleep(300))")
    monkeypatch.setattr(run, "GRACE_S", -11.0)
    with pytest.raises(Failure, match="did not end within 1 s"):
        measured()
    assert (folder / "began").exists()


def test_its_script_is_nobody_elses_to_read(engine):
    folder = engine(
        "here = pathlib.Path(__file__)\n"
        "if '-v' not in sys.argv: here.with_name('mode').write_text(oct(pathlib.Path('load.lua').stat().st_mode))"
    )
    with pytest.raises(Failure):
        measured()
    assert stat.S_IMODE(int((folder / "mode").read_text(), 8)) == 0o600


def test_an_engine_that_is_not_there_is_told_with_how_to_get_it(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Failure, match="not installed") as refused:
        asyncio.run(measure("k6", ASKED, lambda _: None))
    assert "k6" in refused.value.next


@pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
def test_a_real_wrk_is_driven_and_read():
    async def real():
        async with server(answering(OK)) as url:
            return await measure("wrk", Asked(url=url, paths=("/a", "/b"), seconds=1, users=2), lambda _: None)

    found = asyncio.run(real())
    assert found.ok > 100
    assert found.failed == 0
    assert 0 < found.latency().quantile_ms(0.5) <= found.most_ms


def test_a_call_has_no_shell():
    assert isinstance(Call(command=("a",)).command, tuple)
    assert "create_subprocess_shell" not in Path(run.__file__).read_text()
