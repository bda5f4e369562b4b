"""A load on a real staging: what it measures, what it keeps, and that nothing measured is no result."""

import json

import jsonschema
import pytest

from golive.evidence.signing import dsse, statement
from golive.evidence.signing.predicates.outcomes import LOAD
from golive.evidence.signing.predicates.schemas import SCHEMAS
from golive.judge.performance.perfschema import SCHEMA
from town import town

pytestmark = [pytest.mark.journey, pytest.mark.timeout(200)]
OUTPUT = "evidence/operations/perf.json"
LOADED = ("perf", "--scenario", "smoke", "--rate", "40", "--seconds", "3", "--output", OUTPUT)


def test_a_load_is_measured_judged_attested_and_kept(tmp_path):
    with town(tmp_path / "shop") as shop:
        place = shop.folder / OUTPUT
        shop.release("1.0.0")
        code, _, err = shop.golive(*LOADED)
        assert code
        assert "there is no front door" in err
        assert shop.deploy("staging")[0] == 0

        code, out, err = shop.golive(*LOADED)
        assert code == 0, out + err
        told = json.loads(place.read_text())
        assert told["verdict"]["answer"] == "pass"
        jsonschema.validate(told, SCHEMA)
        assert told["totals"]["sent"] == told["totals"]["asked"] == 120
        assert told["totals"]["failed"] == 0
        latency = told["totals"]["latency_ms"]
        assert 0 < latency["p50"] <= latency["p95"] <= latency["p99"] <= latency["max"]
        assert told["resources"]["series"][0]["memory_bytes"] > 1_000_000
        assert {path.name for path in place.parent.glob("perf.*")} == {
            f"perf.{k}" for k in ("json", "html", "md", "xml")
        }
        (record,) = shop.records("perf.measured")
        (envelope,) = [a["path"] for a in record["artifacts"] if a["path"].endswith(".dsse.json")]
        said = statement.read(dsse.read((shop.folder / "evidence" / envelope).read_bytes(), "e").payload, "e")
        assert said.predicate_type == LOAD
        jsonschema.validate(dict(said.predicate), SCHEMAS[LOAD])
        assert shop.golive("evidence", "verify")[0] == 0

        few = shop.golive("perf", "--rate", "2", "--seconds", "2", "--output", "few.json")
        assert (few[0], (shop.folder / "few.json").exists()) == (3, False)
        assert json.loads((shop.folder / "few.partial.json").read_text())["verdict"]["answer"] == "inconclusive"

        shop.release("1.0.1", STOREFRONT_LATENCY_MS="400")
        assert shop.deploy("staging")[0] == 0
        code, out, _ = shop.golive(*LOADED)
        assert code == 1
        assert "300 ms may be" in out
        assert json.loads(place.read_text())["verdict"]["answer"] == "fail"
        assert len(shop.records("perf.measured")) == 2
