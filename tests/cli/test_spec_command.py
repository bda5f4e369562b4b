"""`golive spec` as it is typed."""

import json
import subprocess
import sys
from pathlib import Path

FULL = Path(__file__).parents[1] / "spec" / "full.yaml"


def golive(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "golive", "spec", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def test_check_says_what_the_file_says(tmp_path: Path) -> None:
    (tmp_path / "golive.yaml").write_bytes(FULL.read_bytes())
    told = golive("check", folder=tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.splitlines()[:2] == ["golive.yaml is sound", "storefront, owned by team-shop"]
    assert "canary 1 %, 50 %, 99 %, 10s each, then a person decides; after staging" in told.stdout


def test_check_tells_every_fault_on_stderr_with_exit_2(tmp_path: Path) -> None:
    (tmp_path / "golive.yaml").write_text("service: A\nowner: 1\n")
    told = golive("check", folder=tmp_path)
    assert (told.returncode, told.stdout) == (2, "")
    assert [line for line in told.stderr.splitlines() if line.startswith("golive.yaml:")] == [
        "golive.yaml:1:1: revision: `revision` is missing",
        "golive.yaml:1:1: environments: `environments` is missing",
        'golive.yaml:1:10: service: "A" is not a name',
        "golive.yaml:2:8: owner: 1 is a whole number, not text",
    ]


def test_the_same_faults_as_json(tmp_path: Path) -> None:
    (tmp_path / "golive.yaml").write_text("service: A\nowner: 1\n")
    failure = json.loads(golive("check", "--json", folder=tmp_path).stdout)["failure"]
    assert failure["where"] == "golive.yaml:1:1: revision"
    assert len(failure["also"]) == 3


def test_a_missing_file_leads_to_init(tmp_path: Path) -> None:
    told = golive("check", folder=tmp_path)
    assert told.returncode == 2
    assert "golive init" in told.stderr


def test_schema_prints_plain_json_for_a_file(tmp_path: Path) -> None:
    assert json.loads(golive("schema", folder=tmp_path).stdout)["title"] == "golive.yaml"
    assert json.loads(golive("schema", "--json", folder=tmp_path).stdout)["schema_version"] == 1


def test_explain_answers_for_a_person_and_for_a_machine(tmp_path: Path) -> None:
    key = "environments.production.strategy.weights"
    assert golive("explain", key, folder=tmp_path).stdout.startswith("environments.*.strategy.weights\n")
    found = json.loads(golive("explain", key, "--json", folder=tmp_path).stdout)
    assert (found["key"], found["example"]) == ("environments.*.strategy.weights", "weights: [5, 25, 50]")


def test_explain_without_a_key_is_the_reference(tmp_path: Path) -> None:
    assert golive("explain", folder=tmp_path).stdout.startswith("# golive.yaml\n")
    assert len(json.loads(golive("explain", "--json", folder=tmp_path).stdout)["keys"]) > 80


def test_explain_of_an_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    told = golive("explain", "health.grase", folder=tmp_path)
    assert told.returncode == 2
    assert "did you mean `grace`?" in told.stderr
