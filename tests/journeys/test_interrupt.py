"""Ctrl-C leaves traffic where it is, says so, and another command takes over."""

import signal

import pytest

from test_going_live import FAST, wait_for
from town import town

pytestmark = [pytest.mark.journey, pytest.mark.timeout(200)]


def test_an_interrupted_rollout_is_resumed(tmp_path):
    with town(tmp_path / "shop") as shop:
        shop.edit(**FAST)
        shop.edit(environments={"production": {"strategy": {"soak": "60s"}}})
        shop.release("1.0.0")
        assert shop.deploy("production")[0] == 0
        shop.release("2.0.0")
        child = shop.start("deploy", "--env", "production")
        wait_for(lambda: len(shop.status("production")["weights"]) == 2)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=60)
        assert child.returncode == 130
        assert "golive resume" in err
        assert sorted(shop.status("production")["weights"].values()) == [50, 50]
        code, _, err = shop.golive("deploy", "--env", "production")
        assert (code, "has not finished" in err) == (4, True)
        code, out, err = shop.golive("abort", "--env", "production", "--json")
        assert code == 0, out + err
