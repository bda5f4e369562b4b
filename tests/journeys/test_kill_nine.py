"""kill -9 of the controller at random moments, again and again, under load: traffic is never lost."""

import random
import subprocess
import time

import pytest

from test_going_live import FAST, under_load
from town import Town, town

pytestmark = [pytest.mark.journey, pytest.mark.timeout(580)]
KILLS = 30
LONGEST_LIFE_S = 3.0  # of a controller before it is killed


def test_thirty_kills_lose_no_request_and_no_record(tmp_path):
    with town(tmp_path / "shop") as shop:
        shop.edit(**FAST)
        shop.edit(environments={"production": {"strategy": {"kind": "canary", "weights": [50], "soak": "1s"}}})
        shop.release("1.0.0")
        assert shop.deploy("production")[0] == 0
        chance = random.Random(20260105)
        kills, report = under_load(shop, lambda: kill_and_resume(shop, chance), rate=100)
        assert kills >= KILLS
        assert report.failed == 0, report
        assert shop.status("production")["rollout"] is None
        assert list(shop.status("production")["weights"].values()) == [100]
        code, out, err = shop.golive("evidence", "verify")
        assert code == 0, out + err
        assert every_intent_has_one_outcome(shop)


def kill_and_resume(shop: Town, chance: random.Random) -> int:
    """Deploy one release after the other; whoever works is killed after a random while, until 30 were."""
    kills = version = 0
    while kills < KILLS:
        version += 1
        shop.release(f"2.{version}.0")
        child = shop.start("deploy", "--env", "production")
        while not finished(child, chance.uniform(0.1, LONGEST_LIFE_S)):
            child.kill()
            child.communicate()
            kills += 1
            child = shop.start("resume", "--env", "production")
            if kills >= KILLS:
                child.communicate(timeout=100)
    return kills


def finished(child: subprocess.Popen[str], life_s: float) -> bool:
    deadline = time.monotonic() + life_s
    while time.monotonic() < deadline:
        if child.poll() is not None:
            out, err = child.communicate()
            assert child.returncode in (0, 1), out + err
            return True
        time.sleep(0.01)
    return False


def every_intent_has_one_outcome(shop: Town) -> bool:
    began = [r["seq"] for r in shop.records("step.began")]
    causes = [cause for r in shop.records("step.ended") for cause in r["cause"]]
    return sorted(causes) == began
