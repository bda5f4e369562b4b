#!/usr/bin/env python3
# golive: effect=writes-evidence
"""Put a load scenario on a running environment and write what was measured, with a verdict."""

import argparse
import os
import shutil
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--scenario", required=True, help="which load: smoke")
    parser.add_argument("--output", required=True, help="the JSON file to write; none is written without data")
    parser.add_argument("--env", default="", help="the environment; default: the one before production")
    asked = parser.parse_args()
    golive = shutil.which("golive")
    if golive is None:
        print("collect_perf.py: golive is not installed here: pip install golive", file=sys.stderr)
        return 2
    os.chdir(Path(__file__).resolve().parent.parent)
    words = ["perf", "--scenario", asked.scenario, "--output", asked.output]
    words += ["--env", asked.env] if asked.env else []
    os.execv(golive, ["golive", *words])


if __name__ == "__main__":
    sys.exit(main())
