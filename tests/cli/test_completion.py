"""Completion: commands, and the environments that golive.yaml names."""

import os
import subprocess
import sys

import pytest

SPEC = """
service: shop
owner: me
revision: {run: [python3, app.py]}
environments:
  staging: {target: {kind: local}, instances: 1, strategy: {kind: all-at-once}}
  production: {target: {kind: local}, instances: 1, strategy: {kind: all-at-once}}
"""


def completed(folder, words, at):
    env = {**os.environ, "_GOLIVE_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(at)}
    command = [sys.executable, "-c", "import sys; sys.argv=['golive']; from golive.cli import main; main()"]
    run = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False)
    return [line.split(",")[1] for line in run.stdout.split()]


@pytest.mark.parametrize(
    ("words", "at", "expected"),
    [
        ("golive de", 1, ["deploy", "demo"]),
        ("golive deploy --env ", 3, ["staging", "production"]),
        ("golive rollback --env pro", 3, ["production"]),
        ("golive status -e st", 3, ["staging"]),
    ],
)
def test_what_is_completed(tmp_path, words, at, expected):
    (tmp_path / "golive.yaml").write_text(SPEC)
    assert completed(tmp_path, words, at) == expected


def test_without_a_specification_nothing_is_said(tmp_path):
    assert completed(tmp_path, "golive deploy --env ", 3) == []
