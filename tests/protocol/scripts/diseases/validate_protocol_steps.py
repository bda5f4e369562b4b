#!/usr/bin/env python3
"""Checks that files exist; knows none of the flags that the protocol gives it."""

import argparse
from pathlib import Path


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("-w", "--workflow", default="workflows")
    parser.add_argument("-o", "--output")
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("-p", "--protocol", type=int)
    return parser.parse_args()


def main():
    args = parse()
    found = sorted(Path(args.workflow).glob("*.md"))
    if args.verbose or args.protocol:
        print(found)
    if args.output:
        Path(args.output).write_text("pass")


if __name__ == "__main__":
    main()
