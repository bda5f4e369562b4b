#!/usr/bin/env python3
# golive: effect=writes-evidence
"""Move a task of the plan, when it may be moved: dependencies are asked, and for operations the gate."""

import argparse
import os
import shutil
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--task", "--id", required=True, help="the task: its id, title, area or label")
    parser.add_argument("--status", "--state", required=True, help="such as in_progress, completed, blocked")
    parser.add_argument("--file", default="", help="the task file; default: plans/tasks.json")
    parser.add_argument("--note", default="", help="why; kept in its history")
    parser.add_argument("--evidence", action="append", default=[], help="a file that shows it; repeatable")
    asked = parser.parse_args()
    golive = shutil.which("golive")
    if golive is None:
        print("update_task_state.py: golive is not installed here: pip install golive", file=sys.stderr)
        return 2
    os.chdir(Path(__file__).resolve().parent.parent)
    words = ["task", "set", asked.task, "--state", asked.status, "--note", asked.note]
    words += ["--task-file", asked.file] if asked.file else []
    words += [word for path in asked.evidence for word in ("--evidence", path)]
    os.execv(golive, ["golive", *words])


if __name__ == "__main__":
    sys.exit(main())
