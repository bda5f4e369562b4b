"""The scripts that protocol documents name: exactly these words reach golive, and nothing else runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
STUB = """#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word" >> "$STUB_LOG"; done
exit 3
"""
SHELLS = ("deploy_backend.sh", "rollback_backend.sh")


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "golive").write_text(STUB)
    (folder / "golive").chmod(0o755)
    return tmp_path


def run(script: str, *words: str, stub: Path, path: str = "/usr/bin:/bin") -> tuple[int, list[str], str]:
    """Exit code, what golive was given, and everything that was said. Python starts without its packages."""
    log = stub / "log"
    log.unlink(missing_ok=True)
    start = [sys.executable, "-I", "-S"] if script.endswith(".py") else []
    env = {"PATH": f"{stub / 'bin'}:{path}", "STUB_LOG": str(log)}
    done = subprocess.run(
        [*start, str(SCRIPTS / script), *words],
        cwd=stub,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, log.read_text().splitlines() if log.exists() else [], done.stdout + done.stderr


TASK = ["task", "set", "--state=completed"]
PASSED_ON = [
    ("deploy_backend.sh", ["--env", "staging"], ["deploy", "--env", "staging"]),
    (
        "deploy_backend.sh",
        ["--env", "production", "--if-approved"],
        ["deploy", "--env", "production", "--if-approved"],
    ),
    ("deploy_backend.sh", ["--dry-run", "--env", "a b;c $(x)*"], ["deploy", "--env", "a b;c $(x)*", "--dry-run"]),
    ("rollback_backend.sh", ["--env", "staging", "--dry-run"], ["rollback", "--env", "staging", "--dry-run"]),
    ("rollback_backend.sh", ["--to", "9f86d0", "--env", "p"], ["rollback", "--env", "p", "--to", "9f86d0"]),
    (
        "collect_perf.py",
        ["--scenario", "smoke", "--output", "evidence/operations/perf.json"],
        ["perf", "--scenario", "smoke", "--output", "evidence/operations/perf.json"],
    ),
    (
        "validate_protocol_steps.py",
        ["--phase", "6", "--skip-missing"],
        ["protocol", "validate", "--phase", "6", "--skip-missing"],
    ),
    (
        "validate_workflow_integration.py",
        ["--phase", "operations"],
        ["protocol", "integration", "--phase", "operations"],
    ),
    ("update_task_state.py", ["--task", "operations", "--status", "completed"], [*TASK, "--", "operations"]),
    ("update_task_state.py", ["--id=-1.0", "--state", "completed"], [*TASK, "--", "-1.0"]),
    (
        "update_task_state.py",
        [
            "--task",
            "ops",
            "--status",
            "completed",
            "--file",
            "t.json",
            "--note=-x",
            "--evidence",
            "a",
            "--evidence",
            "b",
            "--env",
            "p",
            "--json",
        ],
        [*TASK, "--file=t.json", "--note=-x", "--env=p", "--evidence=a", "--evidence=b", "--json", "--", "ops"],
    ),
]


@pytest.mark.parametrize(("script", "words", "given"), PASSED_ON)
def test_exactly_these_words_reach_golive_and_its_exit_code_comes_back(script, words, given, stub):
    assert run(script, *words, stub=stub) == (3, given, "")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        *((script, words) for script in SHELLS for words in (["--env"], ["--env", ""], ["--env", "--dry-run"])),
        *((script, words) for script in SHELLS for words in ([], ["--env=staging"], ["staging"], ["--dry-run"])),
        *((script, ["--env", "staging", *more]) for script in SHELLS for more in (["--force"], ["-x"], ["x"])),
        *((script, ["--env", "staging", "--env", "production"]) for script in SHELLS),
        ("rollback_backend.sh", ["--env", "staging", "--to"]),
        ("rollback_backend.sh", ["--env", "staging", "--to", "--dry-run"]),
        ("rollback_backend.sh", ["--env", "staging", "--if-approved"]),
        ("deploy_backend.sh", ["--env", "staging", "--to", "9f86d0"]),
        ("collect_perf.py", ["--scenario", "smoke"]),
        ("collect_perf.py", ["--scenario", "smoke", "--output", "x", "--force"]),
        ("validate_protocol_steps.py", []),
        ("validate_protocol_steps.py", ["--phase", "6", "--skip"]),
        ("validate_workflow_integration.py", ["--phase", "operations", "--fix"]),
        ("update_task_state.py", ["--task", "operations"]),
        ("update_task_state.py", ["--status", "completed"]),
        ("update_task_state.py", ["--task", "a", "--status", "completed", "--force"]),
        ("update_task_state.py", ["--task", "a", "--stat", "completed"]),
        ("update_task_state.py", ["--task", "a", "--status", "completed", "--not", "x"]),
    ],
)
def test_what_a_script_does_not_know_it_refuses_and_runs_nothing(script, words, stub):
    code, given, said = run(script, *words, stub=stub)
    assert (code, given) == (2, [])
    assert script in said


@pytest.mark.parametrize("script", sorted(path.name for path in SCRIPTS.glob("*.*")))
def test_help_runs_nothing(script, stub):
    code, given, said = run(script, "--help", stub=stub)
    assert (code, given) == (0, [])
    assert said.startswith("usage: ")


@pytest.mark.parametrize("script", [*SHELLS, "update_task_state.py"])
def test_without_golive_a_script_says_how_to_get_it(script, stub):
    words = ["--task", "a", "--status", "completed"] if script.endswith(".py") else ["--env", "staging"]
    (stub / "bin" / "golive").unlink()
    bare = stub / "bare"
    bare.mkdir()
    (bare / "python3").symlink_to("/bin/false")
    code, given, said = run(script, *words, stub=stub, path=str(bare))
    assert (code, given) == (127, [])
    assert said == "golive is not installed\nnext: python3 -m pip install golive\n"


@pytest.mark.parametrize("path", sorted(SCRIPTS.iterdir()), ids=lambda path: path.name)
def test_every_script_is_executable_and_names_its_interpreter(path):
    assert os.access(path, os.X_OK)
    assert path.read_text().splitlines()[0] in ("#!/bin/sh", "#!/usr/bin/env python3")


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("script", SHELLS)
def test_a_shell_script_has_no_mistake_that_a_shell_can_see(shell, script):
    subprocess.run([shell, "-n", str(SCRIPTS / script)], check=True, timeout=60)
