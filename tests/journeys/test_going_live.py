"""The main job on real processes: promoted under load, bad ones taken back, nobody notices."""

import asyncio
import json
import time

import pytest

from golive.drivers.load.run import LoadRun
from town import Town, town

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]
FAST = {
    "objectives": {"min_requests": 30},
    "environments": {
        "production": {
            "instances": 2,
            "requires": [],
            "strategy": {"kind": "canary", "weights": [50], "soak": "2s"},
        }
    },
}


@pytest.fixture
def shop(tmp_path):
    with town(tmp_path / "shop") as built:
        built.edit(**FAST)
        built.release("1.0.0")
        assert built.deploy("production")[0] == 0
        yield built


def under_load(shop: Town, act, rate=150):
    """Run `act` while users arrive; give back what it gave and the load's report."""

    async def both():
        entry = shop.status("production")["entry"]
        async with LoadRun(entry, rate=rate, paths=("/products", "/products/1")) as run:
            result = await asyncio.to_thread(act)
            return result, await run.stop()

    return asyncio.run(both())


def test_a_good_release_is_promoted_and_no_request_fails(shop):
    shop.release("2.0.0")
    (code, told), report = under_load(shop, lambda: shop.deploy("production"))
    assert (code, told["outcome"]) == (0, "succeeded"), told
    assert report.failed == 0, report
    assert report.sent > 0
    assert len(report.by_revision) == 2
    verdicts = [r["data"] for r in shop.records("step.ended") if r["data"]["key"] == "judge 50"]
    assert verdicts[-1]["answer"] == "pass"
    assert verdicts[-1]["requests"] >= 30


def test_a_slow_release_is_taken_back_and_no_request_fails(shop):
    before = shop.status("production")["live"]
    shop.release("2.0.0", STOREFRONT_LATENCY_MS="600")
    (code, told), report = under_load(shop, lambda: shop.deploy("production"))
    assert (code, told["outcome"]) == (1, "rolled_back"), told
    assert "slower than" in told["because"]
    assert report.failed == 0, report
    assert told["weights"] == {before: 100}
    assert told["way_back_ms"] is not None


def test_a_release_with_errors_is_taken_back(shop):
    shop.edit(smoke={"steps": [{"name": "is up", "request": {"method": "GET", "path": "/health"}}]})
    shop.release("2.0.0", STOREFRONT_ERRORS="60")
    (code, told), report = under_load(shop, lambda: shop.deploy("production"))
    assert (code, told["outcome"]) == (1, "rolled_back"), told
    assert "errors" in told["because"]
    assert report.failed > 0  # users of the canary did see them, and that is what the judge saw


def test_an_abort_in_mid_canary_returns_the_traffic(shop):
    shop.edit(environments={"production": {"strategy": {"soak": "60s"}}})
    before = shop.status("production")["live"]
    shop.release("2.0.0")
    child = shop.start("deploy", "--env", "production", "--json")
    wait_for(lambda: len(shop.status("production")["weights"]) == 2)
    code, out, err = shop.golive("abort", "--env", "production", "--why", "a test", "--json")
    assert code == 0, err
    assert json.loads(out)["weights"] == {before: 100}
    assert child.wait(timeout=60) == 1


def test_a_second_controller_is_told_who_is_at_work(shop):
    shop.edit(environments={"production": {"strategy": {"soak": "60s"}}})
    shop.release("2.0.0")
    child = shop.start("deploy", "--env", "production")
    wait_for(lambda: shop.status("production")["controller"])
    code, _, err = shop.golive("deploy", "--env", "production")
    assert code == 4
    assert "ann" in err
    assert f"pid {child.pid}" in err
    assert shop.golive("abort", "--env", "production")[0] == 0
    child.wait(timeout=60)


def test_a_rollback_takes_the_standby_revision_in_a_moment(shop):
    first = shop.status("production")["live"]
    shop.release("2.0.0")
    under_load(shop, lambda: shop.deploy("production"))

    def back():
        return shop.golive("rollback", "--env", "production", "--json")

    (code, out, err), report = under_load(shop, back)
    assert code == 0, err
    told = json.loads(out)
    assert told["weights"] == {first: 100}
    assert report.failed == 0, report


def test_the_front_door_and_instances_outlive_the_command(shop):
    assert shop.status("production")["weights"]
    _, report = under_load(shop, lambda: time.sleep(1))
    assert report.failed == 0


def test_status_logs_and_evidence_say_what_happened(shop):
    code, out, _ = shop.golive("status")
    assert code == 0
    assert "100 %" in out
    assert shop.golive("logs", "--env", "production")[0] == 0
    code, out, err = shop.golive("evidence", "verify")
    assert code == 0, out + err


def wait_for(question, limit_s=60):
    """Poll until the answer is truthy."""
    deadline = time.monotonic() + limit_s
    while not question():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
