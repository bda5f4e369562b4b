#!/usr/bin/env python3
"""Any state may follow any state; the flags have other names."""

import argparse
import json
from pathlib import Path

STATES = ["pending", "in_progress", "completed"]


def add_common(parser):
    parser.add_argument("--file", default="plans/tasks.json")
    parser.add_argument("--note")


parser = argparse.ArgumentParser()
add_common(parser)
parser.add_argument("--id", required=True)
parser.add_argument("--state", choices=STATES, required=True)
args = parser.parse_args()
tasks = json.loads(Path(args.file).read_text())
for task in tasks:
    if task["id"] == args.id:
        task["state"] = args.state
        if args.note:
            task.setdefault("history", []).append(args.note)
Path(args.file).write_text(json.dumps(tasks))
