#!/usr/bin/env python3
# golive: effect=reads
"""Check the protocol of a phase: its structure, its scripts, and whether they take the flags it uses."""

import argparse
import os
import shutil
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--phase", required=True, help="the phase, such as 6")
    parser.add_argument("--skip-missing", action="store_true", help="a missing script is a warning")
    parser.add_argument("--output", default="", help="write the report into this JSON file")
    asked = parser.parse_args()
    golive = shutil.which("golive")
    if golive is None:
        print("validate_protocol_steps.py: golive is not installed here: pip install golive", file=sys.stderr)
        return 2
    os.chdir(Path(__file__).resolve().parent.parent)
    words = ["protocol", "validate", "--phase", asked.phase]
    words += ["--skip-missing"] if asked.skip_missing else []
    words += ["--output", asked.output] if asked.output else []
    os.execv(golive, ["golive", *words])


if __name__ == "__main__":
    sys.exit(main())
