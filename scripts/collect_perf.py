#!/usr/bin/env python3
# golive: effect=writes-evidence
"""Put a load scenario on a running environment and write what was measured, with a verdict."""

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
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--scenario", required=True, help="smoke, load, stress, spike, soak, or one of golive.yaml"
    )
    parser.add_argument("--output", required=True, help="the JSON file to write; none is written without data")
    parser.add_argument("--env", default="", help="the environment; default: the one before production")
    asked = parser.parse_args()
    words = ["perf", "--scenario", asked.scenario, "--output", asked.output]
    words += ["--env", asked.env] if asked.env else []
    golive(*words)


if __name__ == "__main__":
    main()
