"""No Prometheus: golive watches by itself; its alerts are proven to arrive, and found where they break."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from golive.evidence.signing import dsse, statement
from town import Town, town

pytestmark = [pytest.mark.journey, pytest.mark.timeout(200)]
PROVE = ("observe", "prove", "--env", "staging", "--json")
MEMORY = {"name": "memory", "metric": "system_memory_utilization_ratio", "limit": "99%"}  # tests make CPU busy
WATCH = ("observe", "watch", "--env", "staging")


@contextmanager
def listening(folder: Path) -> Iterator[int]:
    """`golive observe listen` on a free port."""
    command = [sys.executable, "-m", "golive", "observe", "listen", "--port", "0"]
    with subprocess.Popen(
        command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as child:
        assert child.stderr
        try:
            yield int(child.stderr.readline().rpartition(":")[2])
        finally:
            child.kill()


def receivers(port: int) -> dict[str, Any]:
    hook = {"webhook": f"http://127.0.0.1:{port}/page", "timeout": "8s"}
    return {"receivers": {"page": hook, "ticket": dict(hook)}, "saturation": [MEMORY]}


def pages(shop: Town) -> list[dict[str, Any]]:
    path = shop.folder / ".golive" / "pages.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def attested(shop: Town, claim: str) -> Any:
    """What the newest signed test result of a claim says; its subject is the file that its record keeps."""
    exercised = [r for r in shop.records("claim.exercised") if r["data"]["claim"] == claim][-1]
    (made,) = [r for r in shop.records("attestation.made") if exercised["seq"] in r["cause"]]
    (envelope,) = made["artifacts"]
    said = statement.read(dsse.read((shop.folder / "evidence" / envelope["path"]).read_bytes(), "e").payload, "e")
    assert [subject.sha256 for subject in said.subjects] == [exercised["artifacts"][0]["sha256"]]
    return said.predicate


def until(holds: Callable[[], bool], limit_s: float = 30) -> None:
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def ask(entry: str, path: str = "/products", count: int = 60) -> None:
    for _ in range(count):
        with suppress(urllib.error.HTTPError):
            urllib.request.urlopen(entry + path, timeout=5).read()


def test_alerts_arrive_without_a_prometheus_and_every_broken_hop_is_named(tmp_path: Path) -> None:
    with town(tmp_path / "shop") as shop, listening(tmp_path / "shop") as port:
        shop.edit(observe=receivers(port))
        shop.release("1.0.0")
        assert shop.deploy("staging")[0] == 0
        code, out, err = shop.golive(*WATCH, "--background", "--interval", "2", "--json")
        assert code == 0, err
        assert json.loads(out)["places"] == {"front-door": "", "machine": ""}
        assert shop.golive(*WATCH)[0], "a second lookout would tell everything twice"

        code, out, err = shop.golive(*PROVE)
        assert code == 0, out + err
        shown = json.loads(out)
        assert {one["signal"] for one in shown["alerts"]} == {"latency", "traffic", "errors", "saturation"}
        assert all(one["arrived_ms"] is not None and one["ended_ms"] is not None for one in shown["alerts"])
        assert {re.sub("drill-.*", "drill", page["labels"]["service"]) for page in pages(shop)} == {
            "storefront-drill"
        }
        kept = shop.folder / ".golive" / "environments" / "staging" / "scrapes.sqlite3"
        with closing(sqlite3.connect(kept)) as scrapes:  # the real service's series are as they were, and alone
            assert scrapes.execute("SELECT count(*) FROM planted").fetchone() == (0,)
            assert scrapes.execute("SELECT count(*) FROM series WHERE labels LIKE '%drill%'").fetchone() == (0,)
            assert scrapes.execute("SELECT count(*) FROM series").fetchone() > (50,)
        ask(shop.status("staging")["entry"])
        until(lambda: shop.golive("observe", "panels", "--env", "staging", "--json")[0] == 0)
        code, out, _ = shop.golive("observe", "coverage", "--env", "staging", "--json")
        covered = json.loads(out)
        assert (code, covered["control"]) == (1, "red")
        assert {one["aspect"] for one in covered["points"] if one["hole"]} == {"runbook"}
        alerts = {one["name"] for one in covered["points"] if one["of"] == "alert"}
        (shop.folder / "runbook.md").write_text("".join(f"## {alert}\n" for alert in sorted(alerts)))
        code, out, err = shop.golive("observe", "coverage", "--env", "staging", "--json")
        assert (code, json.loads(out)["percent"]) == (0, "100 %"), out + err
        review = ("observe", "review", "--env", "staging", "--hours", "0.03", "--json")
        until(lambda: shop.golive(*review)[0] == 0)
        code, out, _ = shop.golive(*review)
        reviewed = json.loads(out)
        assert (code, reviewed["control"]) == (0, "red"), out
        assert {one["alert"] for one in reviewed["alerts"]} == alerts
        code, out, _ = shop.golive("observe", "report", "--env", "staging", "--hours", "0.05", "--json")
        assert code == 0
        assert [one["what"] for one in json.loads(out)["happened"]] == [f"deploy {shop.status('staging')['live']}"]
        assert (shop.folder / "report.html").read_text().count("<svg") == 8
        assert re.search(
            r"requests/s, errors 0 %, p99 \S+ ms, memory .* %; no alert", shop.status("staging")["signals"]
        )
        told = {(r["data"]["claim"], r["data"]["answer"]) for r in shop.records("claim.exercised")}
        assert {
            ("monitoring-covered", "proven"),
            ("alerts-proven", "proven"),
            ("dashboards-have-data", "proven"),
            ("thresholds-reviewed", "proven"),
        } <= told
        assert shop.golive("evidence", "verify")[0] == 0
        assert attested(shop, "alerts-proven")["passedTests"] == [one["alert"] for one in shown["alerts"]]
        assert attested(shop, "dashboards-have-data")["result"] == "PASSED"

        def broken() -> dict[str, str]:
            code, out, err = shop.golive(*PROVE, "--patience", "2")
            assert code == 1, out + err
            return {one["alert"]: f"{one['broken']}: {one['because']}" for one in json.loads(out)["alerts"]}

        shop.edit(observe={"receivers": {"ticket": {"webhook": "http://127.0.0.1:9/"}}})
        found = broken()
        assert found["AvailabilityBurn1h"].startswith(": arrived")
        assert found["AvailabilityBurn1d"].startswith("receiver: it could not be delivered: ")
        shop.edit(observe={"receivers": None}, objectives={"error_rate": "2%"})
        assert set(broken().values()) == {"receiver: golive.yaml names no receiver for its severity"}
        assert shop.golive(*WATCH, "--stop")[0] == 0
        code, out, _ = shop.golive(*PROVE)
        assert (code, "--background" in out) == (3, True)


def test_a_service_that_fails_calls_somebody_and_a_watch_that_is_killed_goes_on(tmp_path: Path) -> None:
    with town(tmp_path / "shop") as shop, listening(tmp_path / "shop") as port:
        shop.edit(observe=receivers(port))
        shop.edit(smoke={"steps": [{"name": "is up", "request": {"method": "GET", "path": "/health"}}]})
        shop.release("1.0.0", STOREFRONT_ERRORS="60")
        assert shop.deploy("staging")[0] == 0
        assert shop.golive(*WATCH, "--background", "--interval", "1")[0] == 0
        entry = shop.status("staging")["entry"]

        def told(alert: str, status: str) -> int:
            return sum((page["alert"], page["status"]) == (alert, status) for page in pages(shop))

        def use_until(holds: Callable[[], bool]) -> None:
            until(lambda: ask(entry) or holds())  # type: ignore[func-returns-value]

        use_until(lambda: told("AvailabilityBurn1h", "firing") > 0)
        (program,) = (shop.folder / ".golive/environments/staging/supervisor/programs").glob("lookout.run")
        os.kill(json.loads(program.read_text())["pid"], signal.SIGKILL)
        memory = shop.folder / ".golive" / "environments" / "staging" / "lookout.json"
        killed_ms = json.loads(memory.read_text())["at_ms"]
        use_until(lambda: json.loads(memory.read_text())["at_ms"] > killed_ms)
        shop.release("1.0.1")
        assert shop.deploy("staging")[0] == 0
        use_until(lambda: told("AvailabilityBurn1h", "resolved") > 0)
        assert told("AvailabilityBurn1h", "firing") == told("AvailabilityBurn1h", "resolved") == 1
        (page,) = {page["labels"]["service"] for page in pages(shop)}
        assert page == "storefront"
