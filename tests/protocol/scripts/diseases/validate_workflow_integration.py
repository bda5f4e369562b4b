#!/usr/bin/env python3
"""Another command line than the protocol's; `--fix` changes modes of files."""

import argparse
import sys
from pathlib import Path

OPTIONS = (("-w", "--workflow"), ("-o", "--output"))


class Validator:
    def __init__(self):
        self.parser = argparse.ArgumentParser(description=__doc__)
        for short, long in OPTIONS:
            self.parser.add_argument(short, long, required=False)
        group = self.parser.add_mutually_exclusive_group()
        group.add_argument("-v", "--verbose", action="count", default=0)
        group.add_argument("--fix", action="store_true")

    def run(self):
        args = self.parser.parse_args()
        if args.fix:
            Path(args.workflow).chmod(0o755)
        return args.verbose and args.output


if __name__ == "__main__":
    sys.exit(Validator().run())
