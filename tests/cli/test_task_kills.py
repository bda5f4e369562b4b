"""`kill -9` at every durable act of a change: after the next command, file and records tell the same."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import task_kill_script
from golive import assembly

pytestmark = pytest.mark.timeout(400)


def change(spec: Path, state: str) -> None:
    assembly.set_task(str(spec), None, "operations", state, note="", evidence=(), environment=None)  # type: ignore[arg-type]


def history(folder: Path) -> list[str]:
    entries = json.loads((folder / "plans" / "tasks.json").read_text())[0]["history"]
    return [entry["record"] for entry in entries]


def test_file_and_records_agree_after_the_next_command(tmp_path):
    first = tmp_path / "first"
    first.mkdir()
    draft = assembly.first_draft(str(first))
    assembly.add_files(str(first), draft.files[:1], dry_run=False)
    assembly.first_tasks(str(first / "golive.yaml"), dry_run=False)
    ended = set()
    for number in range(1, 200):
        folder = tmp_path / str(number)
        shutil.copytree(first, folder)
        spec = folder / "golive.yaml"
        command = [sys.executable, task_kill_script.__file__, str(spec), str(number)]
        code = subprocess.run(command, check=False, timeout=60, capture_output=True).returncode
        died_with = history(folder)
        assert len(died_with) in (0, 1)
        change(spec, "cancelled")
        records = assembly.records(str(spec))
        done = [
            r.draft.body["change"] for r in records if (r.draft.type, r.draft.result) == ("task.changed", "ok")
        ]
        assert done == history(folder)
        assert len(done) == len(died_with) + 1
        assembly.verified(folder / "evidence", None)
        ended |= {r.draft.result for r in records if r.draft.type == "task.changed"}
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert number > 10
    assert ended == {"ok", "failed"}
