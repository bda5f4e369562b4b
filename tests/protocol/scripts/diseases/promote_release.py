#!/usr/bin/env python3
"""Reads --if-approved and --dry-run into variables, and asks neither of them."""

import argparse
import subprocess

cli = argparse.ArgumentParser(allow_abbrev=False)
cli.add_argument("--env", choices=("staging", "production"), required=True)
cli.add_argument("--if-approved", action="store_true")
cli.add_argument("--dry-run", dest="rehearse", action="store_true")
options = cli.parse_args()
approved = options.if_approved
print("dry run:", options.rehearse)
subprocess.run(["cloud", "promote", options.env], check=True)
