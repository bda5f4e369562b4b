"""A knee, a comparison of two revisions, and an end by Ctrl-C, on real processes."""

import json
import signal

import jsonschema
import psutil
import pytest

from golive.judge.performance.perfschema import SCHEMA
from town import town

pytestmark = [pytest.mark.journey, pytest.mark.timeout(200)]


def test_a_knee_two_revisions_in_turn_and_ctrl_c(tmp_path):
    with town(tmp_path / "shop") as shop:
        scenarios = {
            "stress": {"knee": {"lowest": 50, "highest": 200, "step": "1s"}},
            "long": {"rate": 50, "duration": "5m"},
        }
        shop.edit(load={"scenarios": scenarios, "requests": [{"steps": [{"path": "/products"}]}]})
        shop.release("1.0.0", STOREFRONT_LATENCY_MS="5")
        assert shop.deploy("staging")[0] == 0
        running = shop.status("staging")

        code, out, err = shop.golive("perf", "--scenario", "stress", "--output", "knee.json")
        knee = json.loads((shop.folder / "knee.json").read_text())
        jsonschema.validate(knee, SCHEMA)
        assert code == 0, out + err
        assert knee["knee"]["rate_per_s"] >= 50
        assert "requests/s hold" in out

        shop.release("1.0.1", STOREFRONT_LATENCY_MS="9")
        turns = ("perf", "compare", "--scenario", "long", "--rate", "150", "--seconds", "12", "--json")
        code, out, err = shop.golive(*turns, "--output", "compare.json")
        found = json.loads(out)
        assert (code, found["answer"]) == (1, "worse"), out + err
        jsonschema.validate(json.loads((shop.folder / "compare.json").read_text()), SCHEMA)
        assert {side["side"] for side in json.loads((shop.folder / "compare.json").read_text())["intervals"]} == {
            "a",
            "b",
        }
        left = [
            p for p in psutil.process_iter(["cmdline"]) if str(shop.folder / ".golive" / "beside") in _words(p)
        ]
        assert not left
        assert shop.status("staging")["weights"] == running["weights"]

        child = shop.start("perf", "--scenario", "long", "--output", "long.json")
        while "left" not in child.stderr.readline():
            assert child.poll() is None
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
        assert child.returncode == 130, out + err
        partial = json.loads((shop.folder / "long.partial.json").read_text())
        jsonschema.validate(partial, SCHEMA)
        assert (partial["outcome"]["ended"], partial["verdict"]["answer"]) == ("interrupted", "inconclusive")
        assert not (shop.folder / "long.json").exists()
        assert [r["data"]["scenario"] for r in shop.records("perf.measured")] == ["stress"]
        assert shop.golive("evidence", "verify")[0] == 0


def _words(process):
    return " ".join(process.info["cmdline"] or ())
