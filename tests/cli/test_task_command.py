"""`golive task` and `golive protocol applies` as they are typed."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from golive import assembly
from golive.controller.tasks import Wish, set_state
from golive.drivers.taskfiles import TaskFile
from golive.evidence.claim import Verdict
from golive.evidence.record import Actor
from golive.gate.claims.catalogue import CLAIMS
from golive.gate.claims.verdict import Judged
from golive.gate.decision import GateDecision

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def golive(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "golive", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    golive("init", folder=tmp_path)
    spec = tmp_path / "golive.yaml"
    spec.write_text(spec.read_text().replace("FILL IN", "./serve"))
    (tmp_path / "perf.json").write_text("{}")
    assert golive("task", "init", folder=tmp_path).returncode == 0
    return tmp_path


def tasks(folder: Path) -> bytes:
    return (folder / "plans" / "tasks.json").read_bytes()


def test_a_first_file_is_written_once(tmp_path):
    assert "there is no task file here" in golive("task", "list", folder=tmp_path).stderr
    assert golive("task", "init", "--dry-run", folder=tmp_path).stdout.startswith("would write   plans/tasks.json")
    assert golive("task", "list", folder=tmp_path).returncode == 2
    assert golive("task", "init", folder=tmp_path).stdout.startswith("written       plans/tasks.json")
    (tmp_path / "plans" / "tasks.json").write_text('[{"id": "mine"}]')
    assert golive("task", "init", folder=tmp_path).stdout.startswith("kept          plans/tasks.json")
    assert "mine" in golive("task", "list", folder=tmp_path).stdout


def test_operations_is_not_completed_while_the_gate_has_not_passed(shop):
    gate = golive("gate", "--env", "production", "--dry-run", folder=shop)
    before = tasks(shop)
    told = golive("task", "set", "operations", "--state", "completed", folder=shop)
    assert told.returncode == gate.returncode != 0
    assert "the gate of production has not passed, it stays in_progress" in told.stdout
    assert "deployed                   unproven" in told.stdout
    assert tasks(shop) == before
    script = [sys.executable, "scripts/update_task_state.py", "--task", "operations", "--status", "completed"]
    assert (
        subprocess.run(script, cwd=shop, check=False, timeout=60, capture_output=True).returncode
        == told.returncode
    )


def test_a_change_is_in_the_file_and_in_records_that_verify(shop):
    words = ("--state", "blocked", "--note", "waits for ghp_" + "a1B2" * 9, "--evidence", "perf.json", "--json")
    told = golive("task", "set", "operations", *words, folder=shop)
    assert told.returncode == 0, told.stderr
    values = json.loads(told.stdout)
    assert (values["before"], values["after"], values["written"]) == ("in_progress", "blocked", True)
    (entry,) = json.loads(tasks(shop))[0]["history"]
    assert "ghp_" not in json.dumps(entry), "a credential in a note is taken out"
    listed = json.loads(golive("evidence", "list", "--type", "task", "--json", folder=shop).stdout)["records"]
    assert [record["type"] for record in listed] == ["task.changing", "task.changed"]
    assert listed[0]["data"]["change"] == entry["record"]
    assert listed[0]["data"]["evidence"] == entry["evidence"]
    assert golive("evidence", "verify", folder=shop).returncode == 0


def test_the_same_again_is_said_and_illegal_ones_are_refused(shop):
    before = tasks(shop)
    again = golive("task", "set", "operations", "--state", "in_progress", folder=shop)
    assert (again.returncode, "it is in_progress already, nothing was written" in again.stdout) == (0, True)
    golive("task", "set", "operations", "--state", "blocked", folder=shop)
    refused = golive("task", "set", "operations", "--state", "completed", folder=shop)
    assert refused.returncode == 4
    assert "it is blocked, and completed cannot follow that" in refused.stderr
    missing = golive("task", "set", "operations", "--state", "pending", "--evidence", "no.json", folder=shop)
    assert missing.returncode == 2
    assert "this evidence is not there" in missing.stderr
    assert before != tasks(shop)


def test_without_a_specification_the_gate_cannot_be_asked(tmp_path):
    golive("task", "init", folder=tmp_path)
    before = tasks(tmp_path)
    told = golive("task", "set", "operations", "--state", "completed", folder=tmp_path)
    assert (told.returncode, "there is no specification here" in told.stderr) == (2, True)
    assert tasks(tmp_path) == before
    assert not (tmp_path / ".golive").exists()


def test_the_first_file_with_the_task_is_the_one_that_is_meant(shop):
    (shop / "tasks.json").write_text('[{"id": "2", "title": "Docs"}]')
    shown = json.loads(golive("task", "show", "docs", "--json", folder=shop).stdout)
    assert (shown["file"], shown["id"], shown["state"]) == ("tasks.json", "2", "pending")


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("---\ndeploy: fly.io\n---\n", 0, "PROJECT-BRIEF.md:2: deploy: fly.io"),
        ("---\nphases: [prd]\n---\n", 1, "no: it does not call for live operations"),
        ("---\nname: slow\n---\n", 3, "ask:  nothing in the brief settles it"),
        (None, 3, "ask:  there is no PROJECT-BRIEF.md"),
    ],
)
def test_a_brief_is_answered_with_its_lines_and_an_exit_code(tmp_path, text, code, said):
    if text is not None:
        (tmp_path / "PROJECT-BRIEF.md").write_text(text)
    told = golive("protocol", "applies", "--brief", "PROJECT-BRIEF.md", folder=tmp_path)
    assert told.returncode == code
    assert said in told.stdout
    values = json.loads(golive("protocol", "applies", "--json", folder=tmp_path).stdout)
    assert values["answer"] == {0: "yes", 1: "no", 3: "unknown"}[code]


def test_a_gate_that_passes_and_the_change_are_in_one_log_that_verifies(shop):
    """The gate records its decision with a ledger of its own while the change holds the task file."""
    before = tasks(shop)
    wanted = Wish(task="operations", state="completed", actor=Actor(id="ann"), at=NOON, id="change-1")
    with assembly.desk(str(shop / "golive.yaml")) as desk:
        done = set_state(TaskFile(shop, "plans/tasks.json"), wanted, desk=desk, ask=lambda: passing(shop))
    assert done.written
    assert tasks(shop) != before
    listed = json.loads(golive("evidence", "list", "--json", folder=shop).stdout)["records"]
    kinds = [record["type"] for record in listed if record["type"] != "log.key"]
    assert kinds == ["gate.decided", "task.changing", "task.changed"]
    assert golive("evidence", "verify", folder=shop).returncode == 0


def passing(shop: Path) -> tuple[GateDecision, int]:
    claim = next(iter(CLAIMS.values()))
    judged = (Judged(claim=claim, verdict=Verdict.PROVEN, because="", next=""),)
    decision = GateDecision(service="shop", environment="production", phase="operations", judged=judged, at=NOON)
    with assembly.gate(str(shop / "golive.yaml"), "production") as gate:
        return decision, gate.record(decision, assembly.log_key(str(shop / "golive.yaml"))).seq
