#!/usr/bin/env python3
# golive: effect=writes-evidence
"""Bring a task of the team's task file into another state: golive task set.

The task operations is completed only when golive gate passes. Exit 0: done, or it was so already. 1: the gate is
refuted. 2: wrong usage, no such task or file. 3: dependencies or claims are open. 4: this state cannot follow.
127: golive is not installed.
"""

import argparse
import os
import shutil
import sys


def golive(*words: str) -> None:
    """Become the command golive: the one of this Python, else the one on PATH."""
    try:
        from golive.cli import main
    except ImportError:
        found = shutil.which("golive")
        if found:
            os.execv(found, ["golive", *words])
        print("golive is not installed\nnext: python3 -m pip install golive", file=sys.stderr)
        sys.exit(127)
    sys.argv = ["golive", *words]
    main()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--task", "--id", required=True, help="id, title or label of the task")
    parser.add_argument(
        "--status", "--state", required=True, help="pending, in_progress, blocked, completed, cancelled"
    )
    parser.add_argument("--file", help="the task file; default: plans/tasks.json and the like")
    parser.add_argument("--note", help="why; kept in the history")
    parser.add_argument("--evidence", action="append", default=[], metavar="PATH", help="a file that shows it")
    parser.add_argument("--env", help="whose gate decides; default: production, or the only one")
    parser.add_argument("--json", action="store_true", help="print the same values as JSON")
    asked = parser.parse_args()
    words = ["task", "set", f"--state={asked.status}"]
    words += [
        f"--{name}={value}" for name in ("file", "note", "env") if (value := getattr(asked, name)) is not None
    ]
    words += [f"--evidence={path}" for path in asked.evidence]
    golive(*words, *(["--json"] if asked.json else []), "--", asked.task)


if __name__ == "__main__":
    main()
