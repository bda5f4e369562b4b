#!/usr/bin/env python3
# golive: effect=reads
"""Check the protocol of a phase: its structure, its scripts, and whether they take the flags it uses."""

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
    parser.add_argument("--phase", required=True, help="the phase, such as 6")
    parser.add_argument("--skip-missing", action="store_true", help="a missing script is a warning")
    parser.add_argument("--output", default="", help="write the report into this JSON file")
    asked = parser.parse_args()
    words = ["protocol", "validate", "--phase", asked.phase]
    words += ["--skip-missing"] if asked.skip_missing else []
    words += ["--output", asked.output] if asked.output else []
    golive(*words)


if __name__ == "__main__":
    main()
