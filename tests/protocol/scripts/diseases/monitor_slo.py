#!/usr/bin/env python3
"""Passes with defaults when nothing was measured; drops flags that it does not know."""

import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--availability", type=float, default=99.99)
parser.add_argument("--p95", type=float, default=100.0)
known, unknown = parser.parse_known_args()
print("PASS" if known.availability > 99 and known.p95 < 500 else "FAIL")
