"""The files for other tools: the same bytes each time, as kept beside this test, and accepted by the tools."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from books import EVERY, LEAST, book
from golive.errors import Failure
from golive.slo.render.files import RULES, files
from golive.slo.render.openslo import left_out
from golive.slo.selector import select
from golive.spec.parse import parse

GOLDEN = Path(__file__).parent / "golden"
DOORS = {"production": "http://127.0.0.1:8080"}
PROMTOOL, AMTOOL = shutil.which("promtool"), shutil.which("amtool")

# The part of Grafana's dashboard model (schemaVersion 39) that dashboards here use.
PLACE = {
    "type": "object",
    "required": ["x", "y", "w", "h"],
    "additionalProperties": {"type": "integer", "minimum": 0},
}
TARGET = {
    "type": "object",
    "required": ["refId", "expr", "legendFormat", "datasource"],
    "properties": {"refId": {"pattern": "^[A-Z]$"}, "expr": {"type": "string", "minLength": 1}},
}
PANEL = {
    "type": "object",
    "required": ["id", "type", "title", "gridPos"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "type": {"enum": ["row", "timeseries"]},
        "gridPos": PLACE,
        "targets": {"type": "array", "minItems": 1, "items": TARGET},
    },
    "if": {"properties": {"type": {"const": "timeseries"}}},
    "then": {"required": ["targets", "fieldConfig", "datasource"]},
}
DASHBOARD = {
    "type": "object",
    "required": ["uid", "title", "schemaVersion", "panels", "templating", "time"],
    "properties": {
        "uid": {"type": "string", "maxLength": 40},
        "schemaVersion": {"type": "integer", "minimum": 36},
        "panels": {"type": "array", "minItems": 1, "items": PANEL},
    },
}


def rendered(more: str) -> dict[str, str]:
    return files(book(more), DOORS, parse((LEAST + more).encode(), name="golive.yaml").health)


@pytest.mark.parametrize(("more", "folder"), [("", "least"), (EVERY, "every")], ids=["least", "every"])
def test_files_are_those_that_are_kept(more: str, folder: str) -> None:
    made = {name: content for name, content in rendered(more).items() if "tests" not in name}
    if os.environ.get("GOLIVE_RENEW"):
        (GOLDEN / folder).mkdir(parents=True, exist_ok=True)
        for name, content in made.items():
            (GOLDEN / folder / name).write_text(content, encoding="utf-8")
    kept = {path.name: path.read_text(encoding="utf-8") for path in (GOLDEN / folder).iterdir()}
    assert made == kept


def test_the_same_file_gives_the_same_bytes() -> None:
    assert rendered(EVERY) == rendered(EVERY)


def test_every_alert_says_who_where_and_what_to_read() -> None:
    rules = yaml.safe_load(rendered(EVERY)[RULES])
    alerts = [rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule]
    assert len(alerts) == len({rule["alert"] for rule in alerts}) == 28
    for rule in alerts:
        assert {"application", "severity", "signal", "owner"} <= rule["labels"].keys()
        assert {"summary", "description", "runbook_url", "dashboard_url"} == rule["annotations"].keys()


@pytest.mark.parametrize("more", ["", EVERY], ids=["least", "every"])
def test_the_dashboard_is_one_that_grafana_reads(more: str) -> None:
    dashboard = json.loads(rendered(more)["dashboard.json"])
    Draft202012Validator(DASHBOARD).validate(dashboard)
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells), "panels lie over each other"
    assert max(x for x, _ in cells) < 24


def test_openslo_says_what_it_can_and_names_what_it_cannot() -> None:
    documents = list(yaml.safe_load_all(rendered(EVERY)["openslo.yml"]))
    assert {one["apiVersion"] for one in documents} == {"openslo/v1"}
    named = {one["metadata"]["name"] for one in documents if one["kind"] == "SLO"}
    assert named == {f"storefront-{name}" for name in ("availability", "latency", "cart", "paid")}
    assert left_out(book(EVERY)) == ("fresh", "all")


@pytest.mark.observe
@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
def test_promtool_accepts_the_rules_and_their_tests_and_refuses_a_changed_threshold(tmp_path: Path) -> None:
    for name, content in rendered("").items():
        (tmp_path / name).write_text(content, encoding="utf-8")

    def run(*arguments: str) -> int:
        assert PROMTOOL
        return subprocess.run([PROMTOOL, *arguments], cwd=tmp_path, capture_output=True, check=False).returncode

    assert run("check", "rules", RULES) == 0
    assert run("test", "rules", "prometheus-tests-15s.yml") == 0
    changed = (tmp_path / RULES).read_text(encoding="utf-8").replace("> 0.144", "> 0.16")
    (tmp_path / RULES).write_text(changed, encoding="utf-8")
    assert run("test", "rules", "prometheus-tests-15s.yml") == 1


@pytest.mark.observe
@pytest.mark.skipif(AMTOOL is None, reason="amtool is not installed")
def test_amtool_accepts_the_routes(tmp_path: Path) -> None:
    assert AMTOOL
    (tmp_path / "alertmanager.yml").write_text(rendered(EVERY)["alertmanager.yml"], encoding="utf-8")
    assert subprocess.run([AMTOOL, "check-config", "alertmanager.yml"], cwd=tmp_path, check=False).returncode == 0


@pytest.mark.parametrize("written", ["", "{}", "a{b}", 'a{b="c"', 'a{b=~"("}', 'a{b="c"} > 1', "rate(a[5m])"])
def test_what_is_no_selector_is_refused(written: str) -> None:
    with pytest.raises(Failure) as refused:
        select(written, where="observe.slos (a): good")
    assert refused.value.where == "observe.slos (a): good"


def test_a_selector_keeps_what_its_quotes_hold() -> None:
    found = select(r'a_b:c { x="1,2}", y =~ "a|b" , z!="\"\\" , }', where="")
    assert [(m.label, m.op, m.value) for m in found.matchers] == [
        ("x", "=", "1,2}"),
        ("y", "=~", "a|b"),
        ("z", "!=", '"\\'),
    ]
