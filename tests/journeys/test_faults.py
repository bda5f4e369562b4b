"""Everything that goes wrong ends in a clear Failure, with traffic on a revision that passed its checks."""

import os
import signal
import socket
import sys

import psutil
import pytest

from test_going_live import FAST, under_load, wait_for
from town import town

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]


@pytest.fixture
def shop(tmp_path):
    with town(tmp_path / "shop") as built:
        built.edit(**FAST)
        built.release("1.0.0")
        yield built


@pytest.fixture
def live(shop):
    assert shop.deploy("production")[0] == 0
    return shop


TROUBLES = {
    "crashes on start": ({"STOREFRONT_CRASH_ON_START": "1"}, {}, "failed"),
    "never healthy": (
        {"STOREFRONT_NEVER_HEALTHY": "1"},
        {"health": [{"http": {"path": "/health"}, "interval": "200ms", "grace": "4s"}]},
        "not ready within 4 s",
    ),
    "smoke fails": ({"STOREFRONT_FAIL_SMOKE": "1"}, {}, "smoke step"),
}


@pytest.mark.parametrize(("faults", "changes", "words"), TROUBLES.values(), ids=TROUBLES)
def test_a_release_that_is_not_well_never_gets_a_user(live, faults, changes, words):
    before = live.status("production")["weights"]
    live.edit(**changes)
    live.release("2.0.0", **faults)
    (code, told), report = under_load(live, lambda: live.deploy("production"), rate=50)
    assert (code, told["outcome"]) == (1, "rolled_back"), told
    assert words in told["because"]
    assert told["weights"] == before
    assert report.failed == 0
    assert len(report.by_revision) == 1


def test_a_failing_build_says_what_it_printed(live):
    live.edit(revision={"build": [sys.executable, "-c", "print('no such module'); raise SystemExit(3)"]})
    code, _, err = live.golive("deploy", "--env", "production")
    assert code == 1
    assert "no such module" in err
    assert "next:" in err
    assert live.status("production")["rollout"] is None


def test_a_missing_program_is_named(live):
    live.edit(revision={"run": ["no-such-program", "$PORT"]})
    code, _, err = live.golive("deploy", "--env", "production")
    assert code in (1, 2)
    assert "no-such-program" in err


def test_a_wrong_specification_names_line_and_column_and_touches_nothing(shop):
    text = (shop.folder / "golive.yaml").read_text().replace("instances:", "instancse:")
    (shop.folder / "golive.yaml").write_text(text)
    code, _, err = shop.golive("deploy", "--env", "production")
    assert code == 2
    assert "golive.yaml:" in err
    assert "instances" in err
    assert not (shop.folder / ".golive").exists()


def test_a_taken_front_door_is_said_with_who_has_it(shop):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        shop.edit(environments={"production": {"target": {"kind": "local", "port": port}}})
        code, out, err = shop.golive("deploy", "--env", "production")
        assert code == 1, out + err
        assert str(port) in out + err


def test_a_changed_byte_of_a_build_gets_no_traffic(live):
    """The earlier revision is changed on disk while it is stopped; a rollback to it is refused in time."""
    at_once = {"kind": "all-at-once", "weights": None, "soak": None}
    live.edit(environments={"production": {"retain": 0, "strategy": at_once}})
    first = live.status("production")["live"]
    live.release("2.0.0")
    assert live.deploy("production")[0] == 0
    second = live.status("production")["live"]
    (build,) = (live.folder / ".golive" / "revisions").glob(f"{first}*/**/release.json")
    build.chmod(0o644)
    build.write_text(build.read_text() + " ")
    code, out, err = live.golive("rollback", "--env", "production", "--json")
    assert code == 1, out + err
    assert "release.json" in out
    assert live.status("production")["weights"] == {second: 100}


def test_a_proxy_that_dies_in_mid_canary_comes_back_with_its_weights(live):
    live.edit(environments={"production": {"strategy": {"soak": "6s"}}})
    live.release("2.0.0")

    def deploy_and_kill():
        child = live.start("deploy", "--env", "production", "--json")
        wait_for(lambda: len(live.status("production")["weights"] or {}) == 2)
        os.kill(envoy_of(live), signal.SIGKILL)
        out, err = child.communicate(timeout=100)
        return child.returncode, out, err

    (code, _, err), _ = under_load(live, deploy_and_kill, rate=100)
    assert code in (0, 1), err
    weights = live.status("production")["weights"]
    assert list(weights.values()) == [100]


def envoy_of(shop) -> int:
    folder = str((shop.folder / ".golive").resolve())
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if words and words[0].endswith("envoy") and any(folder in word for word in words):
            return process.pid
    raise AssertionError("no Envoy of this folder runs")
