"""`golive gate` and `golive claims` where nothing was released yet: every form, every file, every exit code."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from golive.cli import golive
from golive.errors import Exit, Failure
from golive.gate.claims.catalogue import CLAIMS

TRACE = "exercise-ran"
SPEC = f"""service: shop
owner: team
revision: {{run: [python3, app.py]}}
environments: {{production: {{target: {{kind: local}}}}}}
claims:
  - {{id: ours, statement: ours is fine, exercise: [touch, {TRACE}], control: [CONTROL]}}
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The command in a folder with a specification and nothing recorded."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    Path("golive.yaml").write_text(SPEC.replace("CONTROL", "'false'"))
    return lambda *words: CliRunner().invoke(golive, [*words, "--env", "production"], standalone_mode=False)


def test_a_gate_before_anything_is_proven_says_so_and_records_the_decision(run):
    result = run("gate", "--phase", "monitoring")
    assert result.return_value == Exit.WAITING
    lines = result.output.splitlines()
    assert lines[0] == "production: the monitoring gate is not passed: 5 unproven"
    assert sum(line.lstrip().startswith("next: ") for line in lines) == 5
    records = Path("evidence/operations/records.jsonl").read_text().splitlines()
    decided = [record for record in map(json.loads, records) if record["type"] == "gate.decided"]
    assert [record["result"] for record in decided] == ["failed"]
    kept = [Path("evidence", file["path"]) for file in decided[0]["artifacts"]]
    assert json.loads(kept[0].read_bytes())["passed"] is False
    assert kept[1].name.endswith(".dsse.json")


def test_a_dry_run_records_nothing(run):
    assert run("gate", "--dry-run").return_value in (Exit.WAITING, Exit.FAILED)
    assert not Path("evidence/operations/records.jsonl").exists()


def test_json_and_text_say_the_same(run):
    told = json.loads(run("gate", "--dry-run", "--json").output)
    assert told["passed"] is False
    assert {claim["id"] for claim in told["claims"]} == {*CLAIMS, "ours"}


def _xml(words: str) -> int:
    return len(ElementTree.fromstring(words).findall("testcase"))


@pytest.mark.parametrize(
    ("form", "count"),
    [
        ("junit", _xml),
        ("sarif", lambda words: len(json.loads(words)["runs"][0]["results"])),
        ("markdown", lambda words: words.count("\n| ?") + words.count("\n| ✗")),
    ],
)
def test_a_form_is_printed_or_written_with_every_open_claim(run, form, count):
    printed = run("gate", "--dry-run", "--format", form).output
    run("gate", "--dry-run", "--format", form, "--output", "gate.out")
    written = Path("gate.out").read_text(encoding="utf-8")
    assert count(printed) == count(written) == len(CLAIMS) + 1


def test_a_folder_that_is_not_there_is_said_before_anything_is_recorded(run):
    result = run("gate", "--output", "none/gate.xml")
    assert isinstance(result.exception, Failure)
    assert result.exception.code is Exit.USAGE
    assert not Path("evidence/operations/records.jsonl").exists()


def test_a_file_that_cannot_be_written_is_no_stack_trace(run, monkeypatch):
    Path("gate.xml").mkdir()
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "gate.xml")
    result = run("gate", "--dry-run")
    assert isinstance(result.exception, Failure)
    assert result.exception.where == "gate.xml"


def test_a_pipeline_gets_its_summary_after_what_is_there(run, monkeypatch):
    Path("summary.md").write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    run("gate", "--dry-run")
    lines = Path("summary.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "before"
    assert lines[1] == "## shop: operations gate for production: not passed"


@pytest.mark.parametrize(
    ("control", "code", "turned"), [("'false'", None, "red"), ("'true'", Exit.FAILED, "green")]
)
def test_the_self_test_fails_on_a_check_that_cannot_fail_and_runs_no_exercise(run, control, code, turned):
    Path("golive.yaml").write_text(SPEC.replace("CONTROL", control))
    result = run("claims", "selftest", "--json")
    controls = json.loads(result.output)["controls"]
    assert (controls.pop("ours"), result.return_value) == (turned, code)
    assert set(controls.values()) == {"red"}
    assert not Path(TRACE).exists()
    assert not Path("evidence").exists()


@pytest.mark.parametrize("claim", ["rollback-rehearsed", "alerts-proven", "ours"])
def test_a_claim_is_explained(run, claim):
    told = json.loads(run("claims", "explain", claim, "--json").output)
    assert told["claim"] == claim
    assert "ENV" not in told["next"]
    assert all(told[key] for key in ("statement", "exercise", "control", "lifetime", "verdict", "because", "next"))


def test_an_unknown_claim_is_a_wrong_word(run):
    result = run("claims", "explain", "no-such-claim")
    assert isinstance(result.exception, Failure)
    assert result.exception.code is Exit.USAGE
