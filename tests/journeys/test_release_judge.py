"""Real traffic: what is worse comes back by evidence, what is proven goes on before its soak ends."""

import json
from xml.etree import ElementTree

import pytest

from test_going_live import FAST, under_load
from town import Town, town

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

SOAK_S = 90
LATENCY = {"STOREFRONT_LATENCY_MS": "20"}  # so that a busy machine adds little to it
CANARY = {
    "judge": {"floor": "10s", "uncalibrated": "trust", "unproven": "objectives"},
    "environments": {
        "production": {"instances": 2, "strategy": {"kind": "canary", "weights": [25], "soak": f"{SOAK_S}s"}}
    },
}


@pytest.fixture
def live(tmp_path):
    with town(tmp_path / "shop") as shop:
        shop.edit(**FAST)
        shop.edit(**CANARY)
        shop.release("1.0.0", **LATENCY)
        assert shop.deploy("production")[0] == 0
        yield shop


def replayed(shop: Town) -> dict[str, object]:
    """The newest recorded watch, judged again."""
    series = sorted((shop.folder / "evidence").rglob("series-*.json"), key=lambda path: path.stat().st_mtime)[-1]
    code, out, err = shop.golive("judge", "replay", str(series), "--json")
    assert code == 0, err
    return dict(json.loads(out))


def test_two_percent_errors_are_rolled_back_and_anybody_can_compute_why(live):
    live.release("2.0.0", STOREFRONT_ERRORS="2", **LATENCY)
    (code, told), _ = under_load(live, lambda: live.deploy("production"), rate=200)
    assert (code, told["outcome"]) == (1, "rolled_back"), told
    assert "errors" in told["because"]
    again = replayed(live)
    assert (again["same_as_kept"], again["answer"]) == (True, "fail")
    assert again["because"].split(" (")[0] in told["because"]


def test_a_healthy_release_goes_on_before_its_soak_ends_and_the_picture_says_why(live):
    live.release("2.0.0", **LATENCY)
    (code, told), report = under_load(live, lambda: live.deploy("production"), rate=300)
    assert (code, told["outcome"], report.failed) == (0, "succeeded", 0), told
    (judged,) = [r["data"] for r in live.records("step.ended") if r["data"]["key"] == "judge 25"]
    assert "proven not worse" in judged["because"]
    again = replayed(live)
    assert (again["same_as_kept"], again["answer"]) == (True, "pass")
    code, out, err = live.golive("judge", "explain", "--json")
    assert code == 0, err
    picture = live.folder / json.loads(out)["picture"]
    assert "evidence that it is not worse" in "".join(ElementTree.parse(picture).getroot().itertext())
